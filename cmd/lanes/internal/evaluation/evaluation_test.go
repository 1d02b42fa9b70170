package evaluation

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
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
func tallied(t *testing.T, labels []int32, logits ...[]float64) *Tally {
	t.Helper()
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	counts := NewTally(engine, len(logits[0]))
	counts.Add(kernels.NewMat(len(logits), len(logits[0]), slices.Concat(logits...)), labels)
	return counts
}

// Four images of three classes; nothing is taken for the third.
func smallEvaluation(t *testing.T) Evaluation {
	t.Helper()
	return tallied(t, []int32{0, 1, 1, 2}, // the first and the third right
		logitsOf(0.9, 0.05, 0.05), logitsOf(0.92, 0.04, 0.04), logitsOf(0.3, 0.5, 0.2), logitsOf(0.3, 0.5, 0.2),
	).Evaluation([]string{"a cat", "a dog", "a very long name"})
}

func TestEvaluationIsThatCountedByHand(t *testing.T) {
	e := smallEvaluation(t)
	require.Equal(t, 4, e.Images)
	require.Equal(t, 0.5, e.Accuracy)
	require.InDelta(t, -(math.Log(0.9)+math.Log(0.04)+math.Log(0.5)+math.Log(0.2))/4, e.Loss, 1e-15)
	require.Equal(t, [][]int{{1, 0, 0}, {1, 1, 0}, {0, 1, 0}}, e.Confusion)
	require.Equal(t, []ClassScore{
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
			require.Equal(t, Bin{From: float64(i) / 15, To: float64(i+1) / 15}, b)
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

func TestEvaluationIsWholeAsJSON(t *testing.T) {
	b, err := json.Marshal(smallEvaluation(t))
	require.NoError(t, err)
	for _, s := range []string{`"precision":null`, `"confusion":[[1,0,0],[1,1,0],[0,1,0]]`, `"confidence":null`, `"f1":0.5`} {
		require.Contains(t, string(b), s)
	}
}

func TestEvaluationStandsLargeLogitsAndKeepsNaN(t *testing.T) {
	large := tallied(t, []int32{1}, []float64{1e6, -1e6}).Evaluation([]string{"a", "b"})
	require.Equal(t, 2e6, large.Loss)
	require.Equal(t, 1.0, *large.Calibration[14].Confidence)
	none := tallied(t, []int32{1, 0}, []float64{math.NaN(), 1}, []float64{1, 1}).Evaluation([]string{"a", "b"})
	require.True(t, math.IsNaN(none.Loss))
	require.Equal(t, 2, none.Images)
}
