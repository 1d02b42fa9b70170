package net

import "github.com/lanes-ml/lanes/kernels"

// dense is a layer that maps N rows x of in elements to y = act(x·W + b), N×out,
// where act is max(·, 0) if relu is set and the identity otherwise. W is in×out and
// b is 1×out; dw and db, of the same shapes, are the gradients of the loss. Their
// data is contiguous.
type dense[T kernels.Float] struct {
	w, b, dw, db kernels.Mat[T]
	relu         bool

	engine *kernels.Engine[T]
}

// newDense returns a layer with all parameters zero.
func newDense[T kernels.Float](engine *kernels.Engine[T], in, out int, relu bool) *dense[T] {
	return &dense[T]{
		w:      kernels.NewMat[T](in, out, nil),
		b:      kernels.NewMat[T](1, out, nil),
		dw:     kernels.NewMat[T](in, out, nil),
		db:     kernels.NewMat[T](1, out, nil),
		relu:   relu,
		engine: engine,
	}
}

// forward computes y ← act(x·W + b), (N×in)·(in×out) + (1×out), with the bias added
// to each row. It panics if the shapes do not fit or the rows of y are not
// contiguous.
func (d *dense[T]) forward(y, x kernels.Mat[T]) {
	act := kernels.Identity
	if d.relu {
		act = kernels.ReLU
	}
	d.engine.Linear(y, x, d.w, d.b.Data, act)
}

// backward takes the gradient dz of the loss with respect to z = x·W + b, N×out,
// and the x that forward was given:
//
//	dw ← xᵀ·dz + 2λW           (in×N)·(N×out)
//	db ← Σ_i dz[i,·]
//	dx ← dz·Wᵀ, or (dz·Wᵀ) ⊙ [x > 0] if input is [kernels.ReLU]
//
// λ is reg, and input is the activation that made x: after a ReLU, dx is the
// gradient with respect to the z of the layer before. A dx without data is not
// computed: nothing needs that of the first layer. backward panics if the shapes do
// not fit or if rows of dx or x are not contiguous.
//
// If rate is not 0, w ← w - rate·dw and b ← b - rate·db follow, and dw is not specified.
func (d *dense[T]) backward(dx, dz, x kernels.Mat[T], reg, rate float64, input kernels.Activation) {
	if rate == 0 {
		d.engine.LinearBackward(dx, d.dw, d.db.Data, dz, x, d.w, T(2*reg), input)
		return
	}
	d.engine.LinearStep(dx, d.dw, d.db.Data, dz, x, d.w, d.b.Data, T(2*reg), T(rate), input)
}
