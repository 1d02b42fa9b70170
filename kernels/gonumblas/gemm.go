package gonumblas

import (
	"gonum.org/v1/gonum/blas"

	"github.com/lanes-ml/lanes/kernels"
)

// Sgemm computes
//
//	C = alpha * op(A) * op(B) + beta * C
//
// where op(X) is X or Xᵀ, op(A) is m×k, op(B) is k×n and C is m×n, all
// row-major. It is [kernels.Engine.Gemm], with its error bound and its promise
// of equal bits for any number of threads. It panics where gonum's Sgemm does,
// with the same texts.
//
// As BLAS defines it, A and B are not read if alpha = 0, and C is not read if beta = 0.
// Unlike gonum's, it does not skip zeros in A: 0·NaN and 0·Inf are NaN.
func (impl Implementation) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if !gemmFits(tA, tB, m, n, k, len(a), lda, len(b), ldb, len(c), ldc) {
		impl.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	gemm(impl.float32s(), tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Dgemm is [Implementation.Sgemm] for float64.
func (impl Implementation) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	if !gemmFits(tA, tB, m, n, k, len(a), lda, len(b), ldb, len(c), ldc) {
		impl.Implementation.Dgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	gemm(impl.float64s(), tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// gemmFits reports whether a product has elements, and arguments that gonum accepts. If
// not, gonum's own function is called, which returns or panics with its own text.
func gemmFits(tA, tB blas.Transpose, m, n, k, lenA, lda, lenB, ldb, lenC, ldc int) bool {
	rowsA, colsA, okA := stored(tA, m, k)
	rowsB, colsB, okB := stored(tB, k, n)
	return okA && okB && m > 0 && n > 0 && k > 0 &&
		lda >= colsA && lenA >= (rowsA-1)*lda+colsA &&
		ldb >= colsB && lenB >= (rowsB-1)*ldb+colsB &&
		ldc >= n && lenC >= (m-1)*ldc+n
}

// stored returns the numbers of rows and columns in which a matrix is stored if op of it
// is rows×cols, and whether t is one of BLAS's letters.
func stored(t blas.Transpose, rows, cols int) (int, int, bool) {
	switch t {
	case blas.NoTrans:
		return rows, cols, true
	case blas.Trans, blas.ConjTrans:
		return cols, rows, true
	}
	return 0, 0, false
}

func gemm[T kernels.Float](e *kernels.Engine[T], tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	if alpha == 0 {
		if beta == 1 {
			return
		}
		k = 0
	}
	var mc, ma, mb kernels.Mat[T]
	setView(&ma, tA, m, k, a, lda)
	setView(&mb, tB, k, n, b, ldb)
	setView(&mc, blas.NoTrans, m, n, c, ldc)
	e.Gemm(mc, alpha, ma, mb, beta)
}

// setView sets v to a rows×cols view of op of a row-major matrix. To return views would
// copy each twice, which costs a small product 20 ns.
func setView[T kernels.Float](v *kernels.Mat[T], t blas.Transpose, rows, cols int, data []T, ld int) {
	v.Data, v.Rows, v.Cols, v.RowStride, v.ColStride = data, rows, cols, ld, 1
	if t != blas.NoTrans {
		v.RowStride, v.ColStride = 1, ld
	}
}
