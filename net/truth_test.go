package net

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// truths are about 5 examples of a network with that many outputs.
func truths(outputs int, labels []int32) map[string]Truth[float64] {
	rng := rand.New(rand.NewPCG(8, 9))
	targets := kernels.NewMat[float64](5, outputs, nil)
	for i := range targets.Data {
		targets.Data[i] = rng.NormFloat64()
	}
	weights := []float64{1, 0, 2.5, 0.5, 1}
	return map[string]Truth[float64]{
		"labels with weights":  {Labels: labels, Weights: weights},
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
			one := Truth[float64]{Targets: truth.Targets}
			if truth.Labels != nil {
				one.Labels = truth.Labels[i : i+1]
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
