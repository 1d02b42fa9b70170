package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/lanes-ml/lanes/net/data/internal/table"
	"github.com/lanes-ml/lanes/net/npz"
)

// part returns the part of that name: train, val or test.
func (d *Dataset) part(name string) *Split {
	return map[string]*Split{"train": &d.Train, "val": &d.Val, "test": &d.Test}[name]
}

// addExamples sets the examples of a part to the rows of an array, without their labels.
// They are images if it has three dimensions or more: images, rows and columns, and the
// channels before or after these.
func (d *Dataset) addExamples(part string, a npz.Array) error {
	if a.IsText() {
		return errors.New("text, want numbers")
	}
	shape, channelsLast, err := shapeOf(a.Shape)
	if err != nil {
		return err
	}
	if d.Shape != (Shape{}) && d.Shape != shape {
		return fmt.Errorf("%s, want %s as in another part", shape, d.Shape)
	}
	d.Shape = shape
	s := d.part(part)
	if a.Type == "|u1" {
		if s.Pixels = a.Data; channelsLast {
			planesFirst(s.Pixels, shape)
		}
		return nil
	}
	s.Values = make([]float32, a.Len())
	npz.Floats(s.Values, a, 0)
	for i, v := range s.Values {
		if math.IsInf(float64(v), 0) {
			return fmt.Errorf("row %d: value %d is %v as a float32", i/shape.Size(), i%shape.Size(), v)
		}
	}
	if channelsLast {
		planesFirst(s.Values, shape)
	}
	return nil
}

// shapeOf returns the shape of the rows of an array, and whether their channels are its
// last dimension.
func shapeOf(dims []int) (shape Shape, channelsLast bool, err error) {
	isChannels := func(n int) bool { return n == 1 || n == 3 }
	switch {
	case len(dims) == 2:
		shape = Row(dims[1])
	case len(dims) == 3:
		shape = Shape{Channels: 1, Height: dims[1], Width: dims[2]}
	case len(dims) == 4 && isChannels(dims[1]):
		shape = Shape{Channels: dims[1], Height: dims[2], Width: dims[3]}
	case len(dims) == 4 && isChannels(dims[3]):
		shape, channelsLast = Shape{Channels: dims[3], Height: dims[1], Width: dims[2]}, true
	default:
		return shape, false, fmt.Errorf("shape %v, want rows of values, or images of 1 or 3 channels", dims)
	}
	if shape.Size() < 1 {
		return shape, false, fmt.Errorf("shape %v: an example has no values", dims)
	}
	return shape, channelsLast, nil
}

// planesFirst moves the channels of images, which vary fastest, to be planes.
func planesFirst[E any](values []E, shape Shape) {
	one := make([]E, shape.Size())
	for ; len(values) > 0; values = values[len(one):] {
		copy(one, values)
		for i, v := range one {
			values[i%shape.Channels*shape.Height*shape.Width+i/shape.Channels] = v
		}
	}
}

// labelling finds the classes of labels that are numbers or texts.
type labelling struct {
	indices map[string]int32 // of names
	names   []string
	parts   []*Split
}

// add sets the labels of a part, as indices of names.
func (l *labelling) add(d *Dataset, part string, a npz.Array) error {
	n, err := valuePerRow(d, part, a)
	if err != nil {
		return err
	}
	if l.indices == nil {
		l.indices = map[string]int32{}
	}
	s := d.part(part)
	s.Labels = make([]int32, n)
	l.parts = append(l.parts, s)
	if a.IsText() {
		texts, err := a.Texts()
		for i, text := range texts {
			s.Labels[i] = l.index(text)
		}
		return err
	}
	whole, err := a.Ints()
	known := map[int64]int32{}
	for i, v := range whole {
		index, ok := known[v]
		if !ok {
			index = l.index(strconv.FormatInt(v, 10))
			known[v] = index
		}
		s.Labels[i] = index
	}
	return err
}

func (l *labelling) index(name string) int32 {
	i, ok := l.indices[name]
	if !ok {
		i = int32(len(l.names))
		l.indices[name] = i
		l.names = append(l.names, name)
	}
	return i
}

// finish returns the classes in order, and makes the labels their indices.
func (l *labelling) finish() []string {
	classes, to := table.Order(l.names)
	for _, s := range l.parts {
		for i, label := range s.Labels {
			s.Labels[i] = to[label]
		}
	}
	return classes
}

// addTargets sets what a regression is to find in a part.
func (d *Dataset) addTargets(part string, a npz.Array) error {
	n, err := valuePerRow(d, part, a)
	if err == nil && a.IsText() {
		err = errors.New("text, want numbers")
	}
	if err != nil {
		return err
	}
	s := d.part(part)
	s.Targets = make([]float32, n)
	npz.Floats(s.Targets, a, 0)
	return nil
}

// valuePerRow returns the number of examples of a part. It is an error unless the array has a
// value for each.
func valuePerRow(d *Dataset, part string, a npz.Array) (int, error) {
	s := d.part(part)
	n := max(len(s.Pixels), len(s.Values)) / d.Shape.Size()
	if !slices.Equal(a.Shape, []int{n}) && !slices.Equal(a.Shape, []int{n, 1}) {
		return 0, fmt.Errorf("shape %v, want a value for each of %d examples", a.Shape, n)
	}
	return n, nil
}
