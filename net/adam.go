package net

import "github.com/lanes-ml/lanes/kernels"

// AdamOptions are what [NewAdam] takes. No field has a default: 0 is 0. The paper
// suggests η 1e-3, β₁ 0.9, β₂ 0.999 and ε 1e-8.
type AdamOptions struct {
	LearningRate float64 // η of the first epoch
	Decay        float64 // the learning rate is multiplied by it after each epoch; 1 keeps it
	Beta1, Beta2 float64 // β₁ and β₂
	Epsilon      float64 // ε
	WeightDecay  float64 // ω; it acts on biases too
}

// Adam is gradient descent by running means of gradients and of their squares
// (Kingma and Ba, arXiv:1412.6980), with a learning rate that decays from epoch to
// epoch. Weight decay is coupled: it is added to the gradient, as in PyTorch's
// torch.optim.Adam.
type Adam[T kernels.Float] struct {
	schedule
	options AdamOptions
	engine  *kernels.Engine[T]
	steps   float64 // t, a whole number
	m, v    []kernels.Mat[T]
}

// NewAdam returns an optimiser at its first step.
func NewAdam[T kernels.Float](engine *kernels.Engine[T], options AdamOptions) *Adam[T] {
	return &Adam[T]{schedule: schedule{options.LearningRate, options.Decay}, options: options, engine: engine}
}

// Step computes for every parameter w with gradient g in step t, from 1, at
// learning rate η,
//
//	d ← g + ω·w
//	m ← β₁·m + (1-β₁)·d
//	v ← β₂·v + (1-β₂)·d²
//	w ← w - η·m̂/(√v̂ + ε),   m̂ = m/(1-β₁ᵗ),   v̂ = v/(1-β₂ᵗ)
//
// where m and v start as 0.
func (a *Adam[T]) Step(params []Param[T]) {
	a.m, a.v = likeParams(a.m, params), likeParams(a.v, params)
	a.steps++
	o := a.options
	step := kernels.AdamStep{
		Step: int(a.steps), LearningRate: a.rate,
		Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon, WeightDecay: o.WeightDecay,
	}
	for i, p := range params {
		a.engine.Adam(p.Value.Data, a.m[i].Data, a.v[i].Data, p.Grad.Data, step)
	}
}

// Plain reports false.
func (a *Adam[T]) Plain() (float64, bool) { return 0, false }

// State returns the learning rate, t, and the running means m and v.
func (a *Adam[T]) State(params []Param[T]) State[T] {
	a.m, a.v = likeParams(a.m, params), likeParams(a.v, params)
	return State[T]{
		Numbers: []StateNumber{{"learning_rate", &a.rate}, {"steps", &a.steps}},
		Tensors: []StateTensor[T]{{"m", a.m}, {"v", a.v}},
	}
}
