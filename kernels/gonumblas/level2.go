package gonumblas

import (
	"gonum.org/v1/gonum/blas"

	"github.com/lanes-ml/lanes/kernels"
)

// matFits reports whether gonum accepts a rows×cols matrix, and it has elements.
func matFits[T kernels.Float](rows, cols int, a []T, lda int) bool {
	return rows > 0 && cols > 0 && lda >= cols && len(a) >= (rows-1)*lda+cols
}

// view returns a view of op of a row-major rows×cols matrix, and whether t is one of BLAS's
// letters.
func view[T kernels.Float](t blas.Transpose, rows, cols int, a []T, lda int) (kernels.Mat[T], bool) {
	m := kernels.Mat[T]{Data: a, Rows: rows, Cols: cols, RowStride: lda, ColStride: 1}
	switch t {
	case blas.NoTrans:
		return m, true
	case blas.Trans, blas.ConjTrans:
		return m.T(), true
	}
	return m, false
}

// triangle returns a view of op of a row-major triangular or symmetric matrix, and which
// triangle of the view is given. It reports whether gonum accepts the arguments.
func triangle[T kernels.Float](ul blas.Uplo, t blas.Transpose, n int, a []T, lda int) (kernels.Uplo, kernels.Mat[T], bool) {
	m, ok := view(t, n, n, a, lda)
	uplo := kernels.Lower
	if ul == blas.Upper {
		uplo = kernels.Upper
	}
	if t != blas.NoTrans {
		uplo = uplo.T()
	}
	return uplo, m, ok && (ul == blas.Upper || ul == blas.Lower) && matFits(n, n, a, lda)
}

// diagonal returns how the diagonal of a matrix is taken, and whether d is one of BLAS's
// letters.
func diagonal(d blas.Diag) (kernels.Diag, bool) {
	if d == blas.Unit {
		return kernels.Unit, true
	}
	return kernels.NonUnit, d == blas.NonUnit
}

// Sgemv computes y = alpha * op(A) * x + beta * y, by [kernels.Engine.Gemv], where op(X) is
// X or Xᵀ and A is m×n.
func (impl Implementation) Sgemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	if !gemv(impl.float32s(), tA, m, n, alpha, a, lda, x, incX, beta, y, incY) {
		impl.Implementation.Sgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Dgemv is [Implementation.Sgemv] for float64.
func (impl Implementation) Dgemv(tA blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	if m <= few && n <= few && gemvFew(impl.float64s(), tA, m, n, alpha, a, lda, x, incX, beta, y, incY) {
		return
	}
	if !gemv(impl.float64s(), tA, m, n, alpha, a, lda, x, incX, beta, y, incY) {
		impl.Implementation.Dgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

func gemv[T kernels.Float](e *kernels.Engine[T], tA blas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) bool {
	op, ok := view(tA, m, n, a, lda)
	if !ok || !matFits(m, n, a, lda) || !fits(op.Cols, x, incX) || !fits(op.Rows, y, incY) {
		return false
	}
	e.Gemv(vec(op.Rows, y, incY), alpha, op, vec(op.Cols, x, incX), beta)
	return true
}

// Sger computes A = alpha * x * yᵀ + A, by [kernels.Engine.Ger], where A is m×n.
func (impl Implementation) Sger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	if !ger(impl.float32s(), m, n, alpha, x, incX, y, incY, a, lda) {
		impl.Implementation.Sger(m, n, alpha, x, incX, y, incY, a, lda)
	}
}

// Dger is [Implementation.Sger] for float64.
func (impl Implementation) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	if m <= few && n <= few && gerFew(impl.float64s(), m, n, alpha, x, incX, y, incY, a, lda) {
		return
	}
	if !ger(impl.float64s(), m, n, alpha, x, incX, y, incY, a, lda) {
		impl.Implementation.Dger(m, n, alpha, x, incX, y, incY, a, lda)
	}
}

func ger[T kernels.Float](e *kernels.Engine[T], m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int) bool {
	if !matFits(m, n, a, lda) || !fits(m, x, incX) || !fits(n, y, incY) {
		return false
	}
	op, _ := view(blas.NoTrans, m, n, a, lda)
	e.Ger(op, alpha, vec(m, x, incX), vec(n, y, incY))
	return true
}

// Ssymv computes y = alpha * A * x + beta * y, by [kernels.Engine.Symv], where A is an n×n
// symmetric matrix.
func (impl Implementation) Ssymv(ul blas.Uplo, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	if !symv(impl.float32s(), ul, n, alpha, a, lda, x, incX, beta, y, incY) {
		impl.Implementation.Ssymv(ul, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Dsymv is [Implementation.Ssymv] for float64.
func (impl Implementation) Dsymv(ul blas.Uplo, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	if !symv(impl.float64s(), ul, n, alpha, a, lda, x, incX, beta, y, incY) {
		impl.Implementation.Dsymv(ul, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

func symv[T kernels.Float](e *kernels.Engine[T], ul blas.Uplo, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) bool {
	uplo, sym, ok := triangle(ul, blas.NoTrans, n, a, lda)
	if !ok || !fits(n, x, incX) || !fits(n, y, incY) {
		return false
	}
	e.Symv(vec(n, y, incY), alpha, uplo, sym, vec(n, x, incX), beta)
	return true
}

// Ssyr computes a triangle of A = alpha * x * xᵀ + A, by [kernels.Engine.Syr], where A is an
// n×n symmetric matrix.
func (impl Implementation) Ssyr(ul blas.Uplo, n int, alpha float32, x []float32, incX int, a []float32, lda int) {
	if !syr(impl.float32s(), ul, n, alpha, x, incX, a, lda) {
		impl.Implementation.Ssyr(ul, n, alpha, x, incX, a, lda)
	}
}

// Dsyr is [Implementation.Ssyr] for float64.
func (impl Implementation) Dsyr(ul blas.Uplo, n int, alpha float64, x []float64, incX int, a []float64, lda int) {
	if n <= few && syrFew(impl.float64s(), ul, n, alpha, x, incX, a, lda) {
		return
	}
	if !syr(impl.float64s(), ul, n, alpha, x, incX, a, lda) {
		impl.Implementation.Dsyr(ul, n, alpha, x, incX, a, lda)
	}
}

func syr[T kernels.Float](e *kernels.Engine[T], ul blas.Uplo, n int, alpha T, x []T, incX int, a []T, lda int) bool {
	uplo, sym, ok := triangle(ul, blas.NoTrans, n, a, lda)
	if !ok || !fits(n, x, incX) {
		return false
	}
	e.Syr(uplo, sym, alpha, vec(n, x, incX))
	return true
}

// Ssyr2 computes a triangle of A = alpha * x * yᵀ + alpha * y * xᵀ + A, by
// [kernels.Engine.Syr2], where A is an n×n symmetric matrix.
func (impl Implementation) Ssyr2(ul blas.Uplo, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	if !syr2(impl.float32s(), ul, n, alpha, x, incX, y, incY, a, lda) {
		impl.Implementation.Ssyr2(ul, n, alpha, x, incX, y, incY, a, lda)
	}
}

// Dsyr2 is [Implementation.Ssyr2] for float64.
func (impl Implementation) Dsyr2(ul blas.Uplo, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	if !syr2(impl.float64s(), ul, n, alpha, x, incX, y, incY, a, lda) {
		impl.Implementation.Dsyr2(ul, n, alpha, x, incX, y, incY, a, lda)
	}
}

func syr2[T kernels.Float](e *kernels.Engine[T], ul blas.Uplo, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int) bool {
	uplo, sym, ok := triangle(ul, blas.NoTrans, n, a, lda)
	if !ok || !fits(n, x, incX) || !fits(n, y, incY) {
		return false
	}
	e.Syr2(uplo, sym, alpha, vec(n, x, incX), vec(n, y, incY))
	return true
}

// Strmv computes x = op(A) * x, by [kernels.Engine.Trmv], where op(X) is X or Xᵀ and A is an
// n×n triangular matrix.
func (impl Implementation) Strmv(ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float32, lda int, x []float32, incX int) {
	if !trmv(impl.float32s(), ul, tA, d, n, a, lda, x, incX) {
		impl.Implementation.Strmv(ul, tA, d, n, a, lda, x, incX)
	}
}

// Dtrmv is [Implementation.Strmv] for float64.
func (impl Implementation) Dtrmv(ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) {
	if n <= few && trmvFew(impl.float64s(), ul, tA, d, n, a, lda, x, incX) {
		return
	}
	if !trmv(impl.float64s(), ul, tA, d, n, a, lda, x, incX) {
		impl.Implementation.Dtrmv(ul, tA, d, n, a, lda, x, incX)
	}
}

func trmv[T kernels.Float](e *kernels.Engine[T], ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []T, lda int, x []T, incX int) bool {
	uplo, tri, ok := triangle(ul, tA, n, a, lda)
	diag, okD := diagonal(d)
	if !ok || !okD || !fits(n, x, incX) {
		return false
	}
	e.Trmv(uplo, diag, tri, vec(n, x, incX))
	return true
}

// Strsv solves op(A) * y = x and puts y in x, by [kernels.Engine.Trsv], where op(X) is X or
// Xᵀ and A is an n×n triangular matrix.
func (impl Implementation) Strsv(ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float32, lda int, x []float32, incX int) {
	if !trsv(impl.float32s(), ul, tA, d, n, a, lda, x, incX) {
		impl.Implementation.Strsv(ul, tA, d, n, a, lda, x, incX)
	}
}

// Dtrsv is [Implementation.Strsv] for float64.
func (impl Implementation) Dtrsv(ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) {
	if n <= few && trsvFew(impl.float64s(), ul, tA, d, n, a, lda, x, incX) {
		return
	}
	if !trsv(impl.float64s(), ul, tA, d, n, a, lda, x, incX) {
		impl.Implementation.Dtrsv(ul, tA, d, n, a, lda, x, incX)
	}
}

func trsv[T kernels.Float](e *kernels.Engine[T], ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []T, lda int, x []T, incX int) bool {
	uplo, tri, ok := triangle(ul, tA, n, a, lda)
	diag, okD := diagonal(d)
	if !ok || !okD || !fits(n, x, incX) {
		return false
	}
	e.Trsv(uplo, diag, tri, vec(n, x, incX))
	return true
}
