package kernels

const (
	// symvRows is the number of rows that Symv takes at once.
	symvRows = 4
	// symvBand is the number of rows whose products Symv adds on their own, so that
	// threads can share them.
	symvBand = 256
)

// Symv computes y ← alpha·A·x + beta·y for a symmetric n×n matrix A, of which it reads one
// triangle, each element once. Where columns are contiguous (a.RowStride == 1 and
// a.ColStride != 1), A and the triangle are transposed first. Rows are cut into bands of 256,
// counted from the longest row, and bands into groups of 4, likewise. A band has sums p of
// its own, which begin at 0; each of its groups in turn, from the first row to the last, adds
//
//   - to the p[i] of its rows, the products a[i,j]·x[j] of the square on the diagonal, by
//     fused multiply-adds in ascending j;
//   - to the p[i] of its rows, the sum of the other a[i,j]·x[j] in the rows, in 16 lanes as
//     [Engine.Gemv] makes it;
//   - to the p[j] of the columns of the latter, fma(a[i,j], x[i], p[j]) in ascending i.
//
// Then the sums of the bands are added in turn, and y[i] ← fma(alpha, p[i], beta·y[i]), or
// alpha·p[i] for beta = 0.
//
// The error of y[i] is at most γ_k·(|alpha|·Σ|a[i,j]·x[j]| + |beta·y[i]|), where γ_k =
// kε/(1-kε) and k = n + 3 (Higham, Accuracy and Stability of Numerical Algorithms, 2002,
// section 3.5).
//
// NaN and Inf propagate, but if alpha = 0, A and x are not read, and if beta = 0, y is not.
// It panics unless A has as many rows and columns as x and y have elements, or if y shares
// elements with A or x.
func (e *Engine[T]) Symv(y Vec[T], alpha T, uplo Uplo, a Mat[T], x Vec[T], beta T) {
	a.checkTriangle("Symv", "a", uplo, NonUnit, x.n)
	y.checkOutput("Symv", "y")
	y.checkLength("Symv", "y", x.n, "x")
	apartFrom("Symv", "y", y, "x", x)
	apartFromDiagonal("Symv", "y", y, &a)
	switch {
	case y.n == 0:
		return
	case alpha == 0:
		if beta != 1 {
			out := y.mat()
			e.scaleBy(&out, beta)
		}
		return
	case a.ColStride != 1 && a.RowStride == 1:
		a, uplo = a.T(), uplo.T()
	}
	n := x.n
	bands := ceilDiv(n, symvBand)
	size := bands * n
	if x.inc != 1 {
		size += n
	}
	buf := e.pools.buffer(size)
	w := symvTask[T]{a: a, p: buf.data[:bands*n], uplo: uplo}
	if x.inc == 1 {
		w.x = x.flat()
	} else {
		w.x = buf.data[bands*n:]
		copyVec(NewVec(w.x), x)
	}
	if bands == 1 {
		w.band(e, 0)
	} else {
		split(e, e.threads, w, bands, 1)
	}
	sums := NewVec(w.total())
	if beta == 0 {
		e.Scal(alpha, sums)
		copyVec(y, sums)
	} else {
		e.Scal(beta, y)
		e.Axpy(y, alpha, sums)
	}
	e.pools.buffers.Put(buf)
}

// symvTask computes the sums of bands, which are its units; those of each band are a vector
// in p.
type symvTask[T Float] struct {
	a    Mat[T]
	p, x []T
	uplo Uplo
}

// rows returns the rows of band b, and covers the columns that it has elements in.
func (w *symvTask[T]) rows(b int) (lo, hi int) {
	n := w.a.Rows
	lo, hi = b*symvBand, min((b+1)*symvBand, n)
	if w.uplo == Lower {
		lo, hi = n-hi, n-lo
	}
	return lo, hi
}

func (w *symvTask[T]) covers(b int) (lo, hi int) {
	lo, hi = w.rows(b)
	if w.uplo == Upper {
		return lo, w.a.Rows
	}
	return 0, hi
}

func (w symvTask[T]) do(e *Engine[T], lo, hi int) {
	for b := lo; b < hi; b++ {
		w.band(e, b)
	}
}

func (w *symvTask[T]) band(e *Engine[T], b int) {
	n := w.a.Rows
	p := w.p[b*n:][:n]
	from, to := w.covers(b)
	clear(p[from:to])
	first, last := w.rows(b)
	for i := first; i < last; {
		end := min(i+symvRows, last)
		if w.uplo == Lower { // groups are counted from the last, so the first may be short
			end = i + (last-i-1)%symvRows + 1
		}
		w.group(e, p, i, end)
		i = end
	}
}

// group adds the products of rows [lo, hi).
func (w *symvTask[T]) group(e *Engine[T], p []T, lo, hi int) {
	j0, j1, far, near := hi, w.a.Cols, w.a.ColStride, w.a.RowStride
	if w.uplo == Lower {
		j0, j1, far, near = 0, lo, near, far
	}
	square := w.a.Data[lo*(w.a.RowStride+w.a.ColStride):]
	for j := j0; j == j0 || j < j1; j += sumChunk {
		n := min(sumChunk, j1-j)
		if n == 0 || w.a.ColStride == 1 {
			e.symmetricRows(hi-lo, n, square, far, near, w.x[lo:], p[lo:], tail(w.a.Data, lo*w.a.RowStride+j), w.a.RowStride, w.x[min(j, len(p)-1):], p[min(j, len(p)-1):])
		} else {
			buf := e.pools.buffer(symvRows * n)
			packGeneric(buf.data, 0, n, w.a.Slice(lo, hi, j, j+n).T(), 1)
			e.symmetricRows(hi-lo, n, square, far, near, w.x[lo:], p[lo:], buf.data, n, w.x[j:], p[j:])
			e.pools.buffers.Put(buf)
		}
		square = nil
	}
}

// symmetricRowsGeneric adds the products of m rows: first of their square on the diagonal,
// unless it is nil, whose element (i, j), j ≤ i, is square[i*far+j*near]; then of the n
// elements of each row in a, to the sums pr of the rows, and to the sums p of the columns.
func symmetricRowsGeneric[T Float](m, n int, square []T, far, near int, xr, pr, a []T, aRow int, x, p []T) {
	if square != nil {
		for i := range m {
			for j := range m {
				pr[i] = mulAdd(square[max(i, j)*far+min(i, j)*near], xr[j], pr[i])
			}
		}
	}
	if n == 0 {
		return
	}
	for i := range m {
		var acc [lanes]T
		for j, v := range a[i*aRow:][:n] {
			acc[j%lanes] = mulAdd(v, x[j], acc[j%lanes])
			p[j] = mulAdd(v, xr[i], p[j])
		}
		pr[i] += combine(&acc)
	}
}

// total adds the sums of all bands to those of the first, which has all columns.
func (w *symvTask[T]) total() []T {
	n := w.a.Rows
	sums := w.p[:n]
	for b := 1; b*n < len(w.p); b++ {
		lo, hi := w.covers(b)
		for j := lo; j < hi; j++ {
			sums[j] += w.p[b*n+j]
		}
	}
	return sums
}
