package data

import (
	"fmt"
	"unsafe"

	"github.com/lanes-ml/lanes/kernels"
)

// Batch holds the examples of a draw as inputs of a network. Its memory is allocated once;
// each draw overwrites the one before.
type Batch[T kernels.Float] struct {
	// X is n×inputs after a draw of n examples: [Preprocessing] says what is in it.
	X kernels.Mat[T]
	// Labels has the class of each of the n examples. In a regression it is nil, and Targets
	// is n×1: [Target] says what is in it.
	Labels  []int32
	Targets kernels.Mat[T]
	// Others and Shares have, for each example that is mixed with another, the other's class
	// and its share; nil if none is mixed. Targets and Weights are mixed already.
	Others []int32
	Shares []T
	// Weights has the weight of each example, nil if all are 1.
	Weights []T

	engine  *kernels.Engine[T]
	columns []Column
	shape   Shape             // of an example
	size    int               // its values
	pixels  kernels.Pixels[T] // of the last draw, with the means
	scale   []T               // of each input, or one
	zero    []T               // as many zeros, if there is more than one
	white   *whitener[T]      // nil if inputs are not whitened
	x       kernels.Mat[T]    // memory for the largest draw
	labels  []int32           // as much
	targets kernels.Mat[T]
	weights []T
	target  *Target
	changed *changed[T] // nil before the first draw that changes examples
}

// NewBatch returns a batch with room for size examples, whose statistics it rounds to T. It
// panics unless size ≥ 0 and the statistics fit the number of inputs.
func NewBatch[T kernels.Float](engine *kernels.Engine[T], size int, p *Preprocessing) *Batch[T] {
	inputs := p.Centred()
	if size < 0 || len(p.Mean) != inputs || len(p.Scale) != 1 && len(p.Scale) != inputs {
		panic(fmt.Sprintf("data: NewBatch: %d examples of %d inputs, with %d means and %d scales", size, inputs, len(p.Mean), len(p.Scale)))
	}
	b := &Batch[T]{
		engine: engine, columns: p.Columns, shape: p.Shape, size: p.Shape.Size(), scale: rounded[T](p.Scale),
		pixels: kernels.Pixels[T]{Cols: inputs, Mean: rounded[T](p.Mean)},
		x:      apart[T](size, p.Inputs()), white: newWhitener(engine, p.Whitening, size),
		labels: make([]int32, size), targets: kernels.NewMat[T](size, 1, nil), weights: make([]T, size),
		target: p.Target,
	}
	b.pixels.Scale = b.scale[0]
	if len(b.scale) > 1 {
		b.pixels.Scale, b.zero = 1, make([]T, inputs)
	}
	return b
}

// apart returns a matrix of zeros, with room for a line of a cache after each row if the rows
// would lie a multiple of a page apart: then the elements of a column would share so few sets
// of the caches that they would not stay there until the next column is read.
func apart[T kernels.Float](rows, cols int) kernels.Mat[T] {
	const page, line = 4096, 64
	var element T
	size, stride := int(unsafe.Sizeof(element)), cols
	if cols*size%page == 0 {
		stride += line / size
	}
	return kernels.Mat[T]{Data: make([]T, rows*stride), Rows: rows, Cols: cols, RowStride: stride, ColStride: 1}
}

func rounded[T kernels.Float](list []float64) []T {
	out := make([]T, len(list))
	for j, v := range list {
		out[j] = T(v)
	}
	return out
}

// Draw sets X, and labels or targets and weights, to the examples of s whose numbers are in
// rows. It panics if the batch has no room for so many, or if s has no example of such a number.
func (b *Batch[T]) Draw(s Split, rows []int) {
	b.inputs(s, rows)
	b.truths(s, rows)
}

// inputs sets X.
func (b *Batch[T]) inputs(s Split, rows []int) {
	if len(rows) > len(b.labels) {
		panic(fmt.Sprintf("data: Draw: %d examples, the batch has room for %d", len(rows), len(b.labels)))
	}
	b.X = b.x.Slice(0, len(rows), 0, b.x.Cols)
	y := b.white.room(b.X)
	if s.Pixels != nil && b.columns == nil {
		b.pixels.Data, b.pixels.Rows = s.Pixels, rows
		b.engine.CenterRows(y, &b.pixels)
		if len(b.scale) > 1 {
			b.engine.ScaleShift(y, y, b.scale, b.zero, kernels.Identity)
		}
	} else {
		for i, r := range rows {
			b.encode(y.Row(i), s, r)
		}
	}
	b.white.whiten(b.X)
}

// truths sets what is known of the examples.
func (b *Batch[T]) truths(s Split, rows []int) {
	b.Labels, b.Targets, b.Weights, b.Others, b.Shares = nil, kernels.Mat[T]{}, nil, nil, nil
	if s.Targets != nil && b.target != nil {
		b.Targets = b.targets.Slice(0, len(rows), 0, 1)
		for i, r := range rows {
			b.Targets.Row(i)[0] = b.targetOf(s, r)
		}
	} else if s.Labels != nil {
		b.Labels = b.labels[:len(rows)]
		for i, r := range rows {
			b.Labels[i] = s.Labels[r]
		}
	}
	if s.Weights != nil {
		b.Weights = b.weights[:len(rows)]
		for i, r := range rows {
			b.Weights[i] = T(s.Weights[r])
		}
	}
}

// targetOf returns what the output for example r should be.
func (b *Batch[T]) targetOf(s Split, r int) T {
	return T((float64(s.Targets[r]) - b.target.Mean) * b.target.Scale)
}

// encode sets x to the inputs of example r.
func (b *Batch[T]) encode(x []T, s Split, r int) {
	at := 0
	for j := range b.size {
		var v T
		if s.Pixels != nil {
			v = T(s.Pixels[r*b.size+j])
		} else {
			v = T(s.Values[r*b.size+j])
		}
		if b.columns == nil || b.columns[j].Categories == nil {
			x[at] = v
			at++
			continue
		}
		n := len(b.columns[j].Categories)
		clear(x[at : at+n])
		if v == v {
			x[at+int(v)] = 1
		}
		at += n
	}
	mean, each := b.pixels.Mean, len(b.scale) > 1
	scale := b.scale[0]
	for k, v := range x {
		if each {
			scale = b.scale[k]
		}
		x[k] = (v - mean[k]) * scale
		if v != v {
			x[k] = 0
		}
	}
}
