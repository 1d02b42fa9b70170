package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"image/color"
	"image/jpeg"
	"image/png"
	"iter"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// shorter are the examples that would train for long or that name places outside
// the user's folders, and what is run for each: the same command, with fewer steps
// or a place in the scratch folder. Every other example is run as it stands.
var shorter = map[string]string{
	"lanes train":            "lanes train --iters 60",
	"lanes train --lr 0.002": "lanes train --lr 0.002 --iters 60",
	"lanes train --lr 0.002; lanes compare runs/report-1 runs/report-2": "lanes train --lr 0.002 --iters 60; lanes compare runs/report-1 runs/report-2",
	"lanes train --tensorboard --ui --ui-exit":                          "lanes train --tensorboard --ui --ui-exit --iters 60",
	"lanes train --preset report":                                       "lanes train --preset report --iters 60",
	"lanes train --preset report-mlp":                                   "lanes train --preset report-mlp --epochs 1",
	"lanes train --preset quick":                                        "lanes train --preset quick --epochs 1 --hidden 32 --components 16",
	"lanes train --preset modern":                                       "lanes train --preset modern --epochs 1 --hidden 32 --components 16",
	"lanes train --preset report-mlp --flip --shift 4 --mixup 0.2 --label-smoothing 0.1 --test-flips --normalize pca": "lanes train --preset report-mlp --flip --shift 4 --mixup 0.2 --label-smoothing 0.1 --test-flips --normalize pca --epochs 1",
	"lanes sweep --preset quick-depth": "lanes sweep --preset quick-depth --dry-run",
	"lanes train --data ~/cifar --hidden 100,50 --epochs 10 --init he --lr 0.1 --patience 3": "lanes train --data ~/cifar --hidden 100,50 --epochs 1 --init he --lr 0.1 --patience 3",
	"lanes train --print-config > mine.toml; lanes train --config mine.toml --seed 1":        "lanes train --print-config > mine.toml; lanes train --config mine.toml --seed 1 --iters 60",
	"lanes train --resume runs/report-1 --epochs 30":                                         "lanes train --resume runs/report-1 --epochs 3",

	"lanes sweep --preset report-grid":                                                                "lanes sweep --preset report-grid --set iters=20 --set batch=300 --set hidden=4",
	"lanes sweep --preset report-grid --seeds 5":                                                      "lanes sweep --preset report-grid --seeds 2 --set iters=20 --set batch=300 --set hidden=4 --out seeds",
	"lanes sweep --preset report-depth":                                                               "lanes sweep --preset report-depth --set epochs=1 --out depth --dry-run",
	"lanes sweep --preset report-mlp --set lr=log:1e-4:1e-2:5 --set 'hidden=75;100,50'":               "lanes sweep --preset report-mlp --set lr=log:1e-4:1e-2:5 --set 'hidden=7;10,5' --set epochs=1",
	"lanes sweep --set lr=log:1e-5:1e-2 --set reg=log:1e-5:1e-1 --random 27 --halving 3":              "lanes sweep --set lr=log:1e-5:1e-2 --set reg=log:1e-5:1e-1 --random 9 --halving 3 --set iters=30 --set hidden=4",
	"lanes sweep --set lr=log:1e-5:1e-2 --set momentum=lin:0:0.99 --tpe 40 --pending 1":               "lanes sweep --set lr=log:1e-5:1e-2 --set momentum=lin:0:0.99 --tpe 12 --pending 1 --set iters=9 --set hidden=4",
	"lanes sweep --set lr=log:1e-5:1e-1 --set 'hidden=75;100,50' --random 40":                         "lanes sweep --set lr=log:1e-5:1e-1 --set 'hidden=7;10,5' --random 4 --set iters=9 --out random",
	"lanes sweep --set lr=log:1e-5:1e-1 --set 'hidden=75;100,50' --tpe 40":                            "lanes sweep --set lr=log:1e-5:1e-1 --set 'hidden=7;10,5' --tpe 11 --set iters=9 --out tpe",
	"lanes sweep status /shared/grid":                                                                 "lanes sweep status shared/grid",
	"lanes sweep --preset report-grid --halving 3 --async":                                            "lanes sweep --preset report-grid --halving 2 --async --set iters=20 --set batch=300 --set hidden=4 --out async",
	"lanes sweep plan /shared/grid --preset report-grid --slurm --workers 8":                          "lanes sweep plan shared/grid --preset report-grid --set dataset=synthetic --set iters=20 --set batch=300 --set hidden=4 --slurm --workers 8",
	"sbatch --array=$(lanes sweep status /shared/grid --json | jq -r .missing) /shared/grid/slurm.sh": "sbatch --array=$(lanes sweep status shared/grid --json | jq -r .missing) shared/grid/slurm.sh",
	"sbatch /shared/grid/slurm.sh":                                                                    "sbatch shared/grid/slurm.sh",
	"lanes sweep plan /shared/tpe --set lr=log:1e-5:1e-2 --set reg=log:1e-5:1e-1 --tpe 40 --pending 7 --kubernetes --image registry/lanes --claim shared --time 20m --memory 800": "lanes sweep plan shared/tpe --set lr=log:1e-5:1e-2 --set reg=log:1e-5:1e-1 --tpe 40 --pending 7 --kubernetes --image registry/lanes --claim shared --time 20m --memory 800",
	"lanes sweep run /shared/grid --index 0-3,7":         "lanes sweep run shared/grid --index 0-2,3",
	"lanes sweep collect /shared/grid":                   "lanes sweep collect shared/grid",
	"lanes sweep run /shared/grid --index 7 --threads 2": "lanes sweep run shared/grid --index 3 --threads 2",

	"lanes report sweeps/report-grid": "lanes report seeds",

	// Stopped when it has said how long it takes.
	"lanes reproduce":                           stopped("lanes reproduce"),
	"lanes reproduce --quick":                   stopped("lanes reproduce --quick"),
	"lanes reproduce --data ~/cifar --out mine": stopped("lanes reproduce --data ~/cifar --out mine"),

	"lanes bench gemm": "lanes bench gemm --time 0.001",
	"lanes bench gemm --shapes shapes.txt --threads 1 --json": "lanes bench gemm --shapes shapes.txt --threads 1 --json --time 0.001",
	"lanes bench gemm --threads 1":                            "lanes bench gemm --threads 1 --time 0.001 --shapes shapes.txt",
	"lanes bench elementwise --json":                          "lanes bench elementwise --json --time 0.001",
	"lanes bench elementwise --threads 1 --json":              "lanes bench elementwise --threads 1 --json --time 0.001",

	"lanes bench blas --match 'trsm LLN 512' --threads 1":  "lanes bench blas --match 'trsm LLN 512' --threads 1 --time 0.001",
	"lanes bench blas --match dot --dtype float64 --gonum": "lanes bench blas --match dot --dtype float64 --gonum --time 0.001",
	"lanes bench linalg --sizes 500,1000 --threads 1":      "lanes bench linalg --sizes 50,100 --threads 1 --time 0.001",
	"lanes bench linalg --match Cholesky --gonum":          "lanes bench linalg --match Cholesky --gonum --time 0.001",

	"lanes tune": "lanes tune --time 0.1",
	"lanes tune --threads 1 --time 20 --json": "lanes tune --threads 1 --time 0.1 --json",

	"lanes bench train": "lanes bench train --hidden 4 --batch 50 --time 0.001",
	"lanes bench train --hidden 1024,512 --batch 300 --threads 1 --dtype float32 --json": "lanes bench train --hidden 10,5 --batch 300 --threads 1 --dtype float32 --json --time 0.001",
}

// stopped runs a command until it has said on standard error how long it takes, ends
// it with a signal, and exits as it does. (A time to wait would be too short where
// much else runs: the signal must not come before the command can answer it.)
func stopped(command string) string {
	return "rm -f said; " + command + ` 2>said &
		until grep -qs ' to train: ' said || ! kill -0 $! 2>/dev/null; do sleep 0.1; done
		kill $! || true
		wait $! || { code=$?; cat said >&2; exit $code; }`
}

// claims are what standard output must hold of what an example promises.
var claims = map[string]string{
	"lanes train": `kept in runs/report-\d`,
	"lanes train --data ~/cifar --hidden 100,50 --epochs 10 --init he --lr 0.1 --patience 3": `best validation accuracy (0\.[3-9]|1)`, // it learns
	"lanes train --preset toy --dtype float64 --out none --json":                             `"final_loss":0\.0156349876118.*"run":""`,
	"lanes train --resume runs/report-1 --epochs 30":                                         `\n90 steps in .*\n.*\nkept in runs/report-1\n`,
	"lanes eval runs/report-1":                                                               `on the test part of synthetic`,
	"lanes eval runs/report-1 --split val --checkpoint last":                                 `last weights .* on the val part of synthetic`,
	"lanes predict runs/report-1 cat.png":                                                    `^cat\.png +\w+ +0\.`,
	"lanes predict runs/report-1 cat.jpg plane.png":                                          `^cat\.jpg +.*\nplane\.png +.*\n$`,
	"lanes predict runs/report-1 --top 1 pictures/a.jpg pictures/b.webp":                     `a\.jpg +\w+ +[01]\.\d+\n.*b\.webp +\w+ +[01]\.\d+\n$`,
	"lanes sweep --preset report-depth --dry-run":                                            `\n *53 `,
	"lanes sweep --preset report-depth":                                                      `\n *53 `,
	"lanes sweep plan /shared/grid --preset report-grid --slurm --workers 8":                 `^4\n$`,
	"lanes sweep collect /shared/grid":                                                       `(?s)reg .*0\.0001 .*0\.1 `,
	"lanes compare runs/report-1 runs/report-2":                                              `report-1 .*\n *report-2 .*\n\ncompare\.html\n`,
	"lanes gradcheck": `(?i)largest|difference`,
	"lanes bench blas --match 'trsm LLN 512' --threads 1":  `^routine +form .*\nstrsm +LLN +512 `,
	"lanes bench blas --match dot --dtype float64 --gonum": `^routine .* gonum, .*\nddot `,
	"lanes bench linalg --sizes 500,1000 --threads 1":      `^operation +n .*\nMul +50 `,
	"lanes bench linalg --match Cholesky --gonum":          `^operation .* gonum, .*\nCholesky +50 `,

	"lanes tune":                               `\nkept in .*tuning.json\n$`,
	"lanes info":                               `(?i)level|kernels`,
	"LANES_LEVEL=generic lanes info --json":    `"level":"generic"`,
	"lanes summary --preset report-mlp --json": `"parameters":231235`,
	"lanes data verify":                        `60,000 images, well formed`,
	"man lanes-train":                          `\.SH NAME\n`,
}

// failing are the examples that fail here, with the exit code.
var failing = map[string]int{
	"lanes doctor --preset toy":                            exitFailed, // its inputs are of size 11
	"lanes doctor --hidden 50,50 --init zero":              exitFailed,
	"lanes data verify --data ~/cifar/cifar-10-batches-py": exitData, // what is there is cut
	"lanes reproduce":                                      exitInterrupted,
	"lanes reproduce --quick":                              exitInterrupted, "lanes reproduce --data ~/cifar --out mine": exitInterrupted,
	"lanes data fetch --version python --dir ~/cifar": exitData, // and is in the way
}

func TestExamplesOfHelpDoWhatTheyClaim(t *testing.T) {
	t.Parallel() // its commands are processes of their own
	s := newShell(t)
	for _, line := range examplesOfHelp() {
		t.Run("", func(t *testing.T) { s.example(t, line) })
	}
}

func examplesOfHelp() []string {
	var all []string
	everyCommand(root(), func(c *cobra.Command) {
		for line := range strings.Lines(strings.ReplaceAll(c.Example, "\\\n    ", "")) {
			all = append(all, strings.TrimSpace(line))
		}
	})
	return all
}

func TestCommandsOfTheReadmeDoWhatTheyClaim(t *testing.T) {
	t.Parallel() // its commands are processes of their own
	s := newShell(t)
	for _, line := range commandsOfReadme(t) {
		t.Run("", func(t *testing.T) { s.example(t, line) })
	}
}

// commandsOfReadme returns the lines of the README's shell blocks that run lanes,
// without their comments.
func commandsOfReadme(t *testing.T) []string {
	var all []string
	for _, block := range regexp.MustCompile("(?ms)^```(go)?\n(.*?)^```$").FindAllStringSubmatch(readme(t), -1) {
		if block[1] == "go" {
			continue
		}
		for line := range strings.Lines(block[2]) {
			line, _, _ = strings.Cut(strings.TrimPrefix(line, "$ "), " #")
			line = strings.Replace(strings.TrimSpace(line), "go run ./cmd/lanes", "lanes", 1)
			if strings.HasPrefix(line, "lanes ") {
				all = append(all, line)
			}
		}
	}
	return all
}

func readme(t *testing.T) string {
	file, err := os.ReadFile(filepath.Join(source, "..", "..", "README.md"))
	require.NoError(t, err)
	return strings.ReplaceAll(string(file), "\r\n", "\n")
}

// plain are the settings of training that are no ingredient of a recipe.
var plain = []string{"dataset", "hidden", "dtype", "lr", "batch", "keep-last", "iters", "epochs", "seed", "patience"}

func TestReadmeHasEveryIngredientWithItsFlag(t *testing.T) {
	_, table, _ := strings.Cut(readme(t), "| ingredient | flag |")
	table, _, _ = strings.Cut(table, "\n\n")
	flags := regexp.MustCompile("--[a-z][a-z0-9-]*").FindAllString(table, -1)
	for _, flag := range flags {
		require.NotNil(t, trainCommand().Flags().Lookup(flag[2:]), flag)
	}
	for _, s := range (&train.Config{}).Settings() {
		if s.Name == "format" { // and the others that say how files are read
			break
		}
		require.NotEqual(t, slices.Contains(plain, s.Name), slices.Contains(flags, "--"+s.Name), s.Name)
	}
}

func TestSnippetsOfTheReadmeAreCompiledAndRun(t *testing.T) {
	var sources []byte
	for _, path := range []string{"kernels/readme_test.go", "net/readme_test.go", "net/train/readme_test.go", "kernels/gonumblas/example_test.go"} {
		file, err := os.ReadFile(filepath.Join(source, "..", "..", filepath.FromSlash(path)))
		require.NoError(t, err)
		sources = append(sources, file...)
	}
	indented := regexp.MustCompile("(?m)^(.+)$")
	snippets := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(readme(t), -1)
	require.Len(t, snippets, 5)
	for _, snippet := range snippets {
		require.Contains(t, string(sources), indented.ReplaceAllString(snippet[1], "\t$1"))
	}
}

func TestWhatIsSaidOfExamplesIsOfExamples(t *testing.T) {
	examples := append(examplesOfHelp(), commandsOfReadme(t)...)
	for _, lines := range []iter.Seq[string]{maps.Keys(shorter), maps.Keys(claims), maps.Keys(failing)} {
		for line := range lines {
			require.Contains(t, examples, line)
		}
	}
}

// shell runs examples, one after the other, in a scratch folder that has what they
// name: pictures, a file of shapes, CIFAR-10 in ~/cifar.
type shell struct {
	bash, dir string
	env       []string
}

func newShell(t *testing.T) *shell {
	if testing.Short() {
		t.Skip("trains networks")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("examples are for a shell:", err)
	}
	self, err := os.Executable()
	require.NoError(t, err)
	s := &shell{bash: bash, dir: t.TempDir()}
	home := filepath.Join(s.dir, "home")
	bin := filepath.Join(s.dir, "bin")
	s.env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME="+filepath.Join(home, ".cache"), "LANES_DATA=", "HTTPS_PROXY=127.0.0.1:9", "PATH="+bin+":"+os.Getenv("PATH"))
	write := func(name string, content []byte) {
		path := filepath.Join(s.dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, content, 0o777))
	}
	write("bin/lanes", fmt.Appendf(nil, "#!/bin/sh\n%s=1 exec '%s' \"$@\"\n", asCommand, self))
	write("bin/man", []byte("#!/bin/sh\nexec cat \"$HOME/.local/share/man/man1/$1.1\"\n"))
	write("bin/Out-String", []byte("#!/bin/sh\nexec cat\n"))
	write("bin/Invoke-Expression", []byte("#!/bin/sh\nexec cat >/dev/null\n"))
	write("bin/jq", []byte("#!/bin/sh\nexec sed 's/.*\"missing\":\"\\([^\"]*\\)\".*/\\1/'\n"))
	write("bin/sbatch", []byte("#!/bin/sh\nfor last; do :; done\nfor i in 0 1 2 3; do SLURM_ARRAY_TASK_ID=$i bash \"$last\" || exit; done\n"))
	write("home/.config/fish/completions/none", nil)
	write("fpath/none", nil)
	write("home/cifar/cifar-10-batches-py/data_batch_1", []byte("cut"))
	write("iris.csv", []byte("length,width,target\n"+strings.Repeat("5,1,setosa\n6,2,virginica\n4,1,setosa\n7,3,virginica\n", 20)))
	write("new.csv", []byte("length,width\n5,1\n"))
	write("shapes.txt", []byte("NN 8 8 8 small\n"))
	var picture, photograph bytes.Buffer
	require.NoError(t, png.Encode(&picture, uniform(40, 30, color.RGBA{200, 120, 40, 255})))
	require.NoError(t, jpeg.Encode(&photograph, uniform(64, 64, color.RGBA{20, 120, 240, 255}), nil))
	webp, err := base64.StdEncoding.DecodeString(orangeWebP)
	require.NoError(t, err)
	write("cat.png", picture.Bytes())
	write("plane.png", picture.Bytes())
	write("cat.jpg", photograph.Bytes())
	write("pictures/a.jpg", photograph.Bytes())
	write("pictures/b.webp", webp)
	writeSyntheticAsCIFAR10(t, filepath.Join(home, "cifar", "cifar-10-batches-bin"))
	return s
}

// writeSyntheticAsCIFAR10 writes the files of CIFAR-10 with the synthetic images,
// again and again.
func writeSyntheticAsCIFAR10(t *testing.T, dir string) {
	require.NoError(t, os.MkdirAll(dir, 0o777))
	images := synthetic().Train
	next := 0
	for _, name := range data.Binary.Files() {
		file := make([]byte, 0, 10_000*(1+data.ImageSize))
		for range 10_000 {
			file = append(file, byte(images.Labels[next]))
			file = append(file, images.Pixels[next*data.ImageSize:][:data.ImageSize]...)
			next = (next + 1) % images.Len()
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), file, 0o666))
	}
}

// example runs an example, which must succeed and print what it claims.
func (s *shell) example(t *testing.T, line string) {
	command := line
	if short, ok := shorter[line]; ok {
		command = short
	}
	out, talk, code := s.do(t, command)
	require.Equal(t, failing[line], code, "%s: %s", command, talk)
	if claim, ok := claims[line]; ok {
		require.Regexp(t, claim, out, command)
	}
}

// run runs a command, which must succeed, and returns its standard output.
func (s *shell) run(t *testing.T, command string) string {
	out, talk, code := s.do(t, command)
	require.Zero(t, code, "%s: %s", command, talk)
	return out
}

// do runs a command and returns standard output, standard error and the exit code.
func (s *shell) do(t *testing.T, command string) (string, string, int) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, s.bash, "-c", `set -e; fpath=("" "$PWD/fpath"); `+command)
	c.Dir, c.Env = s.dir, s.env
	if strings.HasPrefix(command, "lanes data") && !strings.Contains(command, "~/cifar") {
		c.Env = append(c.Env, "LANES_DATA="+filepath.Join(s.dir, "home", "cifar"))
	}
	var out, talk bytes.Buffer
	c.Stdout, c.Stderr = &out, &talk
	err := c.Run()
	require.NoError(t, ctx.Err(), "%s takes more than two minutes: run something shorter for it", command)
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		require.NoError(t, err)
	}
	return out.String(), talk.String(), c.ProcessState.ExitCode()
}

// jpegCIFAR10 is the hash of the first file of the images that the README's figures
// are of: CIFAR-10 whose pixels went through JPEG at quality 75.
const jpegCIFAR10 = "2a03a84fe2d8077cbe9a59a28b777730d181919d2d71af13f5095f147ab69102"

func TestReadmeShowsWhatIsPrintedOnCIFAR10(t *testing.T) {
	dir, err := data.Find("")
	if err != nil {
		t.Skip(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, data.Binary.Files()[0]))
	if err != nil || fmt.Sprintf("%x", sha256.Sum256(file)) != jpegCIFAR10 {
		t.Skip("the README's figures are of other images than those in ", dir)
	}
	if kernels.Best() < kernels.AVX2 {
		t.Skip("the README's figures are of another level than ", kernels.Best())
	}
	s := newShell(t)
	s.env = append(s.env, "LANES_DATA="+dir)
	timed := regexp.MustCompile(`threads?\)$| in [0-9.]+ s, |^…$`)
	for _, c := range [][2]string{
		{"lanes train", `(?ms)^cifar10 +loss.*?^kept in`},
		{"lanes eval runs/report-1", `(?ms)^runs/report-1, best weights.*?^…$`},
		{"lanes summary --preset quick", `(?ms)^layer +type.*?^…$`},
		{"lanes summary --hidden 1000,500,250,125", `(?ms)^layer +type[^\n]*\nlayers.0 +dense +3072 +1000 .*?^…$`},
	} {
		out := s.run(t, c[0])
		lines := strings.Split(regexp.MustCompile(c[1]).FindString(readme(t)), "\n")
		require.Greater(t, len(lines), 5, c[0])
		for _, line := range lines {
			if !timed.MatchString(line) {
				require.Contains(t, out, line, c[0])
			}
		}
	}

	// What help shows of He's weights learns. With pixels less their mean it ends
	// at a validation accuracy of 0.179.
	help := strings.Split(trainCommand().Example, "\n")[1]
	require.Contains(t, help, "--init he")
	out := s.run(t, strings.Replace(strings.TrimSpace(help), "--data ~/cifar ", "--json ", 1))
	require.Greater(t, decode(t, out)["val_acc"], 0.48)
}
