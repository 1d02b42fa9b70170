package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxColumns is how many columns a file may have.
const maxColumns = 1 << 16

// lines returns the file's rows from the first on.
func (f *file) lines() *lines {
	return newLines(io.NewSectionReader(f.in, f.start, f.size-f.start), f.Separator)
}

// open looks at the first rows, and decides what each column is for.
func (f *file) open() error {
	var start [3]byte
	n, err := f.in.ReadAt(start[:], 0)
	if err != nil && err != io.EOF {
		return err
	}
	switch {
	case string(start[:]) == "\xef\xbb\xbf": // the byte order mark, which spreadsheets write
		f.start = 3
	case string(start[:2]) == "\xff\xfe" || string(start[:2]) == "\xfe\xff":
		return errors.New("line 1: UTF-16, want UTF-8")
	case n == 0:
		return errors.New("an empty file")
	}
	if f.Separator == 0 {
		f.Separator = ','
		row, err := f.lines().row()
		if err != nil && err != io.EOF {
			return err
		}
		most := 0
		for _, c := range []byte(",;\t|") {
			if n := bytes.Count(row, []byte{c}); n > most {
				most, f.Separator = n, c
			}
		}
	}
	rows, err := f.sample(100)
	if err != nil {
		return err
	}
	f.header = f.Header == Present || f.Header == Detect && f.looksLikeHeader(rows)
	for i, name := range rows[0] {
		if !f.header {
			name = ""
		}
		if name == "" {
			name = unnamed(i + 1)
		}
		f.columns = append(f.columns, column{name: name, at: i + 1, categories: map[string]int32{}, room: &f.room})
	}
	if err := f.index(); err != nil {
		return err
	}
	return f.assign()
}

// sample returns the fields of the first n rows, and of at least one, within the first
// 64 KiB.
func (f *file) sample(n int) (rows [][]string, err error) {
	l := f.lines()
	for len(rows) < n && (len(rows) == 0 || l.read-int64(len(l.buf)-l.at) < 1<<16) {
		row, err := l.row()
		if err == io.EOF && len(rows) > 0 {
			break
		}
		if err == io.EOF {
			return nil, errors.New("no rows")
		}
		if err != nil {
			return nil, err
		}
		var fields []string
		for at := 0; at <= len(row); {
			field, next, err := l.field(row, at)
			if err == nil && len(fields) == maxColumns {
				err = fmt.Errorf("more than %d columns", maxColumns)
			}
			if err != nil {
				return nil, fmt.Errorf("line %d, column %d: %w", l.line, len(fields)+1, err)
			}
			fields = append(fields, string(field))
			at = next
		}
		rows = append(rows, fields)
	}
	return rows, nil
}

// looksLikeHeader guesses whether the first of some rows has names: one of a column that
// is known, or texts alone, of which one stands above numbers, or which do not come again.
func (f *file) looksLikeHeader(rows [][]string) bool {
	for _, c := range f.Columns {
		if slices.Contains(rows[0], c.Name) {
			return true
		}
	}
	isNumber := func(s string) bool {
		_, n := number([]byte(s))
		return n > 0 && n == len(s)
	}
	if len(rows) == 1 || slices.ContainsFunc(rows[0], isNumber) || !slices.ContainsFunc(rows[0], func(s string) bool { return s != "" }) {
		return false
	}
	again := false
	for _, row := range rows[1:] {
		for i := range min(len(row), len(rows[0])) {
			if isNumber(row[i]) {
				return true
			}
			again = again || row[i] == rows[0][i]
		}
	}
	return !again
}

// index sets byName. It is an error if two columns have one name.
func (f *file) index() error {
	f.byName = map[string]int{}
	for i, c := range f.columns {
		if first, ok := f.byName[c.name]; ok {
			return fmt.Errorf("line 1, columns %d and %d are both named %.40q", first+1, c.at, c.name)
		}
		f.byName[c.name] = i
	}
	return nil
}

// find returns the index of the column that a name or a number gives.
func (f *file) find(what, which string) (int, error) {
	if i, ok := f.byName[which]; ok {
		return i, nil
	}
	i, err := strconv.Atoi(which)
	switch n := len(f.columns); {
	case err != nil:
		return 0, fmt.Errorf("line 1: no column %.40q for %s, the columns are %s", which, what, f.names())
	case 1 <= i && i <= n:
		return i - 1, nil
	case -n <= i && i <= -1:
		return n + i, nil
	default:
		return 0, fmt.Errorf("line 1: no column %d for %s, there are %d", i, what, n)
	}
}

// names lists the names of the first columns.
func (f *file) names() string {
	var names []string
	for _, c := range f.columns {
		if len(names) == 10 {
			names = append(names, "...")
			break
		}
		names = append(names, c.shown())
	}
	return strings.Join(names, ", ")
}

// assign decides what each column is for.
func (f *file) assign() (err error) {
	f.label, f.weight = -1, -1
	for _, name := range f.Drop {
		i, err := f.find("drop", name)
		if err != nil {
			return err
		}
		f.columns[i].kind, f.columns[i].fixed = ignored, true
	}
	for _, name := range f.Text {
		i, err := f.find("text", name)
		if err != nil {
			return err
		}
		f.columns[i].kind, f.columns[i].fixed = text, true
	}
	if f.Label != "" {
		if f.label, err = f.find("the label", f.Label); err != nil {
			return err
		}
		c := &f.columns[f.label]
		c.kind, c.fixed, c.required = numeric, true, "no label"
		if f.Classes {
			c.kind = text
		}
		if f.ClassNames != nil {
			c.close(f.ClassNames)
		}
	}
	if f.Weight != "" {
		if f.weight, err = f.find("the weight", f.Weight); err != nil {
			return err
		}
		c := &f.columns[f.weight]
		c.kind, c.fixed, c.required = numeric, true, "no weight"
	}
	for i, c := range f.columns {
		if i != f.label && i != f.weight && c.kind != ignored {
			f.features = append(f.features, i)
		}
	}
	if f.Columns != nil {
		return f.match()
	}
	if len(f.features) == 0 {
		return fmt.Errorf("line 1: no column besides the label, the columns are %s", f.names())
	}
	return nil
}

// match makes the features those of the options' columns.
func (f *file) match() error {
	others := f.features
	if f.header && f.Columns[0].Name != unnamed(1) {
		f.features = nil
		for _, want := range f.Columns {
			i, ok := f.byName[want.Name]
			if !ok {
				return fmt.Errorf("line 1: no column %.40q, the columns are %s", want.Name, f.names())
			}
			f.features = append(f.features, i)
		}
	} else if len(others) != len(f.Columns) {
		return fmt.Errorf("line 1: %d columns, want %d", len(others), len(f.Columns))
	}
	for _, i := range others {
		f.columns[i].kind, f.columns[i].fixed = ignored, true
	}
	for k, want := range f.Columns {
		c := &f.columns[f.features[k]]
		c.kind, c.fixed = numeric, true
		if want.Categories != nil {
			c.close(want.Categories)
		}
	}
	return nil
}

// close makes the column one of those categories and no others.
func (c *column) close(categories []string) {
	c.kind, c.names, c.closed = text, categories, true
	for i, name := range categories {
		c.categories[name] = int32(i)
	}
}
