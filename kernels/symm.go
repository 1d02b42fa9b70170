package kernels

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// Symm computes C ← α·A·B + β·C if side is [Left], and C ← α·B·A + β·C if it is [Right],
// where A is a symmetric matrix, of which the triangle uplo is given, and B and C are m×n.
//
// It gives C the bits that [Engine.Gemm] gives it with both triangles of A filled: the
// left factor of the product takes α. So the bounds of Gemm hold.
//
// The other triangle of A is not read. β = 0 does not read C, and α = 0 reads neither A
// nor B. Beyond that, NaN and Inf propagate as in Gemm. C must not overlap A or B. Symm
// panics as Gemm does, or if A is not square.
func (e *Engine[T]) Symm(side Side, uplo Uplo, c Mat[T], alpha T, a, b Mat[T], beta T) {
	const op = "Symm"
	a.checkTriangle(op, "a", uplo, NonUnit, orderOf(op, side, &c))
	checkProductOf(op, side, &c, &a, &b)
	if alpha == 0 {
		e.scaleBy(&c, beta)
		return
	}
	x, y := &a, &b
	if side == Right {
		x, y = y, x
	}
	g := e.structured(&c, alpha, x, y, beta)
	if g == nil {
		return
	}
	// In the product, A stands left or right, and its rows or its columns are packed.
	g.mirrored, g.uplo = operandA, uplo
	if (side == Right) != g.swapped {
		g.mirrored = operandB
	}
	if g.swapped != (g.mirrored == operandB) {
		g.uplo = uplo.T()
	}
	g.do()
}

// orderOf returns the order of a matrix that stands on a side of one like c.
func orderOf[T Float](op string, side Side, c *Mat[T]) int {
	switch side {
	case Left:
		return c.Rows
	case Right:
		return c.Cols
	}
	panic(fmt.Sprintf("kernels: %s: %v, want Left or Right", op, side))
}

// checkProductOf is checkProduct for a square matrix a on a side of b.
func checkProductOf[T Float](op string, side Side, c, a, b *Mat[T]) {
	if side == Left {
		checkProduct(op, "c", c, "a", a, "b", b)
	} else {
		checkProduct(op, "c", c, "b", b, "a", a)
	}
}

// scaleBy computes C ← β·C, and 0 where β is: a product of depth 0.
func (e *Engine[T]) scaleBy(c *Mat[T], beta T) {
	e.gemm(c, 1, &Mat[T]{Rows: c.Rows, RowStride: 1, ColStride: 1}, &Mat[T]{Cols: c.Cols, RowStride: 1, ColStride: 1}, beta, &panel.Epilogue[T]{})
}
