package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

func sweepPlanCommand() *cobra.Command {
	var what sweepFlags
	c := &cobra.Command{
		Use:   "plan DIR",
		Short: "Write a sweep's folder, for others to train",
		Long: `Plan writes the folder of a sweep, with its trials listed in trials.csv, and trains
nothing. The flags are those of 'lanes sweep'. It prints the number of trials, whose
indices are from 0.`,
		Example: `  lanes sweep plan /shared/grid --preset report-grid
  sbatch --array=0-31 --wrap 'lanes sweep run /shared/grid --index $SLURM_ARRAY_TASK_ID'
  lanes sweep collect /shared/grid`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := what.sweep(cmd.Flags())
			if err != nil {
				return failure{exitUsage, err}
			}
			folder, err := sweep.Plan(args[0], s)
			if err != nil {
				return folderFailure(err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), len(folder.Trials))
			return failed(exitFailed, err)
		},
	}
	c.Flags().SortFlags = false
	what.add(c.Flags())
	return c
}

func sweepRunCommand() *cobra.Command {
	var how runnerFlags
	var lists []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "run DIR",
		Short: "Train a sweep's trials that are not finished",
		Long: `Run trains the trials of a sweep that are not finished, as 'lanes sweep' does: all of
them, and then prints the table; or those that --index names, one after the other,
so that others can be trained elsewhere. A trial that was interrupted goes on from
its last checkpoint.

Any number of processes may do so at the same time: a trial that one trains is left
to it, and when there is nothing else to do, the others wait for it, or take it over
if it stops. A named trial is not waited for; nor, with halving, for the comparison
at which it can only go on when all others got there: the exit code is then 75.`,
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

// runTrials trains single trials. A line tells of each.
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
			line = oneLine(err)
		case errors.Is(err, context.Canceled):
			return failure{exitInterrupted, fmt.Errorf("%w; the same command goes on", err)}
		case err != nil:
			return folderFailure(err)
		}
		fmt.Fprintln(talk, line)
	}
	if left != nil {
		return failure{exitInterrupted, fmt.Errorf("left for later: %s; the same command goes on", thoseTrials(left))}
	}
	return nil
}

func sweepStatusCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "status DIR",
		Short: "Print which trials of a sweep are done, running and missing",
		Long: `Status prints the indices of a sweep's trials that are done, that a process of this
machine trains now, and that are missing: to be trained, or to go on from a
checkpoint; with halving also those that wait until others have come as far. They
are printed as --index and the --array of a batch system take them.`,
		Example: `  lanes sweep status sweeps/report-grid
  sbatch --array=$(lanes sweep status /shared/grid --json | jq -r .missing) \
    --wrap 'lanes sweep run /shared/grid --index $SLURM_ARRAY_TASK_ID'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder, err := sweep.Open(args[0])
			if err != nil {
				return failure{exitData, err}
			}
			status, err := folder.Status()
			if err != nil {
				return folderFailure(err)
			}
			return failed(exitFailed, printStatus(cmd.OutOrStdout(), status, asJSON))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object instead of a table")
	return c
}

// printStatus prints how many trials are in each state, and which.
func printStatus(out io.Writer, s *sweep.Status, asJSON bool) error {
	states := []struct {
		name    string
		indices []int
	}{{"done", s.Done}, {"running", s.Running}, {"waiting", s.Waiting}, {"missing", s.Missing}}
	if asJSON {
		ranges := map[string]string{}
		for _, state := range states {
			ranges[state.name] = indexRanges(state.indices)
		}
		return json.NewEncoder(out).Encode(ranges)
	}
	for _, state := range states {
		if state.name == "waiting" && s.Waiting == nil {
			continue
		}
		line := fmt.Sprintf("%-7s %6d  %s", state.name, len(state.indices), indexRanges(state.indices))
		if _, err := fmt.Fprintln(out, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

func sweepCollectCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "collect DIR",
		Short: "Write and print the table of a sweep's finished trials",
		Long: `Collect writes results.csv and results.json of the trials of a sweep that are
finished, the highest validation accuracy first, and prints them as a table. In the
files each trial also has how many seeds of its configuration have a validation
accuracy, the mean of theirs, and its standard deviation. If there are trials that
are not finished, it names them, and the exit code is 75.`,
		Example: "  lanes sweep collect sweeps/report-grid\n  lanes sweep collect sweeps/report-grid --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder, err := sweep.Open(args[0])
			if err != nil {
				return failure{exitData, err}
			}
			results, err := folder.Collect()
			if err != nil {
				return folderFailure(err)
			}
			if err := printResults(cmd.OutOrStdout(), results, asJSON); err != nil || results.Unfinished == nil {
				return err
			}
			return failure{exitInterrupted, fmt.Errorf("%d of %s are not finished: %s; to go on: lanes sweep run %s",
				len(results.Unfinished), number.Count(len(folder.Trials), "trial"), indexRanges(results.Unfinished), quoted(folder.Dir))}
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON list instead of a table")
	return c
}
