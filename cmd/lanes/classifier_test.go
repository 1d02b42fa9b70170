package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// newRun trains for 35 steps, an epoch and some, on synthetic images, with two hidden
// layers, and returns the run's folder.
func newRun(t *testing.T, change func(*train.Config)) string {
	t.Helper()
	config, err := train.Preset("report")
	require.NoError(t, err)
	config.Dataset, config.Hidden, config.Iters = "synthetic", []int{12, 9}, 35
	config.Init, config.Normalize, config.LR = "he", "symmetric", 0.01
	change(&config)
	dir := filepath.Join(t.TempDir(), "run")
	if config.DType == "float64" {
		trainIn[float64](t, dir, config)
	} else {
		trainIn[float32](t, dir, config)
	}
	return dir
}

func preset(t *testing.T, name string) train.Config {
	t.Helper()
	config, err := train.Preset(name)
	require.NoError(t, err)
	return config
}

// synthetic is the synthetic set, made once.
var synthetic = sync.OnceValue(func() *data.Dataset { return data.Synthetic(data.SyntheticSeed) })

func unchanged(*train.Config) {}

func trainIn[T kernels.Float](t *testing.T, dir string, config train.Config, others ...string) {
	t.Helper()
	engine, err := kernels.New[T]()
	require.NoError(t, err)
	var set *data.Dataset
	if config.Dataset != "toy" {
		named := *synthetic()
		named.Classes = slices.Concat(named.Classes, others)
		named.Name = config.Dataset // what a run is of, whatever the images
		set = &named
	}
	run, err := train.New(engine, config, set)
	require.NoError(t, err)
	run.Folder, err = train.Create(dir, config)
	require.NoError(t, err)
	_, err = run.Do(context.Background())
	require.NoError(t, err)
}

// What a run's folder may lack or have wrong is the same for each command that
// reads of it what is wrong.
func TestRunsThatCannotBeReadAreALineAndAnExitCode(t *testing.T) {
	run := newRun(t, unchanged)
	dir := t.TempDir()
	picture := writePNG(t, filepath.Join(dir, "a.png"), noise(32, 32))
	copyOf := func(name string, change func(checkpoint []byte) []byte) string {
		to := filepath.Join(dir, name)
		require.NoError(t, os.CopyFS(to, os.DirFS(run)))
		for _, checkpoint := range []string{"best.safetensors", "last.safetensors"} {
			path := filepath.Join(to, checkpoint)
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, change(b), 0o666))
		}
		return to
	}
	missing := filepath.Join(dir, "missing")
	empty := t.TempDir()
	noCheckpoint := copyOf("none", func(b []byte) []byte { return b })
	require.NoError(t, os.Remove(filepath.Join(noCheckpoint, "best.safetensors")))
	require.NoError(t, os.Remove(filepath.Join(noCheckpoint, "last.safetensors")))
	noConfig := copyOf("config", func(b []byte) []byte { return b })
	require.NoError(t, os.WriteFile(filepath.Join(noConfig, "config.toml"), []byte("hidden = ["), 0o666))

	toys := newRun(t, func(c *train.Config) {
		preset, err := train.Preset("toy")
		require.NoError(t, err)
		*c = preset
	})
	ofToys, err := os.ReadFile(filepath.Join(toys, "best.safetensors"))
	require.NoError(t, err)

	moreClasses := filepath.Join(dir, "more")
	config := preset(t, "report")
	config.Dataset, config.Hidden, config.Iters = "synthetic", []int{3}, 2
	trainIn[float32](t, moreClasses, config, "dragon")

	const models, reports, all = "eval RUN; predict RUN PICTURE; export RUN --format onnx", "; report RUN", "; summary RUN; train --resume RUN"
	for _, c := range []struct {
		run      string
		commands string
		code     int
		message  string
	}{
		{moreClasses, models + reports, exitData, "more/best.safetensors does not belong to the run: it names 11 classes, synthetic has 10"},
		{copyOf("foreign", func([]byte) []byte { return ofToys }), models + reports, exitData, "foreign/best.safetensors does not belong to the run: dataset is synthetic, the run began with toy"},
		{missing, models + reports + all, exitData, "missing: no such file or directory"},
		{picture, models + reports + all, exitData, "a.png"},
		{empty, models + reports + all, exitData, "holds no run: it has no config.toml"},
		{noConfig, models + reports + all, exitData, "config.toml: "},
		{noCheckpoint, models, exitData, noCheckpoint + " has no last checkpoint"},
		{copyOf("cut", func(b []byte) []byte { return b[:len(b)/2] }), models + reports, exitData, "cut/best.safetensors: "},
		{copyOf("empty", func(b []byte) []byte { return nil }), models + reports, exitData, "empty/best.safetensors: "},
		{copyOf("damaged", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), models + reports, exitData, "damaged/best.safetensors: "},
		{copyOf("text", func(b []byte) []byte { return []byte("no tensors are in this file") }), models + reports, exitData, "text/best.safetensors: "},
		{run + " --checkpoint first", models, exitUsage, `--checkpoint "first", want best or last`},
		{run + " --bogus", models + reports + all, exitUsage, "unknown flag: --bogus"},
	} {
		for command := range strings.SplitSeq(c.commands, "; ") {
			line := strings.NewReplacer("RUN", c.run, "PICTURE", picture).Replace(command)
			code, out, talk := lanes(strings.Fields(line)...)
			require.Equal(t, c.code, code, "%s: %s", line, talk)
			require.Empty(t, out, line)
			require.Regexp(t, `^lanes: .*\n$`, talk, line)
			require.Contains(t, filepath.ToSlash(talk), filepath.ToSlash(c.message), line)
		}
	}
}

func TestToyRunsHaveNoImages(t *testing.T) {
	toy := newRun(t, func(c *train.Config) {
		preset, err := train.Preset("toy")
		require.NoError(t, err)
		*c = preset
	})
	for _, args := range [][]string{{"eval", toy}, {"predict", toy, "a.png"}} {
		code, out, talk := lanes(args...)
		require.Equal(t, exitData, code)
		require.Empty(t, out)
		require.Equal(t, "lanes: "+toy+" is a run on the toy problem, which has no test part\n", talk)
	}
	code, out, talk := lanes("export", toy, "--format", "onnx")
	require.Equal(t, 0, code, talk)
	require.Equal(t, filepath.Join(toy, "model.onnx")+"\n", out)
}
