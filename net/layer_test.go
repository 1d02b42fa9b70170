package net

import (
	"math"
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
	"activations":                   {LeakyReLU, Dense{5}, LeakyReLU, Dense{5}, GELU, Dense{5}, SiLU, Dense{4}, GELU},
	"activations upon activations":  {Dense{5}, ReLU, LeakyReLU, GELU, SiLU, ReLU, Dense{4}},
	"activation of a residual":      {Dense{5}, Residual{GELU, Dense{5}, LeakyReLU}, SiLU, Dense{4}},
	"batch":                         {Dense{5}, BatchNorm{}, ReLU, Dense{5}, BatchNorm{}, GELU, Dense{4}},
	"batch first":                   {BatchNorm{}, LeakyReLU, Dense{5}, ReLU, BatchNorm{}, Dense{4}, BatchNorm{}},
	"batch upon batch":              {Dense{5}, BatchNorm{}, SiLU, BatchNorm{}, ReLU, ReLU, BatchNorm{}, Dense{4}},
	"layer":                         {Dense{5}, LayerNorm{}, ReLU, Dense{5}, LayerNorm{}, GELU, Dense{4}},
	"layer first":                   {LayerNorm{}, LeakyReLU, Dense{5}, ReLU, LayerNorm{}, Dense{4}, LayerNorm{}},
	"norms of a residual":           {Dense{5}, Residual{BatchNorm{}, GELU, Dense{5}, LayerNorm{}}, LayerNorm{}, Residual{LayerNorm{}, ReLU}, Dense{4}},
	"dropout":                       {Dense{5}, ReLU, Dropout{0.3}, Dense{5}, GELU, Dropout{0.5}, Dense{4}},
	"dropout first":                 {Dropout{0.3}, Dense{5}, Dropout{0}, BatchNorm{}, ReLU, Dropout{0.3}, Dense{4}},
	"dropout before activations":    {Dense{5}, ReLU, Dropout{0.3}, LeakyReLU, Dropout{0.3}, SiLU, Dense{4}, Dropout{0.2}},
	"dropout of a residual":         {Dense{5}, Residual{Dropout{0.3}, Dense{5}, BatchNorm{}, ReLU, Dropout{0.3}}, Dropout{0.1}, Residual{Dropout{0.5}}, Dense{4}},
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
		truth := Truth[float64]{Labels: labels}
		n.gradients(x, truth, 0.05)
		for _, g := range compareGradients(n, x, truth, 0.05, 1e-7) { // as in CheckComposition
			require.Less(t, g.Max, 1e-6, "%s: %v", name, g)
		}
	}
}

func TestCompositionsTakeStepsWithTheBitsOfGradientsAndOptimizer(t *testing.T) {
	for name, layers := range compositions {
		apart, x, labels := composed[float32](t, layers)
		together, _, _ := composed[float32](t, layers)
		sgd := NewSGD(newEngine[float32](t), SGDOptions{LearningRate: 0.1})
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
		n.Seed(0, 0)
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
		n.Gradients(x, labels, 0) // which moves running statistics
		z := kernels.NewMat[float32](9, 4, nil)
		n.Predictor().Logits(z, x)
		require.Equal(t, n.Logits(x).Data, z.Data, name)
	}
}

// Weights that training has moved far, and a batch of other values than before: running
// statistics are what inference uses.
func TestInferenceUsesRunningStatisticsAndDropsNothing(t *testing.T) {
	n, x, labels := composed[float64](t, Layers{Dense{5}, BatchNorm{}, ReLU, Dropout{0.5}, Dense{4}})
	one := func(i int) []float64 { return slices.Clone(n.Logits(x.Slice(i, i+1, 0, 6)).Data) }
	before := one(3)
	require.Equal(t, before, n.Logits(x).Row(3), "a row's logits do not depend on the others")
	loss := n.Loss(x, labels, 0)
	require.Equal(t, loss, n.Loss(x, labels, 0))

	truth := Truth[float64]{Labels: labels}
	first := n.TrainingLoss(x, truth, 0)
	require.NotEqual(t, loss, first)
	require.Equal(t, first, n.TrainingLoss(x, truth, 0), "a step draws once")
	require.Equal(t, before, one(3), "a loss alone moves nothing")
	CheckGradients(n, x, labels, 0)
	n.Signals(x, labels)
	require.Equal(t, before, one(3), "what is measured moves nothing")
	require.Equal(t, first, n.TrainingLoss(x, truth, 0), "what is measured is no step")

	n.Gradients(x, labels, 0)
	require.NotEqual(t, before, one(3))
	require.NotEqual(t, first, n.TrainingLoss(x, truth, 0), "the next step draws anew")
	n.Seed(0, 0)
	require.Equal(t, first, n.TrainingLoss(x, truth, 0))
	n.Seed(1, 0)
	require.NotEqual(t, first, n.TrainingLoss(x, truth, 0))
}

// With statistics of the batch, a scale and a shift before them change nothing.
func TestNormalisationsHaveMeanAndDeviation(t *testing.T) {
	for name, norm := range map[string]Layer{"batch": BatchNorm{}, "layer": LayerNorm{}} {
		n := Build(newEngine[float64](t), 6, norm, Dense{6})
		n.Params()[0].Value.Data[2], n.Params()[1].Value.Data[2] = 3, 7 // γ and β of column 2
		for i := range 6 {
			n.Params()[2].Value.Data[i*6+i] = 1
		}
		x, labels := randomBatch[float64](newRand(3), 50, 6, 6)
		for i := range x.Data {
			x.Data[i] = 5*x.Data[i] - 20
		}
		n.TrainingLoss(x, Truth[float64]{Labels: labels}, 0)
		y := n.Output()
		if name == "layer" { // by rows, before γ and β
			for i := range y.Rows {
				y.Row(i)[2] = (y.Row(i)[2] - 7) / 3
			}
			y = y.T()
		}
		for j := range y.Cols {
			mean, deviation := 0.0, 1.0
			if name == "batch" && j == 2 {
				mean, deviation = 7, 3
			}
			var sum, squares float64
			for i := range y.Rows {
				sum, squares = sum+y.At(i, j), squares+y.At(i, j)*y.At(i, j)
			}
			m := sum / float64(y.Rows)
			require.InDelta(t, mean, m, 1e-12, "%s %d", name, j)
			require.InDelta(t, deviation, math.Sqrt(squares/float64(y.Rows)-m*m), 1e-4, "%s %d", name, j)
		}
	}
}

func TestBatchesOfOneRowAndOfNone(t *testing.T) {
	for name, layers := range compositions {
		n, x, labels := composed[float32](t, layers)
		n.Gradients(x.Slice(0, 1, 0, 6), labels[:1], 0)
		for _, p := range append(n.Params(), n.Buffers()...) {
			for _, v := range append(p.Value.Data, p.Grad.Data...) {
				require.Equal(t, v, v, "%s: %s is NaN", name, p.Name)
			}
		}
		buffers := func() (all []float32) {
			for _, b := range n.Buffers() {
				all = append(all, b.Value.Data...)
			}
			return all
		}
		before := buffers()
		n.Gradients(x.Slice(0, 0, 0, 6), nil, 0)
		for _, p := range n.Params() {
			require.Equal(t, make([]float32, len(p.Grad.Data)), p.Grad.Data, "%s: %s", name, p.Name)
		}
		require.Equal(t, before, buffers(), name)
	}
}
