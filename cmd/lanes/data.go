package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/net/data"
)

func dataCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "data",
		Short: "Fetch, verify and describe CIFAR-10",
		Long: `Data fetches CIFAR-10, checks the files of a folder with it, and describes them.

Both published versions are read, binary and Python, and give the same images.
They are looked for in --data, $LANES_DATA and lanes in the user's cache folder:
there as a folder cifar-10-batches-bin, else cifar-10-batches-py, else the files
themselves.`,
		Example: "  lanes data fetch\n  lanes data verify\n  lanes data info --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(dataFetchCommand(), dataVerifyCommand(), dataInfoCommand())
	return c
}

// findCIFAR10 is data.Find with a failure that tells what to do.
func findCIFAR10(dir string) (string, error) {
	found, err := data.Find(dir)
	if errors.Is(err, data.ErrNotFound) {
		err = fmt.Errorf("%w; 'lanes data fetch' gets it", err)
	}
	if err != nil {
		return "", failure{exitData, err}
	}
	return found, nil
}
