package kernels

// SGDStep describes a step of [Engine.SGD]. WeightDecay times the weight is added to the
// gradient, as in L2 regularisation. Nesterov asks for the step that looks ahead, as
// Sutskever, Martens, Dahl and Hinton write Nesterov's momentum (On the Importance of
// Initialization and Momentum in Deep Learning, ICML 2013, §2), with the velocity in units
// of the gradient.
type SGDStep struct {
	LearningRate, Momentum, WeightDecay float64
	Nesterov                            bool
	Scale                               float64 // multiplies the gradient; 0 stands for 1
	Average                             float64 // the share of its distance to w by which the mean moves
}

// SGD takes a step of gradient descent with momentum and weight decay in one pass over
// memory. With the weights w, the velocities v, the gradient g and the running mean of the
// weights it computes
//
//	d       = fma(WeightDecay, w[i], Scale·g[i])
//	v[i]    ← fma(Momentum, v[i], d), or 0 where that is subnormal
//	w[i]    ← fma(-LearningRate, v[i], w[i])
//	mean[i] ← fma(Average, w[i] - mean[i], mean[i])
//
// and for Nesterov's momentum w[i] ← fma(-LearningRate, fma(Momentum, v[i], d), w[i]). Each
// operation rounds once, and the fields of s are rounded to T before. Before the first
// step, v must be zeros. If Momentum is 0, v is neither read nor written and may be nil,
// and d takes its place; if besides WeightDecay is 0, Scale is 1 and there is no mean, the
// step has the bits of Axpy(w, -LearningRate, g). A mean that is nil is not computed.
// Subnormal velocities are set to 0, since some processors take a hundred times as long for
// subnormal numbers, and the velocity of a weight whose gradient stays 0 decays until it is
// one.
//
// NaN and Inf propagate. SGD panics if the lengths differ, or if any two of the slices
// overlap.
func (e *Engine[T]) SGD(w, v, g, mean []T, s SGDStep) {
	f := decayed[T](s.Scale, s.LearningRate, s.WeightDecay, s.Average, false)
	f.beta1 = T(s.Momentum)
	if f.beta1 == 0 {
		v = nil
		checkStep("SGD", "w g mean", w, g, mean)
	} else {
		checkStep("SGD", "w v g mean", w, v, g, mean)
	}
	if v == nil && mean == nil && f.decay == 0 && f.scale == 1 {
		e.Axpy(NewVec(w), -f.rate, NewVec(g))
		return
	}
	if len(w) <= pieceElements {
		e.descend(w, v, g, mean, s.Nesterov, &f)
		return
	}
	split(e, e.threads, sgdTask[T]{w, v, g, mean, s.Nesterov, f}, len(w), pieceElements)
}

type sgdTask[T Float] struct {
	w, v, g, mean []T
	nesterov      bool
	factors       factors[T]
}

func (t sgdTask[T]) do(e *Engine[T], lo, hi int) {
	e.descend(t.w[lo:hi], piece(t.v, lo, hi), t.g[lo:hi], piece(t.mean, lo, hi), t.nesterov, &t.factors)
}

// descend is SGD for so few elements that a call into assembly ends soon.
func (e *Engine[T]) descend(w, v, g, mean []T, nesterov bool, f *factors[T]) {
	switch {
	case f.beta1 == 0:
		e.sgd(w, g, mean, f)
	case nesterov:
		e.nesterov(w, v, g, mean, f)
	default:
		e.momentum(w, v, g, mean, f)
	}
}

func sgdGeneric[T Float](w, g, mean []T, f *factors[T]) {
	for i, d := range g[:len(w)] {
		w[i] = mulAdd(-f.rate, mulAdd(f.decay, w[i], T(f.scale*d)), w[i])
	}
	averageGeneric(mean, w, f.average)
}

func momentumGeneric[T Float](w, v, g, mean []T, f *factors[T]) {
	v = v[:len(w)]
	for i, d := range g[:len(w)] {
		v[i] = normal(mulAdd(f.beta1, v[i], mulAdd(f.decay, w[i], T(f.scale*d))))
		w[i] = mulAdd(-f.rate, v[i], w[i])
	}
	averageGeneric(mean, w, f.average)
}

func nesterovGeneric[T Float](w, v, g, mean []T, f *factors[T]) {
	v = v[:len(w)]
	for i, d := range g[:len(w)] {
		d = mulAdd(f.decay, w[i], T(f.scale*d))
		v[i] = normal(mulAdd(f.beta1, v[i], d))
		w[i] = mulAdd(-f.rate, mulAdd(f.beta1, v[i], d), w[i])
	}
	averageGeneric(mean, w, f.average)
}
