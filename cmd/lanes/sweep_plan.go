package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/net/sweep"
)

func sweepPlanCommand() *cobra.Command {
	var what sweepFlags
	c := &cobra.Command{
		Use:   "plan DIR",
		Short: "Write a sweep's folder, for others to train",
		Long: `Plan writes the folder of a sweep, with its trials listed in trials.csv, and trains
nothing. The flags are those of 'lanes sweep'. It prints the number of trials; their
indices start at 0.`,
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
