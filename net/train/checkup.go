package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// Finding is what one check of a run found.
type Finding struct {
	Check  string   `json:"check"`
	Wrong  bool     `json:"wrong"`
	Value  *float64 `json:"value"` // nil if it is not finite, or there is nothing to measure
	Says   string   `json:"says"`
	Change string   `json:"change,omitempty"` // what to do if it is wrong
}

// Bounds of what is healthy.
const (
	smallInput, largeInput = 0.1, 10. // root mean square
	mostImbalance          = 10.      // of the classes with the most and the fewest examples
	mostLeaking            = 0.01     // share of a part
	mostLayerRatio         = 10.      // of the signals of hidden layers that follow each other
	mostGradientRatio      = 100.     // of their gradients
	mostDead               = 0.5      // share of a layer's units
	mostSaturated          = 0.3      // share of examples
	certain                = 0.99     // the probability of a saturated example's class
	overfitted             = 0.1      // share of the first loss
	overfitRows            = 32       // examples
	overfitSteps           = 400
	mostRateRatio          = 10.
	smallUnits             = 6 // of a network whose gradients are checked
	mostGradientError      = 1e-5
)

// found returns a finding.
func found(check string, wrong bool, value float64, change, says string, args ...any) Finding {
	f := Finding{Check: check, Wrong: wrong, Says: fmt.Sprintf(says, args...)}
	if finite(value) {
		f.Value = &value
	}
	if wrong {
		f.Change = change
	}
	return f
}

// Examine looks for what is known to keep networks from learning: in the examples of set, in
// the run at its start, which stays as it is, and in copies of its network that are trained
// for some hundred steps. Set is the dataset of the run.
func (r *Run[T]) Examine(ctx context.Context, set *data.Dataset) ([]Finding, error) {
	rows := r.sampler().At(0)
	x, truth := draw(r.Train, rows)
	all := []Finding{inputSize(x)}
	all = append(all, classBalance(set, r.Config.ClassWeights == balanced)...)
	all = append(all, leaks(set)...)
	if truth.Labels != nil {
		signals := r.Network.Signals(x, truth.Labels)
		all = append(all, layerSignals(signals)...)
		all = append(all, deadUnits(r.Network.DeadUnits(x)), saturation(r.Network.Logits(x), len(r.Classes)))
	}
	if truth.Labels != nil {
		check, err := r.smallGradients()
		if err != nil {
			return nil, err
		}
		all = append(all, check)
	}
	overfit, err := r.overfit(rows[:min(len(rows), overfitRows)])
	if err != nil {
		return nil, err
	}
	fresh, err := r.again(r.Config)
	if err != nil {
		return nil, err
	}
	tested, err := fresh.TestRates(ctx)
	if err != nil {
		return nil, err
	}
	return append(all, overfit, rateOf(r.Config.LR, tested)), nil
}

// again returns a run at its start, of another configuration, on the same examples and from
// the same weights.
func (r *Run[T]) again(c Config) (*Run[T], error) {
	fresh := *r
	fresh.Config = c
	started, err := emptyRun(r.engine, c)
	if err != nil {
		return nil, err
	}
	fresh.Optimizer = started.Optimizer
	if err := fresh.setNetwork(); err != nil {
		return nil, err
	}
	from := saved(r.Network)
	for i, p := range saved(fresh.Network) {
		copy(p.Value.Data, from[i].Value.Data)
	}
	return &fresh, nil
}

// smallGradients compares gradients with numerical ones in float64, in a network of the same
// layers with few units.
func (r *Run[T]) smallGradients() (Finding, error) {
	engine, err := kernels.New[float64]()
	if err != nil {
		return Finding{}, err
	}
	c := r.Config
	c.Hidden = slices.Clone(c.Hidden)
	for i := range c.Hidden {
		c.Hidden[i] = min(c.Hidden[i], smallUnits)
	}
	worst := net.GradError{}
	for _, e := range net.CheckArchitecture(engine, c.network(smallUnits, max(2, min(len(r.Classes), smallUnits))), c.Seed) {
		if !(e.Max <= worst.Max) {
			worst = e
		}
	}
	return found("gradients", !(worst.Max < mostGradientError), worst.Max, "nothing: this is an error of the program",
		"the largest relative error of a gradient is %.2g, of %s", worst.Max, worst.Name), nil
}

// overfit trains on one batch alone, without what works against that, at the run's rate.
func (r *Run[T]) overfit(rows []int) (Finding, error) {
	c := r.Config
	c.Dropout, c.Reg, c.WeightDecay, c.Clip, c.EMA = 0, 0, 0, 0, 0
	fresh, err := r.again(c)
	if err != nil {
		return Finding{}, err
	}
	first, last, steps := 0.0, 0.0, 0
	for ; ; steps++ {
		x, truth := draw(r.Train, rows)
		last = fresh.Network.TrainingLoss(x, truth, 0).Data
		if steps == 0 {
			first = last
		}
		if !finite(last) || last < overfitted*first || steps == overfitSteps {
			break
		}
		fresh.Optimizer.SetRate(c.LR)
		fresh.Network.Step(fresh.Optimizer)
	}
	return found("overfit", !(last < overfitted*first), last, "try the learning rate of --find-lr, larger --hidden, or --init he",
		"the loss of one batch of %d goes from %.3g to %.3g in %d steps", len(rows), first, last, steps), nil
}

func inputSize[T kernels.Float](x kernels.Mat[T]) Finding {
	squares := 0.0
	for i := range x.Rows {
		for _, v := range x.Row(i) {
			squares += float64(float64(v) * float64(v))
		}
	}
	size := math.Sqrt(squares / float64(x.Rows*x.Cols))
	return found("inputs", !(size >= smallInput && size <= largeInput), size, "--normalize symmetric for bytes, standard for other values",
		"inputs have a root mean square of %.3g, want about 1", size)
}

func classBalance(set *data.Dataset, weighted bool) []Finding {
	if set == nil || set.Regression() {
		return nil
	}
	counts := set.Train.Counts(len(set.Classes))
	most, fewest := slices.Max(counts), slices.Min(counts)
	ratio := float64(most) / float64(fewest)
	return []Finding{found("balance", ratio > mostImbalance && !weighted || fewest == 0, ratio, "--class-weights balanced, or examples of the class",
		"classes have %d to %d examples to train on", fewest, most)}
}

func leaks(set *data.Dataset) []Finding {
	if set == nil || set.Train.Points != nil {
		return nil
	}
	var all []Finding
	twice := set.Duplicates()
	for _, p := range []struct {
		name      string
		of, count int
	}{{"validation", set.Val.Len(), twice.Val}, {"test", set.Test.Len(), twice.Test}} {
		if p.of > 0 {
			share := float64(p.count) / float64(p.of)
			all = append(all, found("leaks", share > mostLeaking, share, "remove them from the training part",
				"%d of %d examples of the %s part are in the training part", p.count, p.of, p.name))
		}
	}
	return all
}

// layerSignals compares each hidden layer with the next, if there are several, and the
// gradients of each layer with the next.
func layerSignals(s net.Signals) []Finding {
	hidden := s.Activations[:len(s.Activations)-1]
	return append(ratios("signals", "of hidden layer", hidden, mostLayerRatio), ratios("backward", "of the gradient of layer", s.Gradients, mostGradientRatio)...)
}

// ratios finds the two successive sizes of layers whose ratio is furthest from 1. There is no
// finding of fewer than two.
func ratios(check, of string, sizes []float64, most float64) []Finding {
	if len(sizes) < 2 {
		return nil
	}
	const change = "--init he, or --norm batch"
	if i := slices.IndexFunc(sizes, func(s float64) bool { return !(s > 0 && finite(s)) }); i >= 0 {
		return []Finding{found(check, true, sizes[i], change, "the size %s %d is %v", of, i+1, sizes[i])}
	}
	ratio, at := 1., 0
	for i := range sizes[1:] {
		if next := sizes[i+1] / sizes[i]; math.Abs(math.Log(next)) > math.Abs(math.Log(ratio)) {
			ratio, at = next, i
		}
	}
	return []Finding{found(check, math.Abs(math.Log(ratio)) > math.Log(most), ratio, change,
		"the size %s %d is %.3g times that of layer %d", of, at+2, ratio, at+1)}
}

func deadUnits(shares []float64) Finding {
	worst, at := 0.0, 1
	for i, s := range shares {
		if s > worst {
			worst, at = s, i+1
		}
	}
	return found("dead-units", worst > mostDead, worst, "--activation leaky-relu, or --init he",
		"%.3g%% of the units of hidden layer %d are 0 for every example of a batch", 100*worst, at)
}

// saturation counts examples whose largest probability is nearly 1 before the first step.
func saturation[T kernels.Float](z kernels.Mat[T], classes int) Finding {
	sure := 0
	for i := range z.Rows {
		most, sum := float64(slices.Max(z.Row(i))), 0.0
		for _, v := range z.Row(i) {
			sum += math.Exp(float64(v) - most)
		}
		if classes > 1 && 1/sum > certain {
			sure++
		}
	}
	share := float64(sure) / float64(z.Rows)
	return found("saturation", share > mostSaturated, share, "--normalize standard, or --init he",
		"%.3g%% of a batch have a class of probability above %v before the first step", 100*share, certain)
}

// rateOf compares a learning rate with the suggested one.
func rateOf(rate float64, tested *RateTest) Finding {
	suggested := tested.Suggestion()
	if suggested == 0 {
		return found("learning-rate", true, math.NaN(), "what the other findings say", "the loss falls at no learning rate from %g to %g", leastRate, leastRate*math.Pow10(decades))
	}
	change := fmt.Sprintf("--lr %.2g", suggested)
	if tested.Diverged != nil && rate >= *tested.Diverged {
		return found("learning-rate", true, rate/suggested, change, "at --lr %.2g training diverges, as it does from %.2g on", rate, *tested.Diverged)
	}
	ratio := rate / suggested
	return found("learning-rate", !(ratio >= 1/mostRateRatio && ratio <= mostRateRatio), ratio, change,
		"--lr is %.2g, the range test suggests %.2g", rate, suggested)
}
