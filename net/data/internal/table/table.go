// Package table reads files of rows with a field for each column: CSV (RFC 4180), TSV, and
// what spreadsheets write for them. A file of numbers is read at several hundred megabytes
// a second, in the memory of its floats.
package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/lanes-ml/lanes/net/internal/regular"
)

// Header says whether the first row has the names of the columns.
type Header int

const (
	Detect Header = iota // by the rows
	Present
	Absent
)

// Options say how to read a file. A column is given by its name or by its number, from 1
// on or, from the last back, from -1 on.
type Options struct {
	Separator byte // 0: found in the first row
	Header    Header
	// Label is the column of the labels, empty if there is none: a number, or with
	// Classes a text that names a class, even if it looks like a number.
	Label   string
	Classes bool
	Weight  string   // the column of the rows' weights, empty if there is none
	Text    []string // columns whose fields are categories even if they look like numbers
	Drop    []string // columns that are left out

	// Columns are those of an earlier table, which this one is to have too: by their
	// names if the file has a header, and else by their order. A category that they do
	// not have becomes NaN. ClassNames are its classes, of which a label must be one.
	Columns    []Column
	ClassNames []string

	// Progress is called now and then with how many bytes are read. It may be nil.
	Progress func(done, total int64)
}

// Table is a file of rows. A field is a number or the index of a category; NaN if it is
// missing: empty, NA, N/A, NaN, null, none or ?.
type Table struct {
	Header  bool
	Rows    int
	Columns []Column  // without label, weight and what was dropped
	Values  []float32 // Rows×len(Columns)
	// Label is the column of the labels, a class if it has categories, and Labels has
	// each row's. They are empty without one.
	Label  Column
	Labels []float32
	// Weights are those of the rows, nil without a column of them.
	Weights []float32
}

// Read reads a file. A column is numeric unless a tenth or more of its fields, or one that
// Options name, are other texts; then they are categories, in order: numbers by value, then
// other texts. Fewer texts among numbers are an error, since most are slips. Numbers are
// those of [strconv.ParseFloat] for float32.
//
// Errors name the file, the line and the column.
func Read(path string, o Options) (*Table, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := readFile(f, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func readFile(f *os.File, o Options) (*Table, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return read(f, info.Size(), o)
}

// file is a file that is read in several passes.
type file struct {
	Options
	in    io.ReaderAt
	size  int64
	start int64 // of the first row

	header   bool
	columns  []column
	byName   map[string]int // indices of columns
	room     int            // for more categories
	features []int          // indices of columns
	label    int            // of a column, -1 if there is none
	weight   int

	passes int64
	table  *Table
}

// read reads a table of size bytes. The first pass, over a small part, guesses the kinds
// of columns. Another is made if the fields show that a guess was wrong.
func read(in io.ReaderAt, size int64, o Options) (*Table, error) {
	f := &file{Options: o, in: in, size: size, table: &Table{}}
	if err := f.open(); err != nil {
		return nil, err
	}
	const part = 1 << 18
	if err := f.pass(part, nil); err != nil {
		return nil, err
	}
	for i := range f.columns {
		if c := &f.columns[i]; !c.fixed && 9*c.texts > c.numbers {
			c.kind = text
		}
	}
	if err := f.allocate(); err != nil {
		return nil, err
	}
	for again := true; again; {
		if err := f.pass(size, f.table); err != nil {
			return nil, err
		}
		again = false
		for i := range f.columns {
			c := &f.columns[i]
			k, err := c.settle()
			if err != nil {
				return nil, err
			}
			again = again || k != c.kind
			c.kind, c.fixed = k, true
		}
	}
	if f.table.Rows == 0 {
		return nil, errors.New("no rows")
	}
	f.finish()
	return f.table, nil
}

// allocate gets memory for the rows: as many as there are line ends, or, where their
// fields are so short that this is more than twice the file, as a pass over the file
// counts.
func (f *file) allocate() error {
	ends := int64(1)
	in := io.NewSectionReader(f.in, f.start, f.size-f.start)
	for buf := make([]byte, 1<<18); ; {
		n, err := in.Read(buf)
		ends += int64(bytes.Count(buf[:n], []byte("\n")))
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	width := int64(len(f.features))
	if ends > (2*f.size+1<<25)/(4*width+8) {
		counted := &Table{}
		if err := f.pass(f.size, counted); err != nil {
			return err
		}
		ends = int64(counted.Rows)
	}
	if ends*width > math.MaxInt/4 {
		return fmt.Errorf("%d rows of %d numbers, more than memory can hold", ends, width)
	}
	f.table.Values = make([]float32, 0, ends*width)
	if f.label >= 0 {
		f.table.Labels = make([]float32, 0, ends)
	}
	if f.weight >= 0 {
		f.table.Weights = make([]float32, 0, ends)
	}
	return nil
}

// finish puts categories in order, and sets what the table says of its columns.
func (f *file) finish() {
	t := f.table
	t.Header = f.header
	orders := make([][]int32, len(f.columns)) // nil if indices stay
	for i := range f.columns {
		if c := &f.columns[i]; c.kind == text && !c.closed {
			c.names, orders[i] = Order(c.names)
		}
	}
	describe := func(c *column) Column {
		if c.kind != text {
			return Column{Name: c.name}
		}
		return Column{c.name, append([]string{}, c.names...)}
	}
	width := len(f.features)
	for k, i := range f.features {
		t.Columns = append(t.Columns, describe(&f.columns[i]))
		if order := orders[i]; order != nil {
			for j := k; j < len(t.Values); j += width {
				t.Values[j] = moved(t.Values[j], order)
			}
		}
	}
	if f.Columns != nil {
		t.Columns = f.Columns
	}
	if f.label >= 0 {
		t.Label = describe(&f.columns[f.label])
		if order := orders[f.label]; order != nil {
			for j, v := range t.Labels {
				t.Labels[j] = moved(v, order)
			}
		}
	}
}

// moved returns where an index goes; NaN stays.
func moved(v float32, to []int32) float32 {
	if v != v {
		return v
	}
	return float32(to[int(v)])
}
