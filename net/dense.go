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
		W:      kernels.NewMat[T](in, out, nil),
		B:      kernels.NewMat[T](1, out, nil),
		DW:     kernels.NewMat[T](in, out, nil),
		DB:     kernels.NewMat[T](1, out, nil),
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
		act = kernels.ReLU
	}
	d.engine.Linear(y, x, d.W, d.B.Data, act)
}

// Backward takes the loss gradient δ = dz with respect to z = x·W + b, N×out,
// and x as it was in [Dense.Forward]:
//
//	DW ← xᵀ·δ + 2λW            (in×N)·(N×out)
//	DB ← Σ_i δ[i,·]
//	dx ← δ·Wᵀ, or (δ·Wᵀ) ⊙ [x > 0] if input is [kernels.ReLU]
//
// λ is reg. Input is the activation that made x: with the ReLU, dx is the
// gradient with respect to the z of the layer before. A dx without data is not
// computed: nothing needs that of a first layer. Backward panics if the shapes do
// not fit or if rows of dx or x are not contiguous.
func (d *Dense[T]) Backward(dx, dz, x kernels.Mat[T], reg float64, input kernels.Activation) {
	d.engine.LinearBackward(dx, d.DW, d.DB.Data, dz, x, d.W, T(2*reg), input)
}
