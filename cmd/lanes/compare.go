package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/report"
	"github.com/lanes-ml/lanes/net/train"
)

// comparePage is the file that compare writes if no other is named.
const comparePage = "compare.html"

func compareCommand() *cobra.Command {
	output, asJSON := comparePage, false
	c := &cobra.Command{
		Use:   "compare RUN RUN...",
		Short: "Compare runs: settings, results, curves",
		Long: `Compare prints the settings that differ between runs, and what each run reached and
took: losses, accuracies, epochs, seconds in steps, and 10^12 floating-point operations of
matrix products. Runs may still be training, or stopped: then the figures are those of
the last epoch.

It writes a page with these tables, the curves of up to 8 runs, and the settings that are
the same, and beside it the curves of all in one PNG picture of the page's name.`,
		Example: `  lanes train --lr 0.002; lanes compare runs/report-1 runs/report-2
  lanes compare runs/report-1 runs/report-2 -o mine.html
  lanes compare runs/report-1 runs/report-2 -o none --json`,
		Args: cobra.MinimumNArgs(2),
		ValidArgsFunction: func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return completeRun(c, nil, typed)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := notOfARun(output); err != nil {
				return err
			}
			var folders []*train.Folder
			for i, dir := range args {
				for _, other := range args[:i] {
					if filepath.Clean(other) == filepath.Clean(dir) {
						return failure{exitUsage, fmt.Errorf("%s is named twice", dir)}
					}
				}
				folder, err := train.Open(dir)
				if err != nil {
					return failure{exitData, err}
				}
				folders = append(folders, folder)
			}
			found, err := report.ReadRuns(folders)
			if err != nil {
				return failure{exitData, err}
			}
			return showComparison(cmd, found, output, asJSON)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", output, "`file` of the page, or none")
	c.Flags().BoolVar(&asJSON, "json", false, "print a JSON object instead of tables")
	return c
}

// showComparison prints a comparison, and writes its page unless output is none.
func showComparison(cmd *cobra.Command, found *report.Runs, output string, asJSON bool) error {
	if output != keepNothing {
		dir, name := filepath.Split(output)
		if err := found.Page(strings.TrimSuffix(name, filepath.Ext(name))+".png").Write(dir, output); err != nil {
			return failure{exitFailed, err}
		}
	}
	out := cmd.OutOrStdout()
	if asJSON {
		return failed(exitFailed, json.NewEncoder(out).Encode(found))
	}
	if err := found.Print(out); err != nil {
		return failure{exitFailed, err}
	}
	if output == keepNothing {
		return nil
	}
	_, err := fmt.Fprintf(out, "\n%s\n", console.Plain(output))
	return failed(exitFailed, err)
}
