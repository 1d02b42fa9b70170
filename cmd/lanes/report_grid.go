package main

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/net/train"
)

// How far a figure may lie from the report's, whose seeds are not known.
const (
	trainTolerance = 0.012
	valTolerance   = 0.03
)

// grid adds the report's two-layer networks beside the trials that have their
// settings, if there are any.
func (r *reporter) grid(trials []trial) {
	if table := gridTable(trials); table != nil {
		r.add("Beside the report", page.Block{Table: table})
	}
}

// gridTable returns the rows of the report's section 6 and the trials with their
// settings, nil if there are none.
func gridTable(trials []trial) *page.Table {
	table := &page.Table{
		Groups: []page.Group{{Columns: 4}, {Name: "train loss", Columns: 2}, {Name: "val loss", Columns: 2}, {Name: "train acc", Columns: 2}, {Name: "val acc", Columns: 2}, {Columns: 1}},
		Columns: []page.Column{
			{Name: "hidden", Numeric: true}, {Name: "iters", Numeric: true}, {Name: "batch", Numeric: true}, {Name: "reg", Numeric: true},
			{Name: "report", Numeric: true}, {Name: "here", Numeric: true}, {Name: "report", Numeric: true}, {Name: "here", Numeric: true},
			{Name: "report", Numeric: true}, {Name: "here", Numeric: true}, {Name: "report", Numeric: true}, {Name: "here", Numeric: true},
			{Name: "seeds", Numeric: true},
		},
	}
	rows, found := gridRows(), 0
	for i, row := range rows {
		cells := []string{row["hidden_size"], row["num_iters"], row["batch_size"], row["reg"]}
		same := seedsOf(trials, row.isGrid)
		trainAcc, valAcc := mean(same, trial.trainAccuracy), mean(same, trial.accuracy)
		for _, pair := range []struct {
			report string
			here   float64
		}{
			{"train_loss", mean(same, trial.trainLoss)}, {"val_loss", mean(same, trial.valLoss)},
			{"train_acc", trainAcc}, {"val_acc", valAcc},
		} {
			cells = append(cells, fixed(row.number(pair.report)), known(pair.here))
		}
		table.Rows = append(table.Rows, append(cells, spread(same)))
		if len(same) == 0 {
			continue
		}
		found++
		if math.Abs(trainAcc-*row.number("train_acc")) > trainTolerance || math.Abs(valAcc-*row.number("val_acc")) > valTolerance {
			table.Marked = append(table.Marked, i)
		}
	}
	if found == 0 {
		return nil
	}
	table.Caption = fmt.Sprintf("The %d rows of the report's section 6 and the trials with their settings; several seeds are averaged. ", len(rows))
	if table.Marked == nil {
		table.Caption += fmt.Sprintf("All that were run lie within %g of its training and %g of its validation accuracy.", trainTolerance, valTolerance)
	} else {
		table.Caption += fmt.Sprintf("Shaded: more than %g from its training or %g from its validation accuracy.", trainTolerance, valTolerance)
	}
	return table
}

func (t trial) trainLoss() float64     { return orNaN(t.TrainLoss) }
func (t trial) trainAccuracy() float64 { return orNaN(t.TrainAcc) }
func (t trial) valLoss() float64       { return orNaN(t.ValLoss) }

func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

// mean returns the mean of a figure of trials, NaN of none.
func mean(trials []trial, figure func(trial) float64) float64 {
	sum := 0.0
	for _, t := range trials {
		sum += figure(t)
	}
	return sum / float64(len(trials))
}

// seedsOf returns the trials of configurations that are wanted: of each once, since
// a table may have a row twice.
func seedsOf(trials []trial, wanted func(train.Config) bool) []trial {
	var found []trial
	for _, t := range trials {
		is := func(other trial) bool { return reflect.DeepEqual(other.run.Config, t.run.Config) }
		if wanted(t.run.Config) && !slices.ContainsFunc(found, is) {
			found = append(found, t)
		}
	}
	return found
}

// spread tells how many seeds there are and between which validation accuracies
// they lie, nothing if there are none.
func spread(trials []trial) string {
	switch len(trials) {
	case 0:
		return ""
	case 1:
		return "1"
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, t := range trials {
		low, high = min(low, t.accuracy()), max(high, t.accuracy())
	}
	from, to := fmt.Sprintf("%.3f", low), fmt.Sprintf("%.3f", high)
	if from == to {
		return fmt.Sprintf("%d, %s each", len(trials), from)
	}
	return fmt.Sprintf("%d, %s to %s", len(trials), from, to)
}

// known prints a number with four digits behind the point, nothing for NaN.
func known(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return fixed(&x)
}
