package net

import "github.com/lanes-ml/lanes/kernels"

// LionOptions are what [NewLion] takes. No field has a default: 0 is 0. The paper suggests
// β₁ 0.9 and β₂ 0.99, and, beside AdamW's, a rate that is 3 to 10 times smaller and as
// much more weight decay.
type LionOptions struct {
	LearningRate float64 // η, until SetRate sets another
	Beta1, Beta2 float64 // β₁ and β₂
	WeightDecay  float64 // λ; it spares parameters that are no [Param.Weight]
	Clip         float64 // the most that the norm of the gradients may be; 0 sets no bound
	Average      float64 // decay rate of the running mean of the parameters; 0 keeps none
}

// Lion is descent by the signs of interpolated momentum (Chen et al., Symbolic Discovery of
// Optimization Algorithms, arXiv:2302.06675), with decoupled weight decay.
type Lion[T kernels.Float] struct {
	common[T]
	options LionOptions
	m       []kernels.Mat[T]
}

// NewLion returns an optimiser at its first step.
func NewLion[T kernels.Float](engine *kernels.Engine[T], options LionOptions) *Lion[T] {
	return &Lion[T]{
		common:  common[T]{engine: engine, rate: options.LearningRate, clip: options.Clip, average: options.Average},
		options: options,
	}
}

// Step computes for every parameter w with gradient g, which was clipped, at learning rate
// η,
//
//	c ← β₁·m + (1-β₁)·g
//	w ← (1 - η·λ)·w - η·sign(c), where λ is 0 unless w is a weight
//	m ← β₂·m + (1-β₂)·g
//
// where m starts as 0.
func (l *Lion[T]) Step(params []Param[T]) {
	l.m = likeParams(l.m, params)
	scale, share := l.begin(params)
	o := l.options
	for i, p := range params {
		step := kernels.LionStep{LearningRate: l.rate, Beta1: o.Beta1, Beta2: o.Beta2, Scale: scale, Average: share}
		if p.Weight {
			step.WeightDecay = o.WeightDecay
		}
		l.engine.Lion(p.Value.Data, l.m[i].Data, p.Grad.Data, l.meanOf(i), step)
	}
}

// Plain reports false.
func (l *Lion[T]) Plain() (float64, bool) { return 0, false }

// State returns the momentum, and the number of steps, if there is a mean.
func (l *Lion[T]) State(params []Param[T]) State[T] {
	l.m = likeParams(l.m, params)
	state := State[T]{Tensors: []StateTensor[T]{{"m", l.m}}}
	if l.average != 0 {
		state.Numbers = l.count()
	}
	return state
}
