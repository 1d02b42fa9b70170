package net

import (
	"encoding/json"
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
}

// goldenOptimizers returns the optimisers of testdata/optimizers.py.
func goldenOptimizers[T kernels.Float](e *kernels.Engine[T], decay float64) map[string]Optimizer[T] {
	adam := func(rate, beta1, beta2, epsilon, weightDecay float64) Optimizer[T] {
		return NewAdam(e, AdamOptions{LearningRate: rate, Decay: decay, Beta1: beta1, Beta2: beta2, Epsilon: epsilon, WeightDecay: weightDecay})
	}
	sgd := func(momentum, weightDecay float64) Optimizer[T] {
		return NewSGD(e, SGDOptions{LearningRate: 1e-2, Decay: decay, Momentum: momentum, WeightDecay: weightDecay})
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
	for name, o := range goldenOptimizers(newEngine[T](t), golden.Decay) {
		require.Contains(t, want, name)
		// A bias, because weight decay acts on it too.
		p := parameter[T](len(golden.Start))
		fillFrom(p.Value, golden.Start)
		for step, g := range golden.Gradients {
			fillFrom(p.Grad, g)
			o.Step([]Param[T]{p})
			if (step+1)%golden.DecayEvery == 0 {
				o.EndEpoch()
			}
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

func TestOptimizerGoesOnFromItsState(t *testing.T) {
	var golden optimizers
	require.NoError(t, json.Unmarshal(testdata.Optimizers, &golden))
	e := newEngine[float32](t)
	for name, o := range goldenOptimizers(e, golden.Decay) {
		resumed := goldenOptimizers(e, golden.Decay)[name]
		p, q := parameter[float32](7), parameter[float32](7)
		params, others := []Param[float32]{p}, []Param[float32]{q}
		for step, g := range golden.Gradients {
			if step == 6 { // another optimiser takes over
				copy(q.Value.Data, p.Value.Data)
				from, to := o.State(params), resumed.State(others)
				require.Len(t, to.Numbers, len(from.Numbers))
				require.Len(t, to.Tensors, len(from.Tensors))
				for i, n := range from.Numbers {
					require.Equal(t, n.Name, to.Numbers[i].Name)
					*to.Numbers[i].Value = *n.Value
				}
				for i, tensor := range from.Tensors {
					require.Equal(t, tensor.Name, to.Tensors[i].Name)
					copy(to.Tensors[i].Values[0].Data, tensor.Values[0].Data)
				}
			}
			fillFrom(p.Grad, g)
			fillFrom(q.Grad, g)
			o.Step(params)
			resumed.Step(others)
			o.EndEpoch()
			resumed.EndEpoch()
			if step >= 6 {
				require.Equal(t, p.Value.Data, q.Value.Data, "%s: step %d", name, step+1)
				require.Equal(t, o.Rate(), resumed.Rate())
			}
		}
	}
}
