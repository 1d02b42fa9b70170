package main

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/net/data"
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

// reproduced is the page of a reproduction, and its figures beside the report's.
type reproduced struct {
	*reporter
	set     *data.Dataset
	check   *toyCheck
	toy     *train.Result
	trials  map[string][]trial // by experiment, the highest validation accuracy first
	figures []comparison
}

// comparison is a figure of the report and the same here. What the report does not
// give is a dash.
type comparison struct{ what, report, here string }

// report writes the page and prints its most important figures.
func (r *reproduction) report(ctx context.Context, out io.Writer) error {
	p, err := r.gather(ctx)
	if err != nil && ctx.Err() != nil {
		return r.interrupted(ctx, "the page")
	}
	if err != nil {
		return err
	}
	file := filepath.Join(r.dir, reportPage)
	if err := p.write(file); err != nil {
		return failure{exitFailed, err}
	}
	w := &lines{out: out}
	w.printf("%-42s  %20s  %20s\n", "", "report", "here")
	for _, f := range p.figures {
		w.printf("%-42s  %20s  %20s\n", f.what, f.report, f.here)
	}
	w.printf("\n%s\n", file)
	return failed(exitFailed, w.err)
}

// gather makes the page.
func (r *reproduction) gather(ctx context.Context) (*reproduced, error) {
	p := &reproduced{reporter: &reporter{dir: r.dir}, set: r.set, trials: map[string][]trial{}}
	var err error
	if p.check, err = checkToy(); err != nil {
		return nil, err
	}
	for _, part := range r.parts {
		results, err := part.folder.Results()
		if err != nil {
			return nil, failure{exitData, err}
		}
		trials, err := readTrials(part.folder, results)
		if err != nil {
			return nil, failure{exitData, err}
		}
		full, err := part.full.Trials()
		if err != nil {
			return nil, failure{exitFailed, err}
		}
		for i := range trials { // named as the report's, which may be longer and of other images
			trials[i].run.Config = full[trials[i].Index].Config
		}
		p.trials[part.name] = trials
	}
	if p.toy, err = p.trials["toy"][0].run.Result(); err != nil || p.toy == nil {
		return nil, failure{exitData, fmt.Errorf("%s has no result: %w", p.trials["toy"][0].run.Dir, err)}
	}
	p.page.Title = "The report, done again"
	p.page.Subtitle = r.subtitle()
	p.compare()
	p.derivatives()
	for _, section := range []func() error{p.toyProblem, p.gridSearch, p.secondTrainer, func() error { return p.deeperNetworks(ctx) }} {
		if err := section(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// subtitle says what the figures are of.
func (r *reproduction) subtitle() string {
	text := fmt.Sprintf("Every experiment of the report, on %s images for training.", grouped(r.set.Train.Len()))
	if r.set.Name != "cifar10" {
		text += " They are built-in synthetic ones, because CIFAR-10 is not on this machine: the figures cannot be the report's."
	}
	if r.share > 1 {
		text += fmt.Sprintf(" Each network was trained for one step in %d: the figures are those of shorter trainings, under the settings of the full ones.", r.share)
	}
	return text
}

// compare adds the table of the most important figures.
func (p *reproduced) compare() {
	const none = "-"
	grid, mlp := p.trials["grid"][0], p.trials["mlp"][0]
	p.figures = []comparison{
		{"toy problem, final training loss", reportFinalLoss, finalLoss(p.toy)},
		{"toy problem, largest error of a gradient", fmt.Sprintf("%.6e", reportCheck.largest()), fmt.Sprintf("%.6e", p.check.largest())},
		{"grid search, best validation accuracy", "0.542", digits(grid.ValAcc)},
		{"grid search, test accuracy of the best", none, digits(grid.TestAcc)},
		{"second trainer, validation accuracy", "0.500", digits(mlp.ValAcc)},
		{"second trainer, test accuracy", none, digits(mlp.TestAcc)},
	}
	for _, start := range []struct {
		name        string
		is          func(trial) bool
		valid, test string
	}{
		{"deeper networks", func(t trial) bool { return t.run.Config.Init != "he" }, "0.460", "0.4917"},
		{"from He's weights", func(t trial) bool { return t.run.Config.Init == "he" }, none, none},
	} {
		var best trial
		if i := slices.IndexFunc(p.trials["depth"], start.is); i >= 0 {
			best = p.trials["depth"][i]
		}
		p.figures = append(p.figures,
			comparison{start.name + ", best validation accuracy", start.valid, digits(best.ValAcc)},
			comparison{start.name + ", test accuracy of the best", start.test, digits(best.TestAcc)})
	}
	p.add("The report and this machine", page.Block{Table: comparisonTable("The report does not say of which network its test accuracy of 0.4917 is; with 0.494 on the training part, it is \"the best model\".", p.figures)})
}

// comparisonTable returns a table of figures side by side.
func comparisonTable(caption string, figures []comparison) *page.Table {
	t := &page.Table{Caption: caption, Columns: []page.Column{{Name: "figure"}, {Name: "report", Numeric: true}, {Name: "here", Numeric: true}}}
	for _, f := range figures {
		t.Rows = append(t.Rows, []string{f.what, f.report, f.here})
	}
	return t
}

// largest returns the largest relative error of a parameter's gradient.
func (c toyCheck) largest() float64 { return max(c.W1, c.B1, c.W2, c.B2) }

// derivatives adds the derivations of questions 2a to 2c and what holds them.
func (p *reproduced) derivatives() {
	p.add("Questions 2a to 2c: the derivatives", page.Block{Prose: &page.Prose{Template: derivations, Data: p.check}})
}

// toyProblem adds question 3a.
func (p *reproduced) toyProblem() error {
	history, err := p.trials["toy"][0].run.History()
	if err != nil {
		return failure{exitData, err}
	}
	e := func(x float64) string { return strconv.FormatFloat(x, 'e', -1, 64) }
	g := func(x float64) string { return fmt.Sprintf("%e", x) }
	table := comparisonTable("As the report prints it, to its digits. The correct scores and loss are given with 8 and 11 digits behind the point, and so far off.", []comparison{
		{"difference between the scores and the correct ones", e(reportCheck.Scores), e(p.check.Scores)},
		{"difference between the loss and the correct one", e(reportCheck.Loss), e(p.check.Loss)},
		{"W1 max relative error", g(reportCheck.W1), g(p.check.W1)},
		{"W2 max relative error", g(reportCheck.W2), g(p.check.W2)},
		{"b1 max relative error", g(reportCheck.B1), g(p.check.B1)},
		{"b2 max relative error", g(reportCheck.B2), g(p.check.B2)},
		{"iteration 0 / 100: loss", "1.265861", fmt.Sprintf("%.6f", p.toy.FirstLoss)},
		{"final training loss", reportFinalLoss, finalLoss(p.toy)},
	})
	p.add("Question 3a: the toy problem", page.Block{Table: table}, p.reporter.figures(curveFigures("toy-", history)[:1]...))
	return nil
}

// gridSearch adds question 3b: the grid beside the report's table, and its best four
// as the report shows them.
func (p *reproduced) gridSearch() error {
	trials := p.trials["grid"]
	best := trials[0]
	text := fmt.Sprintf("%s were trained. The best on the validation part, with %.4f, has hidden %s, iters %s, batch %s and reg %s. On the test part it has %s.",
		count(len(trials), "network"), best.accuracy(), best.setting("hidden"), best.setting("iters"), best.setting("batch"), best.setting("reg"), digits(best.TestAcc))
	p.add("Question 3b: the grid search", page.Block{Text: text}, page.Block{Table: gridTable(trials)})
	blocks := []page.Block{{Text: "As in the report, the four networks with the highest validation accuracy. The report's are of hidden 75 and 100 with reg 0.001 and 0.0001, all of 3000 iterations of 300."}}
	for i, t := range bestOf(trials) {
		history, err := t.run.History()
		if err != nil {
			return failure{exitData, err}
		}
		parameters := fmt.Sprintf("%d. Parameters: hidden_size = %s, num_iters = %s, batch_size = %s, learning_rate = %s, reg = %s. Validation accuracy %.4f.",
			i+1, t.setting("hidden"), t.setting("iters"), t.setting("batch"), t.setting("lr"), t.setting("reg"), t.accuracy())
		blocks = append(blocks, page.Block{Text: parameters}, p.reporter.figures(curveFigures(fmt.Sprintf("grid-%d-", i+1), history)...))
	}
	p.add("The best four of the grid", blocks...)
	return nil
}

// secondTrainer adds question 4b.
func (p *reproduced) secondTrainer() error {
	t := p.trials["mlp"][0]
	history, err := t.run.History()
	if err != nil {
		return failure{exitData, err}
	}
	table := &page.Table{
		Caption: "After each epoch the loss of its batch 100, without the L2 term, and the accuracy on the validation part.",
		Groups:  []page.Group{{Columns: 1}, {Name: "loss", Columns: 2}, {Name: "val acc", Columns: 2}},
		Columns: []page.Column{{Name: "epoch", Numeric: true}, {Name: "report", Numeric: true}, {Name: "here", Numeric: true}, {Name: "report", Numeric: true}, {Name: "here", Numeric: true}},
	}
	for _, row := range mlpRows() {
		loss, accuracy := mlpEpoch(history, row.count("epoch"))
		table.Rows = append(table.Rows, []string{row["epoch"], row["loss"], fixed(loss), row["val_acc"], fixed(accuracy)})
	}
	text := fmt.Sprintf("The network of the grid, trained with Adam. Its validation accuracy is %s (the report's 0.500), its test accuracy %s.", digits(t.ValAcc), digits(t.TestAcc))
	p.add("Question 4b: the second trainer", page.Block{Text: text}, page.Block{Table: table}, p.reporter.figures(curveFigures("mlp-", history)...))
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
func (p *reproduced) deeperNetworks(ctx context.Context) error {
	trials := p.trials["depth"]
	normal, he := depthTables(trials)
	best := trials[0]
	init := "N(0, 0.001²)"
	if best.run.Config.Init == "he" {
		init = "He's distribution"
	}
	text := fmt.Sprintf("The report's best model has 0.494 on the training and 0.4917 on the test part. Of those here, (%s) with batch %s, learning rate %s and λ %s, from weights of %s, is the best on the validation part, with %.4f; it has %s on the training and %s on the test part.",
		hiddenNames(best.run.Config.Hidden), best.setting("batch"), best.setting("lr"), best.setting("weight-decay"), init, best.accuracy(), digits(best.TrainAcc), digits(best.TestAcc))
	p.add("Question 4c: deeper networks", page.Block{Text: text}, page.Block{Table: normal})
	p.add("The same networks from He's initial weights", page.Block{Table: he})
	return p.whyDeepNetworksDied(ctx, p.set)
}
