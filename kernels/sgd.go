package kernels

import "unsafe"

// SGDStep holds the hyper-parameters of [Engine.SGD]. WeightDecay times the weight is
// added to the gradient, as in L2 regularisation.
type SGDStep struct {
	LearningRate, Momentum, WeightDecay float64
}

// SGD takes a step of gradient descent with momentum and weight decay in one pass over
// memory. With the weights w, the velocities v and the gradient g it computes
//
//	d    = fma(WeightDecay, w[i], g[i])
//	v[i] ← fma(Momentum, v[i], d), or 0 where that is subnormal
//	w[i] ← fma(-LearningRate, v[i], w[i])
//
// Each operation rounds once, and the fields of s are rounded to T before. Before the
// first step, v must be zeros. If Momentum is 0, v is neither read nor written and may be
// nil, and d takes its place; if WeightDecay is 0 too, the step has the bits of
// Axpy(w, -LearningRate, g). Subnormal velocities are set to 0, since some processors take
// a hundred times as long for subnormal numbers, and the velocity of a weight whose
// gradient stays 0 decays until it is one.
//
// NaN and Inf propagate. SGD panics if the lengths differ, or if any two of the slices
// overlap.
func (e *Engine[T]) SGD(w, v, g []T, s SGDStep) {
	rate, momentum, decay := T(s.LearningRate), T(s.Momentum), T(s.WeightDecay)
	sameLength("SGD", "w", w, "g", g)
	if momentum != 0 {
		sameLength("SGD", "w", w, "v", v)
		apart("SGD", "w", w, "v", v)
		apart("SGD", "v", v, "g", g)
	}
	apart("SGD", "w", w, "g", g)
	switch {
	case momentum != 0:
		split(e, e.threads, momentumTask[T]{w, v, g, rate, momentum, decay}, len(w), pieceElements)
	case decay != 0:
		split(e, e.threads, sgdTask[T]{w, g, rate, decay}, len(w), pieceElements)
	default:
		e.Axpy(NewVec(w), -rate, NewVec(g))
	}
}

// sgdTask is a step without momentum.
type sgdTask[T Float] struct {
	w, g        []T
	rate, decay T
}

func (t sgdTask[T]) do(e *Engine[T], lo, hi int) { e.sgd(t.w[lo:hi], t.g[lo:hi], t.rate, t.decay) }

func sgdGeneric[T Float](w, g []T, rate, decay T) {
	for i, d := range g[:len(w)] {
		w[i] = mulAdd(-rate, mulAdd(decay, w[i], d), w[i])
	}
}

// momentumTask is a step with momentum.
type momentumTask[T Float] struct {
	w, v, g               []T
	rate, momentum, decay T
}

func (t momentumTask[T]) do(e *Engine[T], lo, hi int) {
	e.momentum(t.w[lo:hi], t.v[lo:hi], t.g[lo:hi], t.rate, t.momentum, t.decay)
}

func momentumGeneric[T Float](w, v, g []T, rate, momentum, decay T) {
	v = v[:len(w)]
	for i, d := range g[:len(w)] {
		v[i] = normal(mulAdd(momentum, v[i], mulAdd(decay, w[i], d)))
		w[i] = mulAdd(-rate, v[i], w[i])
	}
}

// normal returns x, or 0 if x is subnormal.
func normal[T Float](x T) T {
	smallest := T(0x1p-126)
	if unsafe.Sizeof(x) == 8 {
		smallest = T(0x1p-1022)
	}
	if -smallest < x && x < smallest {
		return 0
	}
	return x
}
