package kernels

// LionStep describes a step of [Engine.Lion], with the hyper-parameters as Chen et al. name
// them. WeightDecay times the learning rate is the share by which the weight shrinks.
type LionStep struct {
	LearningRate, Beta1, Beta2, WeightDecay float64
	Scale                                   float64 // multiplies the gradient; 0 stands for 1
	Average                                 float64 // the share of its distance to w by which the mean moves
}

// Lion takes a step of Lion (Chen et al., Symbolic Discovery of Optimization Algorithms,
// arXiv:2302.06675, algorithm 2) in one pass over memory. With the weights w, the momentum
// m, the gradient g and the running mean of the weights it computes
//
//	c       = fma((1-Beta1)·Scale, g[i], Beta1·m[i])
//	m[i]    ← fma((1-Beta2)·Scale, g[i], Beta2·m[i]), or 0 where that is subnormal
//	w[i]    ← fma(1-LearningRate·WeightDecay, w[i], -LearningRate·sign(c))
//	mean[i] ← fma(Average, w[i] - mean[i], mean[i])
//
// where the sign of 0 is 0 and that of NaN is NaN. Each operation rounds once; the factors
// are computed in float64 and then rounded to T. A mean that is nil is not computed. Before
// the first step, m must be zeros. Subnormal momentum is set to 0, as in [Engine.SGD].
//
// NaN propagates. Lion panics if the lengths differ, or if any two of the slices overlap.
func (e *Engine[T]) Lion(w, m, g, mean []T, s LionStep) {
	checkStep("Lion", "w m g mean", w, m, g, mean)
	f := decayed[T](s.Scale, s.LearningRate, s.WeightDecay, s.Average, true)
	scale := scaleOf(s.Scale)
	f.rate = -f.rate
	f.beta1, f.gain1 = T(s.Beta1), T(float64(1-s.Beta1)*scale)
	f.beta2, f.gain2 = T(s.Beta2), T(float64(1-s.Beta2)*scale)
	if len(w) <= pieceElements {
		e.lion(w, m, g, mean, &f)
		return
	}
	split(e, e.threads, lionTask[T]{w, m, g, mean, f}, len(w), pieceElements)
}

type lionTask[T Float] struct {
	w, m, g, mean []T
	factors       factors[T]
}

func (t lionTask[T]) do(e *Engine[T], lo, hi int) {
	e.lion(t.w[lo:hi], t.m[lo:hi], t.g[lo:hi], piece(t.mean, lo, hi), &t.factors)
}

func lionGeneric[T Float](w, m, g, mean []T, f *factors[T]) {
	m = m[:len(w)]
	for i, d := range g[:len(w)] {
		step := mulAdd(f.gain1, d, T(f.beta1*m[i])) // 0 and NaN stay
		switch {
		case step > 0:
			step = f.rate
		case step < 0:
			step = -f.rate
		}
		m[i] = normal(mulAdd(f.gain2, d, T(f.beta2*m[i])))
		w[i] = mulAdd(f.keep, w[i], step)
	}
	averageGeneric(mean, w, f.average)
}
