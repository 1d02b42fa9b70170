package kernels

import "github.com/lanes-ml/lanes/kernels/internal/panel"

// rowwise computes rows [i0, i1) and columns [j0, j1) of C row by row, from B in place. It
// serves a C of one row, or a k so small that storing C takes almost all of the time.
// Then the order of memory accesses decides, so its kernel takes long stretches of the
// rows of B and C.
func (g *product[T]) rowwise(i0, i1, j0, j1 int) {
	e, s := g.engine, startOf(g.beta)
	if g.c.Rows == 1 && g.a.Cols >= shallowDepth && j1-j0 > wideRow*shapes[e.isa].lanes {
		g.rowsInto(j0, j1)
		return
	}
	for p := 0; p < g.a.Cols; p += g.kc {
		k := min(g.kc, g.a.Cols-p)
		for j, n := j0, 0; j < j1; j += n {
			n = e.rowStretch(j1 - j)
			for i, rows := i0, pieceElements/n; i < i1; i += rows {
				e.stretch(min(rows, i1-i), n, k, g.a.Data[i*g.a.RowStride+p*g.a.ColStride:], g.a.RowStride, g.a.ColStride,
					g.b.Data[p*g.b.RowStride+j:], g.b.RowStride, g.c.Data[i*g.c.RowStride+j:], g.c.RowStride, s, g.beta)
			}
		}
		s = panel.FromC
	}
	if g.None() {
		return
	}
	for i := i0; i < i1; i++ {
		e.finishRow(&g.c, i, j0, j1, &g.Epilogue)
	}
}

const (
	// wideRow is how many vectors of a C of one row are better computed in cache than in
	// registers, a strip at a time: those of rows of B that lie 4 KB apart contend for a few sets.
	wideRow = 24
	// wideElements are how many elements of C stay in the first-level cache.
	wideElements = 2048
)

// rowsInto computes columns [j0, j1) of a C of one row, to which it adds rows of B.
func (g *product[T]) rowsInto(j0, j1 int) {
	e := g.engine
	for j, n := j0, 0; j < j1; j += n {
		n = min(wideElements, j1-j)
		c := g.c.Data[j:][:n]
		switch startOf(g.beta) {
		case panel.FromZero:
			clear(c)
		case panel.FromBetaC:
			e.scale(c, g.beta)
		}
		depth := mostMatvec / wideElements
		for p := 0; p < g.a.Cols; p += depth {
			e.axpyRows(n, min(depth, g.a.Cols-p), g.a.Data[p*g.a.ColStride:], g.a.ColStride, g.b.Data[p*g.b.RowStride+j:], g.b.RowStride, c)
		}
	}
	if !g.None() {
		e.finishRow(&g.c, 0, j0, j1, &g.Epilogue)
	}
}

// finishRow applies the epilogue to columns [j0, j1) of row i of C, in pieces.
func (e *Engine[T]) finishRow(c *Mat[T], i, j0, j1 int, f *panel.Epilogue[T]) {
	for j := j0; j < j1; j += pieceElements {
		e.finish(c.Data[i*c.RowStride+j:][:min(pieceElements, j1-j)], i, j, f)
	}
}

// rowStretch returns how many of the n remaining elements of a row of C a call of stretch
// takes: as many vectors as asmgen has a loop for, or fewer at the end.
func (e *Engine[T]) rowStretch(n int) int {
	s := &shapes[e.isa]
	switch {
	case n >= 24*s.lanes && s.vectors == 3:
		return 24 * s.lanes
	case n >= 24*s.lanes || n == 12*s.lanes:
		return 12 * s.lanes
	case n > 12*s.lanes: // two pieces alike
		return roundUp(ceilDiv(n, 2), s.lanes)
	}
	return min(n, 12*s.lanes)
}

// finish applies the epilogue to the elements of C from (i, j) on with the engine's
// kernels, which fuse where those of the portable panel may not.
func (e *Engine[T]) finish(c []T, i, j int, f *panel.Epilogue[T]) {
	if f.Bias != nil {
		e.axpy(c, 1, f.Bias[j:][:len(c)])
	}
	if f.ReLU {
		e.relu(c, c)
	}
	if f.Beside == nil {
		return
	}
	if d := f.Beside[i*f.BesideRow+j:][:len(c)]; f.Mask {
		e.reluBackward(c, c, d)
	} else {
		e.axpy(c, f.Scale, d)
	}
}

// outerProduct computes a product of depth 1, where storing C takes almost all of the time.
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
