package table

import (
	"fmt"
	"io"
)

// pass reads the rows of the file's first so many bytes and appends them to the table: its
// numbers if it has memory for any. Without a table it only looks at the fields.
func (f *file) pass(most int64, t *Table) error {
	f.room = maxCategories
	for i := range f.columns {
		f.columns[i].reset()
	}
	if t != nil {
		*t = Table{Values: t.Values[:0], Labels: t.Labels[:0], Weights: t.Weights[:0]}
		f.passes++
	}
	l := f.lines()
	if f.header {
		if _, err := l.row(); err != nil {
			return err
		}
	}
	cells := make([]float32, len(f.columns))
	told := int64(-1)
	for {
		if t != nil && f.Progress != nil && l.read != told {
			told = l.read
			f.Progress((f.passes-1)*f.size+told, f.passes*f.size)
		}
		row, err := l.row()
		if err == io.EOF || err == nil && l.read-int64(len(l.buf)-l.at) > most {
			return nil
		}
		if err == nil {
			err = f.fields(l, row, cells)
		}
		if err != nil {
			return err
		}
		if t != nil {
			f.append(t, cells)
		}
	}
}

// fields sets cells to the values of a row's fields.
func (f *file) fields(l *lines, row []byte, cells []float32) error {
	at := 0
	for i := range cells {
		c := &f.columns[i]
		if at > len(row) {
			return fmt.Errorf("line %d, column %d: the row ends after %d fields, want %d", l.line, i+1, i, len(cells))
		}
		if c.kind == numeric {
			v, n := number(row[at:])
			if end := at + n; n > 0 && (end == len(row) || row[end] == l.separator) {
				cells[i] = v
				c.numbers++
				at = end + 1
				continue
			}
		}
		text, next, err := l.field(row, at)
		if err == nil && c.kind != ignored {
			cells[i], err = c.value(text, l.line)
		}
		if err != nil {
			return fmt.Errorf("line %d, %v: %w", l.line, c, err)
		}
		at = next
	}
	if at <= len(row) {
		return fmt.Errorf("line %d, column %d: more than %d fields", l.line, len(cells)+1, len(cells))
	}
	if f.weight >= 0 && !(cells[f.weight] >= 0) {
		return fmt.Errorf("line %d, %v: a weight of %v, want at least 0", l.line, &f.columns[f.weight], cells[f.weight])
	}
	return nil
}

// append appends a row to the table.
func (f *file) append(t *Table, cells []float32) {
	t.Rows++
	if cap(t.Values) == 0 { // the rows are only counted
		return
	}
	for _, i := range f.features {
		t.Values = append(t.Values, cells[i])
	}
	if f.label >= 0 {
		t.Labels = append(t.Labels, cells[f.label])
	}
	if f.weight >= 0 {
		t.Weights = append(t.Weights, cells[f.weight])
	}
}
