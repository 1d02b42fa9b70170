package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/evaluation"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// Run is what the page of a run is made from.
type Run struct {
	Name       string
	Folder     *train.Folder
	Checkpoint string                 // whose weights Model has
	Model      *train.Model[float64]  // on images, else nil
	First      kernels.Mat[float64]   // the weights of its first layer for the values of an example
	Test       *evaluation.Evaluation // of the model on the test part, nil if that was not found
	Numbers    *evaluation.Regression // likewise of a regression
	NoImages   error                  // why not
}

// Page returns the page.
func (r *Run) Page() (*Page, error) {
	history, err := r.Folder.History()
	if err != nil {
		return nil, err
	}
	result, err := r.Folder.Result()
	if err != nil {
		return nil, err
	}
	config := r.Folder.Config
	p := new(Page)
	p.page.Title = r.Name
	p.page.Subtitle = fmt.Sprintf("A network with hidden layers of %s units, trained on %s.", hiddenNames(config.Hidden), config.Dataset)
	if result == nil {
		p.page.Subtitle += fmt.Sprintf(" The run is not finished: it has %s.", number.Count(len(history.Steps), "step"))
	} else {
		p.add("Results", resultBlocks(result)...)
	}
	if len(history.Steps) > 0 {
		p.add("Curves", p.figures(curveFigures("", history)...))
	}
	if m := r.Model; m != nil && picture.DrawsWeights(m.Input.Shape.Dims()) && r.First.Rows == m.Input.Shape.Size() {
		p.firstLayer(m, r.First)
	}
	switch {
	case r.Test != nil:
		p.testPart(r.Checkpoint, r.Model.Step, r.Test)
	case r.Numbers != nil:
		p.numbers(r.Numbers)
	case r.NoImages != nil:
		p.add("Test part", page.Block{Text: fmt.Sprintf("There is no confusion matrix: %v. 'lanes data fetch' gets the images, --data names another folder with them.", r.NoImages)})
	}
	p.add("Settings", page.Block{Table: settingsTable(config)})
	return p, nil
}

// firstLayer adds pictures of the weights of the first layer, one for each unit.
func (p *Page) firstLayer(model *train.Model[float64], first kernels.Mat[float64]) {
	units := picture.Units(first, mostUnits)
	what := number.Count(first.Cols, "hidden unit")
	if len(model.Config.Hidden) == 0 {
		what = fmt.Sprintf("%d classes", first.Cols)
	}
	dims, by := model.Input.Shape.Dims(), " by pixel and colour. "
	if dims[0] == 1 {
		by = " by pixel. "
	}
	if len(units) < first.Cols {
		what = fmt.Sprintf("first %d of %s", len(units), what)
	}
	p.add("First-layer weights", p.figures(named{"weights.png", page.Figure{
		Picture: picture.Weights(dims, units),
		Caption: "The weights of the " + what + by + "Grey is 0; each tile has its own scale.",
		Alt:     fmt.Sprintf("The weights of %s as pictures of %d by %d pixels", what, dims[2], dims[1]),
	}}))
}

// numbers adds the scores of a regression on the test part.
func (p *Page) numbers(r *evaluation.Regression) {
	p.add("Test part", page.Block{Table: &page.Table{
		Columns: columns("examples", "mean squared error", "mean absolute error", "R²"),
		Rows:    [][]string{{strconv.Itoa(r.Examples), number.Significant(r.MSE, 5), number.Significant(r.MAE, 5), number.Figure(r.R2)}},
	}})
}

// mostClasses is the largest number of classes whose confusion matrix is drawn: with more
// its numbers could not be read.
const mostClasses = 40

// testPart adds the scores and the confusion matrix of a checkpoint on the test images.
func (p *Page) testPart(checkpoint string, step int, e *evaluation.Evaluation) {
	accuracy := number.Figure(&e.Accuracy)
	scores := page.Table{
		Caption: "Precision is the share of images taken for the class that are of it, recall the share of its images that are found: its accuracy. All: " + accuracy + ".",
		Columns: append([]page.Column{{Name: "class"}}, columns("images", "predicted", "precision", "recall", "F1")...),
	}
	var classes []string
	for _, c := range e.Classes {
		classes = append(classes, c.Class)
		scores.Rows = append(scores.Rows, []string{c.Class, strconv.Itoa(c.Images), strconv.Itoa(c.Predicted), number.Share(c.Precision), number.Share(c.Recall), number.Share(c.F1)})
	}
	if len(classes) > mostClasses {
		p.add("Test part", page.Block{Table: &scores})
		return
	}
	p.add("Test part", p.figures(named{"confusion.png", page.Figure{
		Picture: picture.Confusion(classes, e.Confusion),
		Caption: fmt.Sprintf("Test images of each class (row) by what the %s weights, of step %d, take them for (column). The shade is the share of the row.", checkpoint, step),
		Alt:     fmt.Sprintf("Confusion matrix of %d classes, accuracy %s", len(classes), accuracy),
	}}), page.Block{Table: &scores})
}

// mostUnits is the largest number of units in a picture: with more they would be dots.
const mostUnits = 1024

func resultBlocks(r *train.Result) []page.Block {
	measure := "accuracy"
	if r.Task == data.RegressionTask {
		measure = "R²"
	}
	scores := page.Table{Columns: append([]page.Column{{Name: r.Dataset}}, columns("loss", measure)...)}
	scores.Rows = append(scores.Rows, []string{"training", cell(&r.TrainLoss), cell(&r.TrainAcc)})
	if r.ValAcc != nil {
		scores.Rows = append(scores.Rows, []string{"validation", cell(r.ValLoss), cell(r.ValAcc)})
	}
	if r.TestAcc != nil {
		scores.Rows = append(scores.Rows, []string{"test", "", cell(r.TestAcc)})
	}
	text := fmt.Sprintf("%s parameters, %s in %s, %s images/s (%s, %s, %s).",
		number.Grouped(r.Params), number.Count(r.Steps, "step"), number.Seconds(r.Seconds, 2), number.Rate(r.ImagesPerSecond), r.DType, r.Level, number.Count(r.Threads, "thread"))
	if r.Dataset == "toy" {
		text += fmt.Sprintf(" The regularised loss is %s before the first step and %s before the last, as the report prints it.",
			number.Fixed(r.FirstLoss, 6), number.Exact(r.FinalLoss, r.DType))
	}
	if r.BestValAcc != nil {
		text += fmt.Sprintf(" The best validation %s, %s, was reached %s.", measure, number.Figure(r.BestValAcc), BestPlace(r))
	}
	if r.StoppedEarly {
		text += " The run stopped before its last epoch, because the validation accuracy no longer rose."
	}
	return []page.Block{{Table: &scores}, {Text: text}}
}

// BestPlace says in which epoch the validation accuracy of a run was best, and whether
// that was at the end of the run.
func BestPlace(r *train.Result) string {
	place := fmt.Sprintf("in epoch %d", r.BestEpoch)
	if r.BestStep == r.Steps {
		place += ", at the end"
	}
	return place
}

func settingsTable(config train.Config) *page.Table {
	t := &page.Table{Columns: []page.Column{{Name: "setting"}, {Name: "value"}, {Name: "what it is"}}}
	for _, s := range config.Settings() {
		t.Rows = append(t.Rows, []string{s.Name, s.String(), strings.ReplaceAll(s.Help, "`", "")})
	}
	return t
}

// hiddenNames lists the sizes of hidden layers.
func hiddenNames(hidden []int) string {
	if len(hidden) == 0 {
		return "no"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(hidden), " ", ", "), "[]")
}
