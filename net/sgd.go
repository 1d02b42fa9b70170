package net

import "github.com/lanes-ml/lanes/kernels"

// SGD is gradient descent with a learning rate that decays by epochs.
type SGD[T kernels.Float] struct {
	LearningRate float64
	Decay        float64 // factor of the learning rate after each epoch

	engine *kernels.Engine[T]
}

// NewSGD returns an optimiser with that learning rate in the first epoch.
func NewSGD[T kernels.Float](engine *kernels.Engine[T], learningRate, decay float64) *SGD[T] {
	return &SGD[T]{LearningRate: learningRate, Decay: decay, engine: engine}
}

// Step computes w ← w - η·g for every parameter w with gradient g, where η is
// the learning rate.
func (s *SGD[T]) Step(params []Param[T]) {
	for _, p := range params {
		s.engine.Axpy(p.Value.Data, T(-s.LearningRate), p.Grad.Data)
	}
}

// EndEpoch multiplies the learning rate by the decay.
func (s *SGD[T]) EndEpoch() { s.LearningRate *= s.Decay }
