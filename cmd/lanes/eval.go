package main

import (
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// evaluation is what eval prints. Shares of nothing are null.
type evaluation struct {
	Run        string  `json:"run"`
	Checkpoint string  `json:"checkpoint"`
	Step       int     `json:"step"`
	Dataset    string  `json:"dataset"`
	Split      string  `json:"split"`
	Images     int     `json:"images"`
	Loss       float64 `json:"loss"` // without regularisation
	Accuracy   float64 `json:"accuracy"`
	// ECE is the expected calibration error: the mean over images of the distance
	// between confidence and accuracy in their bin.
	ECE         float64      `json:"ece"`
	Classes     []classScore `json:"classes"`
	Confusion   [][]int      `json:"confusion"` // images of each class by prediction
	Calibration []bin        `json:"calibration"`
}

// classScore is how well a class is told from the others.
type classScore struct {
	Class     string   `json:"class"`
	Images    int      `json:"images"`
	Predicted int      `json:"predicted"` // images taken for it
	Precision *float64 `json:"precision"` // the share of those that are of it
	Recall    *float64 `json:"recall"`    // the share of its images that are taken for it: its accuracy
	F1        *float64 `json:"f1"`        // the harmonic mean of the two
}

// bin holds the images whose confidence, the largest probability, is above From
// and up to To.
type bin struct {
	From       float64  `json:"from"`
	To         float64  `json:"to"`
	Images     int      `json:"images"`
	Confidence *float64 `json:"confidence"` // mean
	Accuracy   *float64 `json:"accuracy"`
}

// calibrationBins is the number of bins as in Guo, Pleiss, Sun, Weinberger, On
// Calibration of Modern Neural Networks, arXiv:1706.04599, section 3.
const calibrationBins = 15

func evalCommand() *cobra.Command {
	var split, checkpoint, dir string
	var asJSON, force bool
	c := &cobra.Command{
		Use:   "eval RUN",
		Short: "Score a trained network, class by class",
		Long: `Eval scores the network of a run on a part of the dataset that it was trained on:
loss without regularisation and accuracy; precision and recall of each class; which
class is taken for which; and calibration, which is how far the probability of
predictions is from the share of them that is right. It computes in float64.

The images are looked for in --data, $LANES_DATA, where the run found them, and
the user's cache folder. Others than the run was trained on are refused with exit
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
			set, err := openRunsDataset(run, dir)
			if err != nil {
				return failure{exitData, err}
			}
			if err := checkImages(cmd, run, c, set, force); err != nil {
				return err
			}
			e := evaluate(c, part(set))
			if math.IsNaN(e.Loss) || math.IsInf(e.Loss, 0) {
				return failure{exitDiverged, fmt.Errorf("%s: the loss is %v: the training had diverged", run.Checkpoint(checkpoint), e.Loss)}
			}
			e.Run, e.Checkpoint, e.Dataset, e.Split = args[0], checkpoint, set.Name, split
			return show(cmd, asJSON, e)
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

// parts are the values of --split.
var parts = map[string]func(*data.Dataset) data.Split{
	"test":  func(d *data.Dataset) data.Split { return d.Test },
	"val":   func(d *data.Dataset) data.Split { return d.Val },
	"train": func(d *data.Dataset) data.Split { return d.Train },
}

func evaluate(c *classifier, images data.Split) evaluation {
	s := newTally(c.engine, len(c.Classes))
	for i := 0; i < images.Len(); i += train.ScoreBatch {
		j := min(i+train.ScoreBatch, images.Len())
		s.add(c.logits(images, i, j), images.Labels[i:j])
	}
	e := s.evaluation(c.Classes)
	e.Step = c.Step
	return e
}

// tally counts predictions.
type tally struct {
	engine     *kernels.Engine[float64]
	images     int
	loss       float64 // sum
	confusion  [][]int
	confidence [calibrationBins]float64 // sums
	binned     [calibrationBins]int
	right      [calibrationBins]int
}

func newTally(engine *kernels.Engine[float64], classes int) *tally {
	t := &tally{engine: engine, confusion: make([][]int, classes)}
	for i := range t.confusion {
		t.confusion[i] = make([]int, classes)
	}
	return t
}

// add counts images of the labelled classes by their logits, a row each.
func (t *tally) add(logits kernels.Mat[float64], labels []int32) {
	t.images += logits.Rows
	p := kernels.NewMat[float64](logits.Rows, logits.Cols, nil)
	t.loss += t.engine.SoftmaxCrossEntropy(p, logits, labels) * float64(logits.Rows)
	t.engine.Softmax(p, logits)
	for i, label := range labels {
		t.count(p.Row(i), int(label))
	}
}

// count counts an image of a class by the probabilities of all.
func (t *tally) count(p []float64, label int) {
	predicted := net.Argmax(p)
	t.confusion[label][predicted]++
	b := int(math.Ceil(p[predicted]*calibrationBins)) - 1
	b = min(max(b, 0), calibrationBins-1) // a NaN is anywhere
	t.binned[b]++
	t.confidence[b] += p[predicted]
	if predicted == label {
		t.right[b]++
	}
}

func (t *tally) evaluation(classes []string) evaluation {
	e := evaluation{Images: t.images, Loss: t.loss / float64(t.images), Confusion: t.confusion}
	right := 0
	for i, class := range classes {
		s := classScore{Class: class}
		for j := range classes {
			s.Images += t.confusion[i][j]
			s.Predicted += t.confusion[j][i]
		}
		hits := t.confusion[i][i]
		right += hits
		s.Precision, s.Recall = share(float64(hits), s.Predicted), share(float64(hits), s.Images)
		s.F1 = share(2*float64(hits), s.Predicted+s.Images)
		e.Classes = append(e.Classes, s)
	}
	e.Accuracy = float64(right) / float64(t.images)
	for i := range calibrationBins {
		b := bin{
			From: float64(i) / calibrationBins, To: float64(i+1) / calibrationBins, Images: t.binned[i],
			Confidence: share(t.confidence[i], t.binned[i]), Accuracy: share(float64(t.right[i]), t.binned[i]),
		}
		e.ECE += math.Abs(t.confidence[i]-float64(t.right[i])) / float64(t.images)
		e.Calibration = append(e.Calibration, b)
	}
	return e
}

// share returns sum/n, nil if n is 0.
func share(sum float64, n int) *float64 {
	if n == 0 {
		return nil
	}
	x := sum / float64(n)
	return &x
}

// print writes tables of at most 80 columns.
func (e evaluation) print(out io.Writer) error {
	w := &lines{out: out}
	w.printf("%s, %s weights (step %d), on the %s part of %s\n\n", plain(e.Run), e.Checkpoint, e.Step, e.Split, e.Dataset)
	w.printf("images      %6d\nloss        %6.4f\naccuracy    %6.4f\ncalibration %6.4f expected error\n\n", e.Images, e.Loss, e.Accuracy, e.ECE)

	w.printf("%-12s %7s %10s %10s %10s %7s\n", "class", "images", "predicted", "precision", "recall", "F1")
	for _, c := range e.Classes {
		w.printf("%-12.12s %7d %10d %10s %10s %7s\n", plain(c.Class), c.Images, c.Predicted, rate(c.Precision), rate(c.Recall), rate(c.F1))
	}

	w.printf("\nimages of a class (row) by prediction (column)\n%-12s", "")
	for _, c := range e.Classes {
		w.printf(" %5.5s", plain(c.Class))
	}
	for i, row := range e.Confusion {
		w.printf("\n%-12.12s", plain(e.Classes[i].Class))
		for _, n := range row {
			w.printf(" %5d", n)
		}
	}

	w.printf("\n\n%-12s %7s %14s %10s %11s\n", "probability", "images", "mean of them", "accuracy", "difference")
	for _, b := range e.Calibration {
		if b.Images > 0 {
			w.printf("%.2f to %.2f %8d %14.3f %10.3f %+11.3f\n", b.From, b.To, b.Images, *b.Confidence, *b.Accuracy, *b.Accuracy-*b.Confidence)
		}
	}
	return w.err
}

// rate prints a share, a dash where there is none.
func rate(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.3f", *x)
}
