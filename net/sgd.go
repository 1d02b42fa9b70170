package net

import "github.com/lanes-ml/lanes/kernels"

// SGD is gradient descent with momentum, weight decay, and a learning rate that
// decays by epochs.
type SGD[T kernels.Float] struct {
	LearningRate float64
	Decay        float64 // factor of the learning rate after each epoch
	Momentum     float64 // μ, 0 without momentum
	WeightDecay  float64 // ω, which acts on biases too

	engine   *kernels.Engine[T]
	velocity []kernels.Mat[T] // v of each parameter; nil without momentum
}

// NewSGD returns an optimiser with that learning rate in the first epoch, and
// without momentum and weight decay.
func NewSGD[T kernels.Float](engine *kernels.Engine[T], learningRate, decay float64) *SGD[T] {
	return &SGD[T]{LearningRate: learningRate, Decay: decay, engine: engine}
}

// Step computes for every parameter w with gradient g, at learning rate η,
//
//	v ← μ·v + (g + ω·w)
//	w ← w - η·v
//
// where v starts as 0.
func (s *SGD[T]) Step(params []Param[T]) {
	if s.Momentum != 0 {
		s.velocity = likeParams(s.velocity, params)
	}
	step := kernels.SGDStep{LearningRate: s.LearningRate, Momentum: s.Momentum, WeightDecay: s.WeightDecay}
	for i, p := range params {
		var v []T
		if s.Momentum != 0 {
			v = s.velocity[i].Data
		}
		s.engine.SGD(p.Value.Data, v, p.Grad.Data, step)
	}
}

// EndEpoch multiplies the learning rate by the decay.
func (s *SGD[T]) EndEpoch() { s.LearningRate *= s.Decay }

// Rate returns the learning rate.
func (s *SGD[T]) Rate() float64 { return s.LearningRate }

// State returns the learning rate and, with momentum, the velocity.
func (s *SGD[T]) State(params []Param[T]) State[T] {
	state := State[T]{Numbers: []StateNumber{{"learning_rate", &s.LearningRate}}}
	if s.Momentum != 0 {
		s.velocity = likeParams(s.velocity, params)
		state.Tensors = []StateTensor[T]{{"velocity", s.velocity}}
	}
	return state
}
