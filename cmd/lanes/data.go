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
		Short: "Fetch CIFAR-10; verify and describe any dataset",
		Long: `Data fetches CIFAR-10, and checks and describes it or what else --data names.

Both published versions, binary and Python, are read, and give the same images. They
are looked for in --data, $LANES_DATA and the folder lanes in the user's cache
folder: in each as a folder cifar-10-batches-bin, else as cifar-10-batches-py, else
as the files themselves.`,
		Example: "  lanes data fetch\n  lanes data verify\n  lanes data info --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(dataFetchCommand(), dataVerifyCommand(), dataInfoCommand())
	return c
}

// findCIFAR10 is data.Find with an error that says what to do.
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
