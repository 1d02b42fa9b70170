package net

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/testdata"
)

// truths are about 5 examples of a network with that many outputs.
func truths(outputs int, labels []int32) map[string]Truth[float64] {
	rng := rand.New(rand.NewPCG(8, 9))
	targets := kernels.NewMat[float64](5, outputs, nil)
	for i := range targets.Data {
		targets.Data[i] = rng.NormFloat64()
	}
	weights := []float64{1, 0, 2.5, 0.5, 1}
	others, shares := []int32{0, 1, 0, 0, 1}, []float64{0.5, 0.25, 0, 0.1, 0.3}
	return map[string]Truth[float64]{
		"labels with weights":  {Labels: labels, Weights: weights},
		"smoothed":             {Labels: labels, Smoothing: 0.1},
		"mixed":                {Labels: labels, Others: others, Shares: shares},
		"all of classes":       {Labels: labels, Others: others, Shares: shares, Smoothing: 0.3, Weights: weights},
		"targets":              {Targets: targets},
		"targets with weights": {Targets: targets, Weights: weights},
	}
}

func TestGradientsOfWeightedClassesAndOfSquaresAreTheNumericalOnes(t *testing.T) {
	n, x, labels := RandomProblem(newEngine[float64](t), 3, 3)
	for name, truth := range truths(n.Architecture().Outputs(), labels) {
		for _, g := range CheckGradientsOf(n, x, truth, 0.05) {
			require.Less(t, g.Max, 1e-7, "%s: %v", name, g)
		}
	}
}

func TestWeightsMultiplyTheLossOfTheirExample(t *testing.T) {
	n, x, labels := RandomProblem(newEngine[float64](t), 4, 2)
	for name, truth := range truths(n.Architecture().Outputs(), labels) {
		if truth.Weights == nil {
			continue
		}
		var want float64
		for i, w := range truth.Weights {
			one := Truth[float64]{Targets: truth.Targets, Smoothing: truth.Smoothing}
			if truth.Labels != nil {
				one.Labels = truth.Labels[i : i+1]
				if truth.Others != nil {
					one.Others, one.Shares = truth.Others[i:i+1], truth.Shares[i:i+1]
				}
			} else {
				one.Targets = truth.Targets.Slice(i, i+1, 0, truth.Targets.Cols)
			}
			want += w * n.LossOf(x.Slice(i, i+1, 0, x.Cols), one, 0).Data / 5
		}
		require.InDelta(t, want, n.LossOf(x, truth, 0).Data, 1e-14, name)
	}
	ones := Truth[float64]{Labels: labels, Weights: []float64{1, 1, 1, 1, 1}}
	require.InDelta(t, n.Loss(x, labels, 0).Data, n.LossOf(x, ones, 0).Data, 1e-14)
	require.PanicsWithValue(t, "net: Loss: z is 5×"+string(rune('0'+n.Architecture().Outputs()))+", weights has 1 elements", func() {
		n.LossOf(x, Truth[float64]{Labels: labels, Weights: []float64{1}}, 0)
	})
}

func TestSmoothedAndMixedLossesArePyTorchs(t *testing.T) {
	var golden struct {
		Logits          [][]float64
		Labels, Others  []int32
		Shares, Weights []float64
		Cases           []struct {
			Smoothing       float64
			Mixed, Weighted bool
			Loss            float64
			Gradient        [][]float64
		}
	}
	require.NoError(t, json.Unmarshal(testdata.Losses, &golden))
	require.Len(t, golden.Cases, 12)
	z := kernels.NewMat[float64](len(golden.Logits), len(golden.Logits[0]), nil)
	for i, row := range golden.Logits {
		copy(z.Row(i), row)
	}
	engine, delta := newEngine[float64](t), kernels.NewMat[float64](z.Rows, z.Cols, nil)
	for _, c := range golden.Cases {
		truth := Truth[float64]{Labels: golden.Labels, Smoothing: c.Smoothing}
		if c.Mixed {
			truth.Others, truth.Shares = golden.Others, golden.Shares
		}
		if c.Weighted {
			truth.Weights = golden.Weights
		}
		require.InEpsilon(t, c.Loss, truth.Loss(engine, delta, z), 1e-14, "%+v", c)
		for i, row := range c.Gradient {
			require.InDeltaSlice(t, row, delta.Row(i), 1e-15, "%+v", c)
		}
	}
}

func TestLossPanicsWithNumbersOfWhatDoesNotFit(t *testing.T) {
	engine, z := newEngine[float64](t), kernels.NewMat[float64](2, 3, nil)
	for want, truth := range map[string]Truth[float64]{
		"net: Loss: z is 2×3, others has 1 elements": {Labels: []int32{0, 1}, Others: []int32{1}},
		"net: Loss: z is 2×3, shares has 0 elements": {Labels: []int32{0, 1}, Others: []int32{1, 2}},
		"net: Loss: others[1] is 3, z is 2×3":        {Labels: []int32{0, 1}, Others: []int32{1, 3}, Shares: []float64{0, 0}},
	} {
		require.PanicsWithValue(t, want, func() { truth.Loss(engine, kernels.NewMat[float64](2, 3, nil), z) })
	}
}
