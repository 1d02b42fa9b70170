package kernels

import "unsafe"

// SGD takes a step of gradient descent with momentum and weight decay, in one
// pass over memory. From the gradient g it computes
//
//	d    = fma(weightDecay, w[i], g[i])
//	v[i] ← fma(momentum, v[i], d), or 0 where that is subnormal
//	w[i] ← fma(-lr, v[i], w[i])
//
// With momentum 0, d takes the place of v, which is left alone and may be nil;
// without weight decay either, it is Axpy(w, -lr, g), to the bit. The velocity of
// a weight whose gradient stays 0 decays until it is subnormal, and some
// processors take a hundred times as long for such numbers.
//
// NaN and Inf propagate. SGD panics if the lengths differ or the slices overlap.
func (e *Engine[T]) SGD(w, v, g []T, lr, momentum, weightDecay T) {
	sameLength("SGD", "w", w, "g", g)
	if momentum != 0 {
		sameLength("SGD", "w", w, "v", v)
		apart("SGD", "w", w, "v", v)
		apart("SGD", "v", v, "g", g)
	}
	apart("SGD", "w", w, "g", g)
	switch {
	case momentum != 0:
		split(e, e.threads, momentumTask[T]{w, v, g, lr, momentum, weightDecay}, len(w), pieceElements)
	case weightDecay != 0:
		split(e, e.threads, sgdTask[T]{w, g, lr, weightDecay}, len(w), pieceElements)
	default:
		e.Axpy(w, -lr, g)
	}
}

// sgdTask is a step without momentum.
type sgdTask[T Float] struct {
	w, g      []T
	lr, decay T
}

func (t sgdTask[T]) do(e *Engine[T], lo, hi int) { e.sgd(t.w[lo:hi], t.g[lo:hi], t.lr, t.decay) }

func sgdGeneric[T Float](w, g []T, lr, decay T) {
	for i, d := range g[:len(w)] {
		w[i] = mulAdd(-lr, mulAdd(decay, w[i], d), w[i])
	}
}

// momentumTask is a step with momentum.
type momentumTask[T Float] struct {
	w, v, g             []T
	lr, momentum, decay T
}

func (t momentumTask[T]) do(e *Engine[T], lo, hi int) {
	e.momentum(t.w[lo:hi], t.v[lo:hi], t.g[lo:hi], t.lr, t.momentum, t.decay)
}

func momentumGeneric[T Float](w, v, g []T, lr, momentum, decay T) {
	v = v[:len(w)]
	for i, d := range g[:len(w)] {
		v[i] = normal(mulAdd(momentum, v[i], mulAdd(decay, w[i], d)))
		w[i] = mulAdd(-lr, v[i], w[i])
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
