package net

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// Dense is a layer that maps N rows x of in elements to y = act(x·W + b), N×out,
// where act is max(·, 0) if ReLU is set and the identity else. W is in×out and
// B is 1×out; DW and DB, of the same shapes, are the gradients of the loss.
// Their data is contiguous.
type Dense[T kernels.Float] struct {
	W, B, DW, DB kernels.Mat[T]
	ReLU         bool

	engine *kernels.Engine[T]
}

// NewDense returns a layer with all parameters zero. It panics if in or out is
// below 1.
func NewDense[T kernels.Float](engine *kernels.Engine[T], in, out int, relu bool) *Dense[T] {
	if in < 1 || out < 1 {
		panic(fmt.Sprintf("net: NewDense: %d inputs and %d outputs, want at least 1", in, out))
	}
	return &Dense[T]{
		W:      kernels.Dense[T](in, out, nil),
		B:      kernels.Dense[T](1, out, nil),
		DW:     kernels.Dense[T](in, out, nil),
		DB:     kernels.Dense[T](1, out, nil),
		ReLU:   relu,
		engine: engine,
	}
}

// Forward computes y ← act(x·W + b), (N×in)·(in×out) + (1×out), the bias added
// to each row. It panics if the shapes do not fit or the rows of y are not
// contiguous.
func (d *Dense[T]) Forward(y, x kernels.Mat[T]) {
	act := kernels.Identity
	if d.ReLU {
		act = kernels.Rectifier
	}
	d.engine.Linear(y, x, d.W, d.B.Data, act)
}

// Backward takes the loss gradient δ = dy with respect to y, N×out, and x and y
// as they were in [Dense.Forward]. With δ_z = δ ⊙ [y > 0], or δ without ReLU,
//
//	DW ← xᵀ·δ_z + 2λW   (in×N)·(N×out)
//	DB ← Σ_i δ_z[i,·]
//	dx ← δ_z·Wᵀ         (N×out)·(out×in)
//
// λ is reg. dy holds δ_z afterwards. A dx without data is not computed: nothing
// needs that of a first layer. Backward panics if the shapes do not fit or if
// dy or y is not contiguous.
func (d *Dense[T]) Backward(dx, dy, x, y kernels.Mat[T], reg float64) {
	flat := contiguous("Backward", "dy", dy)
	if d.ReLU {
		d.engine.ReLUBackward(flat, flat, contiguous("Backward", "y", y))
	}
	d.engine.Gemm(d.DW, 1, x.T(), dy, 0)
	d.engine.Axpy(d.DW.Data, T(2*reg), d.W.Data)
	d.engine.ColSums(d.DB.Data, dy)
	if dx.Data != nil {
		d.engine.Gemm(dx, 1, dy, d.W.T(), 0)
	}
}

// contiguous returns the elements of m, for operations that know no rows.
func contiguous[T kernels.Float](op, name string, m kernels.Mat[T]) []T {
	if m.RowStride != m.Cols || m.ColStride != 1 || len(m.Data) < m.Rows*m.Cols {
		panic(fmt.Sprintf("net: %s: %s is %d×%d with strides (%d,%d) and %d elements, want contiguous rows",
			op, name, m.Rows, m.Cols, m.RowStride, m.ColStride, len(m.Data)))
	}
	return m.Data[:m.Rows*m.Cols]
}
