package gonumblas

import (
	"gonum.org/v1/gonum/blas"

	"github.com/lanes-ml/lanes/kernels"
)

// Ssymm computes C = alpha * A * B + beta * C, or alpha * B * A + beta * C for s == blas.Right,
// by [kernels.Engine.Symm], where A is a symmetric matrix, and B and C are m×n.
func (impl Implementation) Ssymm(s blas.Side, ul blas.Uplo, m, n int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if !symm(impl.float32s(), s, ul, m, n, alpha, a, lda, b, ldb, beta, c, ldc) {
		impl.Implementation.Ssymm(s, ul, m, n, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

// Dsymm is [Implementation.Ssymm] for float64.
func (impl Implementation) Dsymm(s blas.Side, ul blas.Uplo, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	if !symm(impl.float64s(), s, ul, m, n, alpha, a, lda, b, ldb, beta, c, ldc) {
		impl.Implementation.Dsymm(s, ul, m, n, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

func symm[T kernels.Float](e *kernels.Engine[T], s blas.Side, ul blas.Uplo, m, n int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) bool {
	side, order, okS := sideOf(s, m, n)
	uplo, sym, ok := triangle(ul, blas.NoTrans, order, a, lda)
	if !okS || !ok || !matFits(m, n, b, ldb) || !matFits(m, n, c, ldc) {
		return false
	}
	mb, _ := view(blas.NoTrans, m, n, b, ldb)
	mc, _ := view(blas.NoTrans, m, n, c, ldc)
	e.Symm(side, uplo, mc, alpha, sym, mb, beta)
	return true
}

// Ssyrk computes a triangle of C = alpha * op(A) * op(A)ᵀ + beta * C, by
// [kernels.Engine.Syrk], where op(X) is X or Xᵀ, op(A) is n×k, and C is an n×n symmetric
// matrix.
func (impl Implementation) Ssyrk(ul blas.Uplo, t blas.Transpose, n, k int, alpha float32, a []float32, lda int, beta float32, c []float32, ldc int) {
	if !syrk(impl.float32s(), ul, t, n, k, alpha, a, lda, beta, c, ldc) {
		impl.Implementation.Ssyrk(ul, t, n, k, alpha, a, lda, beta, c, ldc)
	}
}

// Dsyrk is [Implementation.Ssyrk] for float64.
func (impl Implementation) Dsyrk(ul blas.Uplo, t blas.Transpose, n, k int, alpha float64, a []float64, lda int, beta float64, c []float64, ldc int) {
	if !syrk(impl.float64s(), ul, t, n, k, alpha, a, lda, beta, c, ldc) {
		impl.Implementation.Dsyrk(ul, t, n, k, alpha, a, lda, beta, c, ldc)
	}
}

func syrk[T kernels.Float](e *kernels.Engine[T], ul blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int) bool {
	uplo, sym, ok := triangle(ul, blas.NoTrans, n, c, ldc)
	ma, okA := operand(t, n, k, a, lda)
	if !ok || !okA {
		return false
	}
	e.Syrk(uplo, sym, alpha, ma, beta)
	return true
}

// Ssyr2k computes a triangle of C = alpha * op(A) * op(B)ᵀ + alpha * op(B) * op(A)ᵀ + beta * C,
// by [kernels.Engine.Syr2k], where op(X) is X or Xᵀ, op(A) and op(B) are n×k, and C is an
// n×n symmetric matrix.
func (impl Implementation) Ssyr2k(ul blas.Uplo, t blas.Transpose, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if !syr2k(impl.float32s(), ul, t, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
		impl.Implementation.Ssyr2k(ul, t, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

// Dsyr2k is [Implementation.Ssyr2k] for float64.
func (impl Implementation) Dsyr2k(ul blas.Uplo, t blas.Transpose, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	if !syr2k(impl.float64s(), ul, t, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
		impl.Implementation.Dsyr2k(ul, t, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

func syr2k[T kernels.Float](e *kernels.Engine[T], ul blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) bool {
	uplo, sym, ok := triangle(ul, blas.NoTrans, n, c, ldc)
	ma, okA := operand(t, n, k, a, lda)
	mb, okB := operand(t, n, k, b, ldb)
	if !ok || !okA || !okB {
		return false
	}
	e.Syr2k(uplo, sym, alpha, ma, mb, beta)
	return true
}

// Strmm computes B = alpha * op(A) * B, or alpha * B * op(A) for s == blas.Right, by
// [kernels.Engine.Trmm], where op(X) is X or Xᵀ, A is a triangular matrix and B is m×n.
func (impl Implementation) Strmm(s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha float32, a []float32, lda int, b []float32, ldb int) {
	if !trmm(impl.float32s(), s, ul, tA, d, m, n, alpha, a, lda, b, ldb) {
		impl.Implementation.Strmm(s, ul, tA, d, m, n, alpha, a, lda, b, ldb)
	}
}

// Dtrmm is [Implementation.Strmm] for float64.
func (impl Implementation) Dtrmm(s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int) {
	if !trmm(impl.float64s(), s, ul, tA, d, m, n, alpha, a, lda, b, ldb) {
		impl.Implementation.Dtrmm(s, ul, tA, d, m, n, alpha, a, lda, b, ldb)
	}
}

func trmm[T kernels.Float](e *kernels.Engine[T], s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha T, a []T, lda int, b []T, ldb int) bool {
	side, order, okS := sideOf(s, m, n)
	uplo, tri, ok := triangle(ul, tA, order, a, lda)
	diag, okD := diagonal(d)
	if !okS || !ok || !okD || !matFits(m, n, b, ldb) {
		return false
	}
	mb, _ := view(blas.NoTrans, m, n, b, ldb)
	e.Trmm(side, uplo, diag, alpha, tri, mb)
	return true
}

// Strsm solves op(A) * X = alpha * B, or X * op(A) = alpha * B for s == blas.Right, and puts X in
// B, by [kernels.Engine.Trsm], where op(X) is X or Xᵀ, A is a triangular matrix and B is
// m×n.
func (impl Implementation) Strsm(s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha float32, a []float32, lda int, b []float32, ldb int) {
	if !trsm(impl.float32s(), s, ul, tA, d, m, n, alpha, a, lda, b, ldb) {
		impl.Implementation.Strsm(s, ul, tA, d, m, n, alpha, a, lda, b, ldb)
	}
}

// Dtrsm is [Implementation.Strsm] for float64.
func (impl Implementation) Dtrsm(s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int) {
	if !trsm(impl.float64s(), s, ul, tA, d, m, n, alpha, a, lda, b, ldb) {
		impl.Implementation.Dtrsm(s, ul, tA, d, m, n, alpha, a, lda, b, ldb)
	}
}

func trsm[T kernels.Float](e *kernels.Engine[T], s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha T, a []T, lda int, b []T, ldb int) bool {
	side, order, okS := sideOf(s, m, n)
	uplo, tri, ok := triangle(ul, tA, order, a, lda)
	diag, okD := diagonal(d)
	if !okS || !ok || !okD || !matFits(m, n, b, ldb) {
		return false
	}
	mb, _ := view(blas.NoTrans, m, n, b, ldb)
	e.Trsm(side, uplo, diag, alpha, tri, mb)
	return true
}

// sideOf returns on which side of an m×n matrix a square one stands, its order, and whether
// s is one of BLAS's letters.
func sideOf(s blas.Side, m, n int) (side kernels.Side, order int, ok bool) {
	if s == blas.Left {
		return kernels.Left, m, true
	}
	return kernels.Right, n, s == blas.Right
}

// operand returns a view of op of a row-major matrix, which is rows×cols, and reports
// whether gonum accepts the arguments and the matrix has elements.
func operand[T kernels.Float](t blas.Transpose, rows, cols int, a []T, lda int) (kernels.Mat[T], bool) {
	if t != blas.NoTrans {
		rows, cols = cols, rows
	}
	m, ok := view(t, rows, cols, a, lda)
	return m, ok && matFits(rows, cols, a, lda)
}
