package kernels

import "github.com/lanes-ml/lanes/kernels/internal/panel"

// triangle is a block on the diagonal of a triangular matrix, as its kernels read it: row
// by row from the end where substitution or multiplication begins, so that it counts as
// lower to solve, and as upper to multiply. Element (i, p) in that order is
// data[first+i*aRow+p*aCol]. Strides are negative where the order is that of descending
// rows.
type triangle[T Float] struct {
	order      int
	data       []T
	first      int
	aRow, aCol int
	alpha      T // to solve, the factor of the right-hand sides; to multiply, 1
	diag       Diag
}

// solvePanelGeneric replaces n columns of x by the solutions of the triangle. Row i of x
// begins at first+i*xRow.
func solvePanelGeneric[T Float](t *triangle[T], n int, x []T, first, xRow int) {
	for i := range t.order {
		xi := x[first+i*xRow:][:n]
		scaleGeneric(xi, t.alpha)
		row := t.first + i*t.aRow
		for p := range i {
			axpyGeneric(xi, -t.data[row+p*t.aCol], x[first+p*xRow:][:n])
		}
		if t.diag == NonUnit {
			for j := range xi {
				xi[j] /= t.data[row+i*t.aCol]
			}
		}
	}
}

// multiplyPanelGeneric replaces n columns of x by their products with the triangle.
func multiplyPanelGeneric[T Float](t *triangle[T], n int, x []T, first, xRow int) {
	for i := range t.order {
		xi, row, d := x[first+i*xRow:][:n], t.first+i*t.aRow, t.alpha
		if t.diag == NonUnit {
			d = t.data[row+i*t.aCol]
		}
		for j := range xi {
			xi[j] = mulAdd(d, xi[j], 0)
		}
		for p := i + 1; p < t.order; p++ {
			axpyGeneric(xi, t.data[row+p*t.aCol], x[first+p*xRow:][:n])
		}
	}
}

// triangular is a call of Trsm or Trmm, with the triangular matrix on the left: that is,
// of both transposes if it is on the right. It takes block after block of the diagonal.
type triangular[T Float] struct {
	engine   *Engine[T]
	a, x     Mat[T]
	uplo     Uplo
	solve    bool
	backward bool // rows and steps descend
	triangle[T]
	block Mat[T] // rows of x that belong to the triangle
	width int    // columns of a panel
}

// onTriangle does Trsm if solve is set, else Trmm.
func (e *Engine[T]) onTriangle(solve bool, side Side, uplo Uplo, diag Diag, alpha T, a, b *Mat[T]) {
	if !solve && alpha != 1 {
		e.scaleBy(b, alpha)
		alpha = 1
	}
	t := take[triangular[T]](&e.pools.triangulars)
	t.engine, t.solve = e, solve
	t.a, t.x, t.uplo = *a, *b, uplo
	if side == Right {
		t.a, t.x, t.uplo = a.T(), b.T(), uplo.T()
	}
	t.backward = (t.uplo == Lower) != solve
	t.diag, t.alpha = diag, alpha
	t.do()
	*t = triangular[T]{}
	e.pools.triangulars.Put(t)
}

// do replaces x, block by block. To solve, a block is subtracted from the rows that depend
// on it as soon as it is solved; to multiply, added to those that are done, before it is
// replaced itself.
func (t *triangular[T]) do() {
	n, beta := t.a.Rows, t.alpha
	step := min(t.engine.blockings[0].kc, usual.depth) // which bounds a call too
	if t.backward && t.engine.isa == portable {
		step = n // its product does not descend
	}
	for q := 0; q < n; q += step {
		i0, i1 := q, min(q+step, n)
		if t.backward {
			i0, i1 = n-i1, n-q
		}
		r0, r1 := i1, n // rows that come later to solve, and earlier to multiply
		if t.uplo == Upper {
			r0, r1 = 0, i0
		}
		rest, part, block := t.x.Slice(r0, r1, 0, t.x.Cols), t.a.Slice(r0, r1, i0, i1), t.x.Slice(i0, i1, 0, t.x.Cols)
		if !t.solve {
			t.add(&rest, 1, &part, &block, 1)
			t.onBlock(i0, i1)
			continue
		}
		t.onBlock(i0, i1)
		t.add(&rest, -1, &part, &block, beta)
		t.alpha, beta = 1, 1
	}
}

// add computes c ← α·a·b + β·c, where steps descend if the walk does.
func (t *triangular[T]) add(c *Mat[T], alpha T, a, b *Mat[T], beta T) {
	e := t.engine
	if !t.backward {
		e.gemm(c, alpha, a, b, beta, &panel.Epilogue[T]{})
		return
	}
	if g := e.structured(c, alpha, a, b, beta); g != nil {
		g.descending = true
		g.do()
	}
}

// onBlock replaces rows [i0, i1) of x by the solution or the product with the block of the
// diagonal, which is read in place: it is used so often that it stays in a cache.
func (t *triangular[T]) onBlock(i0, i1 int) {
	a := t.a.Slice(i0, i1, i0, i1)
	t.block = t.x.Slice(i0, i1, 0, t.x.Cols)
	t.order, t.data, t.first, t.aRow, t.aCol = a.Rows, a.Data, 0, a.RowStride, a.ColStride
	if t.backward {
		t.first, t.aRow, t.aCol = a.span()-1, -t.aRow, -t.aCol
	}
	t.share()
}

// share lets threads do the panels of the block. They are as wide as a tile, or narrower
// if so all threads have as many vectors to do.
func (t *triangular[T]) share() {
	e, n := t.engine, t.x.Cols
	threads := e.threadsFor(int64(t.order) * int64(t.order) * int64(n))
	nr, lanes := e.blockings[0].nr, shapes[e.isa].lanes
	panels := ceilDiv(n, nr)
	if panels < piecesPerThread*threads {
		panels = roundUp(panels, threads)
	}
	t.width = min(nr, roundUp(ceilDiv(n, panels), lanes))
	parallel(threads, ceilDiv(n, t.width), true, t)
}

// run does a panel.
func (t *triangular[T]) run(piece int) {
	j0 := piece * t.width
	j1 := min(j0+t.width, t.x.Cols)
	x := t.block.Slice(0, t.order, j0, j1)
	if x.ColStride == 1 {
		t.kernel(x)
		return
	}
	e := t.engine
	nr := e.blockings[0].nr
	buf := e.pools.buffer(t.order*nr + shapes[e.isa].slack)
	staged := Mat[T]{buf.data, x.Rows, x.Cols, nr, 1}
	e.pack(buf.data, 0, nr, x.T(), 1)
	t.kernel(staged)
	e.unpack(x, staged)
	e.pools.buffers.Put(buf)
}

// unpack copies src, whose rows are contiguous, to dst.
func (e *Engine[T]) unpack(dst, src Mat[T]) {
	switch {
	case dst.ColStride == 1:
		for i := range src.Rows {
			copy(dst.Row(i), src.Row(i))
		}
	case dst.RowStride == 1 && e.isa != portable:
		square := shapes[e.isa].square // which packColumns transposes
		whole := src.Rows / square * square
		for i := 0; i < whole; i += square {
			e.packColumns(dst.Data[i:], dst.ColStride, square, src.Cols, src.Data[i*src.RowStride:], src.RowStride, 1)
		}
		copyMat(dst.Slice(whole, dst.Rows, 0, dst.Cols), src.Slice(whole, src.Rows, 0, src.Cols))
	default:
		copyMat(dst, src)
	}
}

// kernel replaces a panel whose rows are contiguous.
func (t *triangular[T]) kernel(x Mat[T]) {
	first, row := 0, x.RowStride
	if t.backward {
		first, row = (x.Rows-1)*row, -row
	}
	if t.solve {
		t.engine.solvePanel(&t.triangle, x.Cols, x.Data, first, row)
	} else {
		t.engine.multiplyPanel(&t.triangle, x.Cols, x.Data, first, row)
	}
}
