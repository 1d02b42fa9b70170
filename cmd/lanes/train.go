package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
	"github.com/spf13/cobra"
)

// settings are the flags of train.
type settings struct {
	preset         string
	dir            string
	hidden         []int
	steps, epochs  int
	batch          int
	rate           float64
	decay          float64
	regularisation float64
	init           string
	seed           uint64
	threads        int
	level          string
	dtype          string
	json           bool
}

// dataUsage is what --help says of --data.
const dataUsage = "`folder` with CIFAR-10 (default $LANES_DATA, then the user's cache folder)"

// presets hold what a preset sets, unless a flag does.
var presets = map[string]settings{
	// The report's best network (section 6).
	"report": {hidden: []int{75}, steps: 3000, batch: 300, rate: 1e-3, decay: 0.95, regularisation: 1e-3, init: "normal:1e-4"},
	// The report's toy problem (section 5).
	"toy": {steps: 100, batch: 200, rate: 0.1, decay: 0.95, regularisation: 5e-6},
}

func trainCommand() *cobra.Command {
	var s settings
	report, toy := presets["report"], presets["toy"]
	c := &cobra.Command{
		Use:   "train",
		Short: "Train a dense network",
		Long: fmt.Sprintf(`Train trains a dense network with ReLU by gradient descent on the softmax
cross-entropy, regularised by the sum of squared weights. It looks for CIFAR-10 in
--data, $LANES_DATA and the user's cache folder, and trains on built-in synthetic
images where there is none.

The presets are report, the best two-layer network of the report that Lanes
reproduces, whose values are the defaults below, and toy, its toy problem: a fixed
network and fixed data, with --iters %d --batch %d --lr %v --lr-decay %v
--reg %v. Flags override a preset.

The first Ctrl-C stops the run between two steps, the second at once. Nothing
is kept of a run but what it prints.`, toy.steps, toy.batch, toy.rate, toy.decay, toy.regularisation),
		Example: `  lanes train
  lanes train --data ~/cifar --hidden 100,50 --epochs 10 --init he
  lanes train --preset toy --dtype float64 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.resolve(cmd.Flags().Changed); err != nil {
				return failure{exitUsage, err}
			}
			if s.dtype == "float64" {
				return trainAs[float64](cmd, s)
			}
			return trainAs[float32](cmd, s)
		},
	}
	f := c.Flags()
	f.StringVar(&s.preset, "preset", "report", "report or toy")
	f.StringVar(&s.dir, "data", "", dataUsage)
	f.IntSliceVar(&s.hidden, "hidden", report.hidden, "`sizes` of the hidden layers, separated by commas")
	f.Lookup("hidden").DefValue = strings.Trim(fmt.Sprint(report.hidden), "[]") // as it is typed
	f.IntVar(&s.steps, "iters", report.steps, "training steps")
	f.IntVar(&s.epochs, "epochs", 0, "training epochs, instead of --iters")
	f.IntVar(&s.batch, "batch", report.batch, "images in a batch, all if there are fewer")
	f.Float64Var(&s.rate, "lr", report.rate, "learning rate")
	f.Float64Var(&s.decay, "lr-decay", report.decay, "factor of the learning rate after each epoch")
	f.Float64Var(&s.regularisation, "reg", report.regularisation, "weight of the sum of squared weights in the loss")
	f.StringVar(&s.init, "init", report.init, "initial weights: normal:STD, he or zero")
	f.Uint64Var(&s.seed, "seed", 0, "seed of the weights and the shuffles (default 0)")
	f.IntVar(&s.threads, "threads", 0, "threads (default $LANES_THREADS, then all)")
	f.StringVar(&s.level, "level", "", "kernels: "+strings.Join(levelNames(), " or ")+" (default $LANES_LEVEL, then the best)")
	f.StringVar(&s.dtype, "dtype", "float32", "float32 or float64")
	f.BoolVar(&s.json, "json", false, "print one JSON object instead of a table")
	return c
}

// resolve takes what no flag set from the preset, and checks the values.
func (s *settings) resolve(changed func(string) bool) error {
	p, ok := presets[s.preset]
	if !ok {
		return fmt.Errorf("--preset %q, want report or toy", s.preset)
	}
	if s.preset == "toy" {
		for _, name := range []string{"data", "hidden", "init"} {
			if changed(name) {
				return fmt.Errorf("--%s does not go with --preset toy, whose data and network are fixed", name)
			}
		}
	}
	if changed("epochs") && changed("iters") {
		return errors.New("--epochs and --iters exclude each other")
	}
	override(changed("hidden"), &s.hidden, p.hidden)
	override(changed("iters"), &s.steps, p.steps)
	override(changed("batch"), &s.batch, p.batch)
	override(changed("lr"), &s.rate, p.rate)
	override(changed("lr-decay"), &s.decay, p.decay)
	override(changed("reg"), &s.regularisation, p.regularisation)
	override(changed("init"), &s.init, p.init)

	for _, h := range s.hidden {
		if h < 1 || h > most {
			return fmt.Errorf("--hidden has a layer of %d units, want 1 to %d", h, most)
		}
	}
	for _, n := range []struct {
		flag  string
		value int
	}{{"iters", s.steps}, {"batch", s.batch}, {"epochs", s.epochs}, {"threads", s.threads}} {
		if n.value > most || n.value < 1 && changed(n.flag) {
			return fmt.Errorf("--%s is %d, want 1 to %d", n.flag, n.value, most)
		}
	}
	if !(s.decay >= 0 && s.decay <= 1) {
		return fmt.Errorf("--lr-decay is %g, want 0 to 1", s.decay)
	}
	for _, x := range []struct {
		flag  string
		value float64
	}{{"lr", s.rate}, {"reg", s.regularisation}} {
		if !(x.value >= 0 && x.value <= math.MaxFloat64) {
			return fmt.Errorf("--%s is %g, want a finite number, at least 0", x.flag, x.value)
		}
	}
	if s.dtype != "float32" && s.dtype != "float64" {
		return fmt.Errorf("--dtype %q, want float32 or float64", s.dtype)
	}
	if s.preset != "toy" {
		if _, err := parseInit(s.init); err != nil {
			return err
		}
		if need := s.memory(); need > maxMemory {
			return fmt.Errorf("--hidden %v with --batch %d needs %.1f GB of memory, want at most %d",
				s.hidden, s.batch, need/(1<<30), maxMemory>>30)
		}
	}
	return nil
}

const (
	// most is the largest count that a flag takes, so that products of two fit.
	most = 1_000_000_000
	// maxMemory is how many bytes a run may need. It is far from what the data
	// calls for, and a slip of the keyboard is refused before memory is gone.
	maxMemory = 4 << 30
)

// memory estimates the bytes that a run on images needs, apart from the images:
// parameters and their gradients; a batch, outputs of layers and their gradients.
func (s *settings) memory() float64 {
	rows := float64(max(s.batch, train.ScoreBatch))
	floats := rows * data.ImageSize
	in := float64(data.ImageSize)
	for _, h := range s.hidden {
		out := float64(h)
		floats += 2*in*out + 2*rows*out
		in = out
	}
	if s.dtype == "float64" {
		return 8 * floats
	}
	return 4 * floats
}

// override sets *value from a preset unless a flag did.
func override[V any](changed bool, value *V, preset V) {
	if !changed {
		*value = preset
	}
}

func parseInit(name string) (net.Init, error) {
	switch name {
	case "he":
		return net.He, nil
	case "zero":
		return net.Zero, nil
	}
	if std, ok := strings.CutPrefix(name, "normal:"); ok {
		if x, err := strconv.ParseFloat(std, 64); err == nil && x >= 0 && !math.IsInf(x, 0) {
			return net.Normal(x), nil
		}
	}
	return nil, fmt.Errorf("--init %q, want he, zero or normal:STD with a number such as 1e-4", name)
}

func trainAs[T kernels.Float](cmd *cobra.Command, s settings) error {
	engine, err := newEngine[T](s.level, s.threads)
	if err != nil {
		return failure{exitUsage, err}
	}
	run := &train.Run[T]{
		Steps: s.steps, Batch: s.batch, Regularisation: s.regularisation, Seed: s.seed,
		SGD: net.NewSGD(engine, s.rate, s.decay),
	}
	dataset := "toy"
	if s.preset == "toy" {
		run.OnToy(engine)
	} else {
		set, err := openDataset(cmd.ErrOrStderr(), s.dir)
		if err != nil {
			return failure{exitData, err}
		}
		init, _ := parseInit(s.init) // resolve has checked it
		run.OnImages(engine, set, s.hidden, init)
		dataset = set.Name
	}
	if s.epochs > 0 {
		run.Steps = s.epochs * run.StepsPerEpoch()
	}
	batch := min(run.Batch, run.Train.Len())
	show := newProgress(cmd.ErrOrStderr(), run.Steps, batch, run.Network.StepFLOPs(batch))
	run.OnStep = show.step
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal ends the program at once
	result, err := run.Do(ctx)
	show.end()
	switch {
	case errors.Is(err, train.ErrDiverged):
		return failure{exitDiverged, err}
	case errors.Is(err, context.Canceled):
		return failure{exitFailed, fmt.Errorf("%w; nothing is kept", err)}
	case err != nil:
		return failure{exitFailed, err}
	}

	seconds := result.Elapsed.Seconds()
	sum := summary{
		FirstLoss: result.FirstLoss, FinalLoss: result.FinalLoss,
		TrainLoss: result.Train.Loss, TrainAcc: result.Train.Accuracy,
		Params: run.Network.NumParams(), Steps: run.Steps,
		Seconds: seconds, ImagesPerSecond: float64(run.Steps) * float64(batch) / seconds,
		Level: engine.Level().String(), Threads: engine.Threads(), DType: s.dtype, Dataset: dataset,
		WeightsSHA256: train.SHA256(run.Network),
	}
	if result.Val != nil {
		sum.ValLoss, sum.ValAcc = &result.Val.Loss, &result.Val.Accuracy
	}
	if result.Test != nil {
		sum.TestAcc = &result.Test.Accuracy
	}
	if s.json {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(sum)
	} else {
		err = sum.print(cmd.OutOrStdout())
	}
	if err != nil {
		return failure{exitFailed, err}
	}
	return nil
}

func newEngine[T kernels.Float](level string, threads int) (*kernels.Engine[T], error) {
	var opts []kernels.Option
	if level != "" {
		l, err := kernels.ParseLevel(level)
		if err != nil {
			return nil, fmt.Errorf("--level: %w", err)
		}
		opts = append(opts, kernels.WithLevel(l))
	}
	if threads > 0 {
		opts = append(opts, kernels.WithThreads(threads))
	}
	return kernels.New[T](opts...)
}

// syntheticSeed makes the synthetic set the same in every run.
const syntheticSeed = 1

func openDataset(talk io.Writer, dir string) (*data.Dataset, error) {
	found, err := data.Find(dir)
	if errors.Is(err, data.ErrNotFound) {
		fmt.Fprintln(talk, `CIFAR-10 is not on this machine: this run trains on built-in synthetic images.
To get the real ones and train on them:
  curl https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz | tar xzf -
  lanes train --data .`)
		return data.Synthetic(syntheticSeed), nil
	}
	if err != nil {
		return nil, err
	}
	return data.ReadCIFAR10(found)
}

// summary is what a run prints at its end. Losses with val and train in their
// names are without regularisation.
type summary struct {
	FirstLoss       float64  `json:"first_loss"`
	FinalLoss       float64  `json:"final_loss"`
	TrainLoss       float64  `json:"train_loss"`
	ValLoss         *float64 `json:"val_loss"`
	TrainAcc        float64  `json:"train_acc"`
	ValAcc          *float64 `json:"val_acc"`
	TestAcc         *float64 `json:"test_acc"`
	Params          int      `json:"params"`
	Steps           int      `json:"steps"`
	Seconds         float64  `json:"seconds"`
	ImagesPerSecond float64  `json:"images_per_second"`
	Level           string   `json:"level"`
	Threads         int      `json:"threads"`
	DType           string   `json:"dtype"`
	Dataset         string   `json:"dataset"`
	WeightsSHA256   string   `json:"weights_sha256"`
}

func (s summary) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintf(w, "%s\tloss\taccuracy\n", s.Dataset)
	fmt.Fprintf(w, "train\t%.4f\t%.4f\n", s.TrainLoss, s.TrainAcc)
	if s.ValLoss != nil {
		fmt.Fprintf(w, "validation\t%.4f\t%.4f\n", *s.ValLoss, *s.ValAcc)
	}
	if s.TestAcc != nil {
		fmt.Fprintf(w, "test\t\t%.4f\n", *s.TestAcc)
	}
	fmt.Fprintf(w, "\n%d parameters (%s, %s, %s)\n", s.Params, s.DType, s.Level, count(s.Threads, "thread"))
	fmt.Fprintf(w, "%s in %.2f s, %s images/s\n", count(s.Steps, "step"), s.Seconds, thousands(s.ImagesPerSecond))
	fmt.Fprintf(w, "weights sha256 %s\n", s.WeightsSHA256)
	return w.Flush()
}
