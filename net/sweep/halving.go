package sweep

import (
	"cmp"
	"math"
	"slices"

	"github.com/lanes-ml/lanes/net/train"
)

// rungs returns how often trials are compared, the end included: 1 without
// halving. There are no more than leave a trial to the last, or a step or an epoch
// to the first.
func (f *Folder) rungs() int {
	n, length := len(f.Trials), math.MaxInt
	for _, t := range f.Trials {
		length = min(length, t.Config.Iters+t.Config.Epochs) // one of them is 0
	}
	rungs := 1
	for f.Sweep.Halving > 1 && n >= f.Sweep.Halving && length >= f.Sweep.Halving {
		n, length = n/f.Sweep.Halving, length/f.Sweep.Halving
		rungs++
	}
	return rungs
}

// upTo returns the trial's configuration with the length of a rung, from 0.
func (f *Folder) upTo(t Trial, rung int) train.Config {
	c := t.Config
	for range f.rungs() - 1 - rung {
		c.Iters, c.Epochs = ceilDiv(c.Iters, f.Sweep.Halving), ceilDiv(c.Epochs, f.Sweep.Halving)
	}
	return c
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// standing is how far a sweep is.
type standing struct {
	rung    int   // that is being climbed
	waiting []int // trials that are still to get there
	stopped []int // trials that will not go on, though they could
}

// stand tells from the scores of all trials how far the sweep is. A rung is climbed
// by all that go on from the one below, and only then it is told who goes on.
func (f *Folder) stand(scores [][]Scores) standing {
	var s standing
	climbing := make([]int, len(f.Trials))
	for i := range climbing {
		climbing[i] = i
	}
	last := f.rungs() - 1
	for ; ; s.rung++ {
		for _, i := range climbing {
			if len(scores[i]) <= s.rung {
				s.waiting = append(s.waiting, i)
			}
		}
		if s.waiting != nil || s.rung == last {
			return s
		}
		quota := max(1, len(climbing)/f.Sweep.Halving)
		climbing = slices.DeleteFunc(climbing, func(i int) bool { return scores[i][s.rung].Status == Diverged })
		slices.SortFunc(climbing, func(i, j int) int {
			return cmp.Or(compareAccuracy(scores[i][s.rung], scores[j][s.rung]), i-j)
		})
		quota = min(quota, len(climbing))
		s.stopped = append(s.stopped, climbing[quota:]...)
		climbing = slices.Sorted(slices.Values(climbing[:quota]))
	}
}

// compareAccuracy orders by validation accuracy, the highest first and none last.
func compareAccuracy(a, b Scores) int {
	return cmp.Compare(b.accuracy(), a.accuracy())
}
