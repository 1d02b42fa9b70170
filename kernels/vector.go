package kernels

// row computes columns [j0, j1) of a C of one row on B where it is. Such a
// product reads each element of B once, so what counts is the order in which
// memory is read: a kernel of its own takes long stretches of the rows.
func (g *product[T]) row(j0, j1 int) {
	s := startOf(g.beta)
	for p := 0; p == 0 || p < g.a.Cols; p += g.kc {
		k := min(g.kc, g.a.Cols-p)
		for j := j0; j < j1; {
			j += g.stretch(s, p, k, j, j1-j)
		}
		s = fromC
	}
	g.engine.finish(g.c.Data[j0:j1], g.epilogue.from(0, j0, true))
}

// stretch advances some of the n elements of C from j by k steps from p, and
// returns how many.
func (g *product[T]) stretch(s start, p, k, j, n int) int {
	a, b, c := tail(g.a.Data, p*g.a.ColStride), tail(g.b.Data, p*g.b.RowStride+j), g.c.Data[j:]
	if w := g.engine.row(n, k, a, g.a.ColStride, b, g.b.RowStride, c, s, g.beta); w > 0 {
		return w
	}
	n = min(n, g.nr)
	g.engine.panel(1, n, k, a, 0, g.a.ColStride, 0, b, g.b.RowStride, c, 0, s, g.beta, epilogue[T]{})
	return n
}

// finish applies the epilogue to a row of C.
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
