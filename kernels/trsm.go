package kernels

// Trsm solves A·X = α·B if side is [Left], and X·A = α·B if it is [Right], where A is a
// triangular matrix, in the triangle uplo, and B is m×n. X takes the place of B. For the
// transpose of A it takes the view a.T() with the triangle uplo.T().
//
// A unit diagonal is not read. Each column of B with side Left, or row of B with side Right,
// is solved by substitution. Every element is one chain, in the order in which the others
// are found,
//
//	s ← α·b[i,j];  s ← fma(-a[i,p], x[p,j], s);  x[i,j] ← s/a[i,i]
//
// over p = 0 … i-1 for Left and Lower, and over p = m-1 … i+1, descending, for Left and
// Upper. The division is left out for a unit diagonal. For Right the same holds of the
// transposes, Aᵀ·Xᵀ = α·Bᵀ: p = 0 … j-1 for Upper, and p = n-1 … j+1 for Lower. So the
// bits of a solution depend on A and its own column or row of B alone.
//
// For α = 1 and an A of order n, each solution x solves exactly (A + ΔA)·x = b for some
// |ΔA| ≤ γ·|A|, element by element, with γ = n·ε/(1-n·ε), where ε is half the spacing of
// floats at 1 (Higham, Accuracy and Stability of Numerical Algorithms, theorem 8.5); another
// α rounds b once. At level [Generic], where that does not fuse, the bound holds too.
//
// The other triangle of A is not read. α = 0 sets B to 0 and reads neither A nor B. Beyond
// that, NaN and Inf propagate: no zero is skipped, and a zero on the diagonal divides. B
// must not overlap A. Trsm panics if A is not square or does not fit B, if a view exceeds
// its data, if elements of B overlap, or if B shares an element with A where [Engine.Gemm]
// finds it.
func (e *Engine[T]) Trsm(side Side, uplo Uplo, diag Diag, alpha T, a, b Mat[T]) {
	if !e.checkTriangular("Trsm", side, uplo, diag, alpha, &a, &b) {
		return
	}
	e.onTriangle(true, side, uplo, diag, alpha, &a, &b)
}

// checkTriangular checks the operands of Trsm and Trmm. It reports whether anything is to
// be computed: for α = 0, it is done.
func (e *Engine[T]) checkTriangular(op string, side Side, uplo Uplo, diag Diag, alpha T, a, b *Mat[T]) bool {
	a.checkTriangle(op, "a", uplo, diag, orderOf(op, side, b))
	if !b.plain() || b.RowStride < b.Cols {
		b.checkOutput(op, "b")
	}
	distinct(op, "b", b, "a", a)
	if b.empty() {
		return false
	}
	if alpha == 0 {
		e.scaleBy(b, 0)
		return false
	}
	return true
}
