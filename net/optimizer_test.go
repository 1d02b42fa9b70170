package net

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/testdata"
)

type optimizers struct {
	Start            []float64
	Gradients        [][]float64
	DecayEvery       int `json:"decay_every"`
	Decay            float64
	Float32, Float64 map[string][][]float64
	Recipes          map[string][][]float64
}

// rate returns the factor of the learning rate in a step, from 0.
func (o *optimizers) rate(step int) float64 {
	s := Schedule{Fall: ByStep, Peak: 1, Decay: o.Decay, Every: o.DecayEvery}
	return s.Rate(step)
}

// goldenOptimizers returns the optimisers of testdata/optimizers.py.
func goldenOptimizers[T kernels.Float](e *kernels.Engine[T]) map[string]Optimizer[T] {
	adam := func(rate, beta1, beta2, epsilon, weightDecay float64) Optimizer[T] {
		return NewAdam(e, AdamOptions{LearningRate: rate, Beta1: beta1, Beta2: beta2, Epsilon: epsilon, WeightDecay: weightDecay})
	}
	sgd := func(momentum, weightDecay float64) Optimizer[T] {
		return NewSGD(e, SGDOptions{LearningRate: 1e-2, Momentum: momentum, WeightDecay: weightDecay})
	}
	return map[string]Optimizer[T]{
		"adam":               adam(1e-3, 0.9, 0.999, 1e-8, 0),
		"adam_decay":         adam(1e-2, 0.9, 0.999, 1e-8, 1e-1),
		"adam_betas":         adam(1e-3, 0.5, 0.75, 1e-3, 1e-3),
		"sgd":                sgd(0, 0),
		"sgd_momentum":       sgd(0.9, 0),
		"sgd_momentum_decay": sgd(0.9, 1e-1),
	}
}

func TestOptimizersStepAsPyTorchs(t *testing.T) {
	var golden optimizers
	require.NoError(t, json.Unmarshal(testdata.Optimizers, &golden))
	t.Run("float32", func(t *testing.T) { testOptimizers[float32](t, golden, golden.Float32, 1e-6) })
	t.Run("float64", func(t *testing.T) { testOptimizers[float64](t, golden, golden.Float64, 1e-14) })
}

func testOptimizers[T kernels.Float](t *testing.T, golden optimizers, want map[string][][]float64, tolerance float64) {
	for name, o := range goldenOptimizers(newEngine[T](t)) {
		require.Contains(t, want, name)
		first := o.Rate()
		// A bias, because weight decay acts on it too.
		p := parameter[T](len(golden.Start))
		fillFrom(p.Value, golden.Start)
		for step, g := range golden.Gradients {
			fillFrom(p.Grad, g)
			o.SetRate(first * golden.rate(step))
			o.Step([]Param[T]{p})
			for i, w := range want[name][step] {
				require.InDelta(t, w, float64(p.Value.Data[i]), tolerance*max(1, w), "%s: step %d, element %d", name, step+1, i)
			}
		}
	}
}

func parameter[T kernels.Float](n int) Param[T] {
	return Param[T]{Name: "b1", Value: kernels.NewMat[T](1, n, nil), Grad: kernels.NewMat[T](1, n, nil)}
}

func fillFrom[T kernels.Float](m kernels.Mat[T], values []float64) {
	for i, v := range values {
		m.Data[i] = T(v)
	}
}

// recipes returns the recipes of testdata/optimizers.py.
func recipes[T kernels.Float](e *kernels.Engine[T]) map[string]Optimizer[T] {
	all := map[string]Optimizer[T]{}
	for bounds, b := range map[string]struct{ clip, average float64 }{"": {}, ", clipped and averaged": {1.5, 0.4}} {
		sgd := func(momentum float64, nesterov bool) Optimizer[T] {
			return NewSGD(e, SGDOptions{1e-2, momentum, nesterov, 0.1, b.clip, b.average})
		}
		all["sgd"+bounds], all["momentum"+bounds], all["nesterov"+bounds] = sgd(0, false), sgd(0.9, false), sgd(0.9, true)
		all["adam"+bounds] = NewAdam(e, AdamOptions{1e-2, 0.9, 0.999, 1e-8, 0.1, false, b.clip, b.average})
		all["adamw"+bounds] = NewAdam(e, AdamOptions{1e-2, 0.9, 0.999, 1e-8, 0.1, true, b.clip, b.average})
		all["lion"+bounds] = NewLion(e, LionOptions{1e-2, 0.9, 0.99, 0.1, b.clip, b.average})
	}
	return all
}

// pair returns a weight of four elements and a bias of three, that begin as start.
func pair[T kernels.Float](start []float64) []Param[T] {
	w, b := parameter[T](4), parameter[T](3)
	w.Weight = true
	fillFrom(w.Value, start[:4])
	fillFrom(b.Value, start[4:])
	return []Param[T]{w, b}
}

func TestRecipesStepAsPyTorchs(t *testing.T) {
	var golden optimizers
	require.NoError(t, json.Unmarshal(testdata.Optimizers, &golden))
	all := recipes(newEngine[float64](t))
	require.Len(t, golden.Recipes, len(all))
	for name, o := range all {
		params := pair[float64](golden.Start)
		for step, g := range golden.Gradients {
			fillFrom(params[0].Grad, g[:4])
			fillFrom(params[1].Grad, g[4:])
			o.Step(params)
			got := slices.Concat(params[0].Value.Data, params[1].Value.Data)
			if mean := o.Mean(params); mean != nil {
				got = slices.Concat(got, mean[0].Data, mean[1].Data)
			}
			want := golden.Recipes[name][step]
			require.Len(t, got, len(want), name)
			for i, w := range want {
				require.InDelta(t, w, got[i], 1e-9*math.Abs(w)+1e-300, "%s: step %d, element %d", name, step+1, i)
			}
		}
	}
}

func TestOptimizerGoesOnFromItsState(t *testing.T) {
	var golden optimizers
	require.NoError(t, json.Unmarshal(testdata.Optimizers, &golden))
	e := newEngine[float32](t)
	for name, o := range recipes(e) {
		resumed := recipes(e)[name]
		params, others := pair[float32](golden.Start), pair[float32](golden.Start)
		for step, g := range golden.Gradients {
			if step == 6 { // another optimiser takes over
				resume(t, resumed, others, o, params)
			}
			for i := range params {
				part := g[4*i : 4+3*i]
				fillFrom(params[i].Grad, part)
				fillFrom(others[i].Grad, part)
			}
			o.Step(params)
			resumed.Step(others)
			for i := range params {
				if step < 6 {
					break
				}
				require.Equal(t, params[i].Value.Data, others[i].Value.Data, "%s: step %d", name, step+1)
				require.Equal(t, o.Mean(params), resumed.Mean(others), "%s: step %d", name, step+1)
			}
		}
	}
}

// resume takes an optimiser and its parameters to where another is.
func resume[T kernels.Float](t *testing.T, o Optimizer[T], params []Param[T], other Optimizer[T], others []Param[T]) {
	from, to := other.State(others), o.State(params)
	require.Len(t, to.Numbers, len(from.Numbers))
	require.Len(t, to.Tensors, len(from.Tensors))
	for i, n := range from.Numbers {
		require.Equal(t, n.Name, to.Numbers[i].Name)
		*to.Numbers[i].Value = *n.Value
	}
	for i, tensor := range from.Tensors {
		require.Equal(t, tensor.Name, to.Tensors[i].Name)
		for k, v := range tensor.Values {
			copy(to.Tensors[i].Values[k].Data, v.Data)
		}
	}
	for i, mean := range other.Mean(others) {
		copy(o.Mean(params)[i].Data, mean.Data)
	}
	for i, p := range others {
		copy(params[i].Value.Data, p.Value.Data)
	}
}
