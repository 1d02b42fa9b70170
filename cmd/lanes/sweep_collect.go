package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/sweep"
)

func sweepCollectCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "collect DIR",
		Short: "Write and print the table of a sweep's finished trials",
		Long: `Collect writes the finished trials of a sweep to results.csv and results.json, the
highest validation accuracy first, and prints them as a table. The files also have,
for each trial, the number of seeds of its configuration with a validation accuracy,
and the mean and the standard deviation of these. If trials are not finished, it
names them, and the exit code is 75.`,
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
			return failure{exitInterrupted, fmt.Errorf("%d of %s are not finished: %s; to continue: lanes sweep run %s",
				len(results.Unfinished), number.Count(len(folder.Trials), "trial"), indexRanges(results.Unfinished), console.Quoted(folder.Dir))}
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON list instead of a table")
	return c
}
