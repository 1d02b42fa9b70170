package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/net/sweep"
)

func sweepStatusCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "status DIR",
		Short: "Print which trials of a sweep are done, running and missing",
		Long: `Status prints the indices of the trials that are done, that a process on this machine
is training, and that are missing: not begun, or to be continued from a checkpoint.
With halving, it also prints those that wait until others have come as far, and with
--tpe those that are chosen when others have results. Indices have the form that --index
and the --array of a batch system take.`,
		Example: `  lanes sweep status sweeps/report-grid
  sbatch --array=$(lanes sweep status /shared/grid --json | jq -r .missing) /shared/grid/slurm.sh`,
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
