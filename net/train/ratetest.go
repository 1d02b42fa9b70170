package train

import (
	"context"
	"fmt"
	"math"
)

// The learning rates of a range test: 20 steps for each factor of 10.
const (
	leastRate      = 1e-7
	decades        = 8
	stepsPerDecade = 20
)

const (
	// smoothedOver is how many losses are averaged, an odd number.
	smoothedOver = 9
	// slopeOver is how many steps before and after a learning rate its slope is of.
	slopeOver = 5
	// exploded is how many times its least the loss is where a range test stops.
	exploded = 4
	// leastFall is the share of the first loss by which it must fall for a suggestion.
	leastFall = 0.02
)

// RateTest is a learning rate range test: one step at each of growing learning rates (Smith,
// Cyclical Learning Rates for Training Neural Networks, arXiv:1506.01186, §3.3).
type RateTest struct {
	Points []RatePoint `json:"points"` // step by step
	// Steepest and Lowest are the learning rates at which the smoothed loss falls fastest, by
	// the logarithm of the rate, and at which it is least. They are 0 if it never falls by 2%.
	Steepest float64 `json:"steepest_lr"`
	Lowest   float64 `json:"lowest_lr"`
	// Diverged is the rate of the step after which the loss was not finite, or the mean of the
	// last nine was four times the least; nil if it stayed below at every rate.
	Diverged *float64 `json:"diverged_lr"`
}

// RatePoint is a step of a range test.
type RatePoint struct {
	LR       float64 `json:"lr"`
	Loss     float64 `json:"loss"`     // of the batch, before the step
	Smoothed float64 `json:"smoothed"` // the mean of the nine losses around it; of fewer near the ends
}

// Suggestion returns the learning rate to train with: the steepest, but at most a tenth of the
// one that diverged, since the steepest is often the last that is stable. It is 0 if the loss
// never fell.
func (t *RateTest) Suggestion() float64 {
	if t.Diverged != nil {
		return min(t.Steepest, *t.Diverged/10)
	}
	return t.Steepest
}

// TestRates takes steps at learning rates that grow from 1e-7 to 10, whatever the schedule,
// until the training diverges. The run must be at its start, and is of no use after that.
func (r *Run[T]) TestRates(ctx context.Context) (*RateTest, error) {
	sampler := r.sampler()
	t, least := new(RateTest), math.Inf(1)
	for step := range 1 + stepsPerDecade*decades {
		rate := leastRate * math.Pow(10, float64(step)/stepsPerDecade)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("stopped after %d steps: %w", step, context.Cause(ctx))
		}
		loss := r.stepAt(sampler.At(step), step, sampler.StepsPerEpoch(), rate)
		if !finite(loss) {
			t.Diverged = &rate
			break
		}
		t.Points = append(t.Points, RatePoint{LR: rate, Loss: loss})
		mean := meanLoss(t.Points[max(0, len(t.Points)-smoothedOver):])
		if least = min(least, mean); mean > exploded*least {
			t.Diverged = &rate
			break
		}
	}
	t.judge()
	return t, nil
}

// stepAt takes a step at a learning rate, and returns the loss before it. If that is not
// finite, there is no step.
func (r *Run[T]) stepAt(rows []int, step, perEpoch int, rate float64) float64 {
	x, truth := r.drawTraining(rows, step/perEpoch)
	r.Network.Seed(r.Config.Seed, step)
	loss := r.Network.TrainingLoss(x, truth, r.Config.Reg).Total()
	if finite(loss) {
		r.Optimizer.SetRate(rate)
		r.Network.Step(r.Optimizer)
	}
	return loss
}

// judge smooths the losses, and finds where they fall.
func (t *RateTest) judge() {
	n, lowest := len(t.Points), 0
	for i := range t.Points {
		around := min(smoothedOver/2, i, n-1-i)
		t.Points[i].Smoothed = meanLoss(t.Points[i-around : i+around+1])
		if t.Points[i].Smoothed < t.Points[lowest].Smoothed {
			lowest = i
		}
	}
	if n == 0 || t.Points[lowest].Smoothed > (1-leastFall)*meanLoss(t.Points[:min(smoothedOver, n)]) {
		return
	}
	steepest := 0.0
	for i := slopeOver; i <= lowest && i+slopeOver < n; i++ {
		if slope := t.Points[i+slopeOver].Smoothed - t.Points[i-slopeOver].Smoothed; slope < steepest {
			steepest, t.Steepest, t.Lowest = slope, t.Points[i].LR, t.Points[lowest].LR
		}
	}
}

func meanLoss(points []RatePoint) float64 {
	sum := 0.0
	for _, p := range points {
		sum += p.Loss
	}
	return sum / float64(len(points))
}
