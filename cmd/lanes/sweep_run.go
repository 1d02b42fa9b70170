package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

func sweepRunCommand() *cobra.Command {
	var how runnerFlags
	var lists []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "run DIR",
		Short: "Train a sweep's trials that are not finished",
		Long: `Run trains the trials of a sweep that are not finished, as 'lanes sweep' does: all of
them, and then prints the table; or those that --index names, one after the other,
so that others can be trained elsewhere. A trial that was interrupted continues from
its last checkpoint.

Any number of processes may train a sweep at the same time. A process leaves alone a
trial that another trains; when nothing else is left, it waits, and takes the trial
over if the other stops. With --index it does not wait: if another process trains a
trial, or halving must first compare it with trials that are not as far, the exit
code is 75.`,
		Example: `  lanes sweep run sweeps/report-grid
  lanes sweep run /shared/grid --index 7 --threads 2
  lanes sweep run /shared/grid --index 0-3,7`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder, err := sweep.Open(args[0])
			if err != nil {
				return failure{exitData, err}
			}
			indices, err := parseIndices(lists, len(folder.Trials))
			if err != nil {
				return failure{exitUsage, err}
			}
			ctx, stop := interruptible(cmd)
			defer stop()
			if how.remembered, err = folder.DataFolder(); err != nil {
				return failure{exitData, err}
			}
			how.files = folder.Sweep.Base.Files
			runner, err := how.runner()
			if err != nil {
				return failure{exitUsage, err}
			}
			if len(indices) > 0 {
				return runTrials(ctx, cmd, folder, runner, indices)
			}
			return doSweep(ctx, cmd, folder, runner, asJSON)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringSliceVar(&lists, "index", nil, "`trials` to train, such as 0-3,7 (default all)")
	how.add(f)
	f.BoolVar(&asJSON, "json", false, "print one JSON list instead of a table")
	return c
}

// runTrials trains single trials, and prints a line for each.
func runTrials(ctx context.Context, cmd *cobra.Command, folder *sweep.Folder, runner *sweep.Runner, indices []int) error {
	talk := cmd.ErrOrStderr()
	var left []int
	for _, i := range indices {
		line := strings.Join(describeTrial(folder, i), "  ") + "  was finished before"
		runner.OnResult = func(r sweep.Result) { line = describeResult(folder, r) }
		err := folder.Run(ctx, i, runner)
		switch {
		case errors.Is(err, sweep.ErrWaits), errors.Is(err, train.ErrBusy):
			left = append(left, i) // those after it need not be
			line = console.OneLine(err)
		case errors.Is(err, context.Canceled):
			return failure{exitInterrupted, fmt.Errorf("%w; the same command continues", err)}
		case err != nil:
			return folderFailure(err)
		}
		fmt.Fprintln(talk, line)
	}
	if left != nil {
		return failure{exitInterrupted, fmt.Errorf("left for later: %s; the same command continues", thoseTrials(left))}
	}
	return nil
}
