package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/train"
)

// logitsOf returns logits that softmax makes probabilities of again.
func logitsOf(probabilities ...float64) []float64 {
	var z []float64
	for _, p := range probabilities {
		z = append(z, math.Log(p)+3)
	}
	return z
}

func pointer(x float64) *float64 { return &x }

// tallied counts images of the labelled classes by their logits.
func tallied(t *testing.T, labels []int32, logits ...[]float64) *tally {
	t.Helper()
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	counts := newTally(engine, len(logits[0]))
	counts.add(kernels.NewMat(len(logits), len(logits[0]), slices.Concat(logits...)), labels)
	return counts
}

// Four images of three classes; nothing is taken for the third.
func smallEvaluation(t *testing.T) evaluation {
	t.Helper()
	return tallied(t, []int32{0, 1, 1, 2}, // the first and the third right
		logitsOf(0.9, 0.05, 0.05), logitsOf(0.92, 0.04, 0.04), logitsOf(0.3, 0.5, 0.2), logitsOf(0.3, 0.5, 0.2),
	).evaluation([]string{"a cat", "a dog", "a very long name"})
}

func TestEvaluationIsThatCountedByHand(t *testing.T) {
	e := smallEvaluation(t)
	require.Equal(t, 4, e.Images)
	require.Equal(t, 0.5, e.Accuracy)
	require.InDelta(t, -(math.Log(0.9)+math.Log(0.04)+math.Log(0.5)+math.Log(0.2))/4, e.Loss, 1e-15)
	require.Equal(t, [][]int{{1, 0, 0}, {1, 1, 0}, {0, 1, 0}}, e.Confusion)
	require.Equal(t, []classScore{
		{"a cat", 1, 2, pointer(0.5), pointer(1), pointer(2.0 / 3)},
		{"a dog", 2, 2, pointer(0.5), pointer(0.5), pointer(0.5)},
		{"a very long name", 1, 0, nil, pointer(0), pointer(0)},
	}, e.Classes)

	// 0.9 and 0.92 lie in 13/15 to 14/15, 0.5 in 7/15 to 8/15.
	require.Len(t, e.Calibration, 15)
	for i, b := range e.Calibration {
		switch i {
		case 13:
			require.Equal(t, 2, b.Images)
			require.InDelta(t, 0.91, *b.Confidence, 1e-15)
			require.Equal(t, 0.5, *b.Accuracy)
		case 7:
			require.Equal(t, 2, b.Images)
			require.InDelta(t, 0.5, *b.Confidence, 1e-15)
			require.Equal(t, 0.5, *b.Accuracy)
		default:
			require.Equal(t, bin{From: float64(i) / 15, To: float64(i+1) / 15}, b)
		}
	}
	require.InDelta(t, (2*0.41+2*0)/4, e.ECE, 1e-15)
}

func TestBinsAreFifteenOfOneWidth(t *testing.T) {
	for p, want := range map[float64]int{1: 14, 14.0/15 + 1e-9: 14, 14.0/15 - 1e-9: 13, 0.2 + 1e-9: 3, 0.2 - 1e-9: 2} {
		rest := (1 - p) / 7
		counts := tallied(t, []int32{0}, logitsOf(p, rest, rest, rest, rest, rest, rest, rest))
		require.Equal(t, 1, counts.binned[want], "%v", p)
	}
}

func TestEvaluationPrintsTablesOf80Columns(t *testing.T) {
	var logits [][]float64
	var labels []int32
	for i := range 10_000 {
		z := make([]float64, 10)
		z[i%7] = float64(i % 30)
		logits, labels = append(logits, z), append(labels, int32(i%10))
	}
	e := tallied(t, labels, logits...).evaluation([]string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"})
	e.Run, e.Checkpoint, e.Dataset, e.Split = "runs/report", "best", "cifar10", "train"
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

func TestEvaluationIsWholeAsJSON(t *testing.T) {
	b, err := json.Marshal(smallEvaluation(t))
	require.NoError(t, err)
	for _, s := range []string{`"precision":null`, `"confusion":[[1,0,0],[1,1,0],[0,1,0]]`, `"confidence":null`, `"f1":0.5`} {
		require.Contains(t, string(b), s)
	}
}

func TestEvaluationStandsLargeLogitsAndKeepsNaN(t *testing.T) {
	large := tallied(t, []int32{1}, []float64{1e6, -1e6}).evaluation([]string{"a", "b"})
	require.Equal(t, 2e6, large.Loss)
	require.Equal(t, 1.0, *large.Calibration[14].Confidence)
	none := tallied(t, []int32{1, 0}, []float64{math.NaN(), 1}, []float64{1, 1}).evaluation([]string{"a", "b"})
	require.True(t, math.IsNaN(none.Loss))
	require.Equal(t, 2, none.Images)
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
		var e evaluation
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
