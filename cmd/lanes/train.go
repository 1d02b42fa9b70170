package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/live"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/report"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/tensorboard"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// trainOptions are the flags of train.
type trainOptions struct {
	trainSettings
	file        string // that --config names
	resume      string // the folder that --resume names
	printConfig bool
	ui          uiFlags
	findLR      bool
	picture     string // of what findLR finds
}

// trainSettings are what a file may set too.
type trainSettings struct {
	config train.Config
	preset string

	// The weights do not depend on these.
	dir             string
	remembered      string // where the images of a resumed run were
	threads         int
	level           string
	out             string
	checkpointEvery int
	keepEpochs      int
	tensorboard     bool
	json            bool
}

const (
	// defaultPreset is the preset whose values are the flags' defaults.
	defaultPreset = "report"
	// runsFolder is where runs are kept.
	runsFolder = "runs"
	// keepNothing is the --out of runs that are not kept.
	keepNothing = "none"
	// dataUsage is what --help says of --data.
	dataUsage = "`path` of a dataset (default CIFAR-10 in $LANES_DATA or the user's cache)"
	// threadsUsage is what --help says of --threads.
	threadsUsage = "threads (default $LANES_THREADS, then all)"
)

// levelUsage is what --help says of --level.
var levelUsage = "kernels: " + strings.Join(levelNames(), " or ") + " (default $LANES_LEVEL, then the best)"

// others returns the settings that are not part of the configuration.
func (s *trainSettings) others() setting.List {
	count := setting.Range{Most: setting.MaxCount}
	return setting.List{
		{Name: "preset", Value: &s.preset, Help: "`name` of what to start from, see lanes train --help"},
		{Name: "data", Value: &s.dir, Help: dataUsage},
		{Name: "threads", Value: &s.threads, Help: threadsUsage, Range: countOrNone},
		{Name: "level", Value: &s.level, Help: levelUsage},
		{Name: "out", Value: &s.out, Help: "`folder` for the run, or none (default " + runsFolder + "/PRESET-N, or DATA-N of files)"},
		{Name: "checkpoint-every", Value: &s.checkpointEvery, Range: count, Help: "`steps` between checkpoints (default some at ends of epochs)"},
		{Name: "keep-epochs", Value: &s.keepEpochs, Range: count, Help: "models of the last `epochs` to keep besides the best"},
		{Name: "tensorboard", Value: &s.tensorboard, Help: "write event files for TensorBoard into the run's folder"},
		{Name: "json", Value: &s.json, Help: "print one JSON object instead of a table"},
	}
}

func (s *trainSettings) all() setting.List { return append(s.config.Settings(), s.others()...) }

func trainCommand() *cobra.Command {
	var o trainOptions
	o.preset = defaultPreset
	o.config, _ = train.Preset(defaultPreset)
	toy, _ := train.Preset("toy")
	c := &cobra.Command{
		Use:   "train",
		Short: "Train a dense network",
		Long: fmt.Sprintf(`Train trains a dense network by gradient descent on the softmax cross-entropy,
regularised by the sum of squared weights. Each hidden layer is a product, then
--norm, --activation and --dropout; with --residual, those that have as many outputs as
inputs add their input. It looks for CIFAR-10 in
--data, $LANES_DATA and the user's cache folder, and trains on built-in synthetic
images where there is none.

The presets are report, the best two-layer network of the report that Lanes
reproduces, whose values are the defaults below; toy, its toy problem, a fixed
network and fixed data (--iters %d --batch %d --lr %v --lr-decay %v
--reg %v); report-mlp, its network of section 8, with Adam; quick, modern and large,
networks of today on CIFAR-10, each more accurate than the one before, for more time;
files, for data of your own; and tabular, for tables, slower and more accurate. A TOML
file (--config) overrides a preset, and flags override both; --print-config prints such
a file with the resulting values.

With --data of anything but CIFAR-10, the preset is files: Adam, 100 hidden units, and
20 epochs or, of small data, as many as make 2,000 steps. The format is found from what
is there: `+"`lanes data info --data PATH`"+` shows what is read. Where there are no parts to
validate and to test with, --val and --test give their shares, drawn by a hash of each
row. Numbers of a table are standardised, and texts become one input for each
that the training part has. --task regression finds a number by least squares; the
loss is then in variances of the target, and accuracies are R².

With --normalize auto, the mean image is subtracted from the pixels, or, with --init
he or glorot, they are scaled to -1 … 1, for which these initial weights are made;
other values than bytes are standardised. channel standardises each colour, column
each pixel. pca makes inputs of the largest principal components of images, of equal
variance, so that the first layer is smaller, and zca leaves images whose pixels are
hardly correlated.

A run of more than about 2 s measures the processor's peak once, in 20 ms, and shows
what percentage of it the steps reach; see lanes bench train --help.

A run is kept in a folder: its configuration, its history, its last and its best
model. The first Ctrl-C writes a checkpoint and stops the run; the second stops it
at once. SIGTERM and a closed terminal or pipe act as Ctrl-C does. --resume continues
a run, to the same weights as if it had never stopped; with it, only --iters,
--epochs, --patience and flags that do not change the weights may be given.

With --tensorboard, the folder also gets event files, which TensorBoard shows: curves,
histograms of the parameters, and pictures of the first layer's weights. A run that is
resumed continues them.

--ui serves a live page of the run on a loopback address, which any user of this machine
can open and no other machine: curves, weights, and what the network says of a picture
that is dropped on it. --ui=8080 chooses the port. The page stays after the run until
Ctrl-C, or with --ui-exit ends with it.

--find-lr takes one step at each of 161 learning rates from 1e-7 to 10, whatever the
schedule, until the loss is four times its least. It prints the losses, suggests the
rate at which they fall fastest, or a tenth of the one that diverged if that is less,
and keeps no run. If the loss never falls, the exit code is 1.`, toy.Iters, toy.Batch, toy.LR, toy.LRDecay, toy.Reg),
		Example: `  lanes train
  lanes train --data ~/cifar --hidden 100,50 --epochs 10 --init he --lr 0.1 --patience 3
  lanes train --data iris.csv --label target
  lanes train --tensorboard --ui --ui-exit
  lanes train --preset toy --dtype float64 --out none --json
  lanes train --print-config > mine.toml; lanes train --config mine.toml --seed 1
  lanes train --resume runs/report-1 --epochs 30
  lanes train --find-lr --preset report-mlp --picture lr.png`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.do(cmd) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.file, "config", "", "TOML `file` with any of these settings, by the same names")
	f.StringVar(&o.resume, "resume", "", "`folder` of a run to continue")
	f.StringVar(&o.ui.address, "ui", "", "serve a live page at 127.0.0.1:`port` (default any that is free)")
	f.Lookup("ui").NoOptDefVal = anyPort
	f.BoolVar(&o.ui.exit, "ui-exit", false, "close the live page at the end of the run, not at Ctrl-C")
	f.BoolVar(&o.printConfig, "print-config", false, "print the settings as a TOML file, and train nothing")
	f.BoolVar(&o.findLR, "find-lr", false, "suggest a learning rate, and keep no run")
	f.StringVar(&o.picture, "picture", "", "`file` for a PNG picture of the losses of --find-lr")
	addSettings(f, o.all())
	f.SetNormalizeFunc(shortNames)
	return c
}

// fallBack chooses the synthetic images, and says so, if CIFAR-10 is not found and was
// not asked for: dataset is not among the given settings.
func (s *trainSettings) fallBack(talk io.Writer, given []string) {
	if s.config.Dataset != "cifar10" || slices.Contains(given, "dataset") {
		return
	}
	if _, err := data.Find(s.dir); errors.Is(err, data.ErrNotFound) {
		fmt.Fprintln(talk, noCIFAR10(err, "lanes train"))
		s.config.Dataset = "synthetic"
	}
}

// do trains as the flags say, or prints the settings that they give.
func (o *trainOptions) do(cmd *cobra.Command) error {
	if err := o.checkFindLR(cmd.Flags()); err != nil {
		return err
	}
	s, given, err := o.resolve(cmd)
	if err == nil {
		err = o.ui.check()
	}
	if err != nil {
		return err
	}
	switch {
	case o.findLR && s.config.DType == "float64":
		return findLR[float64](cmd, o, s, given)
	case o.findLR:
		return findLR[float32](cmd, o, s, given)
	case o.printConfig:
		s.fallBack(cmd.ErrOrStderr(), given)
		text, err := s.all().TOML()
		if err == nil {
			_, err = cmd.OutOrStdout().Write(text)
		}
		return failed(exitFailed, err)
	case s.config.DType == "float64":
		return trainAs[float64](cmd, o, s, given)
	}
	return trainAs[float32](cmd, o, s, given)
}

// trainAs trains as the settings say, from the start or, with --resume, from where that run
// stopped. A file or a flag set the settings that given names.
func trainAs[T kernels.Float](cmd *cobra.Command, o *trainOptions, s *trainSettings, given []string) error {
	ctx, stop := interruptible(cmd)
	defer stop()
	engine, set, err := begin[T](cmd, s, given)
	if err != nil {
		return err
	}
	run, err := startRun(engine, o.resume, s, set)
	if err != nil {
		return err
	}
	if o.resume == "" || slices.Contains(given, "checkpoint-every") {
		run.CheckpointEvery = s.checkpointEvery
	}
	if o.resume == "" || slices.Contains(given, "keep-epochs") {
		run.KeepEpochs = s.keepEpochs
	}

	if run.Step == 0 {
		warnOfStart(cmd.ErrOrStderr(), run)
	}
	page, err := startPage(cmd.ErrOrStderr(), o.ui, engine, run)
	if err != nil {
		return err
	}
	result, err := trainAndPrint(ctx, cmd, s, engine, run, page)
	stay(ctx, cmd.ErrOrStderr(), o.ui, page, result, err)
	return err
}

// trainAndPrint trains a run, and prints its result or returns why there is none.
func trainAndPrint[T kernels.Float](ctx context.Context, cmd *cobra.Command, s *trainSettings, engine *kernels.Engine[T], run *train.Run[T], page *live.Page[T]) (*train.Result, error) {
	batch := min(s.config.Batch, run.Train.Len())
	flops := func(rows int) float64 {
		return run.Network.Architecture().StepFLOPs(rows) + run.Input.FLOPs(rows)
	}
	show := newProgress(cmd.ErrOrStderr(), run.Steps(), run.Step, s.config.Epochs, batch, flops(batch), engine.Peak)
	watchers := []watcher{show}
	if page != nil {
		watchers = append(watchers, page)
	}
	result, err := watched(ctx, run, s.tensorboard, watchers)
	show.end()
	switch {
	case errors.Is(err, train.ErrDiverged):
		return nil, failure{exitDiverged, err}
	case errors.Is(err, train.ErrHistory):
		return nil, failure{exitData, err}
	case errors.Is(err, context.Canceled) && run.Folder != nil:
		return nil, failure{exitInterrupted, fmt.Errorf("%w; to continue: lanes train --resume %s", err, console.Quoted(run.Folder.Dir))}
	case errors.Is(err, context.Canceled):
		return nil, failure{exitFailed, fmt.Errorf("%w; nothing is kept", err)}
	case err != nil:
		return nil, failure{exitFailed, err}
	}
	percent := show.peak.percent(flops(1) * result.ImagesPerSecond)
	if s.json {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
			*train.Result
			PeakPercent *float64 `json:"peak_percent"` // null if the run was too short to measure the peak
		}{result, percent})
	} else {
		err = printResult(cmd.OutOrStdout(), result, percent)
	}
	return result, failed(exitFailed, err)
}

// begin returns the engine and the dataset that the settings name.
func begin[T kernels.Float](cmd *cobra.Command, s *trainSettings, given []string) (*kernels.Engine[T], *data.Dataset, error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(20) // training allocates next to nothing, beside large examples and networks
	}
	engine, err := newEngine[T](s.level, s.threads)
	if err != nil {
		return nil, nil, failure{exitUsage, err}
	}
	s.fallBack(cmd.ErrOrStderr(), given)
	set, err := openDataset(cmd.ErrOrStderr(), s.config, s.dir, s.remembered)
	if err != nil {
		return nil, nil, failure{exitData, err}
	}
	if (s.preset == data.Files || s.preset == "tabular") && !slices.Contains(given, "epochs") && !slices.Contains(given, "iters") { // never of a resumed run
		s.config.Epochs = s.config.EpochsFor(set.Train.Len())
	}
	return engine, set, nil
}

// watched trains a run, of which the watchers are told and, if board asks for it or it was
// begun, TensorBoard.
func watched[T kernels.Float](ctx context.Context, run *train.Run[T], board bool, watchers []watcher) (*train.Result, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	end := func() error { return nil }
	if board || run.Folder != nil && tensorboard.In(run.Folder.Dir) {
		events, err := newEvents(run, stop)
		if err != nil {
			return nil, err
		}
		watchers, end = append(watchers, events), events.close
	}
	watch(&run.OnStep, &run.OnEpoch, watchers...)
	result, err := run.Do(ctx)
	return result, cmp.Or(err, end())
}

// startRun returns a new run, or the one in the folder resume.
func startRun[T kernels.Float](engine *kernels.Engine[T], resume string, s *trainSettings, set *data.Dataset) (*train.Run[T], error) {
	if resume != "" {
		folder, err := train.Open(resume)
		if err != nil {
			return nil, failure{exitData, err}
		}
		run, err := train.Resume(engine, folder, s.config, set)
		return run, failed(exitData, err)
	}
	if s.tensorboard && s.out == keepNothing {
		return nil, failure{exitUsage, errors.New("--tensorboard needs the run's folder, and --out is none")}
	}
	run, err := train.New(engine, s.config, set)
	if err != nil {
		return nil, failure{exitUsage, err}
	}
	switch s.out {
	case keepNothing:
		return run, nil
	case "":
		name := s.preset
		if name == data.Files {
			name = set.Name
		}
		run.Folder, err = train.CreateNext(runsFolder, name, s.config)
	default:
		run.Folder, err = train.Create(s.out, s.config)
	}
	if err != nil {
		return nil, failure{exitFailed, fmt.Errorf("%w; --out names another folder, or none", err)}
	}
	return run, nil
}

// warnOfStart warns of a network whose loss is far above that of guessing before its first
// step. Such a network seldom learns: its gradients are as large as its error.
func warnOfStart[T kernels.Float](talk io.Writer, run *train.Run[T]) {
	if run.Input.Target != nil {
		return
	}
	if len(run.Classes) == 1 {
		fmt.Fprintf(talk, "warning: all examples are of one class, %s: there is nothing to tell apart\n", console.Plain(run.Classes[0]))
		return
	}
	rows := make([]int, min(run.Train.Len(), train.ScoreBatch))
	for i := range rows {
		rows[i] = i
	}
	x, labels := run.Train.Draw(rows)
	loss, guess := run.Network.Loss(x, labels, 0).Data, math.Log(float64(len(run.Classes)))
	if loss > 3*guess {
		fmt.Fprintf(talk, "warning: before the first step the loss is %s, and guessing has %s: the weights of --init %s are large for the inputs of --normalize %s\n",
			number.Significant(loss, 3), number.Significant(guess, 3), run.Config.Init, run.Config.Normalize)
	}
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

// printResult prints the result of a run, and what percentage of the peak its steps
// reached, unless percent is nil.
func printResult(out io.Writer, r *train.Result, percent *float64) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	measure := "accuracy"
	if r.Task == data.RegressionTask {
		measure = "R²"
	}
	fmt.Fprintf(w, "%s\tloss\t%s\n", console.Plain(r.Dataset), measure)
	fmt.Fprintf(w, "train\t%s\t%s\n", number.Figure(&r.TrainLoss), number.Figure(&r.TrainAcc))
	if r.ValLoss != nil {
		fmt.Fprintf(w, "validation\t%s\t%s\n", number.Figure(r.ValLoss), number.Figure(r.ValAcc))
	}
	if r.TestAcc != nil {
		fmt.Fprintf(w, "test\t\t%s\n", number.Figure(r.TestAcc))
	}
	if r.Dataset == "toy" { // what the report prints of its toy problem, which has no other parts
		fmt.Fprintf(w, "\niteration 0 / %d: loss %s\nFinal training loss: %s\n", r.Steps, number.Fixed(r.FirstLoss, 6), number.Exact(r.FinalLoss, r.DType))
	}
	if r.BestEpoch > 0 {
		fmt.Fprintf(w, "\nbest validation %s %s, %s\n", measure, number.Figure(r.BestValAcc), report.BestPlace(r))
	}
	fmt.Fprintf(w, "\n%d parameters (%s, %s, %s)\n", r.Params, r.DType, r.Level, number.Count(r.Threads, "thread"))
	fmt.Fprintf(w, "%s in %s, %s images/s", number.Count(r.Steps, "step"), number.Seconds(r.Seconds, 2), number.Rate(r.ImagesPerSecond))
	if percent != nil {
		fmt.Fprintf(w, ", %s", percentOfPeak(*percent))
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "weights sha256 %s\n", r.WeightsSHA256)
	if r.Run != "" {
		fmt.Fprintf(w, "kept in %s\n", console.Plain(r.Run))
	}
	return w.Flush()
}
