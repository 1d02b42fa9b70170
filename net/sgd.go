package net

import "github.com/lanes-ml/lanes/kernels"

// SGDOptions are what [NewSGD] takes. No field has a default: 0 is 0.
type SGDOptions struct {
	LearningRate float64 // η, until SetRate sets another
	Momentum     float64 // μ
	Nesterov     bool    // steps look ahead along the momentum
	WeightDecay  float64 // ω; it acts on biases too
	Clip         float64 // the most that the norm of the gradients may be; 0 sets no bound
	Average      float64 // decay rate of the running mean of the parameters; 0 keeps none
}

// SGD is gradient descent with momentum (Polyak, Some Methods of Speeding up the Convergence
// of Iteration Methods, 1964) and coupled weight decay, in the form of torch.optim.SGD.
// Nesterov's momentum is that of Sutskever, Martens, Dahl and Hinton (On the Importance of
// Initialization and Momentum in Deep Learning, ICML 2013, §2).
type SGD[T kernels.Float] struct {
	common[T]
	options  SGDOptions
	velocity []kernels.Mat[T] // v of each parameter; nil without momentum
}

// NewSGD returns an optimiser at its first step.
func NewSGD[T kernels.Float](engine *kernels.Engine[T], options SGDOptions) *SGD[T] {
	return &SGD[T]{
		common:  common[T]{engine: engine, rate: options.LearningRate, clip: options.Clip, average: options.Average},
		options: options,
	}
}

// Step computes for every parameter w with gradient g, which was clipped, at learning rate
// η,
//
//	d ← g + ω·w
//	v ← μ·v + d
//	w ← w - η·v, or w - η·(d + μ·v) with Nesterov's momentum
//
// where v starts as 0.
func (s *SGD[T]) Step(params []Param[T]) {
	if s.options.Momentum != 0 {
		s.velocity = likeParams(s.velocity, params)
	}
	scale, share := s.begin(params)
	step := kernels.SGDStep{
		LearningRate: s.rate, Momentum: s.options.Momentum, WeightDecay: s.options.WeightDecay, Nesterov: s.options.Nesterov,
		Scale: scale, Average: share,
	}
	for i, p := range params {
		var v []T
		if s.options.Momentum != 0 {
			v = s.velocity[i].Data
		}
		s.engine.SGD(p.Value.Data, v, p.Grad.Data, s.meanOf(i), step)
	}
}

// Plain reports whether there is no momentum, weight decay, bound or mean.
func (s *SGD[T]) Plain() (float64, bool) {
	o := s.options
	if o.Momentum != 0 || o.WeightDecay != 0 || o.Clip != 0 || o.Average != 0 {
		return 0, false
	}
	return s.rate, true
}

// State returns the velocity, if there is momentum, and the number of steps, if there is a
// mean.
func (s *SGD[T]) State(params []Param[T]) (state State[T]) {
	if s.average != 0 {
		state.Numbers = s.count()
	}
	if s.options.Momentum != 0 {
		s.velocity = likeParams(s.velocity, params)
		state.Tensors = []StateTensor[T]{{"velocity", s.velocity}}
	}
	return state
}
