package data

import (
	"fmt"
	"math"

	"github.com/lanes-ml/lanes/kernels"
)

// Preprocessing is how examples become inputs of a network, which a trained model keeps, so
// that it takes examples as they come. Values without columns become one input each,
//
//	x[j] = (value[j] - Mean[j])·Scale[j]
//
// and so does a column of numbers. A column of categories becomes an input for each of
// them, in their order: v[j] is 1 for the category of the example and 0 for the others, and
// x[j] is as above. A number that is missing becomes 0, as its mean does, and a category
// that is missing or was not seen in training is none of them.
type Preprocessing struct {
	Shape   Shape     `json:"shape"`
	Columns []Column  `json:"columns,omitempty"` // as in [Dataset]
	Mean    []float64 `json:"-"`                 // of each input
	Scale   []float64 `json:"-"`                 // of each input, or a single one for all
	Target  *Target   `json:"target,omitempty"`  // of a regression
	// Whitening makes the inputs of the x above; nil if these are the inputs.
	Whitening *Whitening `json:"whitening,omitempty"`
}

// Target is what a regression finds. The output of a network is (y - Mean)·Scale for the
// number y.
type Target struct {
	Name  string  `json:"name,omitempty"`
	Mean  float64 `json:"mean"`
	Scale float64 `json:"scale"`
}

// Of returns the number that an output stands for.
func (t *Target) Of(output float64) float64 { return t.Mean + output/t.Scale }

// Inputs returns the number of inputs.
func (p *Preprocessing) Inputs() int {
	if w := p.Whitening; w != nil && w.Kind == PCA {
		return w.Components.Rows
	}
	return p.Centred()
}

// Centred returns the number of means: that of inputs, before PCA leaves fewer.
func (p *Preprocessing) Centred() int {
	if p.Columns == nil {
		return p.Shape.Size()
	}
	n := 0
	for _, c := range p.Columns {
		n += c.inputs()
	}
	return n
}

// inputs returns how many inputs a column becomes.
func (c Column) inputs() int {
	if c.Categories == nil {
		return 1
	}
	return len(c.Categories)
}

// NewPreprocessing returns the preprocessing of a dataset by the statistics of its training
// part. Normalization is one of
//
//	none       values as they are
//	mean       less their mean
//	symmetric  bytes, 0 to 255, to -1 to 1
//	standard   less their mean, times the inverse of the standard deviation: of each value
//	           of a row, or of all pixels of images together
//	column     likewise, of each value also of images
//	channel    likewise, of all pixels of a channel together, for images
//
// [NewWhitening] makes those of pca and zca. A value that is the same throughout has no
// deviation, and gives the input 0. Categories are 0 or 1 in any case.
func NewPreprocessing(d *Dataset, normalization string) (*Preprocessing, error) {
	p := &Preprocessing{Shape: d.Shape, Columns: d.Columns, Scale: []float64{1}}
	p.Mean = make([]float64, p.Centred())
	if d.Regression() {
		p.Target = newTarget(d)
	}
	switch normalization {
	case "none":
	case "mean":
		p.center(d.Mean())
	case "symmetric":
		if d.Train.Pixels == nil {
			return nil, fmt.Errorf("symmetric takes pixels of 0 to 255, and %s has other numbers", d.Name)
		}
		for j := range p.Mean {
			p.Mean[j] = 127.5
		}
		p.Scale[0] = 1 / 127.5
	case "standard", "column":
		mean, variance := d.moments()
		p.center(mean)
		if normalization == "standard" && (d.Shape.IsImage() || d.Train.Pixels != nil) {
			p.Scale[0] = inverseDeviation(variance...)
			break
		}
		p.Scale = make([]float64, 0, p.Centred())
		for j, v := range variance {
			scale := inverseDeviation(v)
			if p.categories(j) != nil {
				scale = 1
			}
			for range p.column(j).inputs() {
				p.Scale = append(p.Scale, scale)
			}
		}
	case "channel":
		if !d.Shape.IsImage() {
			return nil, fmt.Errorf("channel takes images, and %s has %s", d.Name, d.Shape)
		}
		p.scaleChannels(d.moments())
	default:
		return nil, fmt.Errorf("no normalization %q", normalization)
	}
	return p, nil
}

// scaleChannels makes all values of each channel together have mean 0 and deviation 1.
func (p *Preprocessing) scaleChannels(mean, variance []float64) {
	plane := p.Shape.Height * p.Shape.Width
	p.Scale = p.Scale[:0]
	for first := 0; first < len(mean); first += plane {
		sum, squares := 0.0, 0.0
		for _, m := range mean[first : first+plane] {
			sum += m
		}
		middle := sum / float64(plane)
		for j, v := range variance[first : first+plane] {
			of := mean[first+j] - middle
			squares += v + float64(of*of)
		}
		scale := inverseDeviation(squares / float64(plane))
		for j := range plane {
			p.Mean[first+j], p.Scale = middle, append(p.Scale, scale)
		}
	}
}

// newTarget makes the targets of the training part have mean 0 and deviation 1.
func newTarget(d *Dataset) *Target {
	var sum, square, n float64
	first := float64(d.Train.Targets[0])
	for _, y := range d.Train.Targets {
		from := float64(y) - first
		sum, square, n = sum+from, square+float64(from*from), n+1
	}
	t := &Target{Name: d.Target, Mean: first + sum/n, Scale: inverseDeviation(square/n - float64((sum/n)*(sum/n)))}
	if t.Scale == 0 {
		t.Scale = 1
	}
	return t
}

// column returns column j, a nameless one of numbers if there are no columns.
func (p *Preprocessing) column(j int) Column {
	if p.Columns == nil {
		return Column{}
	}
	return p.Columns[j]
}

func (p *Preprocessing) categories(j int) []string { return p.column(j).Categories }

// center sets the means of inputs to those of their values, but for categories.
func (p *Preprocessing) center(mean []float64) {
	at := 0
	for j, m := range mean {
		if p.categories(j) == nil {
			p.Mean[at] = m
		}
		at += p.column(j).inputs()
	}
}

// inverseDeviation returns 1/sqrt of the mean of variances, 0 if that is 0.
func inverseDeviation(variances ...float64) float64 {
	sum := 0.0
	for _, v := range variances {
		sum += v
	}
	if sum <= 0 {
		return 0
	}
	return 1 / math.Sqrt(sum/float64(len(variances)))
}

// moments returns mean and variance of each value over the training part, without those
// that are missing. They are 0 where all are missing. Differences from the first value are
// summed, so that a value that is the same throughout has the variance 0 exactly.
func (d *Dataset) moments() (mean, variance []float64) {
	size := d.Shape.Size()
	mean, variance = make([]float64, size), make([]float64, size)
	first, counts := make([]float64, size), make([]float64, size)
	d.Train.each(size, func(j int, v float64) {
		if counts[j] == 0 {
			first[j] = v
		}
		counts[j]++
		mean[j] += v - first[j]
	})
	for j := range mean {
		mean[j] = first[j] + mean[j]/max(1, counts[j])
	}
	d.Train.each(size, func(j int, v float64) { variance[j] += float64((v - mean[j]) * (v - mean[j])) })
	for j := range variance {
		variance[j] /= max(1, counts[j])
	}
	return mean, variance
}

// each calls do with every value that is not missing and its place in its example.
func (s Split) each(size int, do func(j int, v float64)) {
	for at := 0; at < len(s.Pixels); at += size {
		for j, p := range s.Pixels[at:][:size] {
			do(j, float64(p))
		}
	}
	for at := 0; at < len(s.Values); at += size {
		for j, v := range s.Values[at:][:size] {
			if v == v {
				do(j, float64(v))
			}
		}
	}
}

// Round rounds the statistics to T, the element type that a network computes with.
func Round[T kernels.Float](p *Preprocessing) {
	lists := [][]float64{p.Mean, p.Scale}
	if p.Whitening != nil {
		lists = append(lists, p.Whitening.Components.Data)
	}
	for _, list := range lists {
		for j, v := range list {
			list[j] = float64(T(v))
		}
	}
}
