package kernels

import "github.com/lanes-ml/lanes/kernels/internal/panel"

// rowTimesColumns computes a C of one row from a B whose columns are contiguous: element j
// is a chain over column j of B. Each lane of its kernel has a column.
func (e *Engine[T]) rowTimesColumns(threads int, c *Mat[T], alpha T, a, b *Mat[T], beta T, f *panel.Epilogue[T]) {
	w := columnChains[T]{c.Data[:c.Cols], a.Data, b.T(), startOf(beta), beta}
	if alpha != 1 || a.ColStride != 1 && a.Cols > 1 {
		x := e.pools.buffer(a.Cols)
		defer e.pools.buffers.Put(x)
		packGeneric(x.data, 0, 1, *a, alpha)
		w.x = x.data
	}
	columns := roundUp(max(1, columnElements/max(1, a.Cols)), mostColumns)
	split(e, threads, w, c.Cols, columns)
	if !f.None() {
		e.finishRow(c, 0, 0, c.Cols, f)
	}
}

const (
	// mostColumns is a multiple of the columns that gemv takes at once, columnElements how
	// many elements of B it reads in a call, about, and columnDepth how deep a call is.
	mostColumns    = 32
	columnElements = 1 << 17
	columnDepth    = 1 << 12
)

// columnChains advances the chains of y by the rows of bT.
type columnChains[T Float] struct {
	y, x  []T
	bT    Mat[T]
	start int
	beta  T
}

func (w columnChains[T]) do(e *Engine[T], lo, hi int) {
	square := shapes[e.isa].square
	whole := (hi - lo) / square * square
	for p := 0; p == 0 || p < w.bT.Cols; p += columnDepth {
		k, x := min(columnDepth, w.bT.Cols-p), tail(w.x, p)
		e.gemv(whole, k, tail(w.bT.Data, lo*w.bT.RowStride+p), w.bT.RowStride, x, w.y[lo:hi], w.start, w.beta)
		if rest := w.y[lo+whole : hi]; len(rest) > 0 {
			// The last chains go with some before them, which are thrown away.
			var last [8]T
			chains := last[:square]
			copy(chains[square-len(rest):], rest)
			e.gemv(square, k, tail(w.bT.Data, (hi-square)*w.bT.RowStride+p), w.bT.RowStride, x, chains, w.start, w.beta)
			copy(rest, chains[square-len(rest):])
		}
		w.start = panel.FromC
	}
}
