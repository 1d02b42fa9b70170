package report

import (
	"fmt"
	"io"
	"math"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/net/sweep"
)

// How far a figure may lie from the report's, whose seeds are not known.
const (
	trainTolerance = 0.012
	valTolerance   = 0.03
)

// gridRow is a row of the report's section 6, and the mean of the trials that have
// its settings.
type gridRow struct {
	published
	seeds                                []sweep.Result
	trainLoss, valLoss, trainAcc, valAcc *float64
	trainAccDiffers, valAccDiffers       float64 // NaN without trials
}

// compareGrid returns the rows, and how many have trials.
func compareGrid(trials []sweep.Result) (rows []gridRow, found int) {
	for _, p := range gridRows() {
		same := seedsOf(trials, p.isGrid)
		r := gridRow{
			published: p, seeds: same,
			trainLoss: mean(same, trainLoss), valLoss: mean(same, valLoss), trainAcc: mean(same, trainAccuracy), valAcc: mean(same, accuracy),
		}
		r.trainAccDiffers, r.valAccDiffers = *r.trainAcc-*p.number("train_acc"), *r.valAcc-*p.number("val_acc")
		if rows = append(rows, r); len(same) > 0 {
			found++
		}
	}
	return rows, found
}

// settings returns the cells of the settings that differ between rows.
func (r gridRow) settings() []string {
	return []string{r.published["hidden_size"], r.published["num_iters"], r.published["batch_size"], r.published["reg"]}
}

// gridTable returns all rows with the trials beside them, nil if no row has trials.
func gridTable(trials []sweep.Result) *page.Table {
	rows, found := compareGrid(trials)
	if found == 0 {
		return nil
	}
	table := &page.Table{
		Groups:  []page.Group{{Columns: 4}, {Name: "train loss", Columns: 2}, {Name: "val loss", Columns: 2}, {Name: "train acc", Columns: 2}, {Name: "val acc", Columns: 2}, {Columns: 1}},
		Columns: columns("hidden", "iters", "batch", "reg", "report", "here", "report", "here", "report", "here", "report", "here", "seeds"),
	}
	for i, r := range rows {
		cells := r.settings()
		for _, pair := range []struct {
			name string
			here *float64
		}{{"train_loss", r.trainLoss}, {"val_loss", r.valLoss}, {"train_acc", r.trainAcc}, {"val_acc", r.valAcc}} {
			cells = append(cells, cell(r.number(pair.name)), cell(pair.here))
		}
		table.Rows = append(table.Rows, append(cells, spread(r.seeds)))
		if math.Abs(r.trainAccDiffers) > trainTolerance || math.Abs(r.valAccDiffers) > valTolerance {
			table.Marked = append(table.Marked, i)
		}
	}
	table.Caption = fmt.Sprintf("The %d rows of the report's section 6 and the trials with their settings; several seeds are averaged. ", len(rows))
	if table.Marked == nil {
		table.Caption += fmt.Sprintf("All that were run lie within %g of its training and %g of its validation accuracy.", trainTolerance, valTolerance)
	} else {
		table.Caption += fmt.Sprintf("Shaded: more than %g from its training or %g from its validation accuracy.", trainTolerance, valTolerance)
	}
	return table
}

// printGrid prints the rows that have trials.
func printGrid(out io.Writer, trials []sweep.Result) error {
	rows, found := compareGrid(trials)
	if found == 0 {
		return nil
	}
	var t textTable
	t.add("hidden", "iters", "batch", "reg", "train", "report", "differs", "val", "report", "differs", "seeds")
	train, val := 0, 0
	for _, r := range rows {
		if len(r.seeds) == 0 {
			continue
		}
		t.add(append(r.settings(),
			number.Figure(r.trainAcc), number.Figure(r.number("train_acc")), number.Signed(r.trainAccDiffers, number.Digits),
			number.Figure(r.valAcc), number.Figure(r.number("val_acc")), number.Signed(r.valAccDiffers, number.Digits),
			spread(r.seeds))...)
		if math.Abs(r.trainAccDiffers) <= trainTolerance {
			train++
		}
		if math.Abs(r.valAccDiffers) <= valTolerance {
			val++
		}
	}
	fmt.Fprintln(out, "\nBeside section 6 of the report, accuracies on the training and the validation part:")
	if err := t.print(out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d of %d are within %g of its training accuracy, %d within %g of its validation accuracy.\n",
		train, found, trainTolerance, val, valTolerance)
	return err
}
