package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// keepSeen leaves columns the categories that the training part has. Those that only
// another part has are missing there, as they will be in what is to be predicted.
func (d *Dataset) keepSeen() {
	d.Columns = slices.Clone(d.Columns)
	for j, c := range d.Columns {
		if c.Categories == nil {
			continue
		}
		seen := make([]bool, len(c.Categories))
		for at := j; at < len(d.Train.Values); at += len(d.Columns) {
			if v := d.Train.Values[at]; v == v {
				seen[int(v)] = true
			}
		}
		kept := []string{}
		for k, name := range c.Categories {
			if seen[k] {
				kept = append(kept, name)
			}
		}
		if len(kept) < len(c.Categories) {
			d.recode(j, kept)
		}
	}
}

// recode gives column j other categories. Values whose category is none of these are
// missing from then on.
func (d *Dataset) recode(j int, categories []string) {
	index := make(map[string]float32, len(categories))
	for k, name := range categories {
		index[name] = float32(k)
	}
	to := make([]float32, len(d.Columns[j].Categories))
	for k, name := range d.Columns[j].Categories {
		at, ok := index[name]
		if !ok {
			at = float32(math.NaN())
		}
		to[k] = at
	}
	for _, p := range d.Parts() {
		for at := j; at < len(p.Split.Values); at += len(d.Columns) {
			if v := p.Split.Values[at]; v == v {
				p.Split.Values[at] = to[int(v)]
			}
		}
	}
	d.Columns[j].Categories = categories
}

// Match makes d fit a model that takes examples as p says and knows those classes: its
// categories and its labels get the numbers that they have there, and categories that the
// model does not know are missing. It returns an error, in which d is what the examples are
// of, if the shapes, the names of columns or the classes differ.
func (d *Dataset) Match(p *Preprocessing, classes []string) error {
	switch {
	case d.Shape != p.Shape:
		return fmt.Errorf("%s, the model takes %s", d.Shape, p.Shape)
	case d.Regression() != (p.Target != nil):
		return errors.New("classes and numbers to find: the model was trained on the one, these are the other")
	case len(d.Columns) != len(p.Columns):
		return fmt.Errorf("%d columns, the model takes %d", len(d.Columns), len(p.Columns))
	}
	for j, c := range p.Columns {
		switch own := d.Columns[j]; {
		case own.Name != c.Name:
			return fmt.Errorf("column %d is %q, the model takes %q there", j+1, own.Name, c.Name)
		case (own.Categories == nil) != (c.Categories == nil):
			return fmt.Errorf("column %q has numbers or categories, the model takes the other", c.Name)
		}
	}
	d.Columns = slices.Clone(d.Columns)
	for j, c := range p.Columns {
		if c.Categories != nil && !slices.Equal(c.Categories, d.Columns[j].Categories) {
			d.recode(j, c.Categories)
		}
	}
	return d.relabel(classes)
}

// relabel gives labels the numbers that their classes have among others.
func (d *Dataset) relabel(classes []string) error {
	if slices.Equal(classes, d.Classes) {
		return nil
	}
	number := make(map[string]int32, len(classes))
	for i, name := range classes {
		number[name] = int32(i)
	}
	for _, p := range d.Parts() {
		labels := make([]int32, p.Split.Len()) // others may share the old ones
		for i, label := range p.Split.Labels {
			n, ok := number[d.Classes[label]]
			if !ok {
				return fmt.Errorf("part %s has the class %q, the model does not know it", p.Name, d.Classes[label])
			}
			labels[i] = n
		}
		p.Split.Labels = labels
	}
	d.Classes = classes
	return nil
}
