package train

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
)

// Examples are labelled inputs.
type Examples[T kernels.Float] interface {
	Len() int
	// Draw returns the inputs of the examples that rows lists, one per row, and their
	// labels. Both are valid until the next call. A row is always the same example.
	Draw(rows []int) (kernels.Mat[T], []int32)
}

// part is a part of a dataset as examples. Several parts may share a batch.
type part[T kernels.Float] struct {
	data.Split
	Batch *data.Batch[T]
}

// Draw makes inputs of the examples in the batch.
func (p part[T]) Draw(rows []int) (kernels.Mat[T], []int32) {
	p.Batch.Draw(p.Split, rows)
	return p.Batch.X, p.Batch.Labels
}

// Rows returns the rows of x, N×inputs, with their N labels as examples. They are read
// when they are drawn. It panics unless len(labels) == x.Rows and x.ColStride == 1.
func Rows[T kernels.Float](x kernels.Mat[T], labels []int32) Examples[T] {
	if len(labels) != x.Rows || x.ColStride != 1 {
		panic(fmt.Sprintf("train: Rows: x is %d×%d with column stride %d, labels has %d elements", x.Rows, x.Cols, x.ColStride, len(labels)))
	}
	return newPoints(x, labels)
}

// points are examples whose inputs are floats already.
type points[T kernels.Float] struct {
	x      kernels.Mat[T]
	labels []int32

	drawn       kernels.Mat[T]
	drawnLabels []int32
}

func newPoints[T kernels.Float](x kernels.Mat[T], labels []int32) *points[T] {
	return &points[T]{x: x, labels: labels}
}

func (p *points[T]) Len() int { return p.x.Rows }

func (p *points[T]) Draw(rows []int) (kernels.Mat[T], []int32) {
	if len(rows) > p.drawn.Rows {
		p.drawn, p.drawnLabels = kernels.NewMat[T](len(rows), p.x.Cols, nil), make([]int32, len(rows))
	}
	for i, r := range rows {
		copy(p.drawn.Row(i), p.x.Row(r))
		p.drawnLabels[i] = p.labels[r]
	}
	return p.drawn.Slice(0, len(rows), 0, p.x.Cols), p.drawnLabels[:len(rows)]
}
