package kernels

// rowwise computes rows [i0, i1) and columns [j0, j1) of C, each on its own and
// on B where it is: the way for a C of one row, or of so few steps that storing it
// is all the work. What counts then is the order in which memory is met, so a
// kernel of its own takes long stretches of the rows of B and C.
func (g *product[T]) rowwise(i0, i1, j0, j1 int) {
	e, s := g.engine, startOf(g.beta)
	for p := 0; p < g.a.Cols; p += g.kc {
		k := min(g.kc, g.a.Cols-p)
		for j, n := j0, 0; j < j1; j += n {
			n = e.rowStretch(j1 - j)
			e.stretch(i1-i0, n, k, g.a.Data[i0*g.a.RowStride+p*g.a.ColStride:], g.a.RowStride, g.a.ColStride,
				g.b.Data[p*g.b.RowStride+j:], g.b.RowStride, g.c.Data[i0*g.c.RowStride+j:], g.c.RowStride, s, g.beta)
		}
		s = fromC
	}
	if g.none() {
		return
	}
	for i := i0; i < i1; i++ {
		e.finish(g.c.Data[i*g.c.RowStride+j0:][:j1-j0], g.epilogue.from(i, j0, true))
	}
}

// finish applies the epilogue to a row of C with the engine's kernels, which fuse
// where those of the portable panel may not.
func (e *Engine[T]) finish(c []T, f epilogue[T]) {
	if f.bias != nil {
		e.axpy(c, 1, f.bias[:len(c)])
	}
	if f.relu {
		e.relu(c, c)
	}
	switch {
	case f.beside == nil:
	case f.mask:
		e.reluBackward(c, c, f.beside[:len(c)])
	default:
		e.axpy(c, f.scale, f.beside[:len(c)])
	}
}
