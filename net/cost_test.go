package net

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestParamsCountWeightsAndBiases(t *testing.T) {
	for _, c := range []struct {
		hidden []int
		want   int
	}{
		{nil, 30730},
		{[]int{75, 25}, 232635},
		{[]int{100, 50, 25}, 313885},
		{[]int{1000, 500, 250, 125}, 3731385},
	} {
		sizes := append(append([]int{3072}, c.hidden...), 10)
		require.EqualValues(t, c.want, Plain(sizes...).Params(), "%v", sizes)
		n := New(newEngine[float32](t), sizes...)
		require.Equal(t, c.want, n.NumParams(), "%v", sizes)
		require.Equal(t, Plain(sizes...), n.Architecture())
		elements := 0
		for _, p := range n.Params() {
			elements += len(p.Value.Data)
		}
		require.Equal(t, c.want, elements, "%v", sizes)
	}
}

func TestStepFLOPsCountNoInputGradientInFirstLayer(t *testing.T) {
	require.EqualValues(t, 2*2*300*3072*75+3*2*300*75*10, Plain(3072, 75, 10).StepFLOPs(300))
	require.EqualValues(t, 2*2*7*5*3, Plain(5, 3).StepFLOPs(7))
}

func TestCostsAreThoseOfTheLayers(t *testing.T) {
	a, in := Plain(3072, 20, 30, 7, 10), 3072
	var weights, biases, forward float64
	for _, l := range a.Layers {
		one := Architecture{in, Layers{l}}
		weights, biases, forward = weights+one.Weights(), biases+one.Biases(), forward+one.ForwardFLOPs(9)
		in = one.Outputs()
	}
	require.EqualValues(t, 3072*20+20*30+30*7+7*10, weights)
	require.EqualValues(t, 20+30+7+10, biases)
	require.Equal(t, weights+biases, a.Params())
	require.Equal(t, 2*9*weights, forward)
	require.Equal(t, forward, a.ForwardFLOPs(9))
	require.Equal(t, a.Params(), a.Weights()+a.Biases())
}

// What a network holds after a step, element by element.
func TestTrainingMemoryIsThatOfANetwork(t *testing.T) {
	const rows = 6
	s := []int{5, 4, 3}
	e := newEngine[float64](t)
	n := New(e, s...)
	n.Init(He, rand.New(rand.NewPCG(1, 0)))
	x, labels := kernels.NewMat[float64](rows, 5, nil), make([]int32, rows)
	n.Gradients(x, labels, 0)
	params, grads, batch := 0, 0, len(x.Data)
	for _, p := range n.Params() {
		params, grads = params+len(p.Value.Data), grads+len(p.Grad.Data)
	}
	for _, m := range append(n.pass.values, n.pass.deltas...) {
		batch += len(m.Data)
	}
	require.Equal(t, Memory{8 * float64(params), 8 * float64(grads), 0, 8 * float64(batch)}, Plain(s...).TrainingMemory(rows, 0, 8))
	m := Plain(s...).TrainingMemory(rows, 2, 4)
	require.Equal(t, 4*float64(params), m.Parameters)
	require.Equal(t, 8*float64(params), m.Optimizer)
	require.Equal(t, 4*float64(4*params+batch), m.Total())
}

func TestCostsOfImpossibleNetworksDoNotOverflow(t *testing.T) {
	const huge = 1_000_000_000
	s := Plain(3072, huge, huge, huge, 10)
	require.InEpsilon(t, 2e18, s.Weights(), 1e-5)
	require.InEpsilon(t, 1.2e28, s.StepFLOPs(huge), 1e-5)
	require.InEpsilon(t, 8*4*2e18, s.TrainingMemory(1, 2, 8).Total(), 1e-5)
	require.Equal(t, 3072e6+10e6+1_000_010, Plain(3072, 1_000_000, 10).Params()) // above 2³¹
}

// Layers that work element by element overwrite their input where nothing else needs it.
func TestHiddenLayersKeepFewMatrices(t *testing.T) {
	for _, c := range []struct {
		hidden         Layers
		values, deltas int
	}{
		{Layers{Dense{5}, ReLU, Dropout{0.1}}, 1, 1},
		{Layers{Dense{5}, BatchNorm{}, LeakyReLU, Dropout{0.1}}, 2, 1},
		{Layers{Dense{5}, BatchNorm{}, GELU, Dropout{0.1}}, 3, 1},
		{Layers{Residual{Dense{6}, BatchNorm{}, GELU, Dropout{0.1}}}, 4, 2}, // a sum, and a copy
	} {
		_, shape := Architecture{6, append(Layers{Dense{6}}, append(c.hidden, Dense{4})...)}.count()
		require.Len(t, shape.values, 2+c.values, "%v", c.hidden)
		require.Len(t, shape.deltas, 2+c.deltas, "%v", c.hidden)
	}
}
