package sweep

import (
	"fmt"
	"slices"
)

// Status has the index of each trial of a sweep in one of its lists.
type Status struct {
	Done    []int // finished
	Running []int // trained by a process now
	Waiting []int // for others: with halving to reach their rung, with TPE to have results
	Missing []int // to be trained, from the start or a checkpoint
}

// Status returns the status of the trials.
func (f *Folder) Status() (*Status, error) {
	scores, stand, err := f.read()
	if err != nil {
		return nil, err
	}
	s := new(Status)
	for i := range f.Trials {
		busy, err := f.run(i).Busy()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnusable, err)
		}
		_, done := f.final(i, scores[i], stand)
		list := &s.Missing
		switch {
		case done:
			list = &s.Done
		case busy:
			list = &s.Running
		case !slices.Contains(stand.waiting, i):
			list = &s.Waiting
		}
		*list = append(*list, i)
	}
	return s, nil
}

// final returns the scores of a trial, and whether it is finished: it may go on, or that
// may not be decided yet.
func (f *Folder) final(index int, rungs []Scores, s standing) (Scores, bool) {
	if len(rungs) == 0 {
		return Scores{}, false
	}
	last := rungs[len(rungs)-1]
	if slices.Contains(s.stopped, index) {
		last.Status, last.StoppedEarly = Stopped, true
		return last, true
	}
	return last, last.Status == Diverged || len(rungs) == f.rungs()
}
