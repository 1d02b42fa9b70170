package main

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
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
	var dir, picture string
	var asJSON bool
	options := data.DefaultOptions()
	var augment data.Augmentation
	c := &cobra.Command{
		Use:   "info",
		Short: "Describe a dataset",
		Long: `Info prints where CIFAR-10 is, its version, the number of images of each class in the
training, validation and test parts, and the mean pixel of the training part. Of other
data it prints shape, classes, the range of values, which of them are constant or
missing, what examples are there twice and, of a table, its columns and some rows.

The picture of --picture has ten images of each of ten classes. With --flip, --shift,
--rotate, --cutout or --mixup it has one of each, as it is and as train would draw it
in nine epochs.`,
		Example: `  lanes data info
  lanes data info --data iris.csv
  lanes data info --picture sheet.png --flip --shift 4 --cutout 8`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := augment.Settings().Check(); err != nil {
				return failure{exitUsage, fmt.Errorf("--%w", err)}
			}
			if name := augment.First(); name != "" && picture == "" {
				return failure{exitUsage, fmt.Errorf("--%s is for --picture, which is not given", name)}
			}
			set, err := describedDataset(dir, options)
			if err != nil {
				return err
			}
			if picture != "" {
				if err := writeSheet(picture, set, augment); err != nil {
					return err
				}
			}
			if set.Name == "cifar10" {
				return show(cmd, asJSON, describe(set, set.Path))
			}
			return show(cmd, asJSON, describeDataset(set))
		},
	}
	c.Flags().StringVar(&dir, "data", "", dataUsage)
	addSettings(c.Flags(), options.Settings())
	addSettings(c.Flags(), augment.Settings())
	c.Flags().SetNormalizeFunc(shortNames)
	c.Flags().StringVar(&picture, "picture", "", "`file` for a PNG picture of training images")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// describedDataset returns what is at dir or in LANES_DATA, else CIFAR-10 from where it is
// found.
func describedDataset(dir string, o data.Options) (*data.Dataset, error) {
	if o.Format != "auto" || holdsFiles(dir) {
		set, err := data.Open(cmp.Or(dir, os.Getenv("LANES_DATA")), o)
		return set, failed(exitData, err)
	}
	found, err := findCIFAR10(dir)
	if err != nil {
		return nil, err
	}
	set, err := data.ReadCIFAR10(found)
	return set, failed(exitData, err)
}

// writeSheet writes a picture of some images.
func writeSheet(file string, set *data.Dataset, a data.Augmentation) error {
	if err := notOfARun(file); err != nil {
		return err
	}
	content, err := sheet(set, a)
	if err != nil {
		return failure{exitData, err}
	}
	return failed(exitFailed, train.WriteFile(file, content))
}

func describe(set *data.Dataset, folder string) description {
	d := description{
		Folder: folder, Version: data.VersionOf(folder).String(),
		Images: imageCounts{set.Train.Len(), set.Val.Len(), set.Test.Len()},
	}
	d.Classes = countClasses(set)
	const plane = data.Side * data.Side
	for i, m := range set.Mean() {
		d.MeanRGB[i/plane] += m / plane
	}
	return d
}

// countClasses returns the number of examples of each class.
func countClasses(set *data.Dataset) (all []classDescription) {
	n := len(set.Classes)
	train, val, test := set.Train.Counts(n), set.Val.Counts(n), set.Test.Counts(n)
	for i, name := range set.Classes {
		all = append(all, classDescription{name, imageCounts{train[i], val[i], test[i]}})
	}
	return all
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
