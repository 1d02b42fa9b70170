package net

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// compositions are lists of layers for 6 inputs and 4 classes. Together they have each layer
// first, last, within a block, and after each that it may take over or overwrite.
var compositions = map[string]Layers{
	"dense":                         {Dense{4}},
	"hidden":                        {Dense{5}, ReLU, Dense{4}},
	"no activation between":         {Dense{5}, Dense{4}},
	"twice":                         {Dense{5}, ReLU, ReLU, Dense{4}},
	"activation first":              {ReLU, Dense{5}, ReLU, Dense{4}},
	"activation last":               {Dense{5}, ReLU, Dense{4}, ReLU},
	"lists":                         {Layers{Dense{5}, ReLU}, Layers{Layers{Dense{3}}, ReLU}, Dense{4}},
	"residual":                      {Dense{5}, ReLU, Residual{Dense{5}, ReLU}, Dense{4}},
	"residual first":                {Residual{Dense{3}, ReLU, Dense{6}}, Dense{4}},
	"residual of nothing":           {Dense{5}, Residual{}, Dense{4}},
	"residual of no weights, first": {Residual{ReLU}, Dense{5}, Residual{ReLU}, Dense{4}},
	"residual after no weights":     {ReLU, Residual{ReLU, Dense{6}}, Dense{4}},
	"residual last":                 {Dense{4}, Residual{Dense{4}, ReLU}},
	"residual in residual":          {Dense{5}, Residual{ReLU, Dense{5}, Residual{ReLU, Dense{5}}, ReLU}, ReLU, Dense{4}},
}

// composed returns a network of layers with random parameters, and a batch.
func composed[T kernels.Float](t testing.TB, layers Layers, opts ...kernels.Option) (*Network[T], kernels.Mat[T], []int32) {
	n := Build(newEngine[T](t, opts...), 6, layers...)
	rng := newRand(7)
	n.Init(He, rng)
	for _, p := range n.Params() {
		for i := range p.Value.Data {
			p.Value.Data[i] += T(rng.NormFloat64() / 2)
		}
	}
	x, labels := randomBatch[T](rng, 9, 6, 4)
	return n, x, labels
}

func TestGradientsOfCompositionsAgreeWithNumerical(t *testing.T) {
	for name, layers := range compositions {
		n, x, labels := composed[float64](t, layers, kernels.WithThreads(1))
		for _, g := range CheckGradients(n, x, labels, 0.05) {
			require.Less(t, g.Max, 1e-7, "%s: %v", name, g)
		}
	}
}

func TestCompositionsTakeStepsWithTheBitsOfGradientsAndOptimizer(t *testing.T) {
	for name, layers := range compositions {
		apart, x, labels := composed[float32](t, layers)
		together, _, _ := composed[float32](t, layers)
		sgd := NewSGD(newEngine[float32](t), SGDOptions{LearningRate: 0.1, Decay: 1})
		for range 3 {
			loss := apart.Gradients(x, labels, 1e-3)
			sgd.Step(apart.Params())
			require.Equal(t, loss, together.TrainingLoss(x, Truth[float32]{Labels: labels}, 1e-3), name)
			together.Step(sgd)
		}
		want, _ := snapshot(apart)
		got, _ := snapshot(together)
		require.Equal(t, want, got, name)
	}
}

func TestCompositionsTakeAnyStridesAndLeaveTheirInput(t *testing.T) {
	for name, layers := range compositions {
		n, x, labels := composed[float64](t, layers)
		wide := kernels.NewMat[float64](9, 8, nil)
		for i := range 9 {
			copy(wide.Row(i), x.Row(i))
		}
		before := slices.Clone(wide.Data)
		want := n.Gradients(x, labels, 0.1)
		_, wantGrads := snapshot(n)
		require.Equal(t, want, n.Gradients(wide.Slice(0, 9, 0, 6), labels, 0.1), name)
		_, grads := snapshot(n)
		require.Equal(t, wantGrads, grads, name)
		wantLogits := slices.Clone(n.Logits(x).Data)
		require.Equal(t, wantLogits, n.Logits(wide.Slice(0, 9, 0, 6)).Data, name)
		require.Equal(t, before, wide.Data, name)
	}
}

func TestPredictorsOfCompositionsHaveTheBitsOfTheNetwork(t *testing.T) {
	for name, layers := range compositions {
		n, x, labels := composed[float32](t, layers)
		n.Gradients(x, labels, 0)
		z := kernels.NewMat[float32](9, 4, nil)
		n.Predictor().Logits(z, x)
		require.Equal(t, n.Logits(x).Data, z.Data, name)
	}
}
