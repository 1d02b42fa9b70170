package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

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
		if t.width() > paper && t.drop(name) {
			left = append(left, name)
		}
	}
	return left
}

// drop leaves out a column, and reports whether there is one of that name.
func (t *textTable) drop(name string) bool {
	i := slices.Index(t.rows[0], name)
	for k := range t.rows {
		if i >= 0 {
			t.rows[k] = slices.Delete(t.rows[k], i, i+1)
		}
	}
	return i >= 0
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
