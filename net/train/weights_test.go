package train

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
)

// trainings are short trainings, each of a preset with settings in their places. A new row
// needs its lines in [weightsFile], which LANES_WRITE_HASHES=1 writes.
var trainings = []struct{ name, preset, settings string }{
	{"toy", "toy", ""},
	{"sgd", "report", onImages},
	{"momentum", "report", onImages + " momentum=0.9 weight-decay=0.01"},
	{"adam", "report-mlp", onImages + " lr=1e-3 normalize=symmetric"},
	{"standard", "report-mlp", onImages + " lr=1e-3 normalize=standard class-weights=balanced"},
	{"layers", "report", onImages + " hidden=30,30,7 activation=gelu norm=batch dropout=0.2 residual=true lr=1e-2 normalize=symmetric"},
	{"rows", "report-mlp", onImages + " hidden=30,30,7 activation=silu norm=layer dropout=0.1 lr=1e-3 normalize=symmetric"},
	{"augmented", "report", onImages + " flip=true shift=3 rotate=10 cutout=8 mixup=0.3 label-smoothing=0.1 normalize=channel"},
	{"everything", "quick", everything},
	{"everything else", "quick", everything + " norm=layer normalize=zca optimizer=lion activation=silu schedule=cosine"},
	{"table", data.Files, "iters=12 batch=20"},
	{"regression", data.Files, "iters=12 batch=20 task=regression"},
}

// onImages are settings for [randomImages], of 50 to train on: steps of whole epochs and some.
const onImages = "dataset=synthetic hidden=30,7 init=he normalize=mean lr=1e-4 lr-decay=0.9 batch=20 iters=5"

// everything are settings that turn on what goes together, in two epochs of small images:
// seven steps each, whose last images are left out.
const everything = "dataset=files hidden=64,64,40 norm=batch dropout=0.2 residual=true components=64 batch=7 epochs=2 " +
	"shift=1 rotate=10 cutout=3 mixup=0.3 label-smoothing=0.1 clip=1 ema=0.9 warmup=0.5 reg=1e-3 class-weights=balanced"

// weightsFile has a line for each of them and element type: the SHA-256 of the weights at its
// end where multiply-adds are rounded once, and where they are rounded twice, as by portable
// code on amd64. It may have been written on another processor. LANES_WRITE_HASHES=1 writes it
// anew, on an amd64 with AVX2, which does both.
const weightsFile = "testdata/weights.txt"

func TestWeightsAreThoseOfTheTable(t *testing.T) {
	var table strings.Builder
	file, err := os.ReadFile(weightsFile)
	require.NoError(t, err)
	for _, training := range trainings {
		for _, dtype := range dtypes {
			c := configOf(t, training.preset, training.settings+" dtype="+dtype)
			name := training.name + " " + dtype
			got := [2]string{}
			if dtype == "float32" {
				weightsEverywhere[float32](t, name, c, &got)
			} else {
				weightsEverywhere[float64](t, name, c, &got)
			}
			fmt.Fprintln(&table, name, got[0], got[1])
			if os.Getenv("LANES_WRITE_HASHES") == "" {
				const any = "[0-9a-f]{64}"
				require.Regexp(t, fmt.Sprintf("(?m)^%s %s %s\\r?$", name, cmp.Or(got[0], any), cmp.Or(got[1], any)), string(file))
			}
		}
	}
	if os.Getenv("LANES_WRITE_HASHES") != "" {
		require.NoError(t, os.WriteFile(weightsFile, []byte(table.String()), 0o666))
	}
}

// configOf returns a preset with settings in their places.
func configOf(t *testing.T, preset, settings string) Config {
	c := presetOf(t, preset)
	for _, setting := range strings.Fields(settings) {
		name, value, _ := strings.Cut(setting, "=")
		require.NoError(t, c.Set(name, value))
	}
	return c
}

// Each run is stopped in the middle of its second epoch, and goes on with other threads and at
// another level that rounds alike.
func TestEverythingAtOnceGivesTheSameBitsThroughStops(t *testing.T) {
	for _, settings := range []string{everything, everything + " norm=layer normalize=zca schedule=cosine"} {
		c := configOf(t, "quick", settings)
		set := examplesOf(c)
		weights, first := [2]string{}, [2]kernels.Level{}
		for _, level := range kernels.Levels() {
			for threads := 1; threads <= 3; threads++ {
				dir := filepath.Join(t.TempDir(), "run")
				r := newRun[float32](t, c, set, kernels.WithLevel(level), kernels.WithThreads(threads))
				rounds := roundings(r.engine) - 1
				if weights[rounds] == "" {
					weights[rounds], first[rounds] = do(t, r).WeightsSHA256, level
					r = newRun[float32](t, c, set, kernels.WithLevel(level), kernels.WithThreads(threads))
				}
				var err error
				r.Folder, err = Create(dir, c)
				require.NoError(t, err)
				stopAfter(t, r, 10)
				folder, err := Open(dir)
				require.NoError(t, err)
				engine := newEngine[float32](t, kernels.WithLevel(first[rounds]), kernels.WithThreads(4-threads))
				r, err = Resume(engine, folder, c, set)
				require.NoError(t, err)
				require.Equal(t, weights[rounds], do(t, r).WeightsSHA256, "%s at %v with %d threads", c.Norm, level, threads)
			}
		}
	}
}

// weightsEverywhere sets the hashes of the weights that c gives with 1, 2 and 3 threads at
// the levels that round once and those that round twice, which must be the same at each.
func weightsEverywhere[T kernels.Float](t *testing.T, name string, c Config, hashes *[2]string) {
	for _, level := range kernels.Levels() {
		for threads := 1; threads <= 3; threads++ {
			r := newRun[T](t, c, examplesOf(c), kernels.WithLevel(level), kernels.WithThreads(threads))
			hash := &hashes[roundings(r.engine)-1]
			got := do(t, r).WeightsSHA256
			require.Equal(t, cmp.Or(*hash, got), got, "%s at %v with %d threads", name, level, threads)
			*hash = got
		}
	}
}

// roundings returns how often the engine rounds a multiply-add.
func roundings[T kernels.Float](e *kernels.Engine[T]) int {
	small := T(1.0 / (1 << 13))
	if dtype[T]() == "float64" {
		small = 1.0 / (1 << 27)
	}
	y := []T{-1} // less 1 - small², which is nearest to 1
	e.Axpy(kernels.NewVec(y), 1+small, kernels.NewVec([]T{1 - small}))
	if y[0] == 0 {
		return 2
	}
	return 1
}

// examplesOf returns examples for c, which are the same everywhere.
func examplesOf(c Config) *data.Dataset {
	switch c.Dataset {
	case "toy":
		return nil
	case data.Files:
		if c.Augment.Flip {
			return smallImages()
		}
		return homes(70, c.Files.Task == data.RegressionTask)
	}
	return randomImages(50, 10, 10)
}
