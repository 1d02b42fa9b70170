package sweep

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// The tree-structured Parzen estimator: Bergstra, Bardenet, Bengio, Kégl, Algorithms for
// Hyper-Parameter Optimization, NeurIPS 2011, section 4. Of the trials that have results,
// the best share γ make the density l, the others the density g, and of points that are
// drawn from l the one with the largest l/g, which has the largest expected improvement, is
// tried next. As in later implementations (Watanabe, arXiv:2304.11127, section 3), the
// kernels are products over the axes, so that settings that go well together are found
// together, and a uniform density counts as one more trial in each mixture.
const (
	tpeRandom     = 10   // trials are drawn at random before it begins
	tpeShare      = 0.15 // γ
	tpeCandidates = 24   // points that are drawn from l for each trial
)

// tried is a trial as TPE sees it: where it lies on each axis, and its validation accuracy.
// A pending one, whose accuracy is not known yet, counts among the worst, as one that
// diverged does: so the next trials keep away from it.
type tried struct {
	point    []float64
	accuracy float64
}

// propose returns the point to try after those trials. It is a function of its arguments:
// of trials with equal accuracies those that come first are the better ones. Only points
// that are allowed and that no trial has had are proposed, as far as there are any.
func propose(axes []axis, trials []tried, rng *rand.Rand, allowed func([]float64) bool) []float64 {
	fresh := func(x []float64) bool {
		return !slices.ContainsFunc(trials, func(t tried) bool { return slices.Equal(t.point, x) }) && allowed(x)
	}
	ranked := slices.Clone(trials)
	slices.SortStableFunc(ranked, func(a, b tried) int { return cmp.Compare(b.accuracy, a.accuracy) })
	good := int(math.Ceil(tpeShare * float64(len(ranked))))
	l, g := newMixture(axes, ranked[:good]), newMixture(axes, ranked[good:])
	var best []float64
	most := math.Inf(-1)
	for range tpeCandidates {
		x := l.draw(rng)
		if ratio := l.density(x) / g.density(x); ratio > most && fresh(x) {
			best, most = x, ratio
		}
	}
	const tries = 1000
	for i := 0; best == nil && i < tries; i++ { // nearly all points have been tried
		if x := uniform(axes, rng); fresh(x) || i+1 == tries {
			best = x
		}
	}
	return best
}

// mixture is a density on the axes: the mean of a kernel around each of its trials and a
// uniform one. A point has a coordinate for each axis: from 0 to 1 on one of numbers, the
// index of the choice on one of others.
//
// A kernel is a product over the axes. On numbers it is a Gaussian that is cut off at the
// ends, with Scott's exponent in its width, 0.12·n^(-1/(d+4)) for n trials and d axes. On C
// choices it gives its trial's choice 1 + 1/(n+1), each other one 1/(n+1), over their sum.
type mixture struct {
	axes   []axis
	trials []tried
	width  float64
}

func newMixture(axes []axis, trials []tried) mixture {
	n, d := float64(max(1, len(trials))), float64(len(axes))
	return mixture{axes, trials, 0.12 * math.Pow(n, -1/(d+4))}
}

// draw returns a random point of the mixture.
func (m mixture) draw(rng *rand.Rand) []float64 {
	k := rng.IntN(len(m.trials) + 1)
	if k == len(m.trials) {
		return uniform(m.axes, rng)
	}
	x := make([]float64, len(m.axes))
	for i, a := range m.axes {
		center := m.trials[k].point[i]
		switch {
		case !a.numeric():
			if x[i] = center; rng.Float64() >= m.same(a) {
				x[i] = float64((int(center) + 1 + rng.IntN(len(a.choices)-1)) % len(a.choices))
			}
		default:
			for x[i] = -1; x[i] < 0 || x[i] > 1; {
				x[i] = center + float64(m.width*rng.NormFloat64())
			}
			x[i] = a.snap(x[i])
		}
	}
	return x
}

// same returns the probability that a kernel gives its own choice.
func (m mixture) same(a axis) float64 {
	others := 1 / float64(len(m.trials)+1)
	return (1 + others) / (1 + float64(others*float64(len(a.choices))))
}

// density returns the mixture's density at x.
func (m mixture) density(x []float64) float64 {
	even := 1.0
	for _, a := range m.axes {
		if !a.numeric() {
			even /= float64(len(a.choices))
		}
	}
	sum := even
	for _, t := range m.trials {
		product := 1.0
		for i, a := range m.axes {
			switch center := t.point[i]; {
			case a.numeric():
				product *= truncatedNormal(x[i], center, m.width)
			case x[i] == center:
				product *= m.same(a)
			default:
				product *= (1 - m.same(a)) / float64(len(a.choices)-1)
			}
		}
		sum += product
	}
	return sum / float64(len(m.trials)+1)
}

// truncatedNormal returns the density at x of the normal distribution with that center and
// width between 0 and 1.
func truncatedNormal(x, center, width float64) float64 {
	z := (x - center) / width
	below := func(x float64) float64 { return math.Erf((x - center) / (width * math.Sqrt2)) }
	return math.Sqrt(2/math.Pi) / width * math.Exp(-z*z/2) / (below(1) - below(0))
}

// uniform returns a point with each coordinate drawn by itself.
func uniform(axes []axis, rng *rand.Rand) []float64 {
	x := make([]float64, len(axes))
	for i, a := range axes {
		if a.numeric() {
			x[i] = a.snap(rng.Float64())
		} else {
			x[i] = float64(rng.IntN(len(a.choices)))
		}
	}
	return x
}
