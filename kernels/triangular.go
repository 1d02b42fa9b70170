package kernels

import "github.com/lanes-ml/lanes/kernels/internal/panel"

// triangle is a block on the diagonal of a triangular matrix, as its kernels read it: row
// by row away from the end where substitution or multiplication begins, so that it counts
// as lower to solve, and as upper to multiply. Element (i, p) in that order is
// a[first+i/mr*aTile+i%mr*aRow+p*aCol] for tiles of mr rows. Strides are negative where the
// order is that of descending rows.
type triangle[T Float] struct {
	order             int
	a                 []T
	first             int
	aRow, aCol, aTile int
	alpha             T // to solve, the factor of the right-hand side; to multiply, of a unit diagonal
	diag              Diag
}

// solvePanelGeneric replaces n columns of x by the solutions of the triangle. Row i of x
// begins at first+i*xRow.
func solvePanelGeneric[T Float](t *triangle[T], n int, x []T, first, xRow int) {
	for i := range t.order {
		xi := x[first+i*xRow:][:n]
		scaleGeneric(xi, t.alpha)
		row := t.row(i)
		for p := range i {
			axpyGeneric(xi, -t.a[row+p*t.aCol], x[first+p*xRow:][:n])
		}
		if t.diag == NonUnit {
			for j := range xi {
				xi[j] /= t.a[row+i*t.aCol]
			}
		}
	}
}

// multiplyPanelGeneric replaces n columns of x by their products with the triangle.
func multiplyPanelGeneric[T Float](t *triangle[T], n int, x []T, first, xRow int) {
	for i := range t.order {
		xi, row, d := x[first+i*xRow:][:n], t.row(i), t.alpha
		if t.diag == NonUnit {
			d = t.a[row+i*t.aCol]
		}
		for j := range xi {
			xi[j] = mulAdd(d, xi[j], 0)
		}
		for p := i + 1; p < t.order; p++ {
			axpyGeneric(xi, t.a[row+p*t.aCol], x[first+p*xRow:][:n])
		}
	}
}

// row returns where row i begins.
func (t *triangle[T]) row(i int) int {
	mr := portableShape.rows
	return t.first + i/mr*t.aTile + i%mr*t.aRow
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

func (e *Engine[T]) onTriangle(solve bool, side Side, uplo Uplo, diag Diag, alpha T, a, b *Mat[T]) {
	t := take[triangular[T]](tasksOf[triangular[T]](e.pools))
	t.engine, t.solve = e, solve
	t.a, t.x, t.uplo = *a, *b, uplo
	if side == Right {
		t.a, t.x, t.uplo = a.T(), b.T(), uplo.T()
	}
	t.backward = (t.uplo == Lower) != solve
	t.diag, t.alpha = diag, alpha
	t.do()
	*t = triangular[T]{}
	tasksOf[triangular[T]](e.pools).Put(t)
}

// do replaces x, block by block. To solve, a block is subtracted from the rows that depend
// on it as soon as it is solved; to multiply, added to those that are done, before it is
// replaced itself.
func (t *triangular[T]) do() {
	n, beta := t.a.Rows, t.alpha
	step := min(t.engine.blockings[0].kc, streamedDepth) // which bounds a call too
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
			t.add(&rest, t.alpha, &part, &block, 1)
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
// diagonal.
func (t *triangular[T]) onBlock(i0, i1 int) {
	a := t.a.Slice(i0, i1, i0, i1)
	t.block = t.x.Slice(i0, i1, 0, t.x.Cols)
	t.order = i1 - i0
	var packed *buffer[T]
	if t.packs(&a) {
		packed = t.pack(a)
	} else {
		t.triangle.a, t.first, t.aRow, t.aCol = a.Data, 0, a.RowStride, a.ColStride
		t.aTile = shapes[t.engine.isa].rows * a.RowStride
		if t.backward {
			t.first = a.span() - 1
		}
	}
	if t.backward {
		t.aRow, t.aCol, t.aTile = -t.aRow, -t.aCol, -t.aTile
	}
	t.share()
	if packed != nil {
		t.engine.pools.buffers.Put(packed)
	}
}

// packs reports whether the triangle is packed.
func (t *triangular[T]) packs(a *Mat[T]) bool {
	return !t.solve && t.alpha != 1 || a.Rows > packedOrder
}

// packedOrder is the order above which a triangle is packed.
const packedOrder = 64

// pack packs the triangle in tiles of rows, which are whole where the walk begins.
func (t *triangular[T]) pack(a Mat[T]) *buffer[T] {
	n, mr := t.order, shapes[t.engine.isa].rows
	tile := (n+2)*mr + shapes[t.engine.isa].slack
	buf := t.engine.pools.buffer(ceilDiv(n, mr) * tile)
	alpha := t.alpha
	if t.solve {
		alpha = 1
	}
	lead := 0 // rows that are missing in the first tile
	if t.backward {
		lead = roundUp(n, mr) - n
	}
	for i0 := -lead; i0 < n; i0 += mr {
		dst, lo, hi := buf.data[(i0+lead)/mr*tile:], max(i0, 0), min(i0+mr, n)
		p0, p1 := 0, lo
		if t.uplo == Upper {
			p0, p1 = hi, n
		}
		t.engine.pack(dst[p0*mr+lo-i0:], 0, mr, a.Slice(lo, hi, p0, p1), alpha)
		for i := lo; i < hi; i++ {
			p0, p1 = lo, i+1
			if t.uplo == Upper {
				p0, p1 = i, hi
			}
			if t.diag == Unit {
				if t.uplo == Upper {
					p0++
				} else {
					p1--
				}
			}
			for p := p0; p < p1; p++ {
				dst[p*mr+i-i0] = T(alpha * a.Data[i*a.RowStride+p*a.ColStride])
			}
		}
	}
	t.triangle.a, t.first, t.aRow, t.aCol, t.aTile = buf.data, 0, 1, mr, tile
	if t.backward {
		t.first = (ceilDiv(n, mr)-1)*tile + (n-1)*mr + mr - 1
	}
	return buf
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
	if x.ColStride == 1 && !t.apart(&x) {
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

// apart reports whether the rows of x lie so far apart that they are better copied.
func (t *triangular[T]) apart(x *Mat[T]) bool { return x.Rows*x.RowStride > spread }

// spread is the number of elements over which the rows of a panel may spread.
const spread = 1 << 30

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
