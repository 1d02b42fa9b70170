package sweep

import (
	"cmp"
	"math"
	"slices"

	"github.com/lanes-ml/lanes/net/train"
)

// rungs returns how often trials are compared, including the comparison at the end: once
// without halving. It is limited so that at least one trial reaches the last rung, and a
// trial trains for at least one step or epoch up to the first.
func (f *Folder) rungs() int {
	if f.Sweep.Halving < 2 {
		return 1
	}
	n, length := len(f.Trials), math.MaxInt
	for _, t := range f.Trials {
		length = min(length, t.Config.Iters+t.Config.Epochs) // one of them is 0
	}
	rungs := 1
	for n >= f.Sweep.Halving && length >= f.Sweep.Halving {
		n, length = n/f.Sweep.Halving, length/f.Sweep.Halving
		rungs++
	}
	return rungs
}

// upTo returns the trial's configuration with its length up to a rung, counted from 0.
func (f *Folder) upTo(t Trial, rung int) train.Config {
	c := t.Config
	for range f.rungs() - 1 - rung {
		c.Iters, c.Epochs = ceilDiv(c.Iters, f.Sweep.Halving), ceilDiv(c.Epochs, f.Sweep.Halving)
	}
	return c
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// standing is the progress of a sweep.
type standing struct {
	rung    int   // the lowest one that some trial is still to reach, or the last; 0 where trials go on as results arrive
	waiting []int // trials that are to reach it, or the next one for them
	stopped []int // trials that halving has stopped
}

// read returns the scores of all trials and the progress of the sweep.
func (f *Folder) read() ([][]Scores, standing, error) {
	if err := f.remember(); err != nil {
		return nil, standing{}, err
	}
	scores, err := f.allScores()
	if err != nil {
		return nil, standing{}, err
	}
	if !f.Sweep.Async {
		return scores, f.stand(scores), nil
	}
	promotions, err := f.Promotions()
	return scores, f.standAsync(scores, promotions), err
}

// stand returns the progress of a sweep whose trials have these scores. Only when all
// trials that go on from one rung have reached the next is it decided which go on from
// there.
func (f *Folder) stand(scores [][]Scores) standing {
	var s standing
	climbing := make([]int, f.known)
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

// compareAccuracy orders by validation accuracy: the highest first, those without one last.
func compareAccuracy(a, b Scores) int {
	return cmp.Compare(b.accuracy(), a.accuracy())
}
