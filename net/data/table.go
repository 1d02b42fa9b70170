package data

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lanes-ml/lanes/net/data/internal/table"
)

// tableExtensions are those of tables in a folder of several.
var tableExtensions = []string{".csv", ".tsv", ".txt", ".data"}

// tableParts finds the tables of a folder by their parts, or the table that path is.
func tableParts(path string) map[string]string {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return map[string]string{"train": path}
	}
	found := map[string]string{}
	for _, ext := range tableExtensions {
		for part, names := range partNames {
			for _, name := range names {
				file := filepath.Join(path, name+ext)
				if _, err := os.Stat(file); err == nil && found[part] == "" {
					found[part] = file
				}
			}
		}
	}
	return found
}

// partNames are what files and folders of parts are called.
var partNames = map[string][]string{"train": {"train", "training"}, "val": {"val", "valid", "validation"}, "test": {"test", "testing"}}

// foundTable reports whether a file is text, or a folder has a table to train on.
func foundTable(path string) bool {
	file := tableParts(path)["train"]
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	var start [1 << 10]byte
	n, _ := f.Read(start[:])
	text := start[:n]
	for n == len(start) && len(text) > len(start)-utf8.UTFMax && !utf8.Valid(text) { // a character may be cut
		text = text[:len(text)-1]
	}
	return slices.Contains(tableExtensions, strings.ToLower(filepath.Ext(file))) || n > 0 && utf8.Valid(text) && bytes.IndexByte(text, 0) < 0
}

// readTable reads CSV or TSV: a file, or a folder with train.csv and perhaps test.csv and
// val.csv. The other parts have the columns, categories and classes of the training part.
func readTable(path string, o Options) (*Dataset, error) {
	files := tableParts(path)
	options := table.Options{
		Header: headers[o.Header],
		Label:  o.Label, Classes: o.Task != RegressionTask, Weight: o.Weight,
		Text: columnList(o.Categorical), Drop: columnList(o.Drop), Progress: o.Progress,
	}
	if options.Label == "" {
		options.Label = "-1"
	}
	d := &Dataset{}
	for _, part := range []string{"train", "val", "test"} {
		if files[part] == "" {
			continue
		}
		t, err := table.Read(files[part], options)
		if err != nil {
			return nil, err
		}
		if part == "train" {
			d.describeColumns(t)
			options.Columns, options.ClassNames = t.Columns, t.Label.Categories
			if options.Text = nil; t.Header { // by names from here on
				options.Label, options.Drop = t.Label.Name, nil
			}
		}
		s := d.part(part)
		s.Values, s.Weights = t.Values, t.Weights
		if !options.Classes {
			s.Targets = t.Labels
			continue
		}
		s.Labels = make([]int32, len(t.Labels))
		for i, label := range t.Labels {
			s.Labels[i] = int32(label)
		}
	}
	return d, nil
}

// describeColumns sets what a dataset says of the columns of its table.
func (d *Dataset) describeColumns(t *table.Table) {
	for _, c := range t.Columns {
		d.Columns = append(d.Columns, Column{c.Name, c.Categories})
	}
	d.Shape, d.Target, d.Classes = Row(len(t.Columns)), t.Label.Name, t.Label.Categories
}

// columnList returns the columns that a list with commas names.
func columnList(list string) []string {
	return slices.DeleteFunc(strings.Split(list, ","), func(name string) bool { return name == "" })
}
