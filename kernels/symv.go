package kernels

import "fmt"

const (
	// symvRows is the number of rows that Symv takes at once.
	symvRows = 4
	// symvBand is the number of rows whose products Symv adds on their own, so that
	// threads can share them.
	symvBand = 256
)

// Symv computes y ← alpha·A·x + beta·y for a symmetric n×n matrix A, of which it reads one
// triangle, each element once. With A turned so that rows are contiguous, if it was columns
// that were, it goes by groups of 4 rows, from the first to the last. To sums p that begin at
// 0, the square on the diagonal of a group adds its products by fused multiply-adds, in
// ascending columns. The rest of a row adds to p[i] the sum of a[i,j]·x[j] in 16 lanes, as
// [Engine.Gemv] makes it; and each column of this rest adds fma(a[i,j], x[i], p[j]), in
// ascending i. For Lower the rest is added before the square, for Upper after it. More than
// 256 rows are cut into bands of 256, each with sums of its own, and these are added: for Upper
// from the first to the last, for Lower from the last to the first. At last y[i] ←
// fma(alpha, p[i], beta·y[i]).
//
// The error of y[i] is at most γ_k·(|alpha|·Σ|a[i,j]·x[j]| + |beta·y[i]|), where γ_k =
// kε/(1-kε) and k = n + 3 (Higham, Accuracy and Stability of Numerical Algorithms, 2002,
// section 3.5).
//
// NaN and Inf propagate, but if alpha = 0, A and x are not read, and if beta = 0, y is not.
// It panics unless A is x.N×x.N and y.N == x.N, or if y shares elements with A or x.
func (e *Engine[T]) Symv(y Vec[T], alpha T, uplo Uplo, a Mat[T], x Vec[T], beta T) {
	a.checkTriangle("Symv", "a", uplo, NonUnit, x.N)
	y.checkOutput("Symv", "y")
	x.check("Symv", "x")
	if y.N != x.N {
		panic(fmt.Sprintf("kernels: Symv: x has %d elements, y %d", x.N, y.N))
	}
	apartFrom("Symv", "y", &y, "x", &x)
	apartFromDiagonal("Symv", "y", &y, &a)
	switch {
	case y.N == 0:
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
	n := x.N
	bands := ceilDiv(n, symvBand)
	buf := e.pools.buffer((bands + 2) * n)
	w := symvTask[T]{a, buf.data[:bands*n], x.Data, uplo}
	if x.Inc != 1 {
		w.x = buf.data[bands*n:][:n]
		copyVec(&Vec[T]{w.x, n, 1}, &x)
	}
	split(e, e.threads, w, bands, 1)
	sums := w.total()
	if beta == 0 {
		e.Scal(alpha, NewVec(sums))
		copyVec(&y, &Vec[T]{sums, n, 1})
	} else {
		if beta != 1 {
			e.Scal(beta, y)
		}
		e.Axpy(y, alpha, NewVec(sums))
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

// covers returns the columns that band b has elements in.
func (w *symvTask[T]) covers(b int) (lo, hi int) {
	n := w.a.Rows
	if w.uplo == Upper {
		return b * symvBand, n
	}
	return 0, min((b+1)*symvBand, n)
}

func (w symvTask[T]) do(e *Engine[T], lo, hi int) {
	n := w.a.Rows
	for b := lo; b < hi; b++ {
		p := w.p[b*n:][:n]
		from, to := w.covers(b)
		clear(p[from:to])
		for i := b * symvBand; i < min((b+1)*symvBand, n); i += symvRows {
			w.group(e, p, i, min(i+symvRows, n))
		}
	}
}

// group adds the products of rows [lo, hi).
func (w *symvTask[T]) group(e *Engine[T], p []T, lo, hi int) {
	if w.uplo == Lower {
		w.rest(e, p, lo, hi, 0, lo)
	}
	for i := lo; i < hi; i++ {
		for j := lo; j < hi; j++ {
			r, c := i, j
			if (i > j) == (w.uplo == Upper) {
				r, c = j, i
			}
			p[i] = mulAdd(w.a.Data[r*w.a.RowStride+c*w.a.ColStride], w.x[j], p[i])
		}
	}
	if w.uplo == Upper {
		w.rest(e, p, lo, hi, hi, w.a.Rows)
	}
}

// rest adds the products of columns [j0, j1).
func (w *symvTask[T]) rest(e *Engine[T], p []T, lo, hi, j0, j1 int) {
	for j := j0; j < j1; j += sumChunk {
		end := min(j+sumChunk, j1)
		for i := lo; i < hi; i++ {
			var acc [lanes]T
			for c := j; c < end; c++ {
				v := w.a.Data[i*w.a.RowStride+c*w.a.ColStride]
				acc[(c-j)%lanes] = mulAdd(v, w.x[c], acc[(c-j)%lanes])
				p[c] = mulAdd(v, w.x[i], p[c])
			}
			p[i] += combine(&acc)
		}
	}
}

// total adds the sums of all bands to those of the band that has all columns.
func (w *symvTask[T]) total() []T {
	n := w.a.Rows
	bands := len(w.p) / n
	all := 0
	if w.uplo == Lower {
		all = bands - 1
	}
	sums := w.p[all*n:][:n]
	for k := 1; k < bands; k++ {
		b := k
		if w.uplo == Lower {
			b = all - k
		}
		lo, hi := w.covers(b)
		for j := lo; j < hi; j++ {
			sums[j] += w.p[b*n+j]
		}
	}
	return sums
}
