package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/data/photo"
)

// prediction is what predict prints of an image.
type prediction struct {
	Image string      `json:"image"`
	Top   []candidate `json:"top"` // the most probable first
}

type candidate struct {
	Class       string  `json:"class"`
	Probability float64 `json:"probability"`
	Logit       float64 `json:"logit"`
}

// predictFlags are the flags of predict.
type predictFlags struct {
	checkpoint string
	top        int
	json       bool
	csv        bool
}

func predictCommand() *cobra.Command {
	var p predictFlags
	c := &cobra.Command{
		Use:   "predict RUN FILE...",
		Short: "Classify pictures, or rows of a table",
		Long: `Predict prints the most probable classes of pictures, with the probabilities that the
network of a run gives them. A picture is ` + photo.Formats + `, of up to 134
million pixels (a progressive JPEG of 53, a TIFF of 33). Its largest centred part of
the shape of the run's images is scaled to them by cubic interpolation; a picture of
their size is not changed. White is put behind transparent parts, a photograph is
turned as its Exif data says, and of an animated GIF the first frame is taken. A
picture that cannot be read is named, the others are printed, and the exit code is 3.

Of the rows of a CSV, TSV, npz or npy file, predict writes CSV: a line for each, with
the most probable class, or the number that a regression finds. A table has the
columns that the run was trained on, by their names or else in their order; a
category that was not seen in training counts as none.`,
		Example: `  lanes predict runs/report-1 cat.png
  lanes predict runs/report-1 --top 1 pictures/a.jpg pictures/b.webp
  lanes predict runs/report-1 --json cat.png`,
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: completeRunThenFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			rows, err := p.wantsRows(args[1:])
			if err != nil {
				return failure{exitUsage, err}
			}
			if rows && !cmd.Flags().Changed("top") {
				p.top = 1
			}
			if p.top < 1 {
				return failure{exitUsage, fmt.Errorf("--top is %d, want at least 1", p.top)}
			}
			run, checkpoint, err := openRun(args[0], p.checkpoint)
			if err != nil {
				return err
			}
			c, err := openClassifier(run, checkpoint)
			if err != nil {
				return err
			}
			if rows || c.Input.Target != nil {
				return p.predictRows(cmd.OutOrStdout(), c, run.Config.Files, args[1:])
			}
			return p.predict(cmd.OutOrStdout(), cmd.ErrOrStderr(), c, args[1:])
		},
	}
	f := c.Flags()
	f.IntVar(&p.top, "top", 3, "classes to print of each picture (default 1 in CSV)")
	f.StringVar(&p.checkpoint, "checkpoint", "", checkpointUsage)
	f.BoolVar(&p.json, "json", false, "print a JSON object per line")
	f.BoolVar(&p.csv, "csv", false, "write CSV of pictures, too")
	return c
}

// predict prints the classes of pictures. For those that cannot be read it prints errors to
// talk, except for the last, which it returns.
func (p *predictFlags) predict(out, talk io.Writer, c *classifier, paths []string) error {
	width := 0
	for _, path := range paths {
		width = max(width, len(console.Plain(path)))
	}
	var bad error
	for _, path := range paths {
		shown, err := c.predict(path, p.top)
		if err != nil {
			if bad != nil {
				fmt.Fprintln(talk, "lanes:", console.OneLine(bad))
			}
			bad = err
			continue
		}
		if p.json {
			err = json.NewEncoder(out).Encode(shown)
		} else {
			err = shown.print(out, width)
		}
		if err != nil {
			return failure{exitFailed, err}
		}
	}
	return failed(exitData, bad)
}

// predict returns the top most probable classes of a picture, or all if there are fewer.
func (c *classifier) predict(path string, top int) (prediction, error) {
	picture, err := data.ReadPicture(path, c.Input.Shape)
	if err != nil {
		return prediction{}, err
	}
	p := prediction{Image: path}
	logits, err := c.predictor.Logits(picture)
	if err != nil {
		return prediction{}, fmt.Errorf("%s: %w", path, err)
	}
	probabilities := kernels.NewMat[float64](1, logits.Cols, nil)
	c.engine.Softmax(probabilities, logits)
	for j, x := range probabilities.Row(0) {
		if math.IsNaN(x) {
			return prediction{}, fmt.Errorf("%s: its probabilities are NaN: the training diverged", path)
		}
		p.Top = append(p.Top, candidate{c.Classes[j], x, logits.Row(0)[j]})
	}
	slices.SortStableFunc(p.Top, func(a, b candidate) int { return cmp.Compare(b.Probability, a.Probability) })
	p.Top = p.Top[:min(top, len(p.Top))]
	return p, nil
}

// print writes a line, with the name padded to width.
func (p prediction) print(out io.Writer, width int) error {
	line := fmt.Sprintf("%-*s", width, console.Plain(p.Image))
	for _, c := range p.Top {
		line += fmt.Sprintf("   %-10.60s %s", console.Plain(c.Class), number.Share(&c.Probability))
	}
	_, err := fmt.Fprintln(out, line)
	return err
}
