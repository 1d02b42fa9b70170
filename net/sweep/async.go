package sweep

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Promotion is a decision of asynchronous halving: a trial goes on.
type Promotion struct {
	Trial int `json:"trial"`
	// Rung is the number of the rung to which it goes on, from 2, and ValAcc the validation
	// accuracy at the one before.
	Rung   int     `json:"rung"`
	ValAcc float64 `json:"val_acc"`
	// Results has, for each rung, how many trials had reached it then.
	Results []int  `json:"results"`
	Time    string `json:"time"` // as in RFC 3339
}

// Promotions returns the decisions of asynchronous halving, in their order.
func (f *Folder) Promotions() ([]Promotion, error) {
	if !f.Sweep.Async {
		return nil, nil
	}
	promotions, err := readRecord[Promotion](f.path(promotionsFile))
	if err != nil {
		return nil, err
	}
	next := make([]int, len(f.Trials))
	for i, p := range promotions {
		if p.Trial < 0 || p.Trial >= len(next) || p.Rung != next[p.Trial]+2 || p.Rung > f.rungs() {
			return nil, fmt.Errorf("%w: %s: decision %d: trial %d cannot go on to rung %d", ErrUnusable, f.path(promotionsFile), i+1, p.Trial, p.Rung)
		}
		next[p.Trial]++
	}
	return promotions, nil
}

// levels returns the rung, counted from 0, that each trial is to reach or has reached.
func (f *Folder) levels(promotions []Promotion) []int {
	levels := make([]int, len(f.Trials))
	for _, p := range promotions {
		levels[p.Trial] = p.Rung - 1
	}
	return levels
}

// promotable returns a trial that may go on, from the highest rung on which there is one:
// it is among the best 1/Halving of the trials that have reached that rung so far, and has
// not gone on (Li et al., arXiv:1810.05934, algorithm 2). Of several that are not taken it is
// the best.
func (f *Folder) promotable(scores [][]Scores, levels []int, taken func(int) bool) (trial int, ok bool) {
	for rung := f.rungs() - 2; rung >= 0; rung-- {
		var reached []int
		for i, s := range scores {
			if len(s) > rung {
				reached = append(reached, i)
			}
		}
		slices.SortStableFunc(reached, func(i, j int) int { return compareAccuracy(scores[i][rung], scores[j][rung]) })
		for _, i := range reached[:len(reached)/f.Sweep.Halving] {
			if levels[i] == rung && scores[i][rung].Status != Diverged && !taken(i) {
				return i, true
			}
		}
	}
	return 0, false
}

// standAsync is [Folder.stand] where trials go on as results arrive. The trial that may go
// on next is among those that wait; when none does, the others have been stopped.
func (f *Folder) standAsync(scores [][]Scores, promotions []Promotion) standing {
	var s standing
	levels := f.levels(promotions)
	for i, got := range scores {
		if len(got) <= levels[i] {
			s.waiting = append(s.waiting, i)
		}
	}
	if i, ok := f.promotable(scores, levels, func(int) bool { return false }); ok {
		s.waiting = append(s.waiting, i)
		slices.Sort(s.waiting)
	}
	if s.waiting == nil {
		for i, got := range scores {
			if len(got) < f.rungs() && got[len(got)-1].Status != Diverged {
				s.stopped = append(s.stopped, i)
			}
		}
	}
	return s
}

// promote returns the trial that goes on next, and keeps that decision. One that has begun
// to go on, and that nobody trains, comes first: so a sweep of one job that is killed
// continues as it would have.
func (f *Folder) promote(ctx context.Context, scores [][]Scores, taken func(int) bool) (next task, ok bool, err error) {
	err = f.decide(ctx, func() error {
		promotions, err := f.Promotions()
		if err != nil {
			return err
		}
		levels := f.levels(promotions)
		for _, p := range promotions {
			if i := p.Trial; levels[i] == p.Rung-1 && len(scores[i]) < p.Rung && !taken(i) {
				next, ok = task{i, levels[i]}, true
				return nil
			}
		}
		i, found := f.promotable(scores, levels, taken)
		if !found {
			return nil
		}
		next, ok = task{i, levels[i] + 1}, true
		p := Promotion{Trial: i, Rung: next.rung + 1, ValAcc: scores[i][levels[i]].accuracy(), Results: make([]int, f.rungs()), Time: time.Now().UTC().Format(time.RFC3339)}
		for rung := range p.Results {
			for _, s := range scores {
				p.Results[rung] += min(1, max(0, len(s)-rung))
			}
		}
		return writeRecord(f.path(promotionsFile), append(promotions, p))
	})
	return next, ok, err
}
