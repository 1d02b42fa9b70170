package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// Runner trains trials.
type Runner struct {
	// Threads is the number of threads, and Jobs the number of trials that share them at
	// a time. Results depend on neither.
	Threads, Jobs int
	// Options are the options of the engines, except for the number of threads.
	Options []kernels.Option
	// Data returns the dataset of that name, which may be nil if it is [data.Spec.Fixed].
	// It is called once for each dataset.
	Data func(dataset string) (*data.Dataset, error)

	// OnRung, OnStep and OnResult, if set, are called with the trials that are to be
	// trained next, all to the same rung; with each step; and with each trial that has
	// reached its rung. They are called one at a time.
	OnRung   func(Rung)
	OnStep   func(Trial, train.StepRecord)
	OnResult func(Result)
	// OnBusy, if set, is called with the trials that other processes train, when
	// [Folder.Do] has trained all others and waits for them.
	OnBusy func([]int)

	telling sync.Mutex
	loading sync.Mutex
	loaded  map[string]*data.Dataset
}

// Rung is a comparison of trials: at their end, or before it by successive halving. Where
// trials go on as results arrive, it stands for all comparisons: its number is 0, and its
// trials are as many, and about as long, as are still to be expected.
type Rung struct {
	Number, Rungs int     // the number of this one, from 1, and of all
	Trials        []Trial // that are to reach it, with their length up to it
}

// ErrWaits says that a trial waits for others to reach its rung.
var ErrWaits = errors.New("it waits for others")

// Run trains one trial, to its end or, with halving, to the next rung. It does nothing if
// the trial is finished. Any number of processes may train trials of the folder at the same
// time; the error for a trial that another one is training is [train.ErrBusy].
//
// When the context is done, the trial writes a checkpoint, and Run returns the context's
// cause. A trial that diverges is finished, which is not an error.
func (f *Folder) Run(ctx context.Context, index int, r *Runner) error {
	if index < 0 || index >= len(f.Trials) {
		return fmt.Errorf("index is %d, want 0 to %d", index, len(f.Trials)-1)
	}
	if f.Sweep.TPE > 0 || f.Sweep.Async {
		return f.runNext(ctx, index, r)
	}
	scores, s, err := f.read()
	if err != nil {
		return err
	}
	switch got := scores[index]; {
	case slices.Contains(s.waiting, index):
		r.rung(f, s.rung, []int{index})
		return r.train(ctx, f, index, s.rung, max(1, r.Threads))
	case len(got) > s.rung && s.rung+1 < f.rungs() && got[s.rung].Status != Diverged:
		return fmt.Errorf("trial %d: %w: %d still to reach rung %d of %d", index, ErrWaits, len(s.waiting), s.rung+1, f.rungs())
	}
	return nil
}

// Do trains all trials that are not finished, the longest first, and collects the results.
// It leaves trials to the processes that train them. When no others are left, Do waits for
// them, and trains those that their process has left unfinished.
//
// When the context is done, trials write checkpoints, and Do returns the context's cause.
// An error of one trial stops the others in the same way. With an error, Do returns the
// results so far.
func (f *Folder) Do(ctx context.Context, r *Runner) (*Results, error) {
	for {
		scores, s, err := f.read()
		if err != nil {
			return nil, err
		}
		if len(s.waiting) == 0 && f.known == len(f.Trials) {
			return f.Collect()
		}
		if f.Sweep.TPE > 0 || f.Sweep.Async {
			r.expect(f, scores)
			err = r.pursue(ctx, f, scores)
		} else {
			r.rung(f, s.rung, s.waiting)
			err = r.trainAll(ctx, f, s)
		}
		if err != nil {
			results, collected := f.Collect()
			return results, cmp.Or(err, collected)
		}
	}
}

// rung calls OnRung.
func (r *Runner) rung(f *Folder, rung int, waiting []int) {
	if r.OnRung == nil {
		return
	}
	told := Rung{Number: rung + 1, Rungs: f.rungs()}
	for _, i := range waiting {
		told.Trials = append(told.Trials, Trial{i, f.upTo(f.Trials[i], rung)})
	}
	r.OnRung(told)
}

// pause is the time that Do waits before it tries again to train what other processes
// trained.
const pause = 500 * time.Millisecond

// trainAll trains the trials that are to reach the rung, or waits until other processes
// have.
func (r *Runner) trainAll(ctx context.Context, f *Folder, s standing) error {
	images := 0
	if set, err := r.Images(f.Sweep.Base.Dataset); err == nil && set != nil {
		images = set.Train.Len()
	}
	waiting := s.waiting
	slices.SortStableFunc(waiting, func(i, j int) int {
		return cmp.Compare(f.Trials[j].Work(images), f.Trials[i].Work(images))
	})
	var told []int
	for {
		busy, err := r.trainFree(ctx, f, waiting, s.rung)
		if err != nil || len(busy) == 0 {
			return err
		}
		if waiting = busy; r.OnBusy != nil && !slices.Equal(busy, told) {
			told = busy
			r.OnBusy(slices.Sorted(slices.Values(busy)))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// trainFree trains the trials to a rung, several at a time, and returns those that other
// processes are training.
func (r *Runner) trainFree(ctx context.Context, f *Folder, trials []int, rung int) (busy []int, err error) {
	jobs := min(max(1, r.Jobs), len(trials))
	taken := make([]bool, len(trials))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(jobs)
	for k, i := range trials {
		g.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			err := r.train(ctx, f, i, rung, max(1, r.Threads/jobs))
			if taken[k] = errors.Is(err, train.ErrBusy); taken[k] {
				return nil
			}
			return err
		})
	}
	err = g.Wait()
	for k, i := range trials {
		if taken[k] {
			busy = append(busy, i)
		}
	}
	return busy, err
}

// Images returns the dataset of that name, which all trials share, as they do the spectra that
// whitening needs of it. It calls Data once.
func (r *Runner) Images(dataset string) (*data.Dataset, error) {
	r.loading.Lock()
	defer r.loading.Unlock()
	if set, ok := r.loaded[dataset]; ok {
		return set, nil
	}
	set, err := r.Data(dataset)
	if err != nil {
		return nil, err
	}
	if set != nil {
		shared := *set
		shared.Spectra = new(data.Spectra)
		set = &shared
	}
	if r.loaded == nil {
		r.loaded = map[string]*data.Dataset{}
	}
	r.loaded[dataset] = set
	return set, nil
}

// train trains a trial to a rung, unless another process has done so, and writes its
// scores.
func (r *Runner) train(ctx context.Context, f *Folder, index, rung, threads int) error {
	trial := Trial{index, f.upTo(f.Trials[index], rung)}
	rungs, err := f.scores(index)
	if err != nil {
		return err
	}
	if len(rungs) <= rung {
		do := trainAs[float32]
		if trial.Config.DType == "float64" {
			do = trainAs[float64]
		}
		scores, err := do(ctx, r, f, trial, threads)
		if err != nil {
			return fmt.Errorf("trial %d: %w", index, err)
		}
		if rungs, err = f.scores(index); err != nil {
			return err
		}
		if len(rungs) == rung { // otherwise another process was a moment quicker
			rungs = append(rungs, scores)
			if err := f.writeScores(index, rungs); err != nil {
				return err
			}
		}
	}
	if r.OnResult != nil {
		r.telling.Lock()
		defer r.telling.Unlock()
		r.OnResult(Result{trial, rungs[rung], rung + 1})
	}
	return nil
}

// trainAs trains a trial from its last checkpoint.
func trainAs[T kernels.Float](ctx context.Context, r *Runner, f *Folder, trial Trial, threads int) (Scores, error) {
	engine, err := kernels.New[T](append(r.Options[:len(r.Options):len(r.Options)], kernels.WithThreads(threads))...)
	if err != nil {
		return Scores{}, err
	}
	set, err := r.Images(trial.Config.Dataset)
	if err != nil {
		return Scores{}, err
	}
	folder, whole := f.run(trial.Index), f.Trials[trial.Index].Config // trial's has the length up to the rung
	folder.Config = whole
	if busy, err := folder.Busy(); err != nil {
		return Scores{}, fmt.Errorf("%w: %w", ErrUnusable, err)
	} else if busy {
		return Scores{}, train.ErrBusy // before images and weights are made in vain
	}
	if err := os.MkdirAll(folder.Dir, 0o777); err != nil {
		return Scores{}, err
	}
	run, err := train.Resume(engine, folder, whole, set)
	if err != nil {
		return Scores{}, fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	run.Until = cmp.Or(trial.Config.Epochs*run.StepsPerEpoch(), trial.Config.Iters)
	if !f.Sweep.Test {
		run.Test = nil
	}
	var last train.StepRecord
	run.OnStep = func(s train.StepRecord) {
		last = s
		if r.OnStep != nil {
			r.telling.Lock()
			defer r.telling.Unlock()
			r.OnStep(trial, s)
		}
	}
	s := Scores{Params: run.Network.NumParams(), Status: Done}
	result, err := run.Do(ctx)
	s.EpochsRun = run.Step / run.StepsPerEpoch()
	if errors.Is(err, train.ErrDiverged) {
		s.Status, s.Seconds = Diverged, last.Seconds
		return s, nil
	}
	if err != nil {
		return Scores{}, err
	}
	s.TrainLoss, s.TrainAcc, s.ValLoss, s.ValAcc, s.TestAcc = &result.TrainLoss, &result.TrainAcc, result.ValLoss, result.ValAcc, result.TestAcc
	s.ValClasses = classes(run.Network, run.Val)
	s.Seconds, s.WeightsSHA256, s.StoppedEarly = result.Seconds, result.WeightsSHA256, result.StoppedEarly
	return s, nil
}

// classes returns how many different classes the network predicts for the examples, 0
// if there are none.
func classes[T kernels.Float](n *net.Network[T], examples train.Examples[T]) int {
	if examples == nil {
		return 0
	}
	predicted := map[int]bool{}
	for i := range examples.Len() {
		x, _ := examples.Draw([]int{i})
		predicted[net.Argmax(n.Logits(x).Row(0))] = true
	}
	return len(predicted)
}
