package net

import "github.com/lanes-ml/lanes/kernels"

// Adam is gradient descent by running means of gradients and of their squares
// (Kingma and Ba, arXiv:1412.6980), with a learning rate that decays by epochs.
// Weight decay is coupled: it is added to the gradient, as in PyTorch's
// torch.optim.Adam.
type Adam[T kernels.Float] struct {
	LearningRate float64
	Decay        float64 // factor of the learning rate after each epoch
	Beta1, Beta2 float64
	Epsilon      float64
	WeightDecay  float64 // ω, which acts on biases too

	engine *kernels.Engine[T]
	steps  float64 // t, a whole number
	m, v   []kernels.Mat[T]
}

// NewAdam returns an optimiser with that learning rate in the first epoch, with
// β₁ 0.9, β₂ 0.999, ε 1e-8 and without weight decay.
func NewAdam[T kernels.Float](engine *kernels.Engine[T], learningRate, decay float64) *Adam[T] {
	return &Adam[T]{LearningRate: learningRate, Decay: decay, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, engine: engine}
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
	step := kernels.AdamStep{
		Step: int(a.steps), LearningRate: a.LearningRate,
		Beta1: a.Beta1, Beta2: a.Beta2, Epsilon: a.Epsilon, WeightDecay: a.WeightDecay,
	}
	for i, p := range params {
		a.engine.Adam(p.Value.Data, a.m[i].Data, a.v[i].Data, p.Grad.Data, step)
	}
}

// EndEpoch multiplies the learning rate by the decay.
func (a *Adam[T]) EndEpoch() { a.LearningRate *= a.Decay }

// Rate returns the learning rate.
func (a *Adam[T]) Rate() float64 { return a.LearningRate }

// State returns the learning rate, t, and the running means m and v.
func (a *Adam[T]) State(params []Param[T]) State[T] {
	a.m, a.v = likeParams(a.m, params), likeParams(a.v, params)
	return State[T]{
		Numbers: []StateNumber{{"learning_rate", &a.LearningRate}, {"steps", &a.steps}},
		Tensors: []StateTensor[T]{{"m", a.m}, {"v", a.v}},
	}
}
