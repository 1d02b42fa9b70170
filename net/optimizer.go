package net

import (
	"math"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
)

// Optimizer moves parameters step by step, by their gradients.
type Optimizer[T kernels.Float] interface {
	// Step takes a step along the gradients in params, in one pass over each parameter. It
	// does not allocate in steady state.
	Step(params []Param[T])
	// Plain reports whether a step is no more than w ← w - rate·g for every parameter w
	// with gradient g, and returns that rate, or else 0.
	Plain() (rate float64, plain bool)
	// SetRate sets the learning rate of the steps that follow: see [Schedule].
	SetRate(rate float64)
	// Rate returns the learning rate of the next step.
	Rate() float64
	// Follow moves the means of buffers, which come after the parameters of the step
	// before.
	Follow(buffers []Param[T])
	// Mean returns the running mean of the values of each of these, which are the
	// parameters or the parameters and then the buffers, or nil if the optimiser keeps
	// none. It begins as the values. It is not a copy.
	Mean(all []Param[T]) []kernels.Mat[T]
	// State returns what the optimiser carries from step to step for these parameters
	// besides the mean. It is not a copy: a caller that sets both resumes from there.
	State(params []Param[T]) State[T]
}

// common is what every optimiser has besides its own rule.
type common[T kernels.Float] struct {
	engine     *kernels.Engine[T]
	rate, clip float64
	average    float64 // the decay rate of the mean; 0 without one
	steps      float64 // taken so far, a whole number
	params     int     // of the last step
	mean       []kernels.Mat[T]
}

// SetRate sets the learning rate of the steps that follow.
func (c *common[T]) SetRate(rate float64) { c.rate = rate }

// Rate returns the learning rate of the next step.
func (c *common[T]) Rate() float64 { return c.rate }

// Mean returns the running mean ā of each parameter or buffer w, or nil if there is none.
// After step t, from 1, it becomes
//
//	ā ← d·ā + (1-d)·w,   d = min(Average, t/(9+t))
//
// where d is smaller at first so that the mean forgets the initial weights soon, as in
// TensorFlow's ExponentialMovingAverage with num_updates = t-1. Averaging is due to Polyak and
// Juditsky (Acceleration of Stochastic Approximation by Averaging, SIAM Journal on Control and
// Optimization 30(4), 1992).
func (c *common[T]) Mean(all []Param[T]) []kernels.Mat[T] {
	if c.average == 0 {
		return nil
	}
	for len(c.mean) < len(all) {
		v := all[len(c.mean)].Value
		c.mean = append(c.mean, kernels.NewMat(v.Rows, v.Cols, slices.Clone(v.Data)))
	}
	return c.mean[:len(all)]
}

// begin counts a step, and returns the factor of its gradients and the share of their
// distance by which the means move.
func (c *common[T]) begin(params []Param[T]) (scale, share float64) {
	c.Mean(params)
	c.params = len(params)
	c.steps++
	return c.scale(params), c.share()
}

func (c *common[T]) share() float64 { return 1 - min(c.average, c.steps/(9+c.steps)) }

// Follow moves the means of buffers as the step before moved those of the parameters.
func (c *common[T]) Follow(buffers []Param[T]) {
	if c.average == 0 {
		return
	}
	share := T(c.share())
	for i, b := range buffers {
		mean := kernels.NewVec(c.mean[c.params+i].Data)
		c.engine.Scal(1-share, mean)
		c.engine.Axpy(mean, share, kernels.NewVec(b.Value.Data))
	}
}

// meanOf returns the mean of parameter i, or nil if there is none.
func (c *common[T]) meanOf(i int) []T {
	if c.average == 0 {
		return nil
	}
	return c.mean[i].Data
}

// scale returns by what gradients are multiplied so that their norm, that of all of them
// together, is at most clip:
//
//	min(1, clip/(‖g‖ + 1e-6))
//
// (Pascanu, Mikolov, Bengio, On the Difficulty of Training Recurrent Neural Networks,
// arXiv:1211.5063, §3.2; 1e-6 is what PyTorch's clip_grad_norm_ adds.)
func (c *common[T]) scale(params []Param[T]) float64 {
	if c.clip == 0 {
		return 1
	}
	squares := 0.0
	for _, p := range params {
		norm := float64(c.engine.Nrm2(kernels.NewVec(p.Grad.Data)))
		squares += float64(norm * norm)
	}
	return min(1, c.clip/(math.Sqrt(squares)+1e-6))
}

// count returns the number of steps as a part of the state.
func (c *common[T]) count() []StateNumber { return []StateNumber{{"steps", &c.steps}} }

// State is what an optimiser carries from step to step besides the mean.
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
