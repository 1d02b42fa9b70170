package main

import (
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/evaluation"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// evaluated is what eval prints.
type evaluated struct {
	Run        string `json:"run"`
	Checkpoint string `json:"checkpoint"`
	Step       int    `json:"step"`
	Dataset    string `json:"dataset"`
	Split      string `json:"split"`
	evaluation.Evaluation
	what string // images or rows
}

func evalCommand() *cobra.Command {
	var split, checkpoint, dir string
	var asJSON, force bool
	c := &cobra.Command{
		Use:   "eval RUN",
		Short: "Score a trained network, class by class",
		Long: `Eval scores the network of a run on a part of the dataset that it was trained on:
loss without regularisation, and accuracy; precision and recall of each class; the
confusion matrix; and calibration, which is how far the probabilities of predictions
are from the share of them that is right. Of a regression it prints the mean squared
and the mean absolute error, and R². It computes in float64.

The images are looked for in --data, $LANES_DATA, where the run found them, and
the user's cache folder. Images that the run was not trained on are refused with exit
code 3, unless --force is given.`,
		Example: `  lanes eval runs/report-1
  lanes eval runs/report-1 --split val --checkpoint last
  lanes eval runs/report-1 --json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			part, ok := parts[split]
			if !ok {
				return failure{exitUsage, fmt.Errorf("--split %q, want test, val or train", split)}
			}
			run, checkpoint, err := openRun(args[0], checkpoint)
			if err != nil {
				return err
			}
			c, err := openClassifier(run, checkpoint)
			if err != nil {
				return err
			}
			set, err := openRunsDataset(cmd.ErrOrStderr(), run, dir)
			if err != nil {
				return failure{exitData, err}
			}
			if err := checkImages(cmd, run, c, set, force); err != nil {
				return err
			}
			examples := part(set)
			if examples.Len() == 0 {
				return failure{exitData, fmt.Errorf("%s has no %s part", set.Name, split)}
			}
			if c.Input.Target != nil {
				r, err := score(c, examples)
				if err != nil {
					return err
				}
				return show(cmd, asJSON, scored{args[0], checkpoint, c.Step, set.Name, split, set.Target, r})
			}
			e, err := evaluate(c, examples)
			if err != nil {
				return err
			}
			if math.IsNaN(e.Loss) || math.IsInf(e.Loss, 0) {
				return failure{exitDiverged, fmt.Errorf("%s: the loss is %v: the training diverged", run.Checkpoint(checkpoint), e.Loss)}
			}
			return show(cmd, asJSON, evaluated{args[0], checkpoint, c.Step, set.Name, split, e, examplesOf(set.Shape)})
		},
	}
	f := c.Flags()
	f.StringVar(&split, "split", "test", "`part` of the dataset: test, val or train")
	f.StringVar(&checkpoint, "checkpoint", "", checkpointUsage)
	f.StringVar(&dir, "data", "", dataUsage)
	f.BoolVar(&force, "force", false, forceUsage)
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// scored is what eval prints of a regression.
type scored struct {
	Run        string `json:"run"`
	Checkpoint string `json:"checkpoint"`
	Step       int    `json:"step"`
	Dataset    string `json:"dataset"`
	Split      string `json:"split"`
	Target     string `json:"target"`
	evaluation.Regression
}

// score compares what a regression finds with what it should.
func score(c *classifier, examples data.Split) (evaluation.Regression, error) {
	z, err := c.predictor.Predict(examples)
	if err != nil {
		return evaluation.Regression{}, failure{exitData, err}
	}
	r := evaluation.Score(z.Data, examples.Targets)
	if math.IsNaN(r.MSE) || math.IsInf(r.MSE, 0) {
		return r, failure{exitDiverged, fmt.Errorf("the mean squared error is %v: the training diverged", r.MSE)}
	}
	return r, nil
}

func (s scored) print(out io.Writer) error {
	w := &console.Lines{Out: out}
	w.Printf("%s, %s weights (step %d), on the %s part of %s\n\n", console.Plain(s.Run), s.Checkpoint, s.Step, s.Split, console.Plain(s.Dataset))
	w.Printf("examples            %10d\nmean squared error  %10s\nroot of it          %10s\nmean absolute error %10s\nR²                  %10s\n",
		s.Examples, number.Significant(s.MSE, 5), number.Significant(s.RMSE, 5), number.Significant(s.MAE, 5), number.Figure(s.R2))
	return w.Err
}

// mostColumns is the number of classes of which a confusion matrix is printed.
const mostColumns = 30

// parts are the values of --split.
var parts = map[string]func(*data.Dataset) data.Split{
	"test":  func(d *data.Dataset) data.Split { return d.Test },
	"val":   func(d *data.Dataset) data.Split { return d.Val },
	"train": func(d *data.Dataset) data.Split { return d.Train },
}

func evaluate(c *classifier, examples data.Split) (evaluation.Evaluation, error) {
	z, err := c.predictor.Logits(examples)
	if err != nil {
		return evaluation.Evaluation{}, failure{exitData, err}
	}
	t := evaluation.NewTally(c.engine, len(c.Classes))
	for i := 0; i < z.Rows; i += train.ScoreBatch {
		j := min(i+train.ScoreBatch, z.Rows)
		t.Add(z.Slice(i, j, 0, z.Cols), examples.Labels[i:j])
	}
	return t.Evaluation(c.Classes), nil
}

// examplesOf says what examples of a shape are called.
func examplesOf(shape data.Shape) string {
	if shape.IsImage() {
		return "images"
	}
	return "rows"
}

// print writes tables of at most 80 columns.
func (e evaluated) print(out io.Writer) error {
	w := &console.Lines{Out: out}
	w.Printf("%s, %s weights (step %d), on the %s part of %s\n\n", console.Plain(e.Run), e.Checkpoint, e.Step, e.Split, console.Plain(e.Dataset))
	w.Printf("%-11s %6d\nloss        %6s\naccuracy    %6s\ncalibration %6s expected error\n\n",
		e.what, e.Images, number.Figure(&e.Loss), number.Figure(&e.Accuracy), number.Figure(&e.ECE))

	w.Printf("%-12s %7s %10s %10s %10s %7s\n", "class", e.what, "predicted", "precision", "recall", "F1")
	for _, c := range e.Classes {
		w.Printf("%-12.12s %7d %10d %10s %10s %7s\n", console.Plain(c.Class), c.Images, c.Predicted, number.Share(c.Precision), number.Share(c.Recall), number.Share(c.F1))
	}

	if len(e.Classes) > mostColumns {
		w.Printf("\nthe confusion matrix of %d classes is printed with --json\n", len(e.Classes))
		return w.Err
	}
	w.Printf("\n%s of a class (row) by prediction (column)\n%-12s", e.what, "")
	for _, c := range e.Classes {
		w.Printf(" %5.5s", console.Plain(c.Class))
	}
	for i, row := range e.Confusion {
		w.Printf("\n%-12.12s", console.Plain(e.Classes[i].Class))
		for _, n := range row {
			w.Printf(" %5d", n)
		}
	}

	w.Printf("\n\n%-12s %7s %14s %10s %11s\n", "probability", e.what, "mean of them", "accuracy", "difference")
	for _, b := range e.Calibration {
		if b.Images > 0 {
			w.Printf("%s to %s %8d %14s %10s %11s\n", number.Fixed(b.From, 2), number.Fixed(b.To, 2), b.Images,
				number.Share(b.Confidence), number.Share(b.Accuracy), number.Signed(*b.Accuracy-*b.Confidence, 3))
		}
	}
	return w.Err
}
