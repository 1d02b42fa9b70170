package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/net/sweep"
)

const layersCaption = "The best validation accuracy of each number of hidden layers: of these trials, and of the report's section 9."

// layersRow sets networks with the same number of hidden layers side by side.
type layersRow struct {
	here   sweep.Result
	report published
}

// bestByLayers returns a row for each number of hidden layers that both the trials and the
// report's section 9 have. It returns none of other images than the report's, of the
// report's own networks, and of a single number of layers.
func bestByLayers(trials []sweep.Result) (rows []layersRow) {
	here := map[int]sweep.Result{}
	for _, x := range trials {
		if x.Config.Dataset != "cifar10" || isDepth(x) {
			return nil
		}
		n := len(x.Config.Hidden)
		if best, ok := here[n]; x.ValAcc != nil && (!ok || *x.ValAcc > *best.ValAcc) {
			here[n] = x
		}
	}
	for _, n := range slices.Sorted(maps.Keys(here)) {
		var best published
		for _, row := range depthRows() {
			if len(row.hidden("hidden")) == n && (best == nil || *row.number("acc_val") > *best.number("acc_val")) {
				best = row
			}
		}
		if best != nil {
			rows = append(rows, layersRow{here[n], best})
		}
	}
	if len(rows) < 2 {
		return nil
	}
	return rows
}

// layersTable returns the page's table of [bestByLayers], nil if it has no rows.
func layersTable(trials []sweep.Result) *page.Table {
	rows := bestByLayers(trials)
	if rows == nil {
		return nil
	}
	t := &page.Table{
		Caption: layersCaption,
		Groups:  []page.Group{{Columns: 1}, {Name: "here", Columns: 3}, {Name: "report", Columns: 2}},
		Columns: slices.Concat(columns("layers"), []page.Column{{Name: "hidden"}}, columns("val acc", "test acc"), []page.Column{{Name: "hidden"}}, columns("val acc")),
	}
	for _, r := range rows {
		t.Rows = append(t.Rows, []string{strconv.Itoa(len(r.here.Config.Hidden)), hiddenNames(r.here.Config.Hidden), cell(r.here.ValAcc), cell(r.here.TestAcc),
			hiddenNames(r.report.hidden("hidden")), cell(r.report.number("acc_val"))})
	}
	return t
}

// printLayers prints the rows of [bestByLayers], if there are any.
func printLayers(out io.Writer, trials []sweep.Result) error {
	rows := bestByLayers(trials)
	if rows == nil {
		return nil
	}
	var t textTable
	t.add("", "", "here", "", "", "report", "")
	t.add("layers", "hidden", "val acc", "test acc", "", "hidden", "val acc")
	for _, r := range rows {
		t.add(strconv.Itoa(len(r.here.Config.Hidden)), hiddenNames(r.here.Config.Hidden), number.Figure(r.here.ValAcc), number.Figure(r.here.TestAcc), "",
			hiddenNames(r.report.hidden("hidden")), number.Share(r.report.number("acc_val")))
	}
	fmt.Fprintln(out, "\n"+layersCaption)
	return t.print(out)
}
