package data

import (
	"slices"

	"github.com/lanes-ml/lanes/net/setting"
)

// Options say how [Open] reads files. [Options.Settings] explains the fields; the zero value
// of none is useful: begin with [DefaultOptions].
type Options struct {
	Format string
	Task   string
	Label  string
	Weight string
	Header string
	// Drop and Categorical are lists of columns with commas between them.
	Drop        string
	Categorical string
	Arrays      string
	// ValShare and TestShare are of the examples of files without such a part.
	ValShare  float64
	TestShare float64
	Size      int

	// Progress is called now and then while a table is read, with how many bytes are. It
	// may be nil.
	Progress func(done, total int64)
}

// The words of Options.
const (
	auto           = "auto"
	Classification = "classification"
	RegressionTask = "regression"
)

// DefaultOptions find everything out.
func DefaultOptions() Options {
	return Options{Format: auto, Task: Classification, Header: auto, ValShare: 0.1, TestShare: 0.1, Size: Side}
}

// Settings returns the fields of o as settings.
func (o *Options) Settings() setting.List {
	share := setting.Range{Most: 1, Below: true}
	return setting.List{
		{Name: "format", Value: &o.Format, Words: append([]string{auto}, Formats()...),
			Help: "`format` of the files of --data, found out if auto"},
		{Name: "task", Value: &o.Task, Words: []string{Classification, RegressionTask},
			Help: "classification, or regression of numbers"},
		{Name: "label", Value: &o.Label,
			Help: "`column` with labels: name or number (default last); CIFAR-100: fine, coarse"},
		{Name: "weight", Value: &o.Weight,
			Help: "`column` with weights of examples in the loss (default none)"},
		{Name: "header", Value: &o.Header, Words: []string{auto, "yes", "no"},
			Help: "whether a table's first line has names: auto, yes or no"},
		{Name: "drop", Value: &o.Drop,
			Help: "`columns` of a table to leave out, by name or number, as in id,7"},
		{Name: "categorical", Value: &o.Categorical,
			Help: "`columns` of a table whose numbers are categories, as in zip,3"},
		{Name: "arrays", Value: &o.Arrays,
			Help: "`names` of numpy arrays, as in x_train=a,y_train=b"},
		{Name: "val-share", Value: &o.ValShare, Range: share,
			Help: "`share` of the data to validate with, without such a part"},
		{Name: "test-share", Value: &o.TestShare, Range: share,
			Help: "`share` of the data to test with, without such a part"},
		{Name: "size", Value: &o.Size, Range: setting.Range{Least: 1, Most: 4096},
			Help: "side of images in `pixels`, of folders of pictures"},
	}
}

// Formats returns the names of the formats that [Open] reads.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}
