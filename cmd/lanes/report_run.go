package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// run gathers the page of a run.
func (r *reporter) run() error {
	run, checkpoint, err := openRun(r.dir, "")
	if err != nil {
		return err
	}
	history, err := run.History()
	if err != nil {
		return failure{exitData, err}
	}
	result, err := run.Result()
	if err != nil {
		return failure{exitData, err}
	}
	r.page.Title = filepath.Base(filepath.Clean(r.dir))
	r.page.Subtitle = fmt.Sprintf("A network with hidden layers of %s units, trained on %s.", hiddenNames(run.Config.Hidden), run.Config.Dataset)
	if result == nil {
		r.page.Subtitle += fmt.Sprintf(" The run is not finished: it has %s.", count(len(history.Steps), "step"))
	} else {
		r.add("Results", resultBlocks(result)...)
	}
	if len(history.Steps) > 0 {
		r.add("Curves", r.figures(curveFigures("", history)...))
	}
	if spec, _ := data.Lookup(run.Config.Dataset); spec.Images {
		if err := r.network(run, checkpoint); err != nil {
			return err
		}
	}
	r.add("Settings", page.Block{Table: settingsTable(run.Config)})
	return nil
}

// curveFigures returns the loss of a run and, where an epoch ended, its accuracy, in
// files whose names begin with the prefix.
func curveFigures(prefix string, history train.History) []named {
	curves := curvesOf("", history)
	pictures := []named{{prefix + "loss.png", page.Figure{
		Picture: picture.Loss(curves),
		Caption: "Cross-entropy of each batch before its update, without regularisation, and its moving mean.",
		Alt:     "Loss by step" + fromTo(curves.Loss),
	}}}
	if len(history.Epochs) > 0 {
		pictures = append(pictures, named{prefix + "accuracy.png", page.Figure{
			Picture: picture.Accuracy(curves),
			Caption: "After each epoch and at the end: training is the mean over the epoch's batches, validation is the whole part.",
			Alt:     "Training accuracy by epoch" + fromTo(curves.TrainAccuracy) + ", validation accuracy" + fromTo(curves.ValAccuracy),
		}})
	}
	return pictures
}

// network adds what the weights of a checkpoint are and do, nothing where the run
// has no checkpoint yet.
func (r *reporter) network(run *train.Folder, checkpoint string) error {
	if _, err := os.Stat(run.Checkpoint(checkpoint)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	classifier, err := openClassifier(run, checkpoint)
	if err != nil {
		return err
	}
	first := classifier.Network.Params()[0].Value
	units := unitsOf(first)
	what := count(first.Cols, "hidden unit")
	if len(run.Config.Hidden) == 0 {
		what = fmt.Sprintf("%d classes", first.Cols)
	}
	if len(units) < first.Cols {
		what = fmt.Sprintf("first %d of %s", len(units), what)
	}
	r.add("First-layer weights", r.figures(named{"weights.png", page.Figure{
		Picture: picture.Weights(data.Side, units),
		Caption: "The weights of the " + what + " by pixel and colour. Grey is 0; each tile has its own scale.",
		Alt:     "The weights of " + what + " as pictures of 32 by 32 pixels",
	}}))

	set, err := openRunsDataset(run, r.data)
	if errors.Is(err, data.ErrNotFound) {
		r.add("Test part", page.Block{Text: fmt.Sprintf("There is no confusion matrix: %v. 'lanes data fetch' gets the images, --data names another folder with them.", err)})
		return nil
	}
	if err != nil {
		return failure{exitData, err}
	}
	if err := checkImages(r.cmd, run, classifier, set, r.force); err != nil {
		return err
	}
	r.testPart(checkpoint, classifier, set)
	return nil
}

// testPart adds how well the network tells the classes of the test images apart.
func (r *reporter) testPart(checkpoint string, classifier *classifier, set *data.Dataset) {
	e := evaluate(classifier, set.Test)
	scores := page.Table{
		Caption: fmt.Sprintf("Precision is the share of images taken for the class that are of it, recall the share of its images that are found: its accuracy. All: %.4f.", e.Accuracy),
		Columns: []page.Column{{Name: "class"}, {Name: "images", Numeric: true}, {Name: "predicted", Numeric: true}, {Name: "precision", Numeric: true}, {Name: "recall", Numeric: true}, {Name: "F1", Numeric: true}},
	}
	for _, c := range e.Classes {
		scores.Rows = append(scores.Rows, []string{c.Class, strconv.Itoa(c.Images), strconv.Itoa(c.Predicted), rate(c.Precision), rate(c.Recall), rate(c.F1)})
	}
	r.add("Test part", r.figures(named{"confusion.png", page.Figure{
		Picture: picture.Confusion(set.Classes, e.Confusion),
		Caption: fmt.Sprintf("Test images of each class (row) by what the %s weights, of step %d, take them for (column). The shade is the share of the row.", checkpoint, e.Step),
		Alt:     fmt.Sprintf("Confusion matrix of %d classes, accuracy %.4f", len(set.Classes), e.Accuracy),
	}}), page.Block{Table: &scores})
}

// mostUnits is how many units a picture shows at most: more would be dots.
const mostUnits = 1024

// unitsOf returns the weights into each unit of a layer, of the first if there are
// many.
func unitsOf(w kernels.Mat[float64]) [][]float32 {
	units := make([][]float32, min(w.Cols, mostUnits))
	for j := range units {
		units[j] = make([]float32, w.Rows)
		for i := range units[j] {
			units[j][i] = float32(w.Row(i)[j])
		}
	}
	return units
}

// curvesOf returns the curves of a history.
func curvesOf(name string, h train.History) picture.Run {
	r := picture.Run{Name: name}
	for _, s := range h.Steps {
		r.Loss = append(r.Loss, picture.Point{X: float64(s.Step), Y: s.Loss})
	}
	for _, e := range h.Epochs {
		r.TrainAccuracy = append(r.TrainAccuracy, picture.Point{X: e.Epochs(), Y: e.TrainAcc})
		if e.ValAcc != nil {
			r.ValAccuracy = append(r.ValAccuracy, picture.Point{X: e.Epochs(), Y: *e.ValAcc})
		}
	}
	return r
}

// fromTo says where a curve begins and ends.
func fromTo(points []picture.Point) string {
	if len(points) == 0 {
		return ""
	}
	return fmt.Sprintf(", from %.4g to %.4g", points[0].Y, points[len(points)-1].Y)
}

func resultBlocks(r *train.Result) []page.Block {
	scores := page.Table{Columns: []page.Column{{Name: r.Dataset}, {Name: "loss", Numeric: true}, {Name: "accuracy", Numeric: true}}}
	scores.Rows = append(scores.Rows, []string{"training", fixed(&r.TrainLoss), fixed(&r.TrainAcc)})
	if r.ValAcc != nil {
		scores.Rows = append(scores.Rows, []string{"validation", fixed(r.ValLoss), fixed(r.ValAcc)})
	}
	if r.TestAcc != nil {
		scores.Rows = append(scores.Rows, []string{"test", "", fixed(r.TestAcc)})
	}
	text := fmt.Sprintf("%s parameters, %s in %.2f s, %s images/s (%s, %s, %s).",
		grouped(r.Params), count(r.Steps, "step"), r.Seconds, thousands(r.ImagesPerSecond), r.DType, r.Level, count(r.Threads, "thread"))
	if r.ValLoss == nil {
		text += fmt.Sprintf(" The regularised loss is %.6f before the first step and %s before the last, as the report prints it.", r.FirstLoss, finalLoss(r))
	}
	if r.BestValAcc != nil {
		text += fmt.Sprintf(" The best validation accuracy, %.4f, was reached %s.", *r.BestValAcc, bestPlace(r))
	}
	if r.StoppedEarly {
		text += " The run stopped before its last epoch, because the validation accuracy no longer rose."
	}
	return []page.Block{{Table: &scores}, {Text: text}}
}

func settingsTable(config train.Config) *page.Table {
	t := &page.Table{Columns: []page.Column{{Name: "setting"}, {Name: "value"}, {Name: "what it is"}}}
	for _, s := range config.Settings() {
		t.Rows = append(t.Rows, []string{s.Name, s.String(), strings.ReplaceAll(s.Help, "`", "")})
	}
	return t
}

// fixed prints a number of a result with four digits behind the point, nothing
// if there is none.
func fixed(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', 4, 64)
}

// grouped prints a count with its digits in groups of three.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// hiddenNames lists the sizes of hidden layers.
func hiddenNames(hidden []int) string {
	if len(hidden) == 0 {
		return "no"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(hidden), " ", ", "), "[]")
}
