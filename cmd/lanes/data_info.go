package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/data"
)

// description is what data info prints.
type description struct {
	Folder  string             `json:"folder"`
	Version string             `json:"version"`
	Images  imageCounts        `json:"images"`
	Classes []classDescription `json:"classes"`
	// Mean of red, green and blue over all training images and places, 0 to 255.
	MeanRGB [data.Channels]float64 `json:"mean_rgb"`
}

type classDescription struct {
	Name string `json:"name"`
	imageCounts
}

// imageCounts are numbers of images.
type imageCounts struct {
	Train      int `json:"train"`
	Validation int `json:"val"`
	Test       int `json:"test"`
}

func dataInfoCommand() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "info",
		Short: "Describe CIFAR-10",
		Long: `Info prints where CIFAR-10 is, its version, the number of images of each class in the
training, validation and test parts, and the mean pixel of the training part.`,
		Example: "  lanes data info\n  lanes data info --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := findCIFAR10(dir)
			if err != nil {
				return err
			}
			set, err := data.ReadCIFAR10(found)
			if err != nil {
				return failure{exitData, err}
			}
			return show(cmd, asJSON, describe(set, found))
		},
	}
	c.Flags().StringVar(&dir, "data", "", dataUsage)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func describe(set *data.Dataset, folder string) description {
	d := description{
		Folder: folder, Version: data.VersionOf(folder).String(),
		Images: imageCounts{set.Train.Len(), set.Val.Len(), set.Test.Len()},
	}
	n := len(set.Classes)
	train, val, test := set.Train.Counts(n), set.Val.Counts(n), set.Test.Counts(n)
	for i, name := range set.Classes {
		d.Classes = append(d.Classes, classDescription{name, imageCounts{train[i], val[i], test[i]}})
	}
	const plane = data.Side * data.Side
	for i, m := range set.Mean() {
		d.MeanRGB[i/plane] += m / plane
	}
	return d
}

func (d description) print(out io.Writer) error {
	fmt.Fprintf(out, "%s, %s version\n\n", console.Plain(d.Folder), d.Version)
	row := func(name string, p imageCounts) {
		fmt.Fprintf(out, "%-10s %7d %12d %6d\n", name, p.Train, p.Validation, p.Test)
	}
	fmt.Fprintf(out, "%-10s %7s %12s %6s\n", "class", "train", "validation", "test")
	for _, c := range d.Classes {
		row(c.Name, c.imageCounts)
	}
	row("all", d.Images)
	_, err := fmt.Fprintf(out, "\nmean pixel: red %s, green %s, blue %s of 255\n",
		number.Fixed(d.MeanRGB[0], 2), number.Fixed(d.MeanRGB[1], 2), number.Fixed(d.MeanRGB[2], 2))
	return err
}
