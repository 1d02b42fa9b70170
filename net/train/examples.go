package train

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// Examples are labelled inputs.
type Examples[T kernels.Float] interface {
	Len() int
	// Draw returns the inputs of the examples that rows lists, one per row, and their
	// labels. Both are valid until the next call. A row is always the same example.
	Draw(rows []int) (kernels.Mat[T], []int32)
}

// Truths are examples of which more is known than labels.
type Truths[T kernels.Float] interface {
	// Truth returns what the outputs for the examples of the last draw should be.
	Truth() net.Truth[T]
}

// draw returns the inputs of the examples that rows lists, and what is known of them.
func draw[T kernels.Float](e Examples[T], rows []int) (kernels.Mat[T], net.Truth[T]) {
	x, labels := e.Draw(rows)
	if t, ok := e.(Truths[T]); ok {
		return x, t.Truth()
	}
	return x, net.Truth[T]{Labels: labels}
}

// drawTraining is draw for a step of training in an epoch, counted from 0.
func (r *Run[T]) drawTraining(rows []int, epoch int) (x kernels.Mat[T], truth net.Truth[T]) {
	if p, ok := r.Train.(part[T]); ok && p.augmenter != nil {
		p.Batch.DrawIn(epoch, p.Split, rows, p.augmenter)
		x, truth = p.Batch.X, p.Truth()
	} else {
		x, truth = draw(r.Train, rows)
	}
	truth.Smoothing = T(r.Config.LabelSmoothing)
	return x, truth
}

// part is a part of a dataset as examples. Several parts may share a batch.
type part[T kernels.Float] struct {
	data.Split
	Batch     *data.Batch[T]
	augmenter *data.Augmenter // of training; nil if examples are drawn as they are
	flips     bool            // whether examples are scored with their mirror images
}

// Draw makes inputs of the examples in the batch.
func (p part[T]) Draw(rows []int) (kernels.Mat[T], []int32) {
	p.Batch.Draw(p.Split, rows)
	return p.Batch.X, p.Batch.Labels
}

// Truth returns what the batch holds.
func (p part[T]) Truth() net.Truth[T] {
	b := p.Batch
	return net.Truth[T]{Labels: b.Labels, Others: b.Others, Shares: b.Shares, Targets: b.Targets, Weights: b.Weights}
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
