package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/sweep"
)

// quickShare is the number of steps of the report for each that --quick trains.
const quickShare = 10

func reproduceCommand() *cobra.Command {
	var how runnerFlags
	var out string
	var quick bool
	c := &cobra.Command{
		Use:   "reproduce",
		Short: "Repeat the report's experiments, and write one page beside its figures",
		Long: fmt.Sprintf(`Reproduce repeats the report that Lanes reproduces ("AML Assignment 2 - report",
April 15, 2020), section by section: its derivatives, each with a check; its toy
problem; its grid search, with pictures of the best four networks; its second
trainer; its deeper networks. It adds the test accuracy of the best of each, writes
one HTML page with the report's figures and those of this machine side by side, and
prints the most important.

It says first how long it will take. --quick divides the steps or epochs of every
network by %d, and trains at least one: enough to see the whole page, too little for
the report's figures.

Everything is kept in a folder, each experiment as a sweep that other commands take.
The first Ctrl-C writes checkpoints and stops; the second stops at once. The same
command continues, and repeats nothing that is finished.`, quickShare),
		Example: "  lanes reproduce --quick\n  lanes reproduce --data ~/cifar --out mine",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := interruptible(cmd)
			defer stop()
			share := 1
			if quick {
				share = quickShare
			}
			if out == "" {
				out = "reproduction"
				if quick {
					out += "-quick"
				}
			}
			parts, err := reportParts(share)
			if err != nil {
				return failure{exitFailed, err}
			}
			runner, err := how.runner()
			if err != nil {
				return failure{exitUsage, err}
			}
			r := &reproduction{dir: out, share: share, parts: parts, runner: runner, talk: cmd.ErrOrStderr()}
			r.again = commandLine(cmd)
			if err := r.train(ctx); err != nil {
				return err
			}
			return r.report(ctx, cmd.OutOrStdout())
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&quick, "quick", false, fmt.Sprintf("train for one step in %d", quickShare))
	f.StringVar(&out, "out", "", "`folder` for everything (default reproduction or reproduction-quick)")
	how.add(f)
	return c
}

// reproduction is a repetition of the report's experiments.
type reproduction struct {
	dir    string
	share  int // a step is trained for so many of the report
	parts  []*part
	runner *sweep.Runner
	set    *data.Dataset
	talk   io.Writer
	again  string // the command that continues it
}

// part is an experiment of the report: a sweep, which has one trial if the report
// trained one network.
type part struct {
	name   string // of its folder
	title  string
	full   sweep.Sweep // as long as in the report
	sweep  sweep.Sweep // as long as it is trained here
	folder *sweep.Folder
}

// The report's experiments, in its order. The derivatives, which need no training,
// are checked where the page is written. Exact ones take no time: they are in float64, as
// the report's, and always of full length.
var reportExperiments = []struct {
	name, title, preset string
	exact               bool
}{
	{"toy", "the toy problem", "toy", true},
	{"grid", "the grid search", "report-grid", false},
	{"mlp", "the second trainer", "report-mlp", false},
	{"depth", "deeper networks", "report-depth", false},
}

// reportParts returns the experiments, with the report's steps divided by share.
func reportParts(share int) ([]*part, error) {
	var parts []*part
	for _, e := range reportExperiments {
		full, err := sweep.Preset(e.preset)
		if err != nil {
			return nil, err
		}
		full.Test = true
		p := &part{name: e.name, title: e.title, full: full}
		if e.exact {
			p.full.Base.DType = "float64"
			p.sweep = p.full
		} else if p.sweep, err = shortened(full, share); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// shortened returns the sweep with its steps or epochs divided by share, rounded up.
func shortened(s sweep.Sweep, share int) (sweep.Sweep, error) {
	s.Base.Iters, s.Base.Epochs = ceilDiv(s.Base.Iters, share), ceilDiv(s.Base.Epochs, share)
	s.Axes = slices.Clone(s.Axes)
	for i, axis := range s.Axes {
		name, values, _ := strings.Cut(axis, "=")
		if name != "iters" && name != "epochs" {
			continue
		}
		var lengths []string
		for word := range strings.SplitSeq(values, ",") {
			n, err := strconv.Atoi(word)
			if err != nil {
				return s, fmt.Errorf("%s: %w", axis, err)
			}
			lengths = append(lengths, strconv.Itoa(ceilDiv(n, share)))
		}
		s.Axes[i] = name + "=" + strings.Join(lengths, ",")
	}
	return s, nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// part returns the experiment of that name.
func (r *reproduction) part(name string) *part {
	return r.parts[slices.IndexFunc(r.parts, func(p *part) bool { return p.name == name })]
}

// train trains what is not finished of the experiments.
func (r *reproduction) train(ctx context.Context) error {
	if err := r.plan(); err != nil {
		return err
	}
	if err := r.tellTime(ctx); err != nil {
		return err
	}
	for i, p := range r.parts {
		if trials, err := p.unfinished(); err != nil {
			return err
		} else if trials != nil {
			fmt.Fprintf(r.talk, "\n%d of %d: %s\n", i+1, len(r.parts), p.title)
		}
		show := newSweepProgress(r.talk, p.folder, r.set.Train.Len())
		show.follow(r.runner)
		_, err := p.folder.Do(ctx, r.runner)
		show.end()
		switch {
		case ctx.Err() != nil && errors.Is(err, context.Canceled):
			return r.interrupted(ctx, p.title)
		case err != nil:
			return folderFailure(fmt.Errorf("%s: %w", p.title, err))
		}
	}
	return nil
}

// interrupted says where a signal stopped the reproduction, and how to continue it.
func (r *reproduction) interrupted(ctx context.Context, where string) error {
	return failure{exitInterrupted, fmt.Errorf("stopped in %s: %w; to continue: %s", where, context.Cause(ctx), r.again)}
}

// plan makes the folders of all experiments, so that an error in one is found before
// another is trained.
func (r *reproduction) plan() error {
	set, err := r.runner.Images("cifar10")
	if errors.Is(err, data.ErrNotFound) {
		fmt.Fprintln(r.talk, noCIFAR10(err, "lanes reproduce"))
		set, err = r.runner.Images("synthetic")
	}
	if err != nil {
		return err
	}
	r.set = set
	if err := r.refuseOther(); err != nil {
		return failure{exitFailed, err}
	}
	for _, p := range r.parts {
		if p.sweep.Base.Dataset == "cifar10" {
			p.sweep.Base.Dataset = set.Name
		}
		if p.folder, err = planSweep(filepath.Join(r.dir, p.name), p.sweep); err != nil {
			return err
		}
	}
	return nil
}

// refuseOther returns an error if the folder holds something other than a reproduction.
func (r *reproduction) refuseOther() error {
	entries, err := os.ReadDir(r.dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 || sweep.Is(filepath.Join(r.dir, r.parts[0].name)) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s holds something else; --out names another folder", r.dir)
}

// unfinished returns the trials that are not finished.
func (p *part) unfinished() (trials []sweep.Trial, err error) {
	status, err := p.folder.Status()
	if err != nil {
		return nil, folderFailure(err)
	}
	for _, i := range slices.Concat(status.Running, status.Missing) {
		trials = append(trials, p.folder.Trials[i])
	}
	return trials, nil
}

// tellTime says how long the rest will take.
func (r *reproduction) tellTime(ctx context.Context) error {
	networks, work := 0, 0.0
	for _, p := range r.parts {
		trials, err := p.unfinished()
		if err != nil {
			return err
		}
		for _, t := range trials {
			networks++
			work += t.Work(r.set.Train.Len())
		}
	}
	if networks == 0 {
		return nil
	}
	rate, err := trainingRate(ctx, r.runner, r.set)
	if ctx.Err() != nil {
		return r.interrupted(ctx, "measuring the time")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(r.talk, "%s to train: %s on %s. Ctrl-C stops; the same command continues.\n",
		number.Count(networks, "network"), number.Roughly(time.Duration(work/rate*float64(time.Second))), number.Count(r.runner.Threads, "thread"))
	return nil
}

// commandLine returns the command with the flags that were given.
func commandLine(cmd *cobra.Command) string {
	words := []string{cmd.CommandPath()}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "bool" {
			words = append(words, "--"+f.Name)
		} else {
			words = append(words, "--"+f.Name, console.Quoted(f.Value.String()))
		}
	})
	return strings.Join(words, " ")
}
