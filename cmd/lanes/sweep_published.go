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
func printPublished(out io.Writer, folder *sweep.Folder) error {
	trials, err := readTrials(folder.Dir)
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
	t.add("hidden", "iters", "batch", "reg", "train acc", "report", "differs", "val acc", "report", "differs", "seeds")
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
	fmt.Fprintln(out, "\nBeside section 6 of the report:")
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
	t.add("hidden", "batch", "lr", "decay", "parameters", "report loss", "val acc", "PyTorch loss", "val acc", "loss", "val acc", "differs", "classes", "seeds", "beside PyTorch")
	found, run, agreed := 0, 0, 0
	for _, row := range depthRows() {
		same := seedsOf(trials, func(c train.Config) bool { return row.isDepth(c) && strings.HasPrefix(c.Init, init) })
		if len(same) == 0 {
			continue
		}
		found++
		loss, accuracy := row.number(init+"_last_loss"), row.number(init+"_val")
		here := mean(same, trial.accuracy)
		differs, verdict := "-", "not run there"
		if accuracy != nil {
			run++
			differs = signed(here - *accuracy)
			switch agrees := agree(loss, accuracy, same); {
			case !agrees:
				verdict = "DIFFERS"
			case *loss > stuckLoss:
				verdict = "stuck there too"
			default:
				verdict = "within"
			}
			if verdict != "DIFFERS" {
				agreed++
			}
		}
		t.add(strings.Trim(row["hidden"], "[]"), row["batch_size"], row["learning_rate"], row["reg"], strconv.Itoa(summarise(same[0].run.Config).Parameters),
			digits(row.number("loss_train")), digits(row.number("acc_val")), digits(loss), digits(accuracy),
			known(mean(same, trial.trainLoss)), known(here), differs, strconv.FormatFloat(mean(same, trial.classes), 'g', 3, 64), spread(same), verdict)
	}
	if found == 0 {
		return nil
	}
	fmt.Fprintf(out, "\nBeside section 9 of the report, and PyTorch, from initial weights %s:\n", init)
	if err := t.print(out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d of the %d that PyTorch was run on agree: stuck where it is (loss above %.2f, one class predicted), else within %g of its validation accuracy.\n",
		agreed, run, stuckLoss, depthTolerance)
	return err
}

// signed prints a difference, one that is rounded to 0 without a sign.
func signed(x float64) string {
	if s := fmt.Sprintf("%+.4f", x); s != "+0.0000" && s != "-0.0000" {
		return s
	}
	return "0.0000"
}
