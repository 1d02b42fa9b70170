package kernels

// Trmm computes B ← α·A·B if side is [Left], and B ← α·B·A if it is [Right], where A is a
// triangular matrix, in the triangle uplo, and B is m×n. For the transpose of A it takes
// the view a.T() with the triangle uplo.T().
//
// A unit diagonal is not read. Every element is one chain that begins at the diagonal of A
// and moves away from it,
//
//	s ← 0;  s ← fma(a[i,p], α·b[p,j], s);  b[i,j] ← s
//
// over p = i … m-1 for Left and Upper, and over p = i … 0, descending, for Left and Lower.
// For Right the same holds of the transposes, Bᵀ ← α·Aᵀ·Bᵀ: p = j … n-1 for Lower, and
// p = j … 0 for Upper. The bound of [Engine.Gemm] holds for α = 1, with the number of terms
// for k; another α rounds b once.
//
// The other triangle of A is not read, nor multiplied with as zeros. α = 0 sets B to 0
// and reads neither A nor B. Beyond that, NaN and Inf propagate. B must not overlap A. Trmm
// panics as [Engine.Trsm] does.
func (e *Engine[T]) Trmm(side Side, uplo Uplo, diag Diag, alpha T, a, b Mat[T]) {
	if !e.checkTriangular("Trmm", side, uplo, diag, alpha, &a, &b) {
		return
	}
	e.onTriangle(false, side, uplo, diag, alpha, &a, &b)
}
