package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// benchTrainOptions are the flags of bench train.
type benchTrainOptions struct {
	benchSettings
	config train.Config
}

// benchNetworks are measured without --hidden: the report's network, one of its deep
// networks, and two larger ones.
var benchNetworks = []struct {
	hidden []int
	batch  int // without --batch
}{
	{[]int{75}, 300}, {[]int{100, 50, 25}, 300}, {[]int{1024, 512, 256, 128, 64}, 300}, {[]int{1024, 1024, 1024}, 1024},
}

func benchTrainCommand() *cobra.Command {
	var o benchTrainOptions
	o.config, _ = train.Preset(defaultPreset)
	c := &cobra.Command{
		Use:   "train",
		Short: "Measure steps of training",
		Long: `Train measures steps of training on images of random bytes, as many as CIFAR-10 has
for training. A step draws and converts a batch, computes the products of both
passes with bias and ReLU, the loss and the accuracy, and updates the parameters.
Without --hidden it measures four networks.

GFLOP/s are those of the products, a multiply-add counting as 2. The peak is the rate
of the innermost loop on data in the first-level cache, measured before. The last
columns are shares of a step's time.`,
		Example: `  lanes bench train
  lanes bench train --hidden 1024,512 --batch 300 --threads 1 --dtype float32 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			changed := cmd.Flags().Changed
			if err := o.check(changed); err != nil {
				return failure{exitUsage, err}
			}
			if o.dtype == "float64" {
				return benchTrain[float64](cmd.Context(), cmd.OutOrStdout(), &o, changed("hidden"), changed("batch"))
			}
			return benchTrain[float32](cmd.Context(), cmd.OutOrStdout(), &o, changed("hidden"), changed("batch"))
		},
	}
	c.Flags().SortFlags = false
	addSettings(c.Flags(), o.settings())
	o.register(c, 1)
	return c
}

// settings returns the settings of a run that the time of a step depends on.
func (o *benchTrainOptions) settings() (chosen setting.List) {
	for _, s := range o.config.Settings() {
		if slices.Contains([]string{"hidden", "batch", "optimizer", "momentum", "nesterov", "weight-decay", "clip", "ema"}, s.Name) {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// configs returns the configurations to measure: the network that the flags name, or all
// of benchNetworks, with the batch that the flags name, if any.
func (o *benchTrainOptions) configs(oneNetwork, oneBatch bool) (all []train.Config, err error) {
	o.config.DType = o.dtype
	o.config.Init, o.config.Iters = "he", setting.MaxCount // gradients of about size 1 in any depth
	for _, n := range benchNetworks {
		c := o.config
		if !oneNetwork {
			c.Hidden = n.hidden
		}
		if !oneNetwork && !oneBatch {
			c.Batch = n.batch
		}
		all = append(all, c)
	}
	if oneNetwork {
		all = all[:1]
	}
	for _, c := range all {
		if err := c.Validate(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// benchTrain measures the networks of [benchTrainOptions.configs].
func benchTrain[T kernels.Float](ctx context.Context, out io.Writer, o *benchTrainOptions, oneNetwork, oneBatch bool) error {
	engine, err := newEngine[T](o.level, o.threads)
	if err != nil {
		return failure{exitUsage, err}
	}
	configs, err := o.configs(oneNetwork, oneBatch)
	if err != nil {
		return failure{exitUsage, fmt.Errorf("--%w", err)}
	}
	set, peak := randomImages(), engine.Peak()
	if !o.json {
		fmt.Fprintf(out, "%v, %s, %s, %s, peak %s GFLOP/s\n", engine.Level(), number.Count(engine.Threads(), "thread"), o.dtype, o.config.Optimizer, number.GFLOPS(peak))
		fmt.Fprintf(out, stepFormat, "hidden", "batch", "ms", "best", "images/s", "GFLOP/s", "of peak", "products", "draw", "loss", "update")
	}
	for _, config := range configs {
		step, err := measureStep(ctx, engine, config, set, o.seconds)
		if err != nil {
			return err
		}
		step.Peak, step.OfPeak = peak/1e9, 100*step.GFLOPS/(peak/1e9)
		if o.json {
			err = json.NewEncoder(out).Encode(step)
		} else {
			err = step.print(out)
		}
		if err != nil {
			return failure{exitFailed, err}
		}
	}
	return nil
}

// randomImages returns as many images as CIFAR-10 has for training: fewer would stay in
// cache.
func randomImages() *data.Dataset {
	spec, _ := data.Lookup("cifar10")
	set := &data.Dataset{Name: spec.Name, Shape: spec.Shape, Classes: make([]string, spec.Classes)}
	set.Train = data.Split{Pixels: make([]uint8, spec.Training*data.ImageSize), Labels: make([]int32, spec.Training)}
	state := uint64(1)
	for i := range set.Train.Pixels {
		state = state*6364136223846793005 + 1442695040888963407
		set.Train.Pixels[i] = uint8(state >> 56)
	}
	for i := range set.Train.Labels {
		set.Train.Labels[i] = int32(i % spec.Classes)
	}
	return set
}

// stepTimes are what bench train prints of a network. The shares add up to 100.
type stepTimes struct {
	Hidden    []int   `json:"hidden"`
	Batch     int     `json:"batch"`
	Optimizer string  `json:"optimizer"`
	MS        float64 `json:"ms"`
	Best      float64 `json:"ms_best"`
	Images    float64 `json:"images_per_second"`
	GFLOPS    float64 `json:"gflops"`
	Peak      float64 `json:"peak_gflops"`
	OfPeak    float64 `json:"peak_percent"`
	Products  float64 `json:"products_percent"`  // of both passes, with bias and ReLU
	Draw      float64 `json:"draw_percent"`      // of the batch, with its conversion to floats
	Loss      float64 `json:"loss_percent"`      // with the regularisation's and the accuracy
	Update    float64 `json:"optimizer_percent"` // of the parameters
	Steps     int     `json:"steps"`             // measured
	Threads   int     `json:"threads"`
	Level     string  `json:"level"`
	DType     string  `json:"dtype"`
}

// stepFormat is that of a line of the table.
const stepFormat = "%-20s %6v %9s %9s %9s %8s %8s %9s %6s %6s %6s\n"

func (s *stepTimes) print(out io.Writer) error {
	percent := func(x float64) string { return number.Fixed(x, 1) + "%" }
	_, err := fmt.Fprintf(out, stepFormat, setting.Setting{Value: &s.Hidden}, s.Batch,
		number.Fixed(s.MS, 3), number.Fixed(s.Best, 3), number.Rate(s.Images), number.Fixed(s.GFLOPS, 1), percent(s.OfPeak),
		percent(s.Products), percent(s.Draw), percent(s.Loss), percent(s.Update))
	return err
}

// warmUp is the number of steps that are not measured.
const warmUp = 3

var errMeasured = errors.New("measured")

// measureStep trains as train.Run does for so many seconds, and times its steps. It also
// times the parts of a step other than the products within the run, except for the loss,
// which it measures afterwards.
func measureStep[T kernels.Float](ctx context.Context, engine *kernels.Engine[T], config train.Config, set *data.Dataset, seconds float64) (*stepTimes, error) {
	run, err := train.New(engine, config, set)
	if err != nil {
		return nil, failure{exitFailed, err}
	}
	draw, update := &timedExamples[T]{Examples: run.Train}, &timedOptimizer[T]{Optimizer: run.Optimizer}
	run.Train, run.Optimizer, run.Val, run.Test = draw, update, nil, nil
	ctx, stop := context.WithCancelCause(ctx)
	var steps stopwatch
	before, begun := 0.0, time.Now()
	run.OnStep = func(s train.StepRecord) {
		steps.add(s.Seconds - before)
		before = s.Seconds
		if s.Step == warmUp {
			begun = time.Now()
		}
		if s.Step >= warmUp+5 && time.Since(begun).Seconds() >= seconds {
			stop(errMeasured)
		}
	}
	if _, err := run.Do(ctx); !errors.Is(err, errMeasured) {
		return nil, failure{exitFailed, err}
	}
	times := steps[warmUp:]
	step, batch := times.median(), len(draw.rows)
	if len(update.times) == 0 { // the products include it
		update.times = make(stopwatch, warmUp+1)
	}
	share := func(seconds float64) float64 { return 100 * seconds / step }
	s := &stepTimes{
		Hidden: config.Hidden, Batch: batch, Optimizer: config.Optimizer,
		MS: 1e3 * step, Best: 1e3 * slices.Min(times), Images: float64(batch) / step,
		GFLOPS: run.Network.Architecture().StepFLOPs(batch) / step / 1e9,
		Draw:   share(draw.times[warmUp:].median()), Update: share(update.times[warmUp:].median()),
		Loss:  share(lossSeconds(engine, run, draw.rows, seconds/4)),
		Steps: len(times), Threads: engine.Threads(), Level: engine.Level().String(), DType: config.DType,
	}
	s.Products = 100 - s.Draw - s.Loss - s.Update
	return s, nil
}

// lossSeconds returns the time between the passes of a step: that of the loss, as
// [net.Network.Loss] computes it from the logits, and of the accuracy.
func lossSeconds[T kernels.Float](engine *kernels.Engine[T], run *train.Run[T], rows []int, seconds float64) float64 {
	x, labels := run.Train.Draw(rows)
	delta := kernels.NewMat[T](len(rows), len(run.Classes), nil)
	var times stopwatch
	for start := time.Now(); time.Since(start).Seconds() < seconds || len(times) < 5; {
		logits := run.Network.Logits(x)
		times.add(sample(1, func() {
			engine.SoftmaxCrossEntropy(delta, logits, labels)
			for _, p := range run.Network.Params() {
				if p.Weight {
					engine.SumSquares(p.Value.Data)
				}
			}
			net.Accuracy(logits, labels)
		}))
	}
	return times.median()
}

// stopwatch holds times in seconds.
type stopwatch []float64

func (s *stopwatch) add(seconds float64) { *s = append(*s, seconds) }

func (s stopwatch) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)/2]
}

// timedExamples times the draws.
type timedExamples[T kernels.Float] struct {
	train.Examples[T]
	times stopwatch
	rows  []int // of the last draw
}

func (e *timedExamples[T]) Draw(rows []int) (x kernels.Mat[T], labels []int32) {
	e.rows = rows
	e.times.add(sample(1, func() { x, labels = e.Examples.Draw(rows) }))
	return x, labels
}

// timedOptimizer times the steps.
type timedOptimizer[T kernels.Float] struct {
	net.Optimizer[T]
	times stopwatch
}

func (o *timedOptimizer[T]) Step(params []net.Param[T]) {
	o.times.add(sample(1, func() { o.Optimizer.Step(params) }))
}
