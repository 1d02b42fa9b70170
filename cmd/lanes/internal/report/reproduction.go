package report

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

//go:embed derivations.html
var derivationsSource string

// symbol is a variable of the derivations.
type symbol struct {
	Name        string
	Layer       int
	Regularised bool // whether it is the regularised loss that is derived by it
}

var derivations = template.Must(template.New("derivations").Funcs(template.FuncMap{
	"at":   func(name string, layer int) symbol { return symbol{name, layer, false} },
	"loss": func(name string, layer int) symbol { return symbol{name, layer, true} },
}).Parse(derivationsSource))

// Experiments holds the results of the report's experiments, done again. The trials
// have the report's settings, whatever they were trained with.
type Experiments struct {
	Images                *data.Dataset
	Share                 int // of so many of the report's steps one was trained
	Toy, Grid, MLP, Depth *sweep.Results
}

// Comparison is a figure of the report and the same figure here. If the report does
// not give it, Report is [number.None].
type Comparison struct{ What, Report, Here string }

// reproduction is the page of the experiments.
type reproduction struct {
	Page
	*Experiments
	check    *toyCheck
	toy      *train.Result
	compared []Comparison
}

// Reproduction returns the page of the reproduced report and its most important
// figures. The engines check the toy problem, in double precision, and train the
// networks of the study of deep networks, in single precision.
func Reproduction(ctx context.Context, e *Experiments, single *kernels.Engine[float32], double *kernels.Engine[float64]) (*Page, []Comparison, error) {
	p := &reproduction{Experiments: e}
	var err error
	if p.check, err = checkToy(double); err != nil {
		return nil, nil, err
	}
	toy, err := e.Toy.Run(e.Toy.Rows[0])
	if err == nil {
		p.toy, err = toy.Result()
	}
	if err != nil {
		return nil, nil, err
	}
	if p.toy == nil {
		return nil, nil, fmt.Errorf("%s has no result", toy.Dir)
	}
	p.page.Title = "The report, done again"
	p.page.Subtitle = e.subtitle()
	p.compare()
	p.derivatives()
	for _, section := range []func() error{p.toyProblem, p.gridSearch, p.secondTrainer} {
		if err := section(); err != nil {
			return nil, nil, err
		}
	}
	p.deeperNetworks()
	return &p.Page, p.compared, p.whyDeepNetworksDied(ctx, single, e.Images)
}

// subtitle says what the figures are of.
func (e *Experiments) subtitle() string {
	text := fmt.Sprintf("Every experiment of the report, on %s images for training.", number.Grouped(e.Images.Train.Len()))
	if e.Images.Name != "cifar10" {
		text += " They are built-in synthetic ones, because CIFAR-10 is not on this machine: the figures cannot be the report's."
	}
	if e.Share > 1 {
		text += fmt.Sprintf(" Each network was trained for one step in %d: the figures are those of shorter trainings, under the settings of the full ones.", e.Share)
	}
	return text
}

// compare adds the table of the most important figures.
func (p *reproduction) compare() {
	const none = number.None
	grid, mlp := p.Grid.Rows[0], p.MLP.Rows[0]
	p.compared = []Comparison{
		{"toy problem, final training loss", reportFinalLoss, number.Exact(p.toy.FinalLoss, p.toy.DType)},
		{"toy problem, largest error of a gradient", number.Scientific(reportCheck.largest(), 6), number.Scientific(p.check.largest(), 6)},
		{"grid search, best validation accuracy", "0.542", number.Figure(grid.ValAcc)},
		{"grid search, test accuracy of the best", none, number.Figure(grid.TestAcc)},
		{"second trainer, validation accuracy", "0.500", number.Figure(mlp.ValAcc)},
		{"second trainer, test accuracy", none, number.Figure(mlp.TestAcc)},
	}
	for _, start := range []struct {
		name        string
		init        string
		valid, test string
	}{
		{"deeper networks", "normal", "0.460", "0.4917"},
		{"from He's weights", "he", none, none},
	} {
		var best sweep.Result
		if i := slices.IndexFunc(p.Depth.Rows, func(x sweep.Result) bool { return strings.HasPrefix(x.Config.Init, start.init) }); i >= 0 {
			best = p.Depth.Rows[i]
		}
		p.compared = append(p.compared,
			Comparison{start.name + ", best validation accuracy", start.valid, number.Figure(best.ValAcc)},
			Comparison{start.name + ", test accuracy of the best", start.test, number.Figure(best.TestAcc)})
	}
	p.add("The report and this machine", page.Block{Table: comparisonTable("The report does not say of which network its test accuracy of 0.4917 is; with 0.494 on the training part, it is \"the best model\".", p.compared)})
}

// comparisonTable returns a table of figures side by side.
func comparisonTable(caption string, figures []Comparison) *page.Table {
	t := &page.Table{Caption: caption, Columns: append([]page.Column{{Name: "figure"}}, columns("report", "here")...)}
	for _, f := range figures {
		t.Rows = append(t.Rows, []string{f.What, f.Report, f.Here})
	}
	return t
}

// largest returns the largest relative error of a parameter's gradient.
func (c toyCheck) largest() float64 { return max(c.W1, c.B1, c.W2, c.B2) }

// derivatives adds the derivations of questions 2a to 2c with the checks of each.
func (p *reproduction) derivatives() {
	p.add("Questions 2a to 2c: the derivatives", page.Block{Prose: &page.Prose{Template: derivations, Data: p.check}})
}

// toyProblem adds question 3a.
func (p *reproduction) toyProblem() error {
	history, err := historyOf(p.Toy, p.Toy.Rows[0])
	if err != nil {
		return err
	}
	e := func(x float64) string { return number.Scientific(x, -1) }
	g := func(x float64) string { return number.Scientific(x, 6) }
	table := comparisonTable("As the report prints it, to its digits. The correct scores and loss are given with 8 and 11 digits behind the point, and so far off.", []Comparison{
		{"difference between the scores and the correct ones", e(reportCheck.Scores), e(p.check.Scores)},
		{"difference between the loss and the correct one", e(reportCheck.Loss), e(p.check.Loss)},
		{"W1 max relative error", g(reportCheck.W1), g(p.check.W1)},
		{"W2 max relative error", g(reportCheck.W2), g(p.check.W2)},
		{"b1 max relative error", g(reportCheck.B1), g(p.check.B1)},
		{"b2 max relative error", g(reportCheck.B2), g(p.check.B2)},
		{"iteration 0 / 100: loss", "1.265861", number.Fixed(p.toy.FirstLoss, 6)},
		{"final training loss", reportFinalLoss, number.Exact(p.toy.FinalLoss, p.toy.DType)},
	})
	p.add("Question 3a: the toy problem", page.Block{Table: table}, p.figures(curveFigures("toy-", history)[:1]...))
	return nil
}

// gridSearch adds question 3b: the grid beside the report's table, and its best four
// as the report shows them.
func (p *reproduction) gridSearch() error {
	trials := p.Grid.Rows
	best := trials[0]
	text := fmt.Sprintf("%s were trained. The best on the validation part, with %s, has hidden %s, iters %s, batch %s and reg %s. On the test part it has %s.",
		number.Count(len(trials), "network"), number.Figure(best.ValAcc), setting(best, "hidden"), setting(best, "iters"), setting(best, "batch"), setting(best, "reg"), number.Figure(best.TestAcc))
	p.add("Question 3b: the grid search", page.Block{Text: text}, page.Block{Table: gridTable(trials)})
	blocks := []page.Block{{Text: "As in the report, the four networks with the highest validation accuracy. The report's are of hidden 75 and 100 with reg 0.001 and 0.0001, all of 3000 iterations of 300."}}
	for i, x := range bestOf(trials) {
		history, err := historyOf(p.Grid, x)
		if err != nil {
			return err
		}
		parameters := fmt.Sprintf("%d. Parameters: hidden_size = %s, num_iters = %s, batch_size = %s, learning_rate = %s, reg = %s. Validation accuracy %s.",
			i+1, setting(x, "hidden"), setting(x, "iters"), setting(x, "batch"), setting(x, "lr"), setting(x, "reg"), number.Figure(x.ValAcc))
		blocks = append(blocks, page.Block{Text: parameters}, p.figures(curveFigures(fmt.Sprintf("grid-%d-", i+1), history)...))
	}
	p.add("The best four of the grid", blocks...)
	return nil
}

// secondTrainer adds question 4b.
func (p *reproduction) secondTrainer() error {
	x := p.MLP.Rows[0]
	history, err := historyOf(p.MLP, x)
	if err != nil {
		return err
	}
	table := &page.Table{
		Caption: "After each epoch the loss of its batch 100, without the L2 term, and the accuracy on the validation part.",
		Groups:  []page.Group{{Columns: 1}, {Name: "loss", Columns: 2}, {Name: "val acc", Columns: 2}},
		Columns: columns("epoch", "report", "here", "report", "here"),
	}
	for _, row := range mlpRows() {
		loss, accuracy := mlpEpoch(history, row.count("epoch"))
		table.Rows = append(table.Rows, []string{row["epoch"], row["loss"], cell(loss), row["val_acc"], cell(accuracy)})
	}
	text := fmt.Sprintf("The network of the grid, trained with Adam. Its validation accuracy is %s (the report's 0.500), its test accuracy %s.", number.Figure(x.ValAcc), number.Figure(x.TestAcc))
	p.add("Question 4b: the second trainer", page.Block{Text: text}, page.Block{Table: table}, p.figures(curveFigures("mlp-", history)...))
	return nil
}

// mlpEpoch returns the loss of batch 100 of an epoch, or of its last where there are
// fewer, and the validation accuracy after the epoch; nil where it was not trained.
func mlpEpoch(history train.History, epoch int) (loss, accuracy *float64) {
	const batch = 100
	inEpoch := 0
	for _, s := range history.Steps {
		if s.Epoch == epoch && inEpoch < batch {
			inEpoch, loss = inEpoch+1, &s.Loss
		}
	}
	for _, e := range history.Epochs {
		if e.Epoch == epoch {
			accuracy = e.ValAcc
		}
	}
	return loss, accuracy
}

// deeperNetworks adds question 4c.
func (p *reproduction) deeperNetworks() {
	trials := p.Depth.Rows
	normal, he := depthTables(trials)
	best := trials[0]
	init := "N(0, 0.001²)"
	if best.Config.Init == "he" {
		init = "He's distribution"
	}
	text := fmt.Sprintf("The report's best model has 0.494 on the training and 0.4917 on the test part. Of those here, (%s) with batch %s, learning rate %s and λ %s, from weights of %s, is the best on the validation part, with %s; it has %s on the training and %s on the test part.",
		hiddenNames(best.Config.Hidden), setting(best, "batch"), setting(best, "lr"), setting(best, "weight-decay"), init, number.Figure(best.ValAcc), number.Figure(best.TrainAcc), number.Figure(best.TestAcc))
	p.add("Question 4c: deeper networks", page.Block{Text: text}, page.Block{Table: normal})
	p.add("The same networks from He's initial weights", page.Block{Table: he})
}
