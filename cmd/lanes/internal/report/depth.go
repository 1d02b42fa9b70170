package report

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// stuckLoss is the loss above which a network tells nothing: that of ten classes
// alike is ln 10 = 2.3026.
const stuckLoss = 2.30

// depthTolerance is how far a validation accuracy may lie from PyTorch's.
const depthTolerance = 0.04

// depth adds the report's deeper networks beside the trials that have their
// settings, and why most of them did not learn, if there are any.
func (p *Page) depth(ctx context.Context, trials []sweep.Result, study Study) error {
	if !slices.ContainsFunc(trials, isDepth) {
		return nil
	}
	report, he := depthTables(trials)
	p.add("Beside the report and PyTorch", page.Block{Table: report})
	p.add("The same networks from He's initial weights", page.Block{Table: he})
	engine, set, err := study()
	if err != nil {
		return err
	}
	return p.whyDeepNetworksDied(ctx, engine, set)
}

func isDepth(x sweep.Result) bool {
	return slices.ContainsFunc(depthRows(), func(row published) bool { return row.isDepth(x.Config) })
}

// start is a row of the report's section 9 with one kind of initial weights: PyTorch's
// figures, nil if PyTorch was not run, and the means of the trials with its settings.
type start struct {
	loss, accuracy         *float64 // PyTorch's
	seeds                  []sweep.Result
	hereLoss, hereAccuracy *float64
}

// startOf returns the row with the initial weights of that name, normal or he.
func startOf(row published, init string, trials []sweep.Result) start {
	same := seedsOf(trials, func(c train.Config) bool { return row.isDepth(c) && strings.HasPrefix(c.Init, init) })
	return start{row.number(init + "_last_loss"), row.number(init + "_val"), same, mean(same, trainLoss), mean(same, accuracy)}
}

// agrees tells whether the trials are stuck if PyTorch was, and otherwise are within the
// tolerance of its accuracy. It is true if either side was not run.
func (s start) agrees() bool {
	if s.loss == nil || s.accuracy == nil || len(s.seeds) == 0 {
		return true
	}
	stuck := *s.hereLoss > stuckLoss
	if *s.loss > stuckLoss {
		return stuck && *mean(s.seeds, classes) <= 1
	}
	return !stuck && math.Abs(*s.accuracy-*s.hereAccuracy) <= depthTolerance
}

// cells returns the cells for a table of a page.
func (s start) cells() []string {
	return []string{cell(s.loss), cell(s.accuracy), cell(s.hereLoss), cell(s.hereAccuracy), spread(s.seeds)}
}

// depthTables returns the report's deeper networks, PyTorch's and the trials that
// have their settings, from the report's initial weights and from He's.
func depthTables(trials []sweep.Result) (report, he *page.Table) {
	settings := append([]page.Column{{Name: "hidden"}}, columns("batch", "lr", "λ")...)
	beside := columns("loss", "val acc", "loss", "val acc", "seeds")
	report = &page.Table{
		Groups:  []page.Group{{Columns: 5}, {Name: "report", Columns: 2}, {Name: "PyTorch", Columns: 2}, {Name: "here", Columns: 2}, {Columns: 1}},
		Columns: slices.Concat(settings, columns("parameters", "loss", "val acc"), beside),
	}
	he = &page.Table{
		Groups:  []page.Group{{Columns: 4}, {Name: "PyTorch", Columns: 2}, {Name: "here", Columns: 2}, {Columns: 1}},
		Columns: slices.Concat(settings, beside),
	}
	misprints := ""
	for i, row := range depthRows() {
		hidden := hiddenNames(row.hidden("hidden"))
		settings := []string{hidden, row["batch_size"], row["learning_rate"], row["reg"]}
		params := int(train.Config{Dataset: "cifar10", Hidden: row.hidden("hidden")}.Network().Params())
		if n := row.count("total_params"); n != params {
			misprints += fmt.Sprintf(" The report prints %s parameters for (%s).", number.Grouped(n), hidden)
		}
		for _, t := range []struct {
			*page.Table
			start
			settings []string
		}{
			{report, startOf(row, "normal", trials), append(slices.Clone(settings), number.Grouped(params), cell(row.number("loss_train")), cell(row.number("acc_val")))},
			{he, startOf(row, "he", trials), settings},
		} {
			t.Rows = append(t.Rows, append(t.settings, t.cells()...))
			if !t.agrees() {
				t.Marked = append(t.Marked, i)
			}
		}
	}
	shaded := fmt.Sprintf("Shaded: more than %g from PyTorch's validation accuracy, or stuck (loss above %.2f) in only one of the two.", depthTolerance, stuckLoss)
	report.Caption = "The rows of the report's section 9; the same in PyTorch 1.13, one seed each; the trials with their settings, several seeds averaged. " +
		"λ is the setting weight-decay. Losses are of the last batch in the report and in PyTorch, of the training part here. " + shaded + misprints
	he.Caption = "Blank where PyTorch was not run. " + shaded
	return report, he
}

// printDepth prints the rows that have trials with the initial weights of that name,
// normal or he.
func printDepth(out io.Writer, trials []sweep.Result, init string) error {
	var t textTable
	t.add("", "", "", "", "report", "", "PyTorch", "", "here", "", "")
	t.add("hidden", "batch", "lr", "decay", "loss", "acc", "loss", "acc", "loss", "acc", "differs")
	found, run, agreed, seeds := 0, 0, 0, 0
	for _, row := range depthRows() {
		s := startOf(row, init, trials)
		if len(s.seeds) == 0 {
			continue
		}
		found++
		seeds = max(seeds, len(s.seeds))
		differs := number.None // PyTorch was not run
		if s.accuracy != nil {
			run++
			differs = number.Signed(*s.hereAccuracy-*s.accuracy, 3)
			if s.agrees() {
				agreed++
			} else {
				differs += "!"
			}
		}
		t.add(strings.Trim(row["hidden"], "[]"), row["batch_size"], row["learning_rate"], row["reg"],
			number.Share(row.number("loss_train")), number.Share(row.number("acc_val")),
			number.Share(s.loss), number.Share(s.accuracy), number.Share(s.hereLoss), number.Share(s.hereAccuracy), differs)
	}
	if found == 0 {
		return nil
	}
	fmt.Fprintf(out, "\nBeside section 9 of the report, and PyTorch, from initial weights %s, the mean of %s:\n", init, number.Count(seeds, "seed"))
	if err := t.print(out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d of the %d that PyTorch was run on agree: stuck where it is (loss above %.2f, one class\npredicted), else within %g of its validation accuracy. ! marks the others.\n",
		agreed, run, stuckLoss, depthTolerance)
	return err
}
