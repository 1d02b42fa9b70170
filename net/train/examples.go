package train

import (
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
)

// Examples are labelled inputs.
type Examples[T kernels.Float] interface {
	Len() int
	// Draw returns the inputs that rows lists, a row each, and their labels,
	// valid until the next call.
	Draw(rows []int) (kernels.Mat[T], []uint8)
}

// Images are the examples of a part of a dataset. Parts may share a batch.
type Images[T kernels.Float] struct {
	data.Split
	Batch *data.Batch[T]
}

// Draw converts images to floats in the batch.
func (m Images[T]) Draw(rows []int) (kernels.Mat[T], []uint8) {
	m.Batch.Draw(m.Split, rows)
	return m.Batch.X, m.Batch.Labels
}

// points are examples that are floats already.
type points[T kernels.Float] struct {
	x      kernels.Mat[T]
	labels []uint8

	drawn       kernels.Mat[T]
	drawnLabels []uint8
}

func newPoints[T kernels.Float](x kernels.Mat[T], labels []uint8) *points[T] {
	return &points[T]{x, labels, kernels.Dense[T](x.Rows, x.Cols, nil), make([]uint8, x.Rows)}
}

func (p *points[T]) Len() int { return p.x.Rows }

func (p *points[T]) Draw(rows []int) (kernels.Mat[T], []uint8) {
	for i, r := range rows {
		copy(p.drawn.Row(i), p.x.Row(r))
		p.drawnLabels[i] = p.labels[r]
	}
	return p.drawn.Slice(0, len(rows), 0, p.x.Cols), p.drawnLabels[:len(rows)]
}
