package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// settingTexts returns settings of a configuration, which must be some.
func settingTexts(c train.Config, names []string) (texts []string) {
	for _, name := range names {
		s, err := c.Settings().Find(name)
		if err != nil {
			panic(err.Error())
		}
		texts = append(texts, s.String())
	}
	return texts
}

// textTable is a table of right-aligned columns.
type textTable struct {
	rows [][]string
}

func (t *textTable) add(cells ...string) { t.rows = append(t.rows, cells) }

// paper is how many columns a table may take, where it can do with fewer.
const paper = 100

// fit leaves out columns, in the order of their names, until the table is as wide as
// paper. It returns those that it left out.
func (t *textTable) fit(names ...string) (left []string) {
	for _, name := range names {
		i := slices.Index(t.rows[0], name)
		if i < 0 || t.width() <= paper {
			continue
		}
		for k := range t.rows {
			t.rows[k] = slices.Delete(t.rows[k], i, i+1)
		}
		left = append(left, name)
	}
	return left
}

// width returns how many columns of a terminal the table takes.
func (t *textTable) width() (all int) {
	for i := range t.rows[0] {
		most := 0
		for _, row := range t.rows {
			most = max(most, utf8.RuneCountInString(row[i]))
		}
		all += tableGap + most
	}
	return all
}

// tableGap is how many spaces stand before a cell.
const tableGap = 2

func (t *textTable) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, tableGap, ' ', tabwriter.AlignRight)
	for _, row := range t.rows {
		fmt.Fprintln(w, strings.Join(row, "\t")+"\t")
	}
	return w.Flush()
}

// printTrials prints the trials of a sweep.
func printTrials(out io.Writer, s sweep.Sweep) error {
	trials, err := s.Trials()
	if err != nil {
		return err
	}
	names := s.Columns()
	var t textTable
	t.add(append([]string{"trial"}, names...)...)
	for _, trial := range trials {
		t.add(append([]string{strconv.Itoa(trial.Index)}, settingTexts(trial.Config, names)...)...)
	}
	return t.print(out)
}

// printTable prints the finished trials, the best first.
func printTable(out io.Writer, r *sweep.Results) error {
	var test, status bool
	for _, x := range r.Rows {
		test = test || x.TestAcc != nil
		status = status || x.Status != sweep.Done
	}
	var t textTable
	head := append([]string{"trial"}, r.Varied...)
	head = append(head, "parameters", "train loss", "train acc", "val loss", "val acc")
	if test {
		head = append(head, "test acc")
	}
	head = append(head, "seconds")
	if status {
		head = append(head, "status")
	}
	t.add(head...)
	for _, x := range r.Rows {
		row := append([]string{strconv.Itoa(x.Index)}, settingTexts(x.Config, r.Varied)...)
		row = append(row, strconv.Itoa(x.Params), digits(x.TrainLoss), digits(x.TrainAcc), digits(x.ValLoss), digits(x.ValAcc))
		if test {
			row = append(row, digits(x.TestAcc))
		}
		row = append(row, strconv.FormatFloat(x.Seconds, 'f', 1, 64))
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

// printMeans prints the mean of each configuration and how far its seeds lie apart,
// nothing if none has several.
func printMeans(out io.Writer, r *sweep.Results) error {
	means := r.Means()
	if !severalSeeds(means) {
		return nil
	}
	names := withoutSeed(r.Varied)
	var t textTable
	t.add(append(slices.Clone(names), "seeds", "mean val acc", "deviation")...)
	for _, m := range means {
		t.add(append(settingTexts(m.Config, names), strconv.Itoa(m.Seeds), digits(m.ValAcc), digits(m.Deviation))...)
	}
	fmt.Fprintln(out, "\nOver the seeds of a configuration:")
	return t.print(out)
}

// severalSeeds tells whether a configuration has a mean of several seeds.
func severalSeeds(means []sweep.Mean) bool {
	return slices.ContainsFunc(means, func(m sweep.Mean) bool { return m.Deviation != nil })
}

// withoutSeed returns the names of the settings that tell configurations apart.
func withoutSeed(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "seed" })
}

// digits prints a figure to four digits behind the point, a dash for none.
func digits(x *float64) string {
	if x == nil {
		return "-"
	}
	return strconv.FormatFloat(*x, 'f', 4, 64)
}
