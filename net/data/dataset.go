package data

import (
	"errors"
	"fmt"
	"slices"
)

// Dataset is a set of labelled examples in three parts: one to train on, one to choose
// hyper-parameters with, and one to measure the final accuracy on. The last two may be
// empty. [Open] reads one from files. A program may make one of what it has; the
// [Dataset.Check] of training says what is wrong with it.
type Dataset struct {
	Name   string // how people call it
	Path   string // where it was read from; empty if it was made
	Format string // of the files: a key of [Formats]; empty if it was made

	Shape Shape // of an example
	// Columns describes the values of a table's rows, one for each; nil if examples are
	// images or plain numbers.
	Columns []Column
	Classes []string // the name of each label; nil if the parts have Targets
	Target  string   // what Labels or Targets are: the name of a table's column, or empty

	Train, Val, Test Split

	// Weights has the initial parameters of the network, by their names in package net,
	// where a vector is one row; nil unless [Spec.Fixed].
	Weights map[string][][]float64

	// Spectra, if set, keeps what whitening needs of the training part, for programs that
	// train several networks on it and do not change it meanwhile.
	Spectra *Spectra
}

// Column describes a column of a table.
type Column struct {
	Name string `json:"name"`
	// Categories are the texts that the column may have. A value is the index of one. It
	// is nil if the values are numbers.
	Categories []string `json:"categories,omitempty"`
}

// Split is a part of a dataset. Example i, of size values, is Pixels[i*size:][:size] or
// Values[i*size:][:size], in the order of [Shape.Dims]. A value that is NaN is missing.
type Split struct {
	Pixels []uint8     // 0 to 255
	Values []float32   // where Pixels is nil
	Points [][]float64 // where both are: a small set whose values are not float32

	Labels  []int32   // the class of each example
	Targets []float32 // where Labels is nil: what a regression is to find
	Weights []float32 // of the examples in the loss; nil if all are 1
}

// Len returns the number of examples.
func (s Split) Len() int { return max(len(s.Labels), len(s.Targets)) }

// Regression reports whether the examples have numbers to be found in place of classes.
func (d *Dataset) Regression() bool { return d.Train.Targets != nil }

// Outputs returns how many outputs a network for the dataset has: one for each class, or
// one for the target of a regression.
func (d *Dataset) Outputs() int {
	if d.Regression() {
		return 1
	}
	return len(d.Classes)
}

// Counts returns the number of examples of s in each of the classes 0 to classes-1. It
// panics if a label is not one of them.
func (s Split) Counts(classes int) []int {
	counts := make([]int, classes)
	for _, label := range s.Labels {
		counts[label]++
	}
	return counts
}

// Parts returns the parts that have examples, by their names and in the order train, val,
// test.
func (d *Dataset) Parts() []Part {
	all := []Part{{"train", &d.Train}, {"val", &d.Val}, {"test", &d.Test}}
	return slices.DeleteFunc(all, func(p Part) bool { return p.Split.Len() == 0 })
}

// Part is a part of a dataset with its name: train, val or test.
type Part struct {
	Name  string
	Split *Split
}

// Check returns an error unless there is something to train on and the lengths of all
// slices, the labels and the categories fit together.
func (d *Dataset) Check() error {
	size := d.Shape.Size()
	switch {
	case size < 1:
		return errors.New("an example has no values")
	case d.Columns != nil && len(d.Columns) != size:
		return fmt.Errorf("%d columns for %s", len(d.Columns), d.Shape)
	case d.Train.Len() == 0:
		return errors.New("there are no examples to train on")
	case !d.Regression() && len(d.Classes) == 0:
		return errors.New("there are no classes")
	}
	for _, p := range d.Parts() {
		if err := d.checkSplit(p.Split, size); err != nil {
			return fmt.Errorf("part %s: %w", p.Name, err)
		}
	}
	return nil
}

func (d *Dataset) checkSplit(s *Split, size int) error {
	n := s.Len()
	values := max(len(s.Pixels), len(s.Values), len(s.Points)*size)
	switch {
	case values != n*size:
		return fmt.Errorf("%d values for %d examples of %d", values, n, size)
	case d.Regression() && s.Labels != nil || !d.Regression() && s.Targets != nil:
		return errors.New("labels in one part, and targets in another")
	case s.Weights != nil && len(s.Weights) != n:
		return fmt.Errorf("%d weights for %d examples", len(s.Weights), n)
	}
	for i, label := range s.Labels {
		if label < 0 || int(label) >= len(d.Classes) {
			return fmt.Errorf("example %d has label %d, want 0 to %d", i, label, len(d.Classes)-1)
		}
	}
	for i, w := range s.Weights {
		if !(w >= 0 && w <= maxWeight) {
			return fmt.Errorf("example %d has weight %v, want 0 to %v", i, w, float32(maxWeight))
		}
	}
	for i, y := range s.Targets {
		if !(y >= -maxTarget && y <= maxTarget) {
			return fmt.Errorf("example %d has target %v, want a number between ±%v", i, y, float32(maxTarget))
		}
	}
	for j, c := range d.Columns {
		if c.Categories == nil {
			continue
		}
		for i := range n {
			if v := s.Values[i*size+j]; v == v && (v < 0 || int(v) >= len(c.Categories) || v != float32(int(v))) {
				return fmt.Errorf("example %d has category %v of column %q, want 0 to %d", i, v, c.Name, len(c.Categories)-1)
			}
		}
	}
	return nil
}

const (
	maxWeight = 1e6
	maxTarget = 1e30
)

// Mean returns the mean of each value over the training part, without those that are
// missing. For images of bytes the sums are exact, so that each pixel is rounded once, when
// its sum is divided by their number. Mean panics if the examples are points.
func (d *Dataset) Mean() []float64 {
	size := d.Shape.Size()
	if d.Train.Pixels == nil {
		mean, _ := d.moments()
		return mean
	}
	sums := make([]uint64, size)
	for i := range d.Train.Len() {
		for j, p := range d.Train.Pixels[i*size:][:size] {
			sums[j] += uint64(p)
		}
	}
	mean := make([]float64, size)
	for j, s := range sums {
		mean[j] = float64(s) / float64(d.Train.Len())
	}
	return mean
}

// slice returns examples i to j-1.
func (s Split) slice(i, j int) Split {
	n := s.Len()
	out := Split{Pixels: sliceRows(s.Pixels, n, i, j), Values: sliceRows(s.Values, n, i, j)}
	out.Labels, out.Targets, out.Weights = sliceRows(s.Labels, n, i, j), sliceRows(s.Targets, n, i, j), sliceRows(s.Weights, n, i, j)
	return out
}

// sliceRows returns rows i to j-1 of n, nil if there are none in all.
func sliceRows[E any](all []E, n, i, j int) []E {
	if all == nil {
		return nil
	}
	width := len(all) / max(1, n)
	return all[i*width : j*width]
}

// makeImages returns n images of bytes, all of class 0.
func makeImages(n int, shape Shape) Split {
	return Split{Pixels: make([]uint8, n*shape.Size()), Labels: make([]int32, n)}
}

// image returns image i.
func (s Split) image(i int) []uint8 {
	size := len(s.Pixels) / len(s.Labels)
	return s.Pixels[i*size:][:size]
}
