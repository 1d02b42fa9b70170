package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/evaluation"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/train"
)

func TestEvaluationPrintsTablesOf80Columns(t *testing.T) {
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	counts := evaluation.NewTally(engine, 10)
	for i := range 10_000 {
		z := kernels.NewMat[float64](1, 10, nil)
		z.Data[i%7] = float64(i % 30)
		counts.Add(z, []int32{int32(i % 10)})
	}
	e := evaluated{"runs/report", "best", 0, "cifar10", "train", counts.Evaluation(
		[]string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}), "images"}
	var out strings.Builder
	require.NoError(t, e.print(&out))
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, len(line), 81, line)
	}
	require.Regexp(t, `\nclass         images  predicted  precision     recall      F1\n`, out.String())
	require.Regexp(t, `\ntruck           1000          0          -      0\.000   0\.000\n`, out.String())
	require.Regexp(t, `\n             airpl autom  bird   cat  deer   dog  frog horse  ship truck\nairplane       `, out.String())
	require.EqualError(t, e.print(brokenPipe{}), "the pipe is broken")
}

func TestEvalGivesTheScoresOfTraining(t *testing.T) {
	run := newRun(t, unchanged)
	b, err := os.ReadFile(filepath.Join(run, "result.json"))
	require.NoError(t, err)
	var result train.Result
	require.NoError(t, json.Unmarshal(b, &result))
	for split, want := range map[string]struct{ loss, accuracy float64 }{
		"train": {result.TrainLoss, result.TrainAcc},
		"val":   {*result.ValLoss, *result.ValAcc},
		"test":  {math.NaN(), *result.TestAcc},
	} {
		code, out, talk := lanes("eval", run, "--split", split, "--checkpoint", "last", "--json")
		require.Equal(t, 0, code, talk)
		require.Empty(t, talk)
		var e evaluated
		require.NoError(t, json.Unmarshal([]byte(out), &e))
		require.Equal(t, want.accuracy, e.Accuracy)
		if split != "test" {
			require.InDelta(t, want.loss, e.Loss, 1e-5)
		}
		require.Equal(t, []any{run, "last", 35, "synthetic", split}, []any{e.Run, e.Checkpoint, e.Step, e.Dataset, e.Split})
		images := 0
		for _, c := range e.Classes {
			images += c.Images
		}
		require.Equal(t, e.Images, images)
	}
	code, out, talk := lanes("eval", run)
	require.Equal(t, 0, code, talk)
	require.Contains(t, out, run+", best weights (step 35), on the test part of synthetic\n")
}

func TestEvalOfNonsenseIsALineAndAnExitCode(t *testing.T) {
	hideCIFAR10(t)
	run := newRun(t, unchanged)
	cifar := newRun(t, func(c *train.Config) { c.Dataset = "cifar10" })
	for _, c := range []struct {
		args    string
		code    int
		message string
	}{
		{"", exitUsage, "accepts 1 arg(s), received 0"},
		{run + " extra", exitUsage, "accepts 1 arg(s), received 2"},
		{run + " --split all", exitUsage, `--split "all", want test, val or train`},
		{cifar, exitData, "no CIFAR-10 found"},
		{cifar + " --data " + run, exitData, "no folder cifar-10-batches-bin"},
	} {
		code, out, talk := lanes(append([]string{"eval"}, strings.Fields(c.args)...)...)
		require.Equal(t, c.code, code, talk)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: .*\n$`, talk)
		require.Contains(t, talk, c.message)
	}
}
