package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// ErrDiverged says that the loss is no longer a finite number.
var ErrDiverged = errors.New("training diverged")

// Run is a training run: a network, what it trains on, and a schedule.
//
// Step t draws the batch that [data.Sampler] gives for it, computes the loss and
// its gradients, and steps the optimiser. After the last step of an epoch the
// learning rate decays.
type Run[T kernels.Float] struct {
	Network        *net.Network[T]
	SGD            *net.SGD[T]
	Train          Examples[T]
	Val, Test      Examples[T] // nil where there are none
	Steps          int
	Batch          int
	Regularisation float64 // λ of the loss
	Seed           uint64  // of the shuffles

	// OnStep, if set, sees every step; what it holds is of the batch before the
	// update.
	OnStep func(Step)
}

// Step is what a training step saw.
type Step struct {
	Step, Epoch  int // counted from 0
	Loss         net.Loss
	Accuracy     float64 // of the batch
	LearningRate float64
	Elapsed      time.Duration // in steps so far
	Val          *Score        // after the last step of an epoch
}

// Score is the mean loss, without regularisation, and the accuracy on examples.
type Score struct{ Loss, Accuracy float64 }

// Result is what a run ends with.
type Result struct {
	// FirstLoss and FinalLoss are the regularised losses of the first and the
	// last batch, each before its update.
	FirstLoss, FinalLoss float64
	Train                Score
	Val, Test            *Score        // nil where there are no such examples
	Elapsed              time.Duration // in steps, without scoring
}

// StepsPerEpoch returns max(1, floor(images/batch)).
func (r *Run[T]) StepsPerEpoch() int { return max(1, r.Train.Len()/r.Batch) }

// Do trains and scores. It stops with the context's cause if that is done, and
// with [ErrDiverged] if a loss is NaN or infinite, be it a step's or that of the
// trained network.
func (r *Run[T]) Do(ctx context.Context) (*Result, error) {
	sampler := data.NewSampler(r.Train.Len(), r.Batch, r.Seed)
	perEpoch := sampler.StepsPerEpoch()
	var result Result
	for t := range r.Steps {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("stopped before step %d of %d: %w", t+1, r.Steps, context.Cause(ctx))
		}
		began := time.Now()
		x, labels := r.Train.Draw(sampler.At(t))
		loss := r.Network.Gradients(x, labels, r.Regularisation)
		step := Step{Step: t, Epoch: t / perEpoch, Loss: loss, LearningRate: r.SGD.LearningRate}
		if total := loss.Total(); !finite(total) {
			return nil, fmt.Errorf("%w: the loss of step %d is %v at learning rate %v", ErrDiverged, t+1, total, r.SGD.LearningRate)
		}
		step.Accuracy = net.Accuracy(r.Network.Output(), labels)
		r.SGD.Step(r.Network.Params())
		endOfEpoch := (t+1)%perEpoch == 0
		if endOfEpoch {
			r.SGD.EndEpoch()
		}
		result.Elapsed += time.Since(began)

		if t == 0 {
			result.FirstLoss = loss.Total()
		}
		result.FinalLoss = loss.Total()
		if r.OnStep != nil {
			if endOfEpoch {
				step.Val = r.score(r.Val)
			}
			step.Elapsed = result.Elapsed
			r.OnStep(step)
		}
	}
	result.Train = *r.score(r.Train)
	result.Val, result.Test = r.score(r.Val), r.score(r.Test)
	for _, s := range []*Score{&result.Train, result.Val, result.Test} {
		if s != nil && !finite(s.Loss) {
			return nil, fmt.Errorf("%w: the loss after step %d is %v", ErrDiverged, r.Steps, s.Loss)
		}
	}
	return &result, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// ScoreBatch is how many examples are scored at a time.
const ScoreBatch = 1000

// score returns the network's score on examples, nil if there are none.
func (r *Run[T]) score(examples Examples[T]) *Score {
	if examples == nil {
		return nil
	}
	n := examples.Len()
	var rows [ScoreBatch]int
	var loss float64
	correct := 0
	for i := 0; i < n; i += ScoreBatch {
		batch := rows[:min(ScoreBatch, n-i)]
		for k := range batch {
			batch[k] = i + k
		}
		x, labels := examples.Draw(batch)
		loss += r.Network.Loss(x, labels, 0).Data * float64(len(batch))
		correct += net.Correct(r.Network.Output(), labels)
	}
	return &Score{loss / float64(n), float64(correct) / float64(n)}
}
