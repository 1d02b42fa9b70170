package net

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/testdata"
)

// trained is a network of testdata/layers.py.
type trained struct {
	Layers                Layers
	Start, Gradients, End map[string][]float64
	Losses                []float64
	Logits                [][]float64
}

func TestLayersTrainAsPyTorchs(t *testing.T) {
	var golden struct {
		Inputs    [][]float64
		Labels    []int32
		Rate, Reg float64
		Seed      uint64
		Networks  map[string]trained
	}
	require.NoError(t, json.Unmarshal(testdata.Layers, &golden))
	require.Len(t, golden.Networks, 8)
	e := newEngine[float64](t)
	x := matrix[float64](golden.Inputs)
	for name, want := range golden.Networks {
		n := Build(e, x.Cols, want.Layers...)
		n.Seed(golden.Seed, 0)
		all := append(n.Params(), n.Buffers()...)
		for _, p := range all {
			key, _, m := p.Layout(p.Value)
			for i, v := range want.Start[key] {
				m.Set(i/m.Cols, i%m.Cols, v)
			}
		}
		sgd := NewSGD(e, SGDOptions{LearningRate: golden.Rate})
		for step, loss := range want.Losses {
			require.InEpsilon(t, loss, n.Gradients(x, golden.Labels, golden.Reg).Total(), 1e-9, "%s: loss of step %d", name, step)
			for _, p := range n.Params() {
				if step == 0 {
					key, _, m := p.Layout(p.Grad)
					requireNear(t, want.Gradients[key], m, "gradient of %s, %s", name, key)
				}
			}
			sgd.Step(n.Params())
		}
		require.Len(t, want.End, len(all))
		for _, p := range all {
			key, _, m := p.Layout(p.Value)
			requireNear(t, want.End[key], m, "%s after ten steps, %s", name, key)
		}
		requireNear(t, matrix[float64](want.Logits).Data, n.Logits(x), "logits of %s", name)
	}
}

// requireNear fails unless every element differs by at most 1e-9 of the largest. Gradients that
// are 0 but for rounding are below 1e-5 of others.
func requireNear(t *testing.T, want []float64, got kernels.Mat[float64], format string, args ...any) {
	t.Helper()
	require.Len(t, want, got.Rows*got.Cols)
	largest := 1e-5
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	for i, v := range want {
		require.InDelta(t, v, got.At(i/got.Cols, i%got.Cols), 1e-9*largest, append([]any{format}, args...)...)
	}
}
