package net

import "github.com/lanes-ml/lanes/kernels"

// SGDOptions are what [NewSGD] takes. No field has a default: 0 is 0.
type SGDOptions struct {
	LearningRate float64 // η of the first epoch
	Decay        float64 // the learning rate is multiplied by it after each epoch; 1 keeps it
	Momentum     float64 // μ
	WeightDecay  float64 // ω; it acts on biases too
}

// SGD is gradient descent with momentum, weight decay, and a learning rate that
// decays from epoch to epoch.
type SGD[T kernels.Float] struct {
	schedule
	options  SGDOptions
	engine   *kernels.Engine[T]
	velocity []kernels.Mat[T] // v of each parameter; nil without momentum
}

// NewSGD returns an optimiser at its first step.
func NewSGD[T kernels.Float](engine *kernels.Engine[T], options SGDOptions) *SGD[T] {
	return &SGD[T]{schedule: schedule{options.LearningRate, options.Decay}, options: options, engine: engine}
}

// Step computes for every parameter w with gradient g, at learning rate η,
//
//	v ← μ·v + (g + ω·w)
//	w ← w - η·v
//
// where v starts as 0.
func (s *SGD[T]) Step(params []Param[T]) {
	if s.options.Momentum != 0 {
		s.velocity = likeParams(s.velocity, params)
	}
	step := kernels.SGDStep{LearningRate: s.rate, Momentum: s.options.Momentum, WeightDecay: s.options.WeightDecay}
	for i, p := range params {
		var v []T
		if s.options.Momentum != 0 {
			v = s.velocity[i].Data
		}
		s.engine.SGD(p.Value.Data, v, p.Grad.Data, step)
	}
}

// Plain reports whether there is no momentum and no weight decay.
func (s *SGD[T]) Plain() (float64, bool) {
	if s.options.Momentum != 0 || s.options.WeightDecay != 0 {
		return 0, false
	}
	return s.rate, true
}

// State returns the learning rate and, with momentum, the velocity.
func (s *SGD[T]) State(params []Param[T]) State[T] {
	state := State[T]{Numbers: []StateNumber{{"learning_rate", &s.rate}}}
	if s.options.Momentum != 0 {
		s.velocity = likeParams(s.velocity, params)
		state.Tensors = []StateTensor[T]{{"velocity", s.velocity}}
	}
	return state
}
