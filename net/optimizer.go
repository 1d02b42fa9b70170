package net

import "github.com/lanes-ml/lanes/kernels"

// Optimizer moves parameters step by step, by their gradients.
type Optimizer[T kernels.Float] interface {
	// Step takes a step along the gradients in params. It does not allocate in
	// steady state.
	Step(params []Param[T])
	// Plain reports whether a step is no more than w ← w - rate·g for every parameter w
	// with gradient g, and returns that rate, or else 0.
	Plain() (rate float64, plain bool)
	// EndEpoch multiplies the learning rate by its decay.
	EndEpoch()
	// SetRate sets the learning rate of the steps that follow.
	SetRate(rate float64)
	// Rate returns the learning rate of the next step.
	Rate() float64
	// State returns what the optimiser carries from step to step for these
	// parameters. It is not a copy: a caller that sets it resumes from there.
	State(params []Param[T]) State[T]
}

// schedule is a learning rate that decays from epoch to epoch.
type schedule struct{ rate, decay float64 }

// EndEpoch multiplies the learning rate by the decay.
func (s *schedule) EndEpoch() { s.rate *= s.decay }

// SetRate sets the learning rate of the steps that follow.
func (s *schedule) SetRate(rate float64) { s.rate = rate }

// Rate returns the learning rate of the next step.
func (s *schedule) Rate() float64 { return s.rate }

// State is what an optimiser carries from step to step.
type State[T kernels.Float] struct {
	Numbers []StateNumber
	Tensors []StateTensor[T]
}

// StateNumber is a number in a [State].
type StateNumber struct {
	Name  string
	Value *float64
}

// StateTensor holds a value for each element of each parameter.
type StateTensor[T kernels.Float] struct {
	Name   string
	Values []kernels.Mat[T] // for each parameter a matrix of its shape
}

// likeParams returns old if it has a matrix for each parameter, and otherwise new
// matrices of zeros.
func likeParams[T kernels.Float](old []kernels.Mat[T], params []Param[T]) []kernels.Mat[T] {
	if len(old) == len(params) {
		return old
	}
	var all []kernels.Mat[T]
	for _, p := range params {
		all = append(all, kernels.NewMat[T](p.Value.Rows, p.Value.Cols, nil))
	}
	return all
}
