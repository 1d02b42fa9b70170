package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/sweep"
)

// PrintResults prints the finished trials of a sweep, best first, the means over the
// seeds, and the published figures of the networks that are the report's.
func PrintResults(out io.Writer, r *sweep.Results) error {
	return cmp.Or(printTable(out, r), printWork(out, r), printMeans(out, r), printPublished(out, r))
}

// printWork prints how much of the work of all trials halving has saved.
func printWork(out io.Writer, r *sweep.Results) error {
	if text := workText(r); text != "" {
		_, err := fmt.Fprintln(out, text)
		return err
	}
	return nil
}

// workText says how much of the work of all trials a sweep with halving has done. It is
// empty for others, and where the number of examples is not known.
func workText(r *sweep.Results) string {
	s := r.Folder.Sweep
	spec, _ := data.Lookup(s.Base.Dataset)
	if s.Halving == 0 || spec.Training == 0 || len(r.Rows) == 0 {
		return ""
	}
	spent, full := r.Work(spec.Training)
	return fmt.Sprintf("trained with %s TFLOP; all %s in full would take %s",
		number.Significant(spent/1e12, 3), number.Count(len(r.Rows), "trial"), number.Significant(full/1e12, 3))
}

// printPublished prints the published figures beside the trials that are of the
// report's networks.
func printPublished(out io.Writer, r *sweep.Results) error {
	return cmp.Or(printGrid(out, r.Rows), printDepth(out, r.Rows, "normal"), printDepth(out, r.Rows, "he"), printLayers(out, r.Rows))
}

// PrintTrials prints the trials of a sweep with their settings.
func PrintTrials(out io.Writer, s sweep.Sweep) error {
	trials, err := s.Trials()
	if err != nil {
		return err
	}
	names := s.Columns()
	var t textTable
	t.add(append([]string{"trial"}, names...)...)
	for _, trial := range trials {
		t.add(append([]string{strconv.Itoa(trial.Index)}, trial.Texts(names)...)...)
	}
	if err := t.print(out); err != nil || s.TPE <= len(trials) {
		return err
	}
	_, err = fmt.Fprintf(out, "%s more, which TPE chooses from results\n", number.Count(s.TPE-len(trials), "trial"))
	return err
}

// printTable prints the finished trials, the best first.
func printTable(out io.Writer, r *sweep.Results) error {
	var test, status, rungs bool
	for _, x := range r.Rows {
		test = test || x.TestAcc != nil
		rungs = rungs || x.Rungs > 1
		status = status || x.Status != sweep.Done
	}
	var t textTable
	head := append([]string{"trial"}, r.Varied...)
	head = append(head, "parameters", "train loss", "train acc", "val loss", "val acc")
	if test {
		head = append(head, "test acc")
	}
	head = append(head, "seconds")
	if rungs {
		head = append(head, "rungs")
	}
	if status {
		head = append(head, "status")
	}
	t.add(head...)
	for _, x := range r.Rows {
		row := append([]string{strconv.Itoa(x.Index)}, x.Texts(r.Varied)...)
		row = append(row, strconv.Itoa(x.Params), number.Figure(x.TrainLoss), number.Figure(x.TrainAcc), number.Figure(x.ValLoss), number.Figure(x.ValAcc))
		if test {
			row = append(row, number.Figure(x.TestAcc))
		}
		row = append(row, number.Fixed(x.Seconds, 1))
		if rungs {
			row = append(row, strconv.Itoa(x.Rungs))
		}
		if status {
			row = append(row, x.Status)
		}
		t.add(row...)
	}
	left := t.fit("parameters", "train loss", "val loss", "seconds", "train acc")
	if err := t.print(out); err != nil || left == nil {
		return err
	}
	_, err := fmt.Fprintf(out, "not shown, and in results.csv: %s\n", strings.Join(left, ", "))
	return err
}

// printMeans prints the mean and the deviation over the seeds of each configuration,
// unless no configuration has several seeds.
func printMeans(out io.Writer, r *sweep.Results) error {
	means := r.Means()
	if !severalSeeds(means) {
		return nil
	}
	names := withoutSeed(r.Varied)
	var t textTable
	t.add(append(slices.Clone(names), "seeds", "mean val acc", "deviation")...)
	for _, m := range means {
		t.add(append(m.Texts(names), strconv.Itoa(m.Seeds), number.Figure(m.ValAcc), number.Figure(m.Deviation))...)
	}
	fmt.Fprintln(out, "\nOver the seeds of a configuration:")
	return t.print(out)
}
