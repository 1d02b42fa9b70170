package net

import "github.com/lanes-ml/lanes/kernels"

// slot is the index of a matrix of a [workspace].
type slot int

// workspace holds what layers compute on the way through a batch. Its matrices grow to the
// largest batch.
type workspace[T kernels.Float] struct {
	values  []kernels.Mat[T] // outputs
	deltas  []kernels.Mat[T] // gradients of the loss with respect to outputs
	vectors [][]T            // of fixed lengths

	watch func(layer[T], kernels.Mat[T]) // if set, is shown the input, of no layer, and each output
}

// show shows an output of a layer to watch.
func (w *workspace[T]) show(l layer[T], y kernels.Mat[T]) {
	if w.watch != nil {
		w.watch(l, y)
	}
}

// workspaceShape has the columns of the matrices of a workspace, and the lengths of its
// vectors.
type workspaceShape struct{ values, deltas, vectors []int }

func newWorkspace[T kernels.Float](shape workspaceShape) *workspace[T] {
	w := new(workspace[T])
	for _, cols := range shape.values {
		w.values = append(w.values, kernels.NewMat[T](0, cols, nil))
	}
	for _, cols := range shape.deltas {
		w.deltas = append(w.deltas, kernels.NewMat[T](0, cols, nil))
	}
	for _, n := range shape.vectors {
		w.vectors = append(w.vectors, make([]T, n))
	}
	return w
}

// value returns the matrix of outputs with that many rows, whose values are arbitrary if
// there are more than there were.
func (w *workspace[T]) value(s slot, rows int) kernels.Mat[T] { return resize(&w.values[s], rows) }

// delta returns the matrix of gradients with that many rows.
func (w *workspace[T]) delta(s slot, rows int) kernels.Mat[T] { return resize(&w.deltas[s], rows) }

// resize gives m that many rows and returns it.
func resize[T kernels.Float](m *kernels.Mat[T], rows int) kernels.Mat[T] {
	size := rows * m.Cols
	if cap(m.Data) < size {
		m.Data = make([]T, size)
	}
	m.Data, m.Rows = m.Data[:size], rows
	return *m
}
