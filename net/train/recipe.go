package train

import (
	"fmt"
	"math"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
)

// byEpoch is the schedule whose learning rate decays after each epoch.
const byEpoch = "epoch"

// newOptimizer returns the optimiser of a configuration at its first step.
func newOptimizer[T kernels.Float](engine *kernels.Engine[T], c Config) net.Optimizer[T] {
	switch c.Optimizer {
	case "sgd":
		return net.NewSGD(engine, net.SGDOptions{
			Momentum: c.Momentum, Nesterov: c.Nesterov, WeightDecay: c.WeightDecay, Clip: c.Clip, Average: c.EMA,
		})
	case "lion":
		return net.NewLion(engine, net.LionOptions{
			Beta1: c.Beta1, Beta2: c.Beta2, WeightDecay: c.WeightDecay, Clip: c.Clip, Average: c.EMA,
		})
	}
	return net.NewAdam(engine, net.AdamOptions{
		Beta1: c.Beta1, Beta2: c.Beta2, Epsilon: c.Epsilon, WeightDecay: c.WeightDecay,
		Decoupled: c.Optimizer == "adamw", Clip: c.Clip, Average: c.EMA,
	})
}

// schedule returns the learning rates of a run.
func (c Config) schedule(perEpoch, steps int) net.Schedule {
	s := net.Schedule{
		Fall: net.Fall(c.Schedule), Peak: c.LR, Steps: steps, Warmup: int(math.Round(c.Warmup * float64(perEpoch))),
		Decay: c.LRDecay, Every: c.LREvery * perEpoch, Final: c.LRFinal,
	}
	switch {
	case c.Schedule == byEpoch:
		s.Fall, s.Every = net.ByStep, perEpoch
	case s.Fall == net.OneCycle && s.Warmup == 0:
		s.Warmup = int(math.Round(0.3 * float64(steps)))
	}
	return s
}

// sameSchedule returns an error if a run that began with old cannot go on with now, since
// its learning rates hang on its length.
func sameSchedule(old, now Config) error {
	hangs := old.Schedule == string(net.Cosine) || old.Schedule == string(net.OneCycle)
	if hangs && (old.Iters != now.Iters || old.Epochs != now.Epochs) {
		return fmt.Errorf("iters is %d and epochs is %d, the run began with %d and %d: only patience may change, since the schedule %s hangs on the length of the run",
			now.Iters, now.Epochs, old.Iters, old.Epochs, old.Schedule)
	}
	return nil
}

// rate returns the learning rate of a step, from 0.
func (r *Run[T]) rate(step, perEpoch int) float64 {
	s := r.Config.schedule(perEpoch, r.Steps())
	return s.Rate(step)
}

// hold makes the network hold the running mean of its parameters and buffers, or these
// themselves, which it exchanges. Without a mean there is nothing to do.
func (r *Run[T]) hold(averaged bool) {
	if r.averaged == averaged {
		return
	}
	r.averaged = averaged
	all := saved(r.Network)
	for i, mean := range r.Optimizer.Mean(all) {
		r.engine.Swap(kernels.NewVec(all[i].Value.Data), kernels.NewVec(mean.Data))
	}
}
