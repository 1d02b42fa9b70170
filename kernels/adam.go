package kernels

import (
	"fmt"
	"math"
	"sync/atomic"
)

// AdamStep describes a step of [Engine.Adam]: its number, counted from 1, and the
// hyper-parameters as Kingma and Ba name them. WeightDecay times the weight is added to the
// gradient, as in L2 regularisation, or, if Decoupled is set, WeightDecay times the learning
// rate is the share by which the weight shrinks beforehand: that is AdamW (Loshchilov and
// Hutter, arXiv:1711.05101, algorithm 2).
type AdamStep struct {
	Step                                             int
	LearningRate, Beta1, Beta2, Epsilon, WeightDecay float64
	Decoupled                                        bool
	Scale                                            float64 // multiplies the gradient; 0 stands for 1
	Average                                          float64 // the share of its distance to w by which the mean moves
}

// Adam takes a step of Adam (Kingma and Ba, arXiv:1412.6980, algorithm 1 with the more
// efficient order of computation from section 2) or of AdamW in one pass over memory. With
// the weights w, the moments m and v, the gradient g, the running mean of the weights and
// t = s.Step it computes
//
//	d       = fma(decay, w[i], Scale·g[i])
//	m[i]    ← fma(1-Beta1, d, Beta1·m[i]), or 0 where that is subnormal
//	v[i]    ← fma((1-Beta2)·d, d, Beta2·v[i]), or 0 where that is subnormal
//	w[i]    ← fma(-rate, m[i]/(√v[i] + ε), keep·w[i])
//	mean[i] ← fma(Average, w[i] - mean[i], mean[i])
//
//	rate = LearningRate·√(1-Beta2^t)/(1-Beta1^t)
//	ε    = Epsilon·√(1-Beta2^t)
//
// where decay is WeightDecay and keep is 1, or, if Decoupled is set, decay is 0 and keep is
// 1 - LearningRate·WeightDecay. Each operation rounds once; the factors, rate and ε are
// computed in float64 and then rounded to T. This is w ← w - LearningRate·m̂/(√v̂ + Epsilon)
// with the bias-corrected moments m̂ and v̂, as in PyTorch. A mean that is nil is not
// computed. Subnormal moments are set to 0, since some processors take a hundred times as
// long for subnormal numbers. Before the first step, m and v must be zeros.
//
// NaN and Inf propagate. If Epsilon is 0, a weight whose gradients were all 0 becomes
// NaN. Adam panics if the lengths differ, if any two of the slices overlap, or if
// s.Step < 1.
func (e *Engine[T]) Adam(w, m, v, g, mean []T, s AdamStep) {
	if s.Step < 1 {
		panic(fmt.Sprintf("kernels: Adam: step %d, want at least 1", s.Step))
	}
	checkStep("Adam", "w m v g mean", w, m, v, g, mean)
	f := adamFactors[T](s, &e.pools.powers)
	if len(w) <= pieceElements {
		e.adam(w, m, v, g, mean, &f)
		return
	}
	split(e, e.threads, adamTask[T]{w, m, v, g, mean, f}, len(w), pieceElements)
}

type adamTask[T Float] struct {
	w, m, v, g, mean []T
	factors          factors[T]
}

func (t adamTask[T]) do(e *Engine[T], lo, hi int) {
	e.adam(t.w[lo:hi], t.m[lo:hi], t.v[lo:hi], t.g[lo:hi], piece(t.mean, lo, hi), &t.factors)
}

func adamFactors[T Float](s AdamStep, known *powers) factors[T] {
	power1, power2 := known.of(s.Beta1, s.Beta2, s.Step)
	correction := math.Sqrt(1 - power2)
	f := decayed[T](s.Scale, s.LearningRate, s.WeightDecay, s.Average, s.Decoupled)
	f.beta1, f.gain1 = T(s.Beta1), T(1-s.Beta1)
	f.beta2, f.gain2 = T(s.Beta2), T(1-s.Beta2)
	f.epsilon = T(s.Epsilon * correction)
	f.rate = T(s.LearningRate * correction / (1 - power1))
	return f
}

// powers keeps the last powers of Beta1 and Beta2, since the steps of all of a network's
// tensors have the same, and to compute them takes as long as a step of 300 weights. It is a
// sequence lock: version is odd while a goroutine writes, and a reader that finds it odd or
// changed computes the powers itself.
type powers struct {
	version atomic.Uint64
	values  [5]atomic.Uint64 // Beta1, Beta2, Step and the powers
}

// of returns beta1^step and beta2^step.
func (p *powers) of(beta1, beta2 float64, step int) (power1, power2 float64) {
	b1, b2, v := math.Float64bits(beta1), math.Float64bits(beta2), &p.values
	version := p.version.Load()
	known := version > 0 && version%2 == 0 && v[0].Load() == b1 && v[1].Load() == b2 && v[2].Load() == uint64(step)
	power1, power2 = math.Float64frombits(v[3].Load()), math.Float64frombits(v[4].Load())
	if known && p.version.Load() == version {
		return power1, power2
	}
	power1, power2 = math.Pow(beta1, float64(step)), math.Pow(beta2, float64(step))
	if version%2 == 0 && p.version.CompareAndSwap(version, version+1) {
		for i, x := range [...]uint64{b1, b2, uint64(step), math.Float64bits(power1), math.Float64bits(power2)} {
			v[i].Store(x)
		}
		p.version.Store(version + 2)
	}
	return power1, power2
}

func adamGeneric[T Float](w, m, v, g, mean []T, f *factors[T]) {
	m, v = m[:len(w)], v[:len(w)]
	for i, d := range g[:len(w)] {
		d = mulAdd(f.decay, w[i], T(f.scale*d))
		m[i] = normal(mulAdd(f.gain1, d, T(f.beta1*m[i])))
		v[i] = normal(mulAdd(T(f.gain2*d), d, T(f.beta2*v[i])))
		w[i] = mulAdd(-f.rate, m[i]/(T(math.Sqrt(float64(v[i])))+f.epsilon), T(f.keep*w[i]))
	}
	averageGeneric(mean, w, f.average)
}
