package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/net/sweep"
)

func sweepPlanCommand() *cobra.Command {
	var what sweepFlags
	var where batchFlags
	c := &cobra.Command{
		Use:   "plan DIR",
		Short: "Write a sweep's folder, for others to train",
		Long: `Plan writes the folder of a sweep, with its trials listed in trials.csv, and trains
nothing. The flags are those of 'lanes sweep'. It prints the number of trials; their
indices start at 0.

With --slurm it also writes slurm.sh there, a job array for sbatch, and with --kubernetes
kubernetes.yaml, an Indexed Job for kubectl. A task trains the trial of its index. Where
results decide what follows, as with --tpe and --halving, tasks are workers instead, each
of which trains what comes next. A task that is interrupted, or whose time is up, writes
a checkpoint and goes back into the queue. The time and the memory of a task are
estimated: the longest trial is trained here for a moment.

All machines must see the folder under the same path. Of Kubernetes, the claim that
--claim names holds DIR's parent, and the image that --image names has lanes in its PATH.`,
		Example: `  lanes sweep plan /shared/grid --preset report-grid --slurm --workers 8
  sbatch /shared/grid/slurm.sh
  lanes sweep collect /shared/grid
  lanes sweep plan /shared/tpe --set lr=log:1e-5:1e-2 --set reg=log:1e-5:1e-1 \
    --tpe 40 --pending 7 --kubernetes --image registry/lanes --claim shared --time 20m --memory 800`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := what.sweep(cmd.Flags())
			if err == nil {
				err = where.check()
			}
			if err != nil {
				return failure{exitUsage, err}
			}
			folder, err := sweep.Plan(args[0], s)
			if err != nil {
				return folderFailure(err)
			}
			if err := where.write(cmd.Context(), folder, cmd.ErrOrStderr()); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), len(folder.Trials))
			return failed(exitFailed, err)
		},
	}
	c.Flags().SortFlags = false
	what.add(c.Flags())
	where.add(c.Flags())
	return c
}
