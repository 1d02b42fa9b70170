package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// printPublished prints the report's networks that are among the trials of a sweep
// beside their published figures, nothing if there are none.
func printPublished(out io.Writer, folder *sweep.Folder, results *sweep.Results) error {
	trials, err := readTrials(folder, results)
	if err != nil {
		return err
	}
	if err := printGrid(out, trials); err != nil {
		return err
	}
	for _, init := range []string{"normal", "he"} {
		if err := printDepth(out, trials, init); err != nil {
			return err
		}
	}
	return nil
}

// printGrid prints the two-layer networks, the mean of their seeds.
func printGrid(out io.Writer, trials []trial) error {
	var t textTable
	t.add("hidden", "iters", "batch", "reg", "train", "report", "differs", "val", "report", "differs", "seeds")
	found, train, val := 0, 0, 0
	for _, row := range gridRows() {
		same := seedsOf(trials, row.isGrid)
		if len(same) == 0 {
			continue
		}
		found++
		cells := []string{row["hidden_size"], row["num_iters"], row["batch_size"], row["reg"]}
		for _, f := range []struct {
			here      float64
			report    *float64
			tolerance float64
			within    *int
		}{
			{mean(same, trial.trainAccuracy), row.number("train_acc"), trainTolerance, &train},
			{mean(same, trial.accuracy), row.number("val_acc"), valTolerance, &val},
		} {
			cells = append(cells, digits(&f.here), digits(f.report), signed(f.here-*f.report))
			if math.Abs(f.here-*f.report) <= f.tolerance {
				*f.within++
			}
		}
		t.add(append(cells, spread(same))...)
	}
	if found == 0 {
		return nil
	}
	fmt.Fprintln(out, "\nBeside section 6 of the report, accuracies on the training and the validation part:")
	if err := t.print(out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d of %d are within %g of its training accuracy, %d within %g of its validation accuracy.\n",
		train, found, trainTolerance, val, valTolerance)
	return err
}

// printDepth prints the deeper networks that begin with normal or he, the mean of
// their seeds.
func printDepth(out io.Writer, trials []trial, init string) error {
	var t textTable
	t.add("", "", "", "", "report", "", "PyTorch", "", "here", "", "")
	t.add("hidden", "batch", "lr", "decay", "loss", "acc", "loss", "acc", "loss", "acc", "differs")
	found, run, agreed, seeds := 0, 0, 0, 0
	for _, row := range depthRows() {
		same := seedsOf(trials, func(c train.Config) bool { return row.isDepth(c) && strings.HasPrefix(c.Init, init) })
		if len(same) == 0 {
			continue
		}
		found++
		seeds = max(seeds, len(same))
		loss, accuracy := row.number(init+"_last_loss"), row.number(init+"_val")
		here := mean(same, trial.accuracy)
		differs := "-" // PyTorch was not run
		if accuracy != nil {
			run++
			differs = fmt.Sprintf("%+.3f", here-*accuracy)
			if agree(loss, accuracy, same) {
				agreed++
			} else {
				differs += "!"
			}
		}
		hereLoss := mean(same, trial.trainLoss)
		t.add(strings.Trim(row["hidden"], "[]"), row["batch_size"], row["learning_rate"], row["reg"],
			short(row.number("loss_train")), short(row.number("acc_val")), short(loss), short(accuracy), short(&hereLoss), short(&here), differs)
	}
	if found == 0 {
		return nil
	}
	fmt.Fprintf(out, "\nBeside section 9 of the report, and PyTorch, from initial weights %s, the mean of %s:\n", init, count(seeds, "seed"))
	if err := t.print(out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d of the %d that PyTorch was run on agree: stuck where it is (loss above %.2f, one class\npredicted), else within %g of its validation accuracy. ! marks the others.\n",
		agreed, run, stuckLoss, depthTolerance)
	return err
}

// short prints a figure with three digits behind the point, a dash for none.
func short(x *float64) string {
	if x == nil || math.IsNaN(*x) {
		return "-"
	}
	return strconv.FormatFloat(*x, 'f', 3, 64)
}

// signed prints a difference, one that is rounded to 0 without a sign.
func signed(x float64) string {
	if s := fmt.Sprintf("%+.4f", x); s != "+0.0000" && s != "-0.0000" {
		return s
	}
	return "0.0000"
}
