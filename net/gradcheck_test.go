package net

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// tolerance is the error that a check of gradients must stay below.
const tolerance = 1e-8

func TestToyGradientsAgreeWithNumerical(t *testing.T) {
	p := readToy(t)
	n, x, labels := problem[float64](t, p)
	for _, reg := range []float64{0, p.Training.Reg, p.Reg} {
		for i, g := range CheckGradients(n, x, labels, reg) {
			require.Equal(t, n.Params()[i].Name, g.Name)
			require.Less(t, g.Max, tolerance, "reg %v: %v", reg, g)
		}
	}
}

func TestRandomGradientsAgreeWithNumericalAtEveryDepth(t *testing.T) {
	e := newEngine[float64](t, kernels.WithThreads(1))
	for layers := 1; layers <= 5; layers++ {
		for seed := range uint64(10) {
			n, x, labels := RandomProblem(e, seed, layers)
			errs := CheckGradients(n, x, labels, 0.05)
			require.Len(t, errs, 2*layers)
			for _, g := range errs {
				require.Less(t, g.Max, tolerance, "%d layers, seed %d: %v", layers, seed, g)
			}
		}
	}
}

func TestCheckLeavesParameters(t *testing.T) {
	n, x, labels := RandomProblem(newEngine[float64](t), 1, 3)
	before, _ := snapshot(n)
	CheckGradients(n, x, labels, 0.05)
	after, _ := snapshot(n)
	require.Equal(t, before, after)
}

func TestCheckNoticesEveryWrongGradient(t *testing.T) {
	n, x, labels := RandomProblem(newEngine[float64](t, kernels.WithThreads(1)), 1, 2)
	for i, p := range n.Params() {
		for _, k := range []int{0, len(p.Grad.Data) - 1} {
			n.Gradients(x, labels, 0.05)
			p.Grad.Data[k] += 1e-5
			for j, g := range compareGradients(n, x, Truth[float64]{Labels: labels}, 0.05, 1e-8) {
				if j == i {
					require.Greater(t, g.Max, 1e-6, "%s[%d]", p.Name, k)
					require.Equal(t, k, g.Row*p.Value.Cols+g.Col)
					require.Equal(t, p.Grad.Data[k], g.Analytic)
					require.InDelta(t, 1e-5, g.Analytic-g.Numerical, 1e-10)
				} else {
					require.Less(t, g.Max, tolerance, "%s[%d]: %v", p.Name, k, g)
				}
			}
		}
	}
}

func TestCheckNoticesMissingRegularisation(t *testing.T) {
	n, x, labels := RandomProblem(newEngine[float64](t), 1, 2)
	n.Gradients(x, labels, 0)
	for i, g := range compareGradients(n, x, Truth[float64]{Labels: labels}, 0.05, 1e-8) {
		if n.Params()[i].Weight {
			require.Greater(t, g.Max, 1e-3, g.Name)
		} else {
			require.Less(t, g.Max, tolerance, g.Name)
		}
	}
}

func TestNaNIsAnError(t *testing.T) {
	n, x, labels := RandomProblem(newEngine[float64](t), 1, 2)
	n.Gradients(x, labels, 0.05)
	n.Params()[2].Grad.Data[1] = math.NaN()
	for i, g := range compareGradients(n, x, Truth[float64]{Labels: labels}, 0.05, 1e-8) {
		require.Equal(t, i == 2, math.IsNaN(g.Max), g.Name)
	}
	x.Data[0] = math.NaN()
	for _, g := range CheckGradients(n, x, labels, 0.05) {
		require.True(t, math.IsNaN(g.Max), g.Name)
	}
}

func TestDerivativeIsAccurateAndStepsInsideKinks(t *testing.T) {
	kinked := func(v float64) float64 { return math.Exp(v) + 3*max(0, v-1.001) - 2*max(0, 0.99-v) }
	for _, c := range []struct {
		name   string
		f      func(float64) float64
		w      float64
		want   float64
		within float64
	}{
		{"exp", math.Exp, 1, math.E, 1e-13},
		{"sin", math.Sin, 0.3, math.Cos(0.3), 1e-13},
		{"cube", func(v float64) float64 { return v * v * v }, -2, 12, 1e-12},
		{"constant", func(float64) float64 { return 4 }, 1, 0, 0},
		{"kinks", kinked, 1, math.E, 1e-11},
	} {
		require.InDelta(t, c.want, derivative(c.w, 3, c.f), c.within, c.name)
	}
	require.True(t, math.IsNaN(derivative(1, 1, func(float64) float64 { return math.NaN() })))
}

func TestRandomProblemIsFixedBySeed(t *testing.T) {
	e := newEngine[float64](t)
	n, x, labels := RandomProblem(e, 1, 3)
	again, sameX, sameLabels := RandomProblem(e, 1, 3)
	values, _ := snapshot(n)
	sameValues, _ := snapshot(again)
	require.Equal(t, values, sameValues)
	require.Equal(t, x, sameX)
	require.Equal(t, labels, sameLabels)
	_, other, _ := RandomProblem(e, 2, 3)
	require.NotEqual(t, x, other)
}

func TestGradErrorPrintsAsInTheReport(t *testing.T) {
	require.Equal(t, "W1 max relative error: 3.561318e-09", GradError{Name: "W1", Max: 3.5613181e-9}.String())
}

func TestGradientsOfRandomCompositionsAgreeWithNumerical(t *testing.T) {
	e := newEngine[float64](t, kernels.WithThreads(1))
	kinds := map[string]int{}
	var count func(list Layers)
	count = func(list Layers) {
		for _, l := range list {
			kinds[fmt.Sprintf("%T", l)]++
			if inner, ok := l.(Residual); ok {
				count(Layers(inner))
			}
		}
	}
	for seed := range uint64(200) {
		for _, g := range CheckComposition(e, seed) {
			require.Less(t, g.Max, 1e-6, "seed %d: %v", seed, g)
		}
		n, _, _ := randomComposition(e, seed)
		count(n.Architecture().Layers)
	}
	for _, l := range []Layer{Dense{}, ReLU, BatchNorm{}, LayerNorm{}, Dropout{}, Residual{}} {
		require.Greater(t, kinds[fmt.Sprintf("%T", l)], 100, "%T", l)
	}
}
