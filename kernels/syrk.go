package kernels

// Syrk computes the triangle uplo of C ← α·A·Aᵀ + β·C, where C is n×n and A is n×k. For
// Aᵀ·A it takes the view a.T().
//
// Every element of the triangle has the bits that [Engine.Gemm] gives it with the operands
// A and Aᵀ: it is the chain
//
//	s ← β·c[i,j];  s ← fma(α·a[i,p], a[j,p], s) for p = 0 … k-1;  c[i,j] ← s
//
// and the bounds of Gemm hold. The other triangle of C is neither read nor written. β = 0
// does not read C, and α = 0 does not read A. Beyond that, NaN and Inf propagate. C must
// not overlap A. Syrk panics as Gemm does, or if C is not square.
func (e *Engine[T]) Syrk(uplo Uplo, c Mat[T], alpha T, a Mat[T], beta T) {
	const op = "Syrk"
	c.checkTriangle(op, "c", uplo, NonUnit, a.Rows)
	aT := a.T()
	checkProduct(op, "c", &c, "a", &a, "aᵀ", &aT)
	if alpha == 0 {
		a.Cols, aT.Rows = 0, 0
	}
	e.rankUpdate(uplo, &c, alpha, &a, &aT, beta)
}

// Syr2k computes the triangle uplo of C ← α·A·Bᵀ + α·B·Aᵀ + β·C, where C is n×n, and A and
// B are n×k.
//
// Every element of the triangle has the bits of C ← α·A·Bᵀ + β·C and then C ← α·B·Aᵀ + C,
// each computed by [Engine.Gemm]: it is one chain of 2·k fused multiply-adds,
//
//	s ← β·c[i,j];  s ← fma(α·a[i,p], b[j,p], s) for p = 0 … k-1
//	               s ← fma(α·b[i,p], a[j,p], s) for p = 0 … k-1;  c[i,j] ← s
//
// with the bounds of a product of depth 2·k. The other triangle of C is neither read nor
// written. β = 0 does not read C, and α = 0 reads neither A nor B. Beyond that, NaN and Inf
// propagate. C must not overlap A or B. Syr2k panics as Gemm does, or if C is not square.
func (e *Engine[T]) Syr2k(uplo Uplo, c Mat[T], alpha T, a, b Mat[T], beta T) {
	const op = "Syr2k"
	c.checkTriangle(op, "c", uplo, NonUnit, a.Rows)
	aT, bT := a.T(), b.T()
	checkProduct(op, "c", &c, "a", &a, "bᵀ", &bT)
	if alpha == 0 {
		a.Cols, bT.Rows = 0, 0
		e.rankUpdate(uplo, &c, alpha, &a, &bT, beta)
		return
	}
	e.rankUpdate(uplo, &c, alpha, &a, &bT, beta)
	e.rankUpdate(uplo, &c, alpha, &b, &aT, 1)
}

// rankUpdate computes a triangle of c ← α·a·b + β·c.
func (e *Engine[T]) rankUpdate(uplo Uplo, c *Mat[T], alpha T, a, b *Mat[T], beta T) {
	g := e.structured(c, alpha, a, b, beta)
	if g == nil {
		return
	}
	if g.swapped {
		uplo = uplo.T()
	}
	g.wanted = upperPart
	if uplo == Lower {
		g.wanted = lowerPart
	}
	g.threads = min(g.threads, e.threadsFor(int64(c.Rows)*int64(c.Rows)*int64(a.Cols)/2)) // half is computed
	g.divideTriangle()
	g.do()
}
