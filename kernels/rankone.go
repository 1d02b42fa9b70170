package kernels

// Ger computes A ← alpha·x·yᵀ + A for an m×n matrix A: a[i,j] ← fma(alpha·x[i], y[j],
// a[i,j]), with alpha·x[i] rounded on its own. NaN and Inf propagate, but if alpha = 0,
// nothing is read or written. It panics unless x.N == a.Rows and y.N == a.Cols, or if A
// shares elements with x or y.
func (e *Engine[T]) Ger(a Mat[T], alpha T, x, y Vec[T]) {
	a.checkOutput("Ger", "a")
	x.check("Ger", "x")
	y.check("Ger", "y")
	x.checkLength("Ger", "x", a.Rows, "the columns of a have")
	y.checkLength("Ger", "y", a.Cols, "the rows of a have")
	mx, my := x.mat(), y.mat()
	distinct("Ger", "a", &a, "x", &mx)
	distinct("Ger", "a", &a, "y", &my)
	if alpha == 0 || a.empty() {
		return
	}
	r := e.rankOperands(alpha, &x, &y)
	w := rankTask[T]{a: a, u: r.ax, v: r.y, first: 0, last: a.Cols}
	if a.ColStride != 1 && a.RowStride == 1 {
		w = rankTask[T]{a: a.T(), u: r.y, v: r.ax, last: a.Rows}
	}
	split(e, e.threads, w, w.a.Rows, max(1, pieceElements/w.a.Cols))
	e.releaseRank(r)
}

// Syr computes A ← alpha·x·xᵀ + A for one triangle of a symmetric matrix: a[i,j] ←
// fma(alpha·x[i], x[j], a[i,j]), with alpha·x[i] rounded on its own. The other triangle is
// not touched. NaN and Inf propagate, but if alpha = 0, nothing is read or written. It
// panics unless A is x.N×x.N, or if A shares elements with x.
func (e *Engine[T]) Syr(uplo Uplo, a Mat[T], alpha T, x Vec[T]) {
	a.checkTriangle("Syr", "a", uplo, NonUnit, x.N)
	a.checkOutput("Syr", "a")
	x.check("Syr", "x")
	apartFromDiagonal("Syr", "x", &x, &a)
	if alpha == 0 || a.empty() {
		return
	}
	r := e.rankOperands(alpha, &x, &x)
	w := rankTask[T]{a: a, u: r.ax, v: r.y}
	if a.ColStride != 1 && a.RowStride == 1 {
		w, uplo = rankTask[T]{a: a.T(), u: r.y, v: r.ax}, uplo.T()
	}
	w.triangle(uplo)
	split(e, e.threads, w, w.a.Rows, max(1, pieceElements/w.a.Cols))
	e.releaseRank(r)
}

// Syr2 computes A ← alpha·x·yᵀ + alpha·y·xᵀ + A for one triangle of a symmetric matrix:
// a[i,j] ← fma(alpha·y[i], x[j], fma(alpha·x[i], y[j], a[i,j])), with alpha·x[i] and
// alpha·y[i] rounded on their own. The other triangle is not touched. NaN and Inf propagate,
// but if alpha = 0, nothing is read or written. It panics unless A is x.N×x.N and y.N ==
// x.N, or if A shares elements with x or y.
func (e *Engine[T]) Syr2(uplo Uplo, a Mat[T], alpha T, x, y Vec[T]) {
	a.checkTriangle("Syr2", "a", uplo, NonUnit, x.N)
	a.checkOutput("Syr2", "a")
	x.check("Syr2", "x")
	y.check("Syr2", "y")
	y.checkLength("Syr2", "y", x.N, "x")
	apartFromDiagonal("Syr2", "x", &x, &a)
	apartFromDiagonal("Syr2", "y", &y, &a)
	if alpha == 0 || a.empty() {
		return
	}
	r, s := e.rankOperands(alpha, &x, &y), e.rankOperands(alpha, &y, &x)
	w := rankTask[T]{a: a, u: r.ax, v: r.y, u2: s.ax, v2: s.y}
	if a.ColStride != 1 && a.RowStride == 1 {
		w, uplo = rankTask[T]{a: a.T(), u: r.y, v: r.ax, u2: s.y, v2: s.ax}, uplo.T()
	}
	w.triangle(uplo)
	split(e, e.threads, w, w.a.Rows, max(1, pieceElements/w.a.Cols))
	e.releaseRank(r)
	e.releaseRank(s)
}

// rankVectors holds alpha·x and y, contiguous.
type rankVectors[T Float] struct {
	ax, y []T
	buf   *buffer[T]
}

func (e *Engine[T]) rankOperands(alpha T, x, y *Vec[T]) rankVectors[T] {
	r := rankVectors[T]{x.Data, y.Data, nil}
	if alpha == 1 && x.Inc == 1 && y.Inc == 1 {
		return r
	}
	r.buf = e.pools.buffer(x.N + y.N)
	if r.ax = r.buf.data[:x.N]; true {
		copyVec(&Vec[T]{r.ax, x.N, 1}, x)
		if alpha != 1 {
			e.scaleAll(r.ax, alpha)
		}
	}
	if y.Inc != 1 {
		r.y = r.buf.data[x.N:]
		copyVec(&Vec[T]{r.y, y.N, 1}, y)
	}
	return r
}

func (e *Engine[T]) releaseRank(r rankVectors[T]) {
	if r.buf != nil {
		e.pools.buffers.Put(r.buf)
	}
}

// rankTask adds u·vᵀ, and u2·v2ᵀ unless u2 is nil, to a, whose rows are its units. Of row i
// it does columns first·i to last+grow·i-1.
type rankTask[T Float] struct {
	a                 Mat[T]
	u, v, u2, v2      []T
	first, last, grow int
}

// triangle restricts w to a triangle.
func (w *rankTask[T]) triangle(uplo Uplo) {
	if uplo == Upper {
		w.first, w.last = 1, w.a.Cols
	} else {
		w.last, w.grow = 1, 1
	}
}

func (w rankTask[T]) do(e *Engine[T], lo, hi int) {
	if w.a.ColStride != 1 || w.a.Cols > pieceElements {
		w.rowByRow(e, lo, hi)
		return
	}
	from := lo * w.first
	a, n, grow := w.a.Data[lo*w.a.RowStride+from:], w.last+w.grow*lo-from, w.grow-w.first
	if w.u2 == nil {
		e.rankOne(hi-lo, n, grow, a, w.a.RowStride+w.first, w.u[lo:], w.v[from:], w.first)
	} else {
		e.rankTwo(hi-lo, n, grow, a, w.a.RowStride+w.first, w.u[lo:], w.v[from:], w.first, w.u2[lo:], w.v2[from:])
	}
}

// rowByRow does rows that are long, or not contiguous.
func (w *rankTask[T]) rowByRow(e *Engine[T], lo, hi int) {
	for i := lo; i < hi; i++ {
		for j, end := w.first*i, w.last+w.grow*i; j < end; j += pieceElements {
			n := min(pieceElements, end-j)
			row := Vec[T]{w.a.Data[i*w.a.RowStride+j*w.a.ColStride:], n, w.a.ColStride}
			e.axpyVec(&row, w.u[i], &Vec[T]{w.v[j:], n, 1})
			if w.u2 != nil {
				e.axpyVec(&row, w.u2[i], &Vec[T]{w.v2[j:], n, 1})
			}
		}
	}
}

// rankGeneric adds u·vᵀ to m rows of n elements, aStep apart, each longer by grow than the
// one before it; v begins vStep further for each row.
func rankGeneric[T Float](m, n, grow int, a []T, aStep int, u, v []T, vStep int) {
	for i := range m {
		axpyGeneric(a[i*aStep:][:n+i*grow], u[i], v[i*vStep:][:n+i*grow])
	}
}

func rankTwoGeneric[T Float](m, n, grow int, a []T, aStep int, u, v []T, vStep int, u2, v2 []T) {
	rankGeneric(m, n, grow, a, aStep, u, v, vStep)
	rankGeneric(m, n, grow, a, aStep, u2, v2, vStep)
}
