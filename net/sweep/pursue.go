package sweep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lanes-ml/lanes/net/train"
)

// task is what a job does: it trains a trial to a rung, counted from 0.
type task struct{ trial, rung int }

// pursuit is the training of a sweep in which each result decides what follows. Its jobs
// take tasks from it.
type pursuit struct {
	folder *Folder
	runner *Runner

	deciding sync.Mutex // for what is below
	scores   [][]Scores
	training map[int]bool
	busy     map[int]bool  // trials that other processes train
	told     []int         // of those, what OnBusy was called with
	ended    chan struct{} // closed when a task ends
}

// pursue trains the trials of a sweep in which each result decides what follows, until
// nothing does. It waits for other processes that train some.
func (r *Runner) pursue(ctx context.Context, f *Folder, scores [][]Scores) error {
	jobs := max(1, r.Jobs)
	if f.Sweep.TPE > 0 {
		jobs = min(jobs, f.Sweep.Pending+1)
	}
	p := &pursuit{folder: f, runner: r, scores: scores, training: map[int]bool{}, busy: map[int]bool{}, ended: make(chan struct{})}
	g, ctx := errgroup.WithContext(ctx)
	for range jobs {
		g.Go(func() error { return p.work(ctx, max(1, r.Threads/jobs)) })
	}
	return g.Wait()
}

// work is a job: it does tasks until none is left.
func (p *pursuit) work(ctx context.Context, threads int) error {
	for {
		t, ok, err := p.take(ctx)
		if err != nil || !ok {
			return err
		}
		err = p.runner.train(ctx, p.folder, t.trial, t.rung, threads)
		p.deciding.Lock()
		delete(p.training, t.trial)
		p.busy[t.trial] = errors.Is(err, train.ErrBusy)
		close(p.ended)
		p.ended = make(chan struct{})
		p.deciding.Unlock()
		if err != nil && !errors.Is(err, train.ErrBusy) {
			return err
		}
	}
}

// take returns the next task, when there is one, or false if none will follow.
func (p *pursuit) take(ctx context.Context) (task, bool, error) {
	for {
		if ctx.Err() != nil {
			return task{}, false, context.Cause(ctx)
		}
		t, ok, ended, err := p.next(ctx)
		if err != nil || ok || ended == nil {
			return t, ok, err
		}
		select {
		case <-ended:
		case <-time.After(pause):
			p.deciding.Lock()
			clear(p.busy)
			p.deciding.Unlock()
		case <-ctx.Done():
		}
	}
}

// next returns the next task if there is one, and else what is closed when there may be
// one, nil if there will be none.
func (p *pursuit) next(ctx context.Context) (t task, ok bool, ended chan struct{}, err error) {
	p.deciding.Lock()
	defer p.deciding.Unlock()
	taken := func(i int) bool { return p.training[i] || p.busy[i] }
	t, ok, err = p.folder.next(ctx, p.scores, taken)
	if ok {
		p.training[t.trial] = true
		return t, ok, nil, err
	}
	maps.DeleteFunc(p.busy, func(_ int, busy bool) bool { return !busy })
	if len(p.training) > 0 {
		return t, ok, p.ended, err
	}
	if len(p.busy) == 0 {
		return t, ok, nil, err
	}
	if busy := slices.Sorted(maps.Keys(p.busy)); p.runner.OnBusy != nil && !slices.Equal(busy, p.told) {
		p.told = busy
		p.runner.OnBusy(busy)
	}
	return t, ok, p.ended, err
}

// runNext is [Folder.Run] where each result decides what follows.
func (f *Folder) runNext(ctx context.Context, index int, r *Runner) error {
	scores, s, err := f.read()
	if err != nil {
		return err
	}
	if index < f.known {
		if _, done := f.final(index, scores[index], s); done {
			return nil
		}
	}
	t, ok, err := f.next(ctx, scores, func(i int) bool { return i != index })
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("trial %d: %w", index, ErrWaits)
	}
	r.rung(f, t.rung, []int{index})
	return r.train(ctx, f, index, t.rung, max(1, r.Threads))
}

// expect calls OnRung with what is still to be expected: of the trials that reach a rung,
// 1/Halving go on.
func (r *Runner) expect(f *Folder, scores [][]Scores) {
	if r.OnRung == nil {
		return
	}
	told := Rung{Rungs: f.rungs()}
	expected := len(f.Trials)
	for rung := range told.Rungs {
		missing := expected
		for _, s := range scores {
			missing -= min(1, max(0, len(s)-rung))
		}
		for i := range max(0, missing) {
			told.Trials = append(told.Trials, Trial{i, f.upTo(f.Trials[i], rung)})
		}
		expected /= max(1, f.Sweep.Halving)
	}
	r.OnRung(told)
}

// next returns the task that comes next, and brings scores up to date. Taken are the trials
// that are being trained.
func (f *Folder) next(ctx context.Context, scores [][]Scores, taken func(int) bool) (task, bool, error) {
	promotions, err := f.Promotions()
	if err != nil {
		return task{}, false, err
	}
	levels := f.levels(promotions)
	for i := range f.known {
		if len(scores[i]) <= levels[i] {
			if scores[i], err = f.scores(i); err != nil {
				return task{}, false, err
			}
		}
	}
	if f.Sweep.Async {
		if t, ok, err := f.promote(ctx, scores, taken); err != nil || ok {
			return t, ok, err
		}
	} else if err := f.choose(ctx, scores); err != nil {
		return task{}, false, err
	}
	for i := range f.known {
		if len(scores[i]) == 0 && !taken(i) {
			return task{i, 0}, true, nil
		}
	}
	return task{}, false, nil
}
