package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/data"
)

func dataVerifyCommand() *cobra.Command {
	var dir string
	options := data.DefaultOptions()
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check the files of a dataset",
		Long: `Verify reads the six files with images and checks their sizes and labels, the
number of images of each class, 5,000 to train on and 1,000 to test, and whether
they are the published files, byte for byte. Images that are not, such as those
that went through JPEG, are good if all else is; verify says so. Exit code 3 means
that a file is missing or wrong.

Files of other data are read whole. Verify says how many examples they have, which are
there twice, and how many values are constant.`,
		Example: "  lanes data verify\n  lanes data verify --data ~/cifar/cifar-10-batches-py",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if options.Format != "auto" || holdsFiles(dir) {
				return verifyFiles(cmd.OutOrStdout(), dir, options)
			}
			found, err := findCIFAR10(dir)
			if err != nil {
				return err
			}
			v := data.Verify(found)
			if err := printVerification(cmd.OutOrStdout(), v); err != nil {
				return failure{exitFailed, err}
			}
			return failed(exitData, v.Err())
		},
	}
	c.Flags().StringVar(&dir, "data", "", dataUsage)
	addSettings(c.Flags(), options.Settings())
	c.Flags().SetNormalizeFunc(shortNames)
	return c
}

// verifyFiles reads data that is not CIFAR-10.
func verifyFiles(out io.Writer, dir string, o data.Options) error {
	set, err := describedDataset(dir, o)
	if err != nil {
		return err
	}
	d := describeDataset(set)
	_, err = fmt.Fprintf(out, "%s, %s: well formed, %s to train on, %d to validate and %d to test with\n%d of %d values are constant\n%s",
		console.Plain(d.Path), d.Format, number.Count(d.Images.Train, "example"), d.Images.Validation, d.Images.Test, d.Constant, d.Shape.Size(), d.warnings())
	return failed(exitFailed, err)
}

func printVerification(out io.Writer, v *data.Verification) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s, %s version\n\n", console.Plain(v.Dir), v.Version)
	for _, f := range v.Files {
		state := "well formed, not the published file"
		switch {
		case f.Err != nil:
			state = "wrong"
		case f.Official:
			state = "as published"
		}
		fmt.Fprintf(w, "%s\t%d bytes\t%s\n", f.Name, f.Size, state)
	}
	if v.Err() == nil {
		fmt.Fprintf(w, "\n%s\n", authenticity(v))
	}
	return w.Flush()
}

// authenticity says of good files whether they are the published ones.
func authenticity(v *data.Verification) string {
	if v.Official() {
		return fmt.Sprintf("60,000 images, the published files of the %s version", v.Version)
	}
	return "60,000 images, well formed, but other bytes than were published: accuracies may differ a little"
}
