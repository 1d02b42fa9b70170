package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/report"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// sweepsFolder is where sweeps are kept.
const sweepsFolder = "sweeps"

func sweepCommand() *cobra.Command {
	var what sweepFlags
	var how runnerFlags
	var out string
	var dryRun, asJSON bool
	c := &cobra.Command{
		Use:   "sweep",
		Short: "Train many configurations and rank them",
		Long: `Sweep trains every combination of the values that --set gives to settings, several
at a time, and prints a table of them, the highest validation accuracy first:

  --set lr=1e-4,1e-3           two values
  --set 'hidden=75;100,50'     two networks: one hidden layer, and two
  --set lr=log:1e-4:1e-1:7     7 values, each the same factor above the last
  --set momentum=lin:0:0.9:4   4 values, each as much above the last
  --set iters=500              one value, for all trials

--row gives values that belong together; it may be repeated. --random draws trials
from the combinations, and, for a range without a number of values, from anywhere
between its ends. --tpe chooses them: ten at random, and each of the others from the
results of those before it (a tree-structured Parzen estimator). --pending 3 lets four
train at a time: each is then chosen without the results of the three before it.

With --halving 3, the best third of the trials continues after a share of their steps,
the best third of those after three times as many, and so on. With --async, a trial
continues as soon as it is in the best third of those that have come as far, and no
job waits; promotions.json in the sweep's folder says what went on when.

The presets are report-grid, the 32 networks of section 6 of the report that Lanes
reproduces; report-depth, the 27 of its section 9, from its initial weights and from
He's; quick-ablation, the preset quick for a third of its epochs, and without each of
its ingredients; quick-depth, two to five hidden layers with all of them; and those of
'lanes train' (` + strings.Join(train.Presets(), ", ") + `), to vary. The report's are
printed beside its figures. A TOML file (--config) may hold all this.

A sweep is kept in a folder, each trial as a run that other commands take. The first
Ctrl-C writes checkpoints and stops the sweep; the second stops it at once. The same
command continues it, and trains no finished trial again; more --seeds add trials.
'lanes sweep plan', 'run', 'status' and 'collect' do its parts, for machines and
processes that share the folder.`,
		Example: `  lanes sweep --preset report-grid --seeds 5
  lanes sweep --preset report-mlp --set lr=log:1e-4:1e-2:5 --set 'hidden=75;100,50'
  lanes sweep --set lr=log:1e-5:1e-2 --set reg=log:1e-5:1e-1 --random 27 --halving 3
  lanes sweep --set lr=log:1e-5:1e-2 --set momentum=lin:0:0.99 --tpe 40 --pending 1
  lanes sweep --preset report-grid --halving 3 --async
  lanes sweep --preset report-depth --dry-run`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := what.sweep(cmd.Flags())
			if err != nil {
				return failure{exitUsage, err}
			}
			if dryRun {
				return failed(exitFailed, report.PrintTrials(cmd.OutOrStdout(), s))
			}
			return planAndDo(cmd, s, &what, &how, out, asJSON)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	what.add(f)
	how.add(f)
	f.StringVar(&out, "out", "", "`folder` for the sweep (default "+sweepsFolder+"/PRESET or the settings' names)")
	f.BoolVar(&dryRun, "dry-run", false, "print the trials and train nothing")
	f.BoolVar(&asJSON, "json", false, "print one JSON list instead of a table")
	c.AddCommand(sweepPlanCommand(), sweepRunCommand(), sweepStatusCommand(), sweepCollectCommand())
	return c
}

// planAndDo plans a sweep in the folder out, or in one that is named after the sweep if
// out is empty, and trains it.
func planAndDo(cmd *cobra.Command, s sweep.Sweep, what *sweepFlags, how *runnerFlags, out string, asJSON bool) error {
	ctx, stop := interruptible(cmd)
	defer stop()
	if !what.namesDataset() && holdsFiles(how.dir) {
		s.Base.Dataset = data.Files
	}
	how.files = s.Base.Files
	runner, err := how.runner()
	if err != nil {
		return failure{exitUsage, err}
	}
	if _, err := runner.Images(s.Base.Dataset); errors.Is(err, data.ErrNotFound) && !what.namesDataset() {
		fmt.Fprintln(cmd.ErrOrStderr(), noCIFAR10(err, "lanes sweep"))
		s.Base.Dataset = "synthetic"
	} else if err != nil {
		return err
	}
	folder, err := planSweep(cmp.Or(out, filepath.Join(sweepsFolder, what.name(s))), s)
	if err != nil {
		return err
	}
	return doSweep(ctx, cmd, folder, runner, asJSON)
}

// planSweep makes the folder of a sweep, or opens it if it exists. Its errors carry their
// exit code.
func planSweep(dir string, s sweep.Sweep) (*sweep.Folder, error) {
	folder, err := sweep.Plan(dir, s)
	if errors.Is(err, sweep.ErrUnusable) {
		return nil, folderFailure(err)
	}
	if err != nil {
		return nil, failure{exitFailed, fmt.Errorf("%w; --out names another folder", err)}
	}
	return folder, nil
}

// sweepFlags say which trials a sweep has.
type sweepFlags struct {
	preset, file string
	set, rows    []string
	typed        sweep.Sweep // with what other flags set
}

func (w *sweepFlags) add(f *pflag.FlagSet) {
	f.StringVar(&w.preset, "preset", defaultPreset, "what to start from: one of those above")
	f.StringVar(&w.file, "config", "", "TOML `file` with a sweep, such as a sweep's sweep.toml")
	f.StringArrayVar(&w.set, "set", nil, "`setting` of lanes train with its values, as above; may be repeated")
	f.StringArrayVar(&w.rows, "row", nil, "`settings` that belong together, such as 'hidden=75 lr=1e-3'; may be repeated")
	w.typed.Seeds = 1
	addSettings(f, w.typed.Settings().Pick("random", "random-seed", "tpe", "pending", "seeds", "halving", "async", "test"))
}

// sweep returns the sweep that the flags describe: that of a preset or a file, as other
// flags change it.
func (w *sweepFlags) sweep(f *pflag.FlagSet) (sweep.Sweep, error) {
	s, err := w.base(f)
	if err != nil {
		return s, err
	}
	if len(w.rows) > 0 {
		s.Rows = w.rows
	}
	for _, text := range w.set {
		if err := s.Vary(text); err != nil {
			return s, fmt.Errorf("--set %w", err)
		}
	}
	f.Visit(func(flag *pflag.Flag) {
		own, notThere := s.Settings().Find(flag.Name)
		if notThere == nil && err == nil {
			err = own.Set(flag.Value.String())
		}
	})
	if err != nil {
		return s, err
	}
	trials, err := s.Trials()
	if err == nil && len(trials) == 1 {
		err = errors.New("there is one trial; --set lr=1e-3,1e-2 varies a setting")
	}
	return s, err
}

func (w *sweepFlags) base(f *pflag.FlagSet) (sweep.Sweep, error) {
	if w.file == "" {
		s, err := sweep.Preset(w.preset)
		if err != nil {
			err = fmt.Errorf("--%w", err)
		}
		return s, err
	}
	if f.Changed("preset") {
		return sweep.Sweep{}, errors.New("--preset and --config exclude each other: a file may name its preset")
	}
	s, err := sweep.Preset(defaultPreset)
	if err != nil {
		return s, err
	}
	text, err := setting.ReadFile(w.file)
	if err != nil {
		return s, fmt.Errorf("--config: %w", err)
	}
	if err := s.SetTOML(text); err != nil {
		return s, fmt.Errorf("%s: %w", w.file, err)
	}
	return s, nil
}

// namesDataset reports whether the user asked for a dataset.
func (w *sweepFlags) namesDataset() bool {
	return w.file != "" || slices.ContainsFunc(w.set, func(s string) bool { return strings.HasPrefix(s, "dataset=") })
}

// name returns the name of the sweep's folder: that of its preset, else of its file, else
// of the settings that it varies.
func (w *sweepFlags) name(s sweep.Sweep) string {
	switch {
	case slices.Contains(sweep.Presets(), w.preset):
		return w.preset
	case w.file != "":
		return strings.TrimSuffix(filepath.Base(w.file), filepath.Ext(w.file))
	}
	return strings.Join(append([]string{w.preset}, s.Varied()...), "-")
}

// runnerFlags say how trials are trained. Results depend on none of them.
type runnerFlags struct {
	dir           string
	remembered    string       // where the images of a sweep that continues were
	files         data.Options // how its files are read
	jobs, threads int
	level         string
}

func (h *runnerFlags) settings() setting.List {
	return setting.List{
		{Name: "data", Value: &h.dir, Help: dataUsage},
		{Name: "jobs", Value: &h.jobs, Range: countOrNone, Help: "`trials` to train at the same time (default one for each thread)"},
		{Name: "threads", Value: &h.threads, Range: countOrNone, Help: "threads that trials share (default $LANES_THREADS, then all)"},
		{Name: "level", Value: &h.level, Help: levelUsage},
	}
}

func (h *runnerFlags) add(f *pflag.FlagSet) { addSettings(f, h.settings()) }

// runner returns a runner that trains trials as the flags say.
func (h *runnerFlags) runner() (*sweep.Runner, error) {
	if err := h.settings().Check(); err != nil {
		return nil, fmt.Errorf("--%w", err)
	}
	engine, err := newEngine[float32](h.level, h.threads)
	if err != nil {
		return nil, err
	}
	r := &sweep.Runner{Threads: engine.Threads(), Jobs: h.jobs, Options: []kernels.Option{kernels.WithLevel(engine.Level())}}
	if r.Jobs == 0 {
		r.Jobs = r.Threads
	}
	r.Data = func(dataset string) (*data.Dataset, error) {
		set, err := openDataset(io.Discard, train.Config{Dataset: dataset, Files: h.files}, h.dir, h.remembered)
		return set, failed(exitData, err)
	}
	return r, nil
}

// doSweep trains the unfinished trials of a sweep, and prints its table.
func doSweep(ctx context.Context, cmd *cobra.Command, folder *sweep.Folder, runner *sweep.Runner, asJSON bool) error {
	set, err := runner.Images(folder.Sweep.Base.Dataset)
	if err != nil {
		return err
	}
	show := newSweepProgress(cmd.ErrOrStderr(), folder, set.Train.Len())
	show.follow(runner)
	began := time.Now()
	results, err := folder.Do(ctx, runner)
	show.end()
	if err != nil {
		return sweepFailure(ctx, err, folder, results)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s in %v; kept in %s\n", number.Count(len(results.Rows), "trial"), time.Since(began).Round(time.Second/10), console.Plain(folder.Dir))
	return printResults(cmd.OutOrStdout(), results, asJSON)
}

// sweepFailure returns an error of trials with its exit code.
func sweepFailure(ctx context.Context, err error, folder *sweep.Folder, results *sweep.Results) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) && results != nil {
		return failure{exitInterrupted, fmt.Errorf("stopped with %d of %s finished: %w; to continue: lanes sweep run %s",
			len(results.Rows), number.Count(len(folder.Trials), "trial"), context.Cause(ctx), console.Quoted(folder.Dir))}
	}
	return folderFailure(err)
}

// folderFailure returns an error of a sweep's folder with its exit code.
func folderFailure(err error) error {
	if _, ok := errors.AsType[failure](err); ok {
		return err
	}
	if errors.Is(err, sweep.ErrUnusable) || errors.Is(err, train.ErrHistory) {
		return failure{exitData, err}
	}
	return failure{exitFailed, err}
}

// printResults prints the table of a sweep, beside the published figures of its
// configurations.
func printResults(out io.Writer, results *sweep.Results, asJSON bool) error {
	var err error
	if asJSON {
		err = json.NewEncoder(out).Encode(results)
	} else {
		err = report.PrintResults(out, results)
	}
	if err != nil {
		return failure{exitFailed, err}
	}
	if len(results.Rows) > 0 && !slices.ContainsFunc(results.Rows, func(r sweep.Result) bool { return r.Status != sweep.Diverged }) {
		return failure{exitDiverged, errors.New("every trial diverged")}
	}
	return nil
}
