package kernels

import "github.com/lanes-ml/lanes/kernels/internal/panel"

// outerProduct computes a product of depth 1, of which storing C is all the work.
func (e *Engine[T]) outerProduct(threads int, c *Mat[T], alpha T, a, b *Mat[T], beta T, f *panel.Epilogue[T]) {
	w := outerRows[T]{*c, *a, b.Data, startOf(beta), beta, *f}
	if alpha != 1 {
		column := e.pools.buffer(a.Rows)
		defer e.pools.buffers.Put(column)
		packGeneric(column.data, 0, a.Rows, *a, alpha)
		w.a = NewMat(a.Rows, 1, column.data)
	}
	split(e, threads, w, c.Rows, max(1, pieceElements/c.Cols))
}

// outerRows computes rows of C from elements of a and the row b.
type outerRows[T Float] struct {
	c, a  Mat[T]
	b     []T
	start int
	beta  T
	panel.Epilogue[T]
}

func (w outerRows[T]) do(e *Engine[T], lo, hi int) {
	beta := [...]T{panel.FromZero: 0, panel.FromC: 1, panel.FromBetaC: w.beta}[w.start]
	for j := 0; j < w.c.Cols; j += pieceElements {
		n := min(pieceElements, w.c.Cols-j)
		e.outer(hi-lo, n, w.a.Data[lo*w.a.RowStride:], w.a.RowStride, w.b[j:], w.c.Data[lo*w.c.RowStride+j:], w.c.RowStride, w.start, beta)
	}
	if w.None() {
		return
	}
	for i := lo; i < hi; i++ {
		e.finishRow(&w.c, i, 0, w.c.Cols, &w.Epilogue)
	}
}
