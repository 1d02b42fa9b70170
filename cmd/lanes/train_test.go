package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

func TestTrainPrintsTheToyProblemAsJSON(t *testing.T) {
	code, out, talk := lanes("train", "--preset", "toy", "--dtype", "float64", "--threads", "2", "--json")
	require.Equal(t, 0, code, talk)
	o := decode(t, out)
	require.InDelta(t, 1.2658608452, o["first_loss"], 1e-10)
	require.InDelta(t, 1.2658608452019746, o["first_loss"], 1e-12)
	require.InDelta(t, 0.015634987611857, o["final_loss"], 1e-12)
	require.InDelta(t, 0.0156, o["train_loss"], 1e-4)
	require.Less(t, o["train_loss"], o["final_loss"]) // no regularisation, one more update
	require.Equal(t, 1.0, o["train_acc"])
	require.Equal(t, 83.0, o["params"])
	require.Equal(t, 100.0, o["steps"])
	require.Equal(t, 2.0, o["threads"])
	require.Equal(t, "toy", o["dataset"])
	require.Equal(t, "float64", o["dtype"])
	require.Positive(t, o["seconds"])
	require.InEpsilon(t, 5*100/o["seconds"].(float64), o["images_per_second"], 1e-9)
	require.Regexp(t, "^[0-9a-f]{64}$", o["weights_sha256"])
	for _, name := range []string{"val_loss", "val_acc", "test_acc"} {
		require.Contains(t, o, name)
		require.Nil(t, o[name]) // there are no such points
	}
	require.Contains(t, o, "peak_percent")
	require.Nil(t, o["peak_percent"]) // the run is too short to measure the peak
}

func TestTrainRunsAtTheNamedLevel(t *testing.T) {
	for _, level := range kernels.Levels() {
		code, out, talk := lanes("train", "--preset", "toy", "--level", level.String(), "--json")
		require.Equal(t, 0, code, talk)
		o := decode(t, out)
		require.Equal(t, level.String(), o["level"])
		require.Equal(t, "float32", o["dtype"])
		require.InDelta(t, 1.2658608452, o["first_loss"], 1e-5)
		require.InDelta(t, 0.015634987611857, o["final_loss"], 1e-5)
	}
}

// What the report prints of its toy problem is in the table, to its digits.
func TestTrainPrintsTheReportsLossOfTheToyProblem(t *testing.T) {
	for dtype, digits := range map[string]string{"float64": `0\.0156349876118\d+`, "float32": `0\.01563\d+`} {
		dir := filepath.Join(t.TempDir(), dtype)
		code, out, talk := lanes("train", "--preset", "toy", "--dtype", dtype, "--out", dir)
		require.Equal(t, 0, code, talk)
		require.Regexp(t, `\niteration 0 / 100: loss 1\.265861\nFinal training loss: `+digits+`\n`, out)
		code, _, talk = lanes("report", dir)
		require.Equal(t, 0, code, talk)
		require.Regexp(t, `is 1\.265861 before the first step and `+digits+` before the last, as the report prints it\.`, text(readText(t, filepath.Join(dir, "report.html"))))
	}
}

func TestTrainPrintsATable(t *testing.T) {
	code, out, talk := lanes("train", "--preset", "toy", "--threads", "1", "--level", "generic")
	require.Equal(t, 0, code, talk)
	require.Regexp(t, `^toy     loss     accuracy
train   0\.0156   1\.0000

iteration 0 / 100: loss 1\.265861
Final training loss: 0\.01563\d+

83 parameters \(float32, generic, 1 thread\)
100 steps in \d+\.\d\d s, \d+k? images/s
weights sha256 [0-9a-f]{64}
kept in runs/toy-\d+
$`, out)
}

// The lines that the run prints where there is no terminal have neither colours
// nor redrawn parts, and are few.
func TestTrainTalksInPlainLines(t *testing.T) {
	_, _, talk := lanes("train", "--preset", "toy", "--iters", "1003")
	lines := strings.Split(strings.TrimSuffix(talk, "\n"), "\n")
	require.Len(t, lines, console.MaxLines)
	for _, l := range lines {
		require.Regexp(t, `^ *\d+/1003  loss +[0-9.]+  epoch \d+  .*  acc [01]\.\d{3}  +\d+k? img/s  +\d+ GFLOP/s(  \d+% of peak)?$`, l)
	}
	require.Contains(t, lines[console.MaxLines-1], "1003/1003")
}

func TestTrainFallsBackToSyntheticImagesAndSaysSo(t *testing.T) {
	hideCIFAR10(t)
	code, out, talk := lanes("train", "--iters", "31", "--hidden", "2", "--json")
	require.Equal(t, 0, code, talk)
	place, err := data.Place("")
	require.NoError(t, err)
	require.Contains(t, talk, "no CIFAR-10 found in "+place+", and LANES_DATA names no other folder: this run trains on built-in synthetic images.\n")
	require.Contains(t, talk, "\n  lanes data fetch\n  lanes train\n")
	require.Contains(t, talk, "val acc 0.") // the first epoch has 30 steps
	o := decode(t, out)
	require.Equal(t, "synthetic", o["dataset"])
	require.Equal(t, float64(3072*2+2+2*10+10), o["params"])
	for _, name := range []string{"train_loss", "val_loss", "train_acc", "val_acc", "test_acc"} {
		require.Positive(t, o[name], name)
	}
}

func TestFlagsOverrideThePreset(t *testing.T) {
	run := func(args ...string) map[string]any {
		code, out, talk := lanes(append([]string{"train", "--preset", "toy", "--dtype", "float64", "--json"}, args...)...)
		require.Equal(t, 0, code, talk)
		return decode(t, out)
	}
	preset := run()
	require.Equal(t, 7.0, run("--iters", "7")["steps"])
	require.Equal(t, 7.0, run("--epochs", "7")["steps"]) // all points are one batch
	require.Equal(t, 14.0, run("--epochs", "7", "--batch", "2")["steps"])
	still := run("--lr", "0")
	require.InDelta(t, still["first_loss"], still["final_loss"], 1e-12)
	for _, args := range [][]string{{"--lr", "0.2"}, {"--lr-decay", "0.9"}, {"--reg", "0"}, {"--batch", "4"}, {"--seed", "1", "--batch", "4"}} {
		require.NotEqual(t, preset["weights_sha256"], run(args...)["weights_sha256"], args)
	}
	require.NotEqual(t, run("--batch", "4")["weights_sha256"], run("--batch", "4", "--seed", "1")["weights_sha256"])
}

func TestDivergedRunIsAnExitCodeAndALine(t *testing.T) {
	for args, message := range map[string]string{
		"--lr 1e30 --iters 50": "lanes: training diverged: the loss of step 2 is ",
		"--lr 1e30 --iters 1":  "lanes: training diverged: the loss after step 1 is ",
	} {
		code, out, talk := lanes(append(strings.Fields("train --preset toy --json"), strings.Fields(args)...)...)
		require.Equal(t, exitDiverged, code, talk)
		require.Empty(t, out)
		require.Equal(t, 1, strings.Count(talk, "lanes:"))
		require.Contains(t, talk, message)
		require.Contains(t, talk, ": first in ")
	}
}

// interrupter sends the process what Ctrl-C sends when the first line comes that
// holds at, or else the first one of progress.
type interrupter struct {
	bytes.Buffer
	at   string
	sent bool
	err  error
}

func (i *interrupter) Write(p []byte) (int, error) {
	if !i.sent && bytes.Contains(p, []byte(cmp.Or(i.at, "loss"))) {
		i.sent = true
		self, _ := os.FindProcess(os.Getpid())
		i.err = self.Signal(os.Interrupt)
	}
	return i.Buffer.Write(p)
}

func TestInterruptStopsTheRunWithOneLine(t *testing.T) {
	var out bytes.Buffer
	var talk interrupter
	code := run(context.Background(), strings.Fields("train --preset toy --iters 400000"), &out, &talk)
	if talk.err != nil {
		t.Skip("a process cannot interrupt itself here:", talk.err)
	}
	require.Equal(t, exitInterrupted, code)
	require.Empty(t, out.String())
	require.Regexp(t, `\nlanes: stopped before step \d+ of 400000: interrupt signal received; to continue: lanes train --resume runs/toy-\d+\n$`, talk.String())
	require.Equal(t, 1, strings.Count(talk.String(), "lanes:"))
}

// The line comes before the images are made.
func TestInterruptStopsTheRunThatIsStillToGetItsImages(t *testing.T) {
	hideCIFAR10(t)
	var out bytes.Buffer
	talk := interrupter{at: "no CIFAR-10 found"}
	code := run(context.Background(), strings.Fields("train --hidden 2 --out early"), &out, &talk)
	if talk.err != nil {
		t.Skip("a process cannot interrupt itself here:", talk.err)
	}
	require.Equal(t, exitInterrupted, code)
	require.Empty(t, out.String())
	require.Regexp(t, `\nlanes: stopped before step \d+ of 3000: interrupt signal received; to continue: lanes train --resume early\n$`, talk.String())
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("the pipe is broken") }

func TestResultsThatCannotBePrintedAreAFailure(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("shape.txt", []byte("NN 8 8 8"), 0o666))
	for _, args := range []string{"train --preset toy --iters 1", "train --preset toy --iters 1 --json", "info", "info --json",
		"--help", "help", "data", "completion bash", "bench gemm --time 1e-9 --shapes shape.txt"} {
		var talk bytes.Buffer
		require.Equal(t, exitFailed, run(context.Background(), strings.Fields(args), brokenPipe{}, &talk), args)
		require.Contains(t, talk.String(), "lanes: the pipe is broken\n")
	}
}

func TestHesWeightsGetInputsOfTheirSize(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	const warning = "warning: before the first step the loss is"
	for args, want := range map[string]struct {
		normalize string
		warned    bool
	}{
		"--init he":                      {"symmetric", false},
		"--init normal:1e-4":             {"mean", false},
		"--init he --normalize mean":     {"mean", true},
		"--normalize mean --init he":     {"mean", true},
		"--init he --normalize none":     {"none", true},
		"--init normal:0.1":              {"mean", true},
		"--init zero --normalize none":   {"none", false},
		"--preset report-mlp --init he":  {"symmetric", false},
		"--preset toy --normalize none":  {"none", false},
		"--init he --hidden 75,75,75,75": {"symmetric", false},
	} {
		code, _, talk := lanes(append(strings.Fields("train --iters 1 --out run"), strings.Fields(args)...)...)
		require.Equal(t, 0, code, talk)
		require.Equal(t, want.warned, strings.Contains(talk, warning), "%s: %s", args, talk)
		config, err := os.ReadFile(filepath.Join("run", "config.toml"))
		require.NoError(t, err)
		require.Contains(t, string(config), "\nnormalize = \""+want.normalize+"\"\n", args)
		require.NoError(t, os.RemoveAll("run"))
	}
}

func TestEndOfARunIsOnItsCurveAndMayBeItsBest(t *testing.T) {
	hideCIFAR10(t)
	dir := filepath.Join(t.TempDir(), "run")
	code, out, talk := lanes(strings.Fields("train --dataset synthetic --hidden 12,9 --init he --lr 1e-2 --iters 40 --out " + dir)...)
	require.Equal(t, 0, code, talk)
	folder, err := train.Open(dir)
	require.NoError(t, err)
	result, err := folder.Result()
	require.NoError(t, err)
	require.Equal(t, *result.ValAcc, *result.BestValAcc)
	require.Contains(t, out, fmt.Sprintf("\nbest validation accuracy %.4f, in epoch 2, at the end\n", *result.BestValAcc))
	h, err := folder.History()
	require.NoError(t, err)
	last := h.Epochs[len(h.Epochs)-1]
	require.Equal(t, 1+1.0/3, last.Epochs())
	require.Equal(t, result.ValAcc, last.ValAcc)
}
