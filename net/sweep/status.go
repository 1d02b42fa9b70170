package sweep

import (
	"fmt"
	"slices"
)

// Status says where the trials of a sweep are: each is in one list, by index.
type Status struct {
	Done    []int // finished
	Running []int // that a process trains now
	Waiting []int // that others must come as far as, with halving
	Missing []int // that are to be trained, or to go on from a checkpoint
}

// Status returns where the trials are.
func (f *Folder) Status() (*Status, error) {
	scores, err := f.allScores()
	if err != nil {
		return nil, err
	}
	stand := f.stand(scores)
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

// final returns what a trial came to, and whether it is finished: it may be to go
// on, or that is not told yet.
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
