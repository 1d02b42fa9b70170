package kernels

// triangleBlock is the number of rows of a triangle that Trmv and Trsv take at once.
const triangleBlock = 32

// Trmv computes x ← A·x for a triangular matrix A. Of a transpose it takes the view A.T()
// with the other [Uplo]. It goes by blocks of 32 rows, counted from the first for Lower, from
// the last for Upper. Within a block, x[i] is a chain of fused multiply-adds that begins with
// a[i,i]·x[i] (x[i] for Unit) and goes on with the elements of the block from the far end
// to the diagonal; then the products with the blocks before it are added to x[i] as
// [Engine.Gemv] with alpha = 1 and beta = 1 adds them: where rows are contiguous, or nothing
// is, all in one sum in lanes; where columns are, in chains, from the nearest block to the
// farthest.
//
// The error of x[i] is at most γ_n·Σ|a[i,j]·x[j]| (Higham, Accuracy and Stability of
// Numerical Algorithms, 2002, section 3.5). NaN and Inf propagate: no zero is skipped. The
// other triangle, and for Unit the diagonal, is not read. It panics unless A has as many
// rows and columns as x has elements, or if x shares elements with A.
func (e *Engine[T]) Trmv(uplo Uplo, diag Diag, a Mat[T], x Vec[T]) {
	e.triangular("Trmv", uplo, diag, &a, x, false)
}

// Trsv solves A·y = x for a triangular matrix A by substitution, and puts y in x. Of a
// transpose it takes the view A.T() with the other [Uplo]. It goes by blocks of 32 rows,
// counted from the first for Lower, from the last for Upper. From x[i], the products of
// a[i,j] with the y[j] of the blocks before are subtracted as [Engine.Gemv] with alpha = -1
// and beta = 1 does: where rows are contiguous, or nothing is, all in one sum in lanes; where
// columns are, in chains, from the farthest block to the nearest. Then the products within
// the block are subtracted in a chain of fused multiply-adds, from the far end of the block
// to the diagonal. At last the difference is divided by a[i,i], unless diag is Unit.
//
// The y it finds solves (A+ΔA)·y = x exactly for some |ΔA| ≤ γ_n·|A| (Higham, Accuracy and
// Stability of Numerical Algorithms, 2002, theorem 8.5). A zero on the diagonal makes
// infinities or NaN; NaN and Inf propagate: no zero is skipped. The other triangle, and for
// Unit the diagonal, is not read. It panics unless A has as many rows and columns as
// x has elements, or if x shares elements with A.
func (e *Engine[T]) Trsv(uplo Uplo, diag Diag, a Mat[T], x Vec[T]) {
	e.triangular("Trsv", uplo, diag, &a, x, true)
}

func (e *Engine[T]) triangular(op string, uplo Uplo, diag Diag, a *Mat[T], x Vec[T], solve bool) {
	a.checkTriangle(op, "a", uplo, diag, x.n)
	x.checkOutput(op, "x")
	apartFromDiagonal(op, "x", x, a)
	if x.n == 0 {
		return
	}
	if out := x; x.inc != 1 {
		buf := e.pools.buffer(x.n)
		defer e.pools.buffers.Put(buf)
		defer copyVec(out, NewVec(buf.data))
		x = NewVec(buf.data)
		copyVec(x, out)
	}
	w := triangularTask[T]{a: *a, x: x.flat(), uplo: uplo, diag: diag}
	if solve {
		w.solve(e)
	} else {
		w.multiply(e)
	}
}

// triangularTask is a product or a system with a triangular matrix, x contiguous.
type triangularTask[T Float] struct {
	a    Mat[T]
	x    []T
	uplo Uplo
	diag Diag
}

// block returns the rows of block b, counted from where a row has one element.
func (w *triangularTask[T]) block(b int) (lo, hi int) {
	n := len(w.x)
	lo, hi = b*triangleBlock, min((b+1)*triangleBlock, n)
	if w.uplo == Upper {
		lo, hi = n-hi, n-lo
	}
	return lo, hi
}

// update adds alpha times the product of block b with what is before it.
func (w *triangularTask[T]) update(e *Engine[T], lo, hi int, alpha T) {
	n := len(w.x)
	from, to := 0, lo
	if w.uplo == Upper {
		from, to = hi, n
	}
	w.gemv(e, lo, hi, from, to, alpha)
}

// spread adds alpha times the product of block b's columns to all that comes after it.
func (w *triangularTask[T]) spread(e *Engine[T], lo, hi int, alpha T) {
	from, to := hi, len(w.x)
	if w.uplo == Upper {
		from, to = 0, lo
	}
	w.gemv(e, from, to, lo, hi, alpha)
}

// gemv adds alpha·A·x for a block of A.
func (w *triangularTask[T]) gemv(e *Engine[T], i0, i1, j0, j1 int, alpha T) {
	if i0 == i1 || j0 == j1 {
		return
	}
	block := w.a.Slice(i0, i1, j0, j1)
	e.gemvAny(NewVec(w.x[i0:i1]), alpha, &block, NewVec(w.x[j0:j1]), 1)
}

func (w *triangularTask[T]) byColumns() bool { return w.a.ColStride != 1 && w.a.RowStride == 1 }

func (w *triangularTask[T]) multiply(e *Engine[T]) {
	for b := ceilDiv(len(w.x), triangleBlock) - 1; b >= 0; b-- {
		lo, hi := w.block(b)
		if w.byColumns() {
			w.spread(e, lo, hi, 1)
			w.multiplyBlock(e, lo, hi)
		} else {
			w.multiplyBlock(e, lo, hi)
			w.update(e, lo, hi, 1)
		}
	}
}

func (w *triangularTask[T]) solve(e *Engine[T]) {
	for b := range ceilDiv(len(w.x), triangleBlock) {
		lo, hi := w.block(b)
		if w.byColumns() {
			w.solveBlock(e, lo, hi)
			w.spread(e, lo, hi, -1)
		} else {
			w.update(e, lo, hi, -1)
			w.solveBlock(e, lo, hi)
		}
	}
}

// lower returns how the triangle of rows [lo, hi) is walked as a lower one: where its first
// row and the first element of x are, and the strides from there.
func (w *triangularTask[T]) lower(lo, hi int) (first, row, col, firstX, step int) {
	row, col = w.a.RowStride, w.a.ColStride
	if w.uplo == Lower {
		return lo * (row + col), row, col, lo, 1
	}
	return (hi - 1) * (row + col), -row, -col, hi - 1, -1
}

func (w *triangularTask[T]) multiplyBlock(e *Engine[T], lo, hi int) {
	first, row, col, firstX, step := w.lower(lo, hi)
	e.multiplyTriangle(hi-lo, w.a.Data, first, row, col, w.x, firstX, step, int(w.diag))
}

func (w *triangularTask[T]) solveBlock(e *Engine[T], lo, hi int) {
	first, row, col, firstX, step := w.lower(lo, hi)
	e.solveTriangle(hi-lo, w.a.Data, first, row, col, w.x, firstX, step, int(w.diag))
}

// multiplyTriangleGeneric multiplies x, from the last element to the first, by a lower
// triangle; solveTriangleGeneric solves a system with one. What is not 0 in unit makes the
// diagonal count as 1.
func multiplyTriangleGeneric[T Float](n int, a []T, first, row, col int, x []T, firstX, step, unit int) {
	for i := n - 1; i >= 0; i-- {
		sum := x[firstX+i*step]
		if unit == 0 {
			sum *= a[first+i*(row+col)]
		}
		for j := range i {
			sum = mulAdd(a[first+i*row+j*col], x[firstX+j*step], sum)
		}
		x[firstX+i*step] = sum
	}
}

func solveTriangleGeneric[T Float](n int, a []T, first, row, col int, x []T, firstX, step, unit int) {
	for i := range n {
		rest := x[firstX+i*step]
		for j := range i {
			rest = mulAdd(-a[first+i*row+j*col], x[firstX+j*step], rest)
		}
		if unit == 0 {
			rest /= a[first+i*(row+col)]
		}
		x[firstX+i*step] = rest
	}
}
