package net

import "math"

// Fall is the way in which the learning rate of a [Schedule] falls.
type Fall string

// The ways in which a learning rate falls from its peak.
const (
	Constant Fall = "constant"  // not at all
	ByStep   Fall = "step"      // it is multiplied by Decay after every Every steps
	Cosine   Fall = "cosine"    // along half a wave of the cosine, from the end of the warm-up to the end of the run
	OneCycle Fall = "one-cycle" // likewise, after a rise along half a wave from Peak/25
)

// Schedule gives the learning rate of every step of a run. It is a pure function of the
// number of the step, so a run that is resumed needs no more than that.
type Schedule struct {
	Fall   Fall
	Peak   float64 // η, the highest rate
	Steps  int     // in the run: for Cosine and OneCycle
	Warmup int     // steps in which the rate rises to the peak
	Decay  float64 // for ByStep
	Every  int     // for ByStep, at least 1
	Final  float64 // for Cosine and OneCycle: the rate at the end of the run, as a share of the peak
}

// Rate returns the learning rate of a step, from 0. With W steps of warm-up and S steps in
// the run it is, for step t,
//
//	Constant   η
//	ByStep     η·Decay^⌊t/Every⌋, multiplied step by step
//	Cosine     η·(Final + (1-Final)·(1 + cos(π·(t-W)/(S-W)))/2)            for t ≥ W
//	OneCycle   η·(Final + (1-Final)·(1 + cos(π·(t-W+1)/(S-W)))/2)          for t ≥ W
//	           η·(1/25 + (1-1/25)·(1 - cos(π·t/(W-1)))/2)                  for t < W
//
// and in all but OneCycle (t+1)/W times that for t < W, where Cosine has η. Cosine is that
// of Loshchilov and Hutter (SGDR, arXiv:1608.03983, equation 5) without restarts. OneCycle is
// the one of Smith and Topin (Super-Convergence, arXiv:1708.07120) with PyTorch's waves and
// its 1/25; momentum stays as it is. After the end of the run they stay at η·Final.
func (s *Schedule) Rate(step int) float64 {
	rate, w := s.Peak, s.Warmup
	switch s.Fall {
	case ByStep:
		for n, last := step/s.Every, 0.0; n > 0 && rate != last; n-- {
			rate, last = rate*s.Decay, rate
		}
	case Cosine:
		rate *= s.between(s.Final, halfWave(step-w, s.Steps-w))
	case OneCycle:
		if step < w {
			return rate * s.between(1.0/25, 1-halfWave(step, w-1))
		}
		return rate * s.between(s.Final, halfWave(step-w+1, s.Steps-w))
	}
	if step < w {
		rate *= float64(step+1) / float64(w)
	}
	return rate
}

// between returns what lies the share x of the way from low to 1.
func (s *Schedule) between(low, x float64) float64 { return low + float64((1-low)*x) }

// halfWave returns (1 + cos(π·t/n))/2, which falls from 1 at t = 0 to 0 at t = n, and stays
// there. It has the same bits on every system, which [math.Cos] has not.
func halfWave(t, n int) float64 {
	if t >= n {
		return 0
	}
	if t <= 0 {
		return 1
	}
	x := float64(t) / float64(n)
	if x > 0.5 {
		far := sine(math.Pi / 2 * (1 - x))
		return float64(far * far)
	}
	near := sine(math.Pi / 2 * x)
	return 1 - float64(near*near)
}

// sine returns sin x for 0 ≤ x ≤ π/4, by its Taylor series.
func sine(x float64) float64 {
	sum, square := 1.0, float64(x*x)
	for n := 17; n > 1; n -= 2 {
		sum = 1 - float64(square*sum)/float64(n*(n-1))
	}
	return x * sum
}
