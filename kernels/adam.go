package kernels

import (
	"fmt"
	"math"
)

// AdamStep describes a step of [Engine.Adam]: its number, counted from 1, and the
// hyper-parameters as Kingma and Ba name them. WeightDecay times the weight is added to
// the gradient, as in L2 regularisation.
type AdamStep struct {
	Step                                             int
	LearningRate, Beta1, Beta2, Epsilon, WeightDecay float64
}

// Adam takes a step of Adam (Kingma and Ba, arXiv:1412.6980, algorithm 1 with the more
// efficient order of computation from section 2) in one pass over memory. With the
// weights w, the moments m and v, the gradient g and t = s.Step it computes
//
//	d    = fma(WeightDecay, w[i], g[i])
//	m[i] ← fma(1-Beta1, d, Beta1·m[i]), or 0 where that is subnormal
//	v[i] ← fma((1-Beta2)·d, d, Beta2·v[i]), or 0 where that is subnormal
//	w[i] ← fma(-rate, m[i]/(√v[i] + ε), w[i])
//
//	rate = LearningRate·√(1-Beta2^t)/(1-Beta1^t)
//	ε    = Epsilon·√(1-Beta2^t)
//
// Each operation rounds once; the factors, rate and ε are computed in float64 and then
// rounded to T. This is w ← w - LearningRate·m̂/(√v̂ + Epsilon) with the bias-corrected
// moments m̂ and v̂, as in PyTorch. Subnormal moments are set to 0, since some processors
// take a hundred times as long for subnormal numbers. Before the first step, m and v must
// be zeros.
//
// NaN and Inf propagate. If Epsilon is 0, a weight whose gradients were all 0 becomes
// NaN. Adam panics if the lengths differ, if any two of the slices overlap, or if
// s.Step < 1.
func (e *Engine[T]) Adam(w, m, v, g []T, s AdamStep) {
	sameLength("Adam", "w", w, "m", m)
	sameLength("Adam", "w", w, "v", v)
	sameLength("Adam", "w", w, "g", g)
	if s.Step < 1 {
		panic(fmt.Sprintf("kernels: Adam: step %d, want at least 1", s.Step))
	}
	apart("Adam", "w", w, "m", m)
	apart("Adam", "w", w, "v", v)
	apart("Adam", "w", w, "g", g)
	apart("Adam", "m", m, "v", v)
	apart("Adam", "m", m, "g", g)
	apart("Adam", "v", v, "g", g)
	f := factorsOf[T](s)
	if len(w) <= pieceElements {
		e.adam(w, m, v, g, &f)
		return
	}
	split(e, e.threads, adamTask[T]{w, m, v, g, f}, len(w), pieceElements)
}

type adamTask[T Float] struct {
	w, m, v, g []T
	factors    adamFactors[T]
}

func (t adamTask[T]) do(e *Engine[T], lo, hi int) {
	e.adam(t.w[lo:hi], t.m[lo:hi], t.v[lo:hi], t.g[lo:hi], &t.factors)
}

// adamFactors holds the factors of a step of Adam, in the order in which the assembly
// reads them.
type adamFactors[T Float] struct {
	decay, beta1, gain1, beta2, gain2, epsilon, rate T
}

func factorsOf[T Float](s AdamStep) adamFactors[T] {
	t := float64(s.Step)
	correction := math.Sqrt(1 - math.Pow(s.Beta2, t))
	return adamFactors[T]{
		decay: T(s.WeightDecay),
		beta1: T(s.Beta1), gain1: T(1 - s.Beta1),
		beta2: T(s.Beta2), gain2: T(1 - s.Beta2),
		epsilon: T(s.Epsilon * correction),
		rate:    T(s.LearningRate * correction / (1 - math.Pow(s.Beta1, t))),
	}
}

func adamGeneric[T Float](w, m, v, g []T, f *adamFactors[T]) {
	m, v = m[:len(w)], v[:len(w)]
	for i, d := range g[:len(w)] {
		d = mulAdd(f.decay, w[i], d)
		m[i] = normal(mulAdd(f.gain1, d, T(f.beta1*m[i])))
		v[i] = normal(mulAdd(T(f.gain2*d), d, T(f.beta2*v[i])))
		w[i] = mulAdd(-f.rate, m[i]/(T(math.Sqrt(float64(v[i])))+f.epsilon), w[i])
	}
}
