package data

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/net/data/internal/table"
	"github.com/lanes-ml/lanes/net/data/photo"
	"github.com/lanes-ml/lanes/net/npz"
)

// ReadRaw reads examples without labels, as a model takes them that was trained on examples
// of p: the rows of a CSV or TSV file, the rows of an array in an npz or npy file, or a
// picture. If a table has a header, columns are found by their names, and others are left
// out. Categories that the model has not seen are missing. A picture is scaled as
// package photo does.
//
// Errors name the file, and what differs from what the model takes.
func ReadRaw(path string, p *Preprocessing, o Options) (Split, error) {
	switch {
	case isTable(path):
		return readRawTable(path, p, o)
	case isArrays(path):
		return readRawArray(path, p)
	}
	return ReadPicture(path, p.Shape)
}

// IsRows reports whether [ReadRaw] takes the file for rows, not for a picture.
func IsRows(path string) bool { return isTable(path) || isArrays(path) }

// isTable reports whether a file's name says that it is a table.
func isTable(path string) bool {
	return slices.Contains([]string{".csv", ".tsv", ".tab", ".txt"}, strings.ToLower(filepath.Ext(path)))
}

// isArrays reports whether a file begins as numpy's files do.
func isArrays(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var magic [6]byte
	f.Read(magic[:]) // of a shorter file, zeros remain
	return string(magic[:]) == "\x93NUMPY" || bytes.HasPrefix(magic[:], []byte("PK\x03\x04"))
}

// ReadPicture returns a picture, scaled to the shape of images, as the only example.
func ReadPicture(path string, shape Shape) (Split, error) {
	if !shape.IsImage() || shape.Channels != 1 && shape.Channels != 3 {
		return Split{}, fmt.Errorf("%s: a picture, and the model takes %s", path, shape)
	}
	pixels, err := photo.Read(path, photo.Size{Channels: shape.Channels, Height: shape.Height, Width: shape.Width})
	return Split{Pixels: pixels}, err
}

func readRawTable(path string, p *Preprocessing, o Options) (Split, error) {
	if p.Columns == nil {
		return Split{}, fmt.Errorf("%s: a table, and the model takes %s that are no table's", path, p.Shape)
	}
	columns := make([]table.Column, len(p.Columns))
	for j, c := range p.Columns {
		columns[j] = table.Column{Name: c.Name, Categories: c.Categories}
	}
	t, err := table.Read(path, table.Options{Header: headers[o.Header], Columns: columns})
	if err != nil {
		return Split{}, err
	}
	return Split{Values: t.Values}, nil
}

// headers are the values of [Options.Header].
var headers = map[string]table.Header{auto: table.Detect, "yes": table.Present, "no": table.Absent}

// readRawArray reads the array with examples of a file: the only one of their shape.
func readRawArray(path string, p *Preprocessing) (Split, error) {
	f, err := npz.Open(path)
	if err != nil {
		return Split{}, err
	}
	defer f.Close()
	var found, all []string
	for _, a := range f.Arrays() {
		all = append(all, fmt.Sprintf("%s %v", a.Name, a.Shape))
		if !a.IsText() && holdsExamples(a.Shape, p.Shape) {
			found = append(found, a.Name)
		}
	}
	if len(found) != 1 {
		return Split{}, fmt.Errorf("%s has %s: %d of them have %s, want 1", path, strings.Join(all, ", "), len(found), p.Shape)
	}
	a, err := f.Read(found[0])
	if err != nil {
		return Split{}, err
	}
	if a.Type == "|u1" && p.Columns == nil {
		return Split{Pixels: a.Data}, nil
	}
	s := Split{Values: make([]float32, a.Len())}
	npz.Floats(s.Values, a, 0)
	return s, nil
}

// holdsExamples reports whether an array of that shape has an example in each row: in the
// order of [Shape.Dims], or flat, or an image without its only channel.
func holdsExamples(dims []int, shape Shape) bool {
	if len(dims) < 2 {
		return false
	}
	rest := dims[1:]
	return slices.Equal(rest, shape.Dims()) || slices.Equal(rest, []int{shape.Size()}) ||
		shape.Channels == 1 && slices.Equal(rest, shape.Dims()[1:])
}
