package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// ErrDiverged says that a loss is NaN or infinite. The text says in which layer that began.
var ErrDiverged = errors.New("training diverged")

// Run is a training run: a model, its data, and its progress.
//
// Each step draws the batch that [data.Sampler] gives for it, computes the loss and its
// gradients, and steps the optimiser. After the last step of an epoch the validation part
// is scored. A run that ends within an epoch scores the validation part at its end, too.
//
// If the optimiser keeps a mean of the parameters, that is the model which is scored and
// kept, and which the network holds when the run is done.
type Run[T kernels.Float] struct {
	Model[T]  // after Step steps
	Optimizer net.Optimizer[T]
	Train     Examples[T]
	Val, Test Examples[T] // nil if there are none

	// Folder, if set, is where the run is kept.
	Folder *Folder
	// CheckpointEvery is the number of steps from one checkpoint to the next. If it is
	// 0, checkpoints are written at ends of epochs, at least a second apart.
	CheckpointEvery int
	// Until, if it is not 0, is a step after which Do ends as after the last one. A run that
	// resumes goes on from there, with the learning rates of its whole length.
	Until int
	// KeepEpochs is the number of epochs, the last ones, whose models the folder keeps
	// besides the best one.
	KeepEpochs int

	// OnStep and OnEpoch, if set, are called with every record of the history.
	OnStep  func(StepRecord)
	OnEpoch func(EpochRecord)

	engine   *kernels.Engine[T]
	path     string // where the dataset was read from; empty if it was made
	state    progress
	keeper   *keeper      // nil if the run has no folder
	averaged bool         // the network holds the mean of its parameters, and the optimiser themselves
	top      *EpochRecord // the record with the best validation accuracy; nil before the first
}

// progress is what a run carries from step to step besides the parameters and the state of
// the optimiser.
type progress struct {
	FirstLoss, FinalLoss float64
	Images               int     // drawn so far
	Seconds              float64 // spent in steps
	EpochLoss, EpochAcc  float64 // sums over the batches of this epoch
	BestAcc              float64 // at the end of an epoch, from which patience counts
	BestEpoch            int     // 0 before the first epoch ends
	Unscored             bool    // the epoch that ended with the last step is not scored yet
}

// New returns a run at its start. Set is the dataset that config names: any if that is
// [data.Files]. It may be nil if it is [data.Spec.Fixed], as the toy problem is. [NewOn]
// takes examples that are no [data.Dataset].
func New[T kernels.Float](engine *kernels.Engine[T], config Config, set *data.Dataset) (*Run[T], error) {
	r, err := emptyRun(engine, config)
	if err != nil {
		return nil, err
	}
	return r, r.setDataset(set, nil)
}

// emptyRun returns a run that lacks its network and its examples.
func emptyRun[T kernels.Float](engine *kernels.Engine[T], config Config) (*Run[T], error) {
	config, err := config.Resolve()
	if err != nil {
		return nil, err
	}
	if computed := dtype[T](); config.DType != computed {
		return nil, fmt.Errorf("dtype is %s, the engine computes in %s", config.DType, computed)
	}
	r := &Run[T]{engine: engine, Model: Model[T]{Config: config}}
	r.Optimizer = newOptimizer(engine, config)
	return r, nil
}

func (r *Run[T]) sampler() *data.Sampler {
	return data.NewSampler(r.Train.Len(), r.Config.Batch, r.Config.KeepLast, r.Config.Seed)
}

// Steps returns the number of steps that the configuration asks for.
func (r *Run[T]) Steps() int {
	if r.Config.Epochs > 0 {
		return r.Config.Epochs * r.StepsPerEpoch()
	}
	return r.Config.Iters
}

// lastStep returns the number of steps after which Do ends.
func (r *Run[T]) lastStep() int {
	if r.Until > 0 {
		return min(r.Until, r.Steps())
	}
	return r.Steps()
}

// StepsPerEpoch returns the number of steps in an epoch.
func (r *Run[T]) StepsPerEpoch() int { return r.sampler().StepsPerEpoch() }

// Do trains the run to its end and scores the network.
//
// When the context is done, Do writes a checkpoint and returns the context's cause. If the
// loss of a step or of the trained network is NaN or infinite, it returns [ErrDiverged].
// However it ends, the best model so far is in the folder.
func (r *Run[T]) Do(ctx context.Context) (*Result, error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	result, err := r.do(ctx)
	return result, cmp.Or(err, r.close())
}

func (r *Run[T]) do(ctx context.Context) (*Result, error) {
	sampler := r.sampler()
	perEpoch, steps := sampler.StepsPerEpoch(), r.lastStep()
	r.hold(false)
	for ctx.Err() == nil {
		var err error
		switch {
		case r.state.Unscored:
			err = r.endEpoch(ctx, perEpoch)
		case r.Step < steps && !r.stale(r.Step/perEpoch):
			err = r.step(sampler.At(r.Step), perEpoch)
		default:
			return r.end(ctx, perEpoch)
		}
		if err != nil {
			return nil, err
		}
		if !r.state.Unscored && r.keeper.due(r.Step, r.CheckpointEvery, r.Step%perEpoch == 0) {
			if err := r.save(); err != nil {
				return nil, err
			}
		}
	}
	return nil, r.stop(ctx)
}

// end scores the trained network. The checkpoint comes first, because scoring a large
// network takes long.
func (r *Run[T]) end(ctx context.Context, perEpoch int) (*Result, error) {
	if err := r.save(); err != nil {
		return nil, err
	}
	if r.Step%perEpoch != 0 {
		if err := r.endEpoch(ctx, perEpoch); err != nil {
			return nil, err
		}
	}
	r.hold(true)
	result, err := r.result(ctx)
	if ctx.Err() != nil {
		return nil, r.stop(ctx)
	}
	if err != nil {
		return nil, err
	}
	return result, r.finish(result)
}

// stop writes a checkpoint of a run that was stopped, and returns the reason.
func (r *Run[T]) stop(ctx context.Context) error {
	r.hold(false)
	where, err := fmt.Sprintf("before step %d of %d", r.Step+1, r.Steps()), r.save()
	if r.Step == r.lastStep() {
		where = fmt.Sprintf("after step %d, its last, before that was scored", r.Step)
	}
	if err != nil {
		return fmt.Errorf("stopped %s, without a checkpoint: %w", where, err)
	}
	return fmt.Errorf("stopped %s: %w", where, context.Cause(ctx))
}

// stale reports whether patience is exhausted: that many epochs have passed since the
// best one.
func (r *Run[T]) stale(epochs int) bool {
	return r.Val != nil && r.Config.Patience > 0 && epochs-r.state.BestEpoch >= r.Config.Patience
}

// step trains on the examples that rows lists.
func (r *Run[T]) step(rows []int, perEpoch int) error {
	began := time.Now()
	x, truth := r.drawTraining(rows, r.Step/perEpoch)
	rate := r.rate(r.Step, perEpoch)
	r.Optimizer.SetRate(rate)
	r.Network.Seed(r.Config.Seed, r.Step)
	loss := r.Network.TrainingLoss(x, truth, r.Config.Reg)
	if total := loss.Total(); !finite(total) {
		at := r.Network.NotFinite(func() { r.Network.TrainingLoss(x, truth, r.Config.Reg) })
		return fmt.Errorf("%w: the loss of step %d is %v at learning rate %v%s", ErrDiverged, r.Step+1, total, rate, firstIn(at))
	}
	accuracy := 1 - loss.Data // of targets whose variance is 1
	if truth.Labels != nil {
		accuracy = net.Accuracy(r.Network.Output(), truth.Labels)
	}
	r.Network.Step(r.Optimizer)
	r.state.Seconds += time.Since(began).Seconds()

	if r.Step == 0 {
		r.state.FirstLoss = loss.Total()
	}
	r.Step++
	r.state.FinalLoss = loss.Total()
	r.state.Images += len(rows)
	r.state.EpochLoss += loss.Data
	r.state.EpochAcc += accuracy
	r.state.Unscored = r.Step%perEpoch == 0
	return r.log(StepRecord{r.Step, (r.Step-1)/perEpoch + 1, loss.Data, loss.Reg, accuracy, rate, r.state.Seconds})
}

// diverged returns the error of a loss that scoring the examples gave.
func (r *Run[T]) diverged(on Examples[T], loss float64) error {
	at := r.Network.NotFinite(func() { ScoreOn(r.Network, on) })
	return fmt.Errorf("%w: the loss after step %d is %v%s", ErrDiverged, r.Step, loss, firstIn(at))
}

// firstIn says what [net.Network.NotFinite] found.
func firstIn(found string) string {
	if found == "" {
		return ": of finite outputs"
	}
	return ": first in " + found
}

// endEpoch scores the validation part after the last step of an epoch, or of a run that
// ends within one. If the context is done, the epoch stays unscored.
func (r *Run[T]) endEpoch(ctx context.Context, perEpoch int) error {
	r.hold(true)
	defer r.hold(false)
	done := (r.Step-1)%perEpoch + 1
	e := EpochRecord{
		Step: r.Step, Epoch: (r.Step-1)/perEpoch + 1, LR: r.rate(r.Step-1, perEpoch), Seconds: r.state.Seconds,
		TrainLoss: r.state.EpochLoss / float64(done), TrainAcc: r.state.EpochAcc / float64(done),
	}
	if done < perEpoch {
		e.Part = float64(done) / float64(perEpoch)
	}
	if r.Val != nil {
		val, whole := score(ctx, r.Network, r.Val)
		if !whole {
			return nil
		}
		if !finite(val.Loss) {
			return r.diverged(r.Val, val.Loss)
		}
		e.ValLoss, e.ValAcc = &val.Loss, &val.Accuracy
	}
	if done == perEpoch {
		r.state.EpochLoss, r.state.EpochAcc, r.state.Unscored = 0, 0, false
		if r.Val != nil && (r.state.BestEpoch == 0 || *e.ValAcc > r.state.BestAcc) {
			r.state.BestAcc, r.state.BestEpoch = *e.ValAcc, e.Epoch
		}
	}
	if err := r.keep(e, r.rank(e)); err != nil {
		return err
	}
	if r.OnEpoch != nil {
		r.OnEpoch(e)
	}
	return nil
}

// rank reports whether e has the best validation accuracy so far, and remembers it.
func (r *Run[T]) rank(e EpochRecord) bool {
	better := e.ValAcc != nil && (r.top == nil || *e.ValAcc > *r.top.ValAcc)
	if better {
		r.top = &e
	}
	return better
}

// log adds a step to the history, and calls OnStep.
func (r *Run[T]) log(s StepRecord) error {
	if err := r.keeper.step(s); err != nil {
		return err
	}
	if r.OnStep != nil {
		r.OnStep(s)
	}
	return nil
}

func dtype[T kernels.Float]() string { return fmt.Sprintf("%T", T(0)) }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
