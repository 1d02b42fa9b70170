package net

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// dense is a layer that maps N rows x of in elements to y = act(x·W + b), N×out,
// where act is max(·, 0) or the identity. W is in×out and b is 1×out.
type dense[T kernels.Float] struct {
	weight, bias Param[T]
	act          kernels.Activation // of this layer: the identity, or what follows as a layer of its own
	input        kernels.Activation // of the layer before, if that is dense too
	masked       bool               // the layer after is dense, and takes gradients back through act
	y, dx        slot
	first        bool // dx is not needed
	x            kernels.Mat[T]
	engine       *kernels.Engine[T]
}

func (b *builder[T]) newDense(in, out int) *dense[T] {
	d := &dense[T]{engine: b.engine, first: !b.trained, y: b.output(out)}
	number := len(b.dense) + 1
	d.weight = b.param(Param[T]{Name: fmt.Sprint("W", number), tensor: "weight", Weight: true}, in, out)
	d.bias = b.param(Param[T]{Name: fmt.Sprint("b", number), tensor: "bias"}, 1, out)
	product := 2 * float64(in) * float64(out)
	b.costs.forward += product  // exact
	b.costs.step += 2 * product // exact
	if !d.first {
		d.dx = b.gradient(in)
		b.costs.step += product // exact
	}
	b.endLayer()
	b.dense = append(b.dense, d)
	return d
}

// fuse takes over an activation that follows the layer, if the product can apply it.
func (d *dense[T]) fuse(a kernels.Activation) bool {
	fits := a == kernels.ReLU && d.act == kernels.Identity
	if fits {
		d.act = kernels.ReLU
	}
	return fits
}

// follow takes over the way back through the activation of the layer before, which is nil
// unless it is dense.
func (d *dense[T]) follow(before *dense[T]) {
	if before != nil && before.act == kernels.ReLU {
		before.masked, d.input = true, kernels.ReLU
	}
}

// forward computes y ← act(x·W + b), (N×in)·(in×out) + (1×out), with the bias added
// to each row.
func (d *dense[T]) forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	d.x = x
	return d.infer(x, p.workspace)
}

// backward takes the gradient dy of the loss with respect to y, or with respect to
// z = x·W + b if the layer is masked:
//
//	dz ← dy ⊙ [y > 0] if act is ReLU
//	dW ← xᵀ·dz + 2λW           (in×N)·(N×out)
//	db ← Σ_i dz[i,·]
//	dx ← dz·Wᵀ, or (dz·Wᵀ) ⊙ [x > 0] if input is ReLU
//
// If the rate is not 0, a step along dW and db follows, and dW is not specified.
func (d *dense[T]) backward(dy kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	if d.act == kernels.ReLU && !d.masked {
		d.engine.ReLUBackward(dy.Data, dy.Data, p.value(d.y, dy.Rows).Data)
	}
	var dx kernels.Mat[T]
	if !d.first {
		dx = p.delta(d.dx, dy.Rows)
	}
	w, b := d.weight, d.bias
	if p.rate == 0 {
		d.engine.LinearBackward(dx, w.Grad, b.Grad.Data, dy, d.x, w.Value, T(2*p.reg), d.input)
	} else {
		d.engine.LinearStep(dx, w.Grad, b.Grad.Data, dy, d.x, w.Value, b.Value.Data, T(2*p.reg), T(p.rate), d.input)
	}
	return dx
}

func (d *dense[T]) infer(x kernels.Mat[T], w *workspace[T]) kernels.Mat[T] {
	y := w.value(d.y, x.Rows)
	d.engine.Linear(y, x, d.weight.Value, d.bias.Value.Data, d.act)
	return y
}
