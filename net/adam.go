package net

import "github.com/lanes-ml/lanes/kernels"

// AdamOptions are what [NewAdam] takes. No field has a default: 0 is 0. The paper
// suggests η 1e-3, β₁ 0.9, β₂ 0.999 and ε 1e-8.
type AdamOptions struct {
	LearningRate float64 // η, until SetRate sets another
	Beta1, Beta2 float64 // β₁ and β₂
	Epsilon      float64 // ε
	WeightDecay  float64 // ω; it acts on biases too, unless Decoupled is set
	Decoupled    bool    // weight decay as in AdamW
	Clip         float64 // the most that the norm of the gradients may be; 0 sets no bound
	Average      float64 // decay rate of the running mean of the parameters; 0 keeps none
}

// Adam is gradient descent by running means of gradients and of their squares
// (Kingma and Ba, arXiv:1412.6980). Weight decay is coupled: it is added to the gradient, as
// in PyTorch's torch.optim.Adam. If Decoupled is set it is AdamW (Loshchilov and Hutter,
// arXiv:1711.05101), as torch.optim.AdamW: weight decay shrinks weights apart from the
// gradient, and spares parameters that are no [Param.Weight].
type Adam[T kernels.Float] struct {
	common[T]
	options AdamOptions
	m, v    []kernels.Mat[T]
}

// NewAdam returns an optimiser at its first step.
func NewAdam[T kernels.Float](engine *kernels.Engine[T], options AdamOptions) *Adam[T] {
	return &Adam[T]{
		common:  common[T]{engine: engine, rate: options.LearningRate, clip: options.Clip, average: options.Average},
		options: options,
	}
}

// Step computes for every parameter w with gradient g, which was clipped, in step t, from 1,
// at learning rate η,
//
//	d ← g + ω·w, or g if ω is decoupled
//	m ← β₁·m + (1-β₁)·d
//	v ← β₂·v + (1-β₂)·d²
//	w ← (1 - η·ω)·w, if ω is decoupled and w a weight
//	w ← w - η·m̂/(√v̂ + ε),   m̂ = m/(1-β₁ᵗ),   v̂ = v/(1-β₂ᵗ)
//
// where m and v start as 0.
func (a *Adam[T]) Step(params []Param[T]) {
	a.m, a.v = likeParams(a.m, params), likeParams(a.v, params)
	scale, share := a.begin(params)
	o := a.options
	for i, p := range params {
		step := kernels.AdamStep{
			Step: int(a.steps), LearningRate: a.rate,
			Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon, WeightDecay: o.WeightDecay, Decoupled: o.Decoupled,
			Scale: scale, Average: share,
		}
		if o.Decoupled && !p.Weight {
			step.WeightDecay = 0
		}
		a.engine.Adam(p.Value.Data, a.m[i].Data, a.v[i].Data, p.Grad.Data, a.meanOf(i), step)
	}
}

// Plain reports false.
func (a *Adam[T]) Plain() (float64, bool) { return 0, false }

// State returns t, and the running means m and v.
func (a *Adam[T]) State(params []Param[T]) State[T] {
	a.m, a.v = likeParams(a.m, params), likeParams(a.v, params)
	return State[T]{Numbers: a.count(), Tensors: []StateTensor[T]{{"m", a.m}, {"v", a.v}}}
}
