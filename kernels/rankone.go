package kernels

// Ger computes A ← alpha·x·yᵀ + A for an m×n matrix A: a[i,j] ← fma(alpha·x[i], y[j],
// a[i,j]), with alpha·x[i] rounded on its own. NaN and Inf propagate, but if alpha = 0,
// nothing is read or written. It panics unless x has a.Rows elements and y has a.Cols,
// or if A shares elements with x or y.
func (e *Engine[T]) Ger(a Mat[T], alpha T, x, y Vec[T]) {
	a.checkOutput("Ger", "a")
	if x.n != a.Rows || y.n != a.Cols {
		x.checkLength("Ger", "x", a.Rows, "the columns of a have")
		y.checkLength("Ger", "y", a.Cols, "the rows of a have")
	}
	apartFromMat("Ger", "x", x, "a", &a)
	apartFromMat("Ger", "y", y, "a", &a)
	if alpha == 0 || a.empty() {
		return
	}
	if a.ColStride == 1 && x.inc == 1 && y.inc == 1 && x.n <= pieceElements/max(y.n, lanes) { // at once: a task is dear to copy
		e.rankOne(x.n, y.n, 0, a.Data, a.RowStride, alpha, x.flat(), y.flat(), 0)
		return
	}
	w := rankTask[T]{a: a, last: a.Cols}
	e.rank(&w, alpha, x, y)
}

// Syr computes A ← alpha·x·xᵀ + A for one triangle of a symmetric matrix: a[i,j] ←
// fma(alpha·x[i], x[j], a[i,j]), with alpha·x[i] rounded on its own. The other triangle is
// not touched. NaN and Inf propagate, but if alpha = 0, nothing is read or written. It
// panics unless A has as many rows and columns as x has elements, or if A shares elements
// with x.
func (e *Engine[T]) Syr(uplo Uplo, a Mat[T], alpha T, x Vec[T]) {
	a.checkTriangle("Syr", "a", uplo, NonUnit, x.n)
	a.checkOutput("Syr", "a")
	apartFromDiagonal("Syr", "x", x, &a)
	if alpha == 0 || a.empty() {
		return
	}
	if a.ColStride == 1 && x.inc == 1 && x.n <= pieceElements/max(x.n, lanes) {
		if values := x.flat(); uplo == Upper {
			e.rankOne(x.n, x.n, -1, a.Data, a.RowStride+1, alpha, values, values, 1)
		} else {
			e.rankOne(x.n, 1, 1, a.Data, a.RowStride, alpha, values, values, 0)
		}
		return
	}
	w := rankTask[T]{a: a}
	w.triangle(uplo)
	e.rank(&w, alpha, x, x)
}

// Syr2 computes A ← alpha·x·yᵀ + alpha·y·xᵀ + A for one triangle of a symmetric matrix:
// a[i,j] ← fma(alpha·y[i], x[j], fma(alpha·x[i], y[j], a[i,j])), with alpha·x[i] and
// alpha·y[i] rounded on their own. The other triangle is not touched. NaN and Inf propagate,
// but if alpha = 0, nothing is read or written. It panics unless A has as many rows and
// columns as x and y have elements, or if A shares elements with x or y.
func (e *Engine[T]) Syr2(uplo Uplo, a Mat[T], alpha T, x, y Vec[T]) {
	a.checkTriangle("Syr2", "a", uplo, NonUnit, x.n)
	a.checkOutput("Syr2", "a")
	y.checkLength("Syr2", "y", x.n, "x")
	apartFromDiagonal("Syr2", "x", x, &a)
	apartFromDiagonal("Syr2", "y", y, &a)
	if alpha == 0 || a.empty() {
		return
	}
	w := rankTask[T]{a: a, two: true}
	w.triangle(uplo)
	e.rank(&w, alpha, x, y)
}

// rank adds alpha·x·yᵀ, and alpha·y·xᵀ if w asks for it. Where rows are contiguous, alpha
// multiplies an element of x for each row; where columns are, x all at once.
func (e *Engine[T]) rank(w *rankTask[T], alpha T, x, y Vec[T]) {
	byColumns := w.a.ColStride != 1 && w.a.RowStride == 1
	if x.inc != 1 || y.inc != 1 || byColumns && alpha != 1 {
		buf := e.pools.buffer(4 * max(x.n, y.n))
		defer e.pools.buffers.Put(buf)
		flat := func(v Vec[T], k int, alpha T) []T {
			values := buf.data[k*max(x.n, y.n):][:v.n]
			copyVec(NewVec(values), v)
			if alpha != 1 {
				e.scaleAll(values, alpha)
			}
			return values
		}
		if byColumns {
			w.u, w.v = flat(y, 0, 1), flat(x, 1, alpha)
			if w.two {
				w.u2, w.v2 = flat(x, 2, 1), flat(y, 3, alpha)
			}
			alpha = 1
		} else {
			w.u, w.v = flat(x, 0, 1), flat(y, 1, 1)
		}
	} else if w.u, w.v = x.flat(), y.flat(); byColumns {
		w.u, w.v = w.v, w.u
	}
	if w.two && w.u2 == nil {
		w.u2, w.v2 = w.v, w.u
	}
	if w.alpha = alpha; byColumns {
		w.transpose()
	}
	if piece := max(1, pieceElements/max(w.a.Cols, lanes)); w.a.Rows <= piece {
		w.rows(e, 0, w.a.Rows)
	} else {
		split(e, e.threads, *w, w.a.Rows, piece)
	}
}

// rankTask adds alpha·u·vᵀ, and alpha·u2·v2ᵀ if there are two, to a, whose rows are its
// units. Of row i it does columns first·i to last+grow·i-1.
type rankTask[T Float] struct {
	a                 Mat[T]
	alpha             T
	u, v, u2, v2      []T
	first, last, grow int
	two               bool
}

// triangle restricts w to a triangle.
func (w *rankTask[T]) triangle(uplo Uplo) {
	if uplo == Upper {
		w.first, w.last, w.grow = 1, w.a.Cols, 0
	} else {
		w.first, w.last, w.grow = 0, 1, 1
	}
}

// transpose makes w work on the columns of a.
func (w *rankTask[T]) transpose() {
	w.a = w.a.T()
	switch {
	case w.first == 1:
		w.triangle(Lower)
	case w.grow == 1:
		w.triangle(Upper)
	default:
		w.last = w.a.Cols
	}
}

func (w rankTask[T]) do(e *Engine[T], lo, hi int) { w.rows(e, lo, hi) }

func (w *rankTask[T]) rows(e *Engine[T], lo, hi int) {
	if w.a.ColStride != 1 || w.a.Cols > pieceElements {
		w.rowByRow(e, lo, hi)
		return
	}
	from := lo * w.first
	a, n, grow := w.a.Data[lo*w.a.RowStride+from:], w.last+w.grow*lo-from, w.grow-w.first
	if !w.two {
		e.rankOne(hi-lo, n, grow, a, w.a.RowStride+w.first, w.alpha, w.u[lo:], w.v[from:], w.first)
	} else {
		e.rankTwo(hi-lo, n, grow, a, w.a.RowStride+w.first, w.alpha, w.u[lo:], w.v[from:], w.first, w.u2[lo:], w.v2[from:])
	}
}

// rowByRow does rows that are long, or not contiguous.
func (w *rankTask[T]) rowByRow(e *Engine[T], lo, hi int) {
	for i := lo; i < hi; i++ {
		for j, end := w.first*i, w.last+w.grow*i; j < end; j += pieceElements {
			n := min(pieceElements, end-j)
			row := StridedVec(w.a.Data[i*w.a.RowStride+j*w.a.ColStride:], n, w.a.ColStride)
			e.axpyVec(row, T(w.alpha*w.u[i]), NewVec(w.v[j:][:n]))
			if w.two {
				e.axpyVec(row, T(w.alpha*w.u2[i]), NewVec(w.v2[j:][:n]))
			}
		}
	}
}

// rankGeneric adds alpha·u·vᵀ to m rows of n elements, aStep apart, each longer by grow than
// the one before it; v begins vStep further for each row.
func rankGeneric[T Float](m, n, grow int, a []T, aStep int, alpha T, u, v []T, vStep int) {
	for i := range m {
		axpyGeneric(a[i*aStep:][:n+i*grow], T(alpha*u[i]), v[i*vStep:][:n+i*grow])
	}
}

func rankTwoGeneric[T Float](m, n, grow int, a []T, aStep int, alpha T, u, v []T, vStep int, u2, v2 []T) {
	rankGeneric(m, n, grow, a, aStep, alpha, u, v, vStep)
	rankGeneric(m, n, grow, a, aStep, alpha, u2, v2, vStep)
}
