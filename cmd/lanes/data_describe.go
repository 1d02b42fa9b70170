package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/data"
)

// datasetInfo is what data info prints of files that are not CIFAR-10.
type datasetInfo struct {
	Path    string             `json:"path"`
	Format  string             `json:"format"`
	Shape   data.Shape         `json:"shape"`
	Images  imageCounts        `json:"examples"`
	Classes []classDescription `json:"classes,omitempty"`
	Target  string             `json:"target,omitempty"`
	Columns []columnInfo       `json:"columns,omitempty"`
	// Of all values of the training part:
	Least      float64         `json:"least"`
	Most       float64         `json:"most"`
	Missing    int             `json:"missing"`
	Constant   int             `json:"constant"` // values of an example that are the same in all
	Duplicates data.Duplicates `json:"duplicates"`

	set *data.Dataset
}

// columnInfo describes a column of a table over the training part.
type columnInfo struct {
	Name       string   `json:"name"`
	Categories []string `json:"categories,omitempty"`
	Least      *float64 `json:"least"` // of numbers; nil if all are missing
	Most       *float64 `json:"most"`
	Mean       *float64 `json:"mean"`
	Deviation  *float64 `json:"deviation"`
	Missing    int      `json:"missing"`
}

func describeDataset(set *data.Dataset) datasetInfo {
	d := datasetInfo{
		Path: set.Path, Format: set.Format, Shape: set.Shape, Target: set.Target, set: set,
		Images: imageCounts{set.Train.Len(), set.Val.Len(), set.Test.Len()}, Duplicates: set.Duplicates(),
	}
	if !set.Regression() {
		d.Classes = countClasses(set)
	}
	first := true
	for j, s := range set.Statistics() {
		d.Missing += s.Missing
		known := s.Missing < set.Train.Len()
		if s.Constant() || !known {
			d.Constant++
		}
		if known && (first || s.Least < d.Least) {
			d.Least = s.Least
		}
		if known && (first || s.Most > d.Most) {
			d.Most = s.Most
		}
		first = first && !known
		if set.Columns == nil {
			continue
		}
		c := columnInfo{Name: set.Columns[j].Name, Categories: set.Columns[j].Categories, Missing: s.Missing}
		if c.Categories == nil && known {
			c.Least, c.Most, c.Mean, c.Deviation = &s.Least, &s.Most, &s.Mean, &s.Deviation
		}
		d.Columns = append(d.Columns, c)
	}
	return d
}

// mostClassLines is the number of classes that data info prints a line of each for.
const mostClassLines = 30

func (d datasetInfo) print(out io.Writer) error {
	w := &console.Lines{Out: out}
	w.Printf("%s, %s: %s\n\n", console.Plain(d.Path), d.Format, d.Shape)
	w.Printf("%-16s %7s %12s %6s\n", "class", "train", "validation", "test")
	for i, c := range d.Classes {
		if i == mostClassLines {
			w.Printf("… and %d more classes\n", len(d.Classes)-i)
			break
		}
		w.Printf("%-16.16s %7d %12d %6d\n", console.Plain(c.Name), c.Train, c.Validation, c.Test)
	}
	w.Printf("%-16s %7d %12d %6d\n", "all", d.Images.Train, d.Images.Validation, d.Images.Test)
	if d.Columns != nil {
		d.printColumns(w)
		d.printRows(w)
	}
	w.Printf("\nvalues from %s to %s", number.Significant(d.Least, 6), number.Significant(d.Most, 6))
	if d.Missing > 0 {
		w.Printf(", %d missing", d.Missing)
	}
	w.Printf("; %d of %d are constant\n", d.Constant, d.Shape.Size())
	w.Printf("%s", d.warnings())
	return w.Err
}

// warnings says what examples are there twice.
func (d datasetInfo) warnings() string {
	var b bytes.Buffer
	if n := d.Duplicates.Within; n > 0 {
		fmt.Fprintf(&b, "examples of the training part that repeat another: %d\n", n)
	}
	if n := d.Duplicates.Val; n > 0 {
		fmt.Fprintf(&b, "examples of the validation part that are in the training part too: %d\n", n)
	}
	if n := d.Duplicates.Test; n > 0 {
		fmt.Fprintf(&b, "examples of the test part that are in the training part too: %d\n", n)
	}
	return b.String()
}

func (d datasetInfo) printColumns(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "\ncolumn\tfrom\tto\tmean\tdeviation\tmissing\n")
	figure := func(x *float64) string {
		if x == nil {
			return ""
		}
		return number.Significant(*x, 4)
	}
	for _, c := range d.Columns {
		name := console.Plain(c.Name)
		if c.Categories != nil {
			fmt.Fprintf(w, "%.24s\t%s\t\t\t\t%d\n", name, fmt.Sprint(len(c.Categories), " texts"), c.Missing)
			continue
		}
		fmt.Fprintf(w, "%.24s\t%s\t%s\t%s\t%s\t%d\n", name, figure(c.Least), figure(c.Most), figure(c.Mean), figure(c.Deviation), c.Missing)
	}
	w.Flush() // an error stays in out
}

// printRows prints the first rows of the training part.
func (d datasetInfo) printRows(out io.Writer) {
	const rows, columns = 3, 8
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w)
	shown := d.set.Columns[:min(columns, len(d.set.Columns))]
	for _, c := range shown {
		fmt.Fprintf(w, "%.12s\t", console.Plain(c.Name))
	}
	fmt.Fprintln(w, "→")
	for i := range min(rows, d.set.Train.Len()) {
		for j, c := range shown {
			v := d.set.Train.Values[i*len(d.set.Columns)+j]
			text := strconv.FormatFloat(float64(v), 'g', 6, 32)
			if v != v {
				text = "missing"
			} else if c.Categories != nil {
				text = console.Plain(c.Categories[int(v)])
			}
			fmt.Fprintf(w, "%.12s\t", text)
		}
		if d.set.Regression() {
			fmt.Fprintln(w, d.set.Train.Targets[i])
		} else {
			fmt.Fprintln(w, console.Plain(d.set.Classes[d.set.Train.Labels[i]]))
		}
	}
	w.Flush()
}

// sheet draws a row of ten images of the training part for each of the first ten classes, as a
// PNG file: the first ones or, if a changes any, the first as it is and then as it is drawn in
// nine epochs.
func sheet(set *data.Dataset, a data.Augmentation) ([]byte, error) {
	shape := set.Shape
	if set.Train.Pixels == nil || !shape.IsImage() || shape.Channels != 1 && shape.Channels != 3 {
		return nil, fmt.Errorf("%s: %s of bytes are needed for a picture", set.Path, data.Shape{Channels: 3, Height: shape.Height, Width: shape.Width})
	}
	augmenter, err := data.NewAugmenter(a, set, 0)
	if err != nil {
		return nil, fmt.Errorf("--%w", err)
	}
	const across, down = 10, 10
	w, h := shape.Width+2, shape.Height+2
	m := image.NewRGBA(image.Rect(0, 0, across*w, min(down, len(set.Classes))*h))
	drawn := make([]int, len(set.Classes))
	changed := make([]uint8, shape.Size())
	for i, label := range set.Train.Labels {
		if label >= down || drawn[label] == across {
			continue
		}
		pixels := set.Train.Pixels[i*shape.Size():][:shape.Size()]
		for {
			paint(m, pixels, shape, drawn[label]*w+1, int(label)*h+1)
			drawn[label]++
			if a.First() == "" || drawn[label] == across {
				break
			}
			augmenter.Image(changed, set.Train, drawn[label]-1, i)
			pixels = changed
		}
	}
	var b bytes.Buffer
	err = png.Encode(&b, m)
	return b.Bytes(), err
}

// paint draws an image of bytes with its corner at left and top.
func paint(m *image.RGBA, pixels []uint8, shape data.Shape, left, top int) {
	plane := shape.Width * shape.Height
	for k := range plane {
		c := color.RGBA{pixels[k], pixels[k], pixels[k], 255}
		if shape.Channels == 3 {
			c.G, c.B = pixels[plane+k], pixels[2*plane+k]
		}
		m.SetRGBA(left+k%shape.Width, top+k/shape.Width, c)
	}
}
