package net

import "github.com/lanes-ml/lanes/kernels"

// residual is a layer that maps x to x + f(x).
type residual[T kernels.Float] struct {
	f      *stack[T]
	y, dy  slot
	first  bool // dx is not needed
	engine *kernels.Engine[T]
}

func (b *builder[T]) newResidual(list []Layer, in int) *residual[T] {
	r := &residual[T]{engine: b.engine, first: !b.trained, dy: b.gradient(in)}
	b.taken = true
	r.f = b.stack(list, in)
	r.y = b.output(in)
	return r
}

func (r *residual[T]) forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	return r.sum(x, r.f.forward(x, p), p.workspace)
}

// backward computes dx ← dy + (∂f/∂x)ᵀ·dy. It keeps a copy of dy, which f may overwrite.
func (r *residual[T]) backward(dy kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	through := p.delta(r.dy, dy.Rows)
	copy(through.Data, dy.Data)
	dx := r.f.backward(through, p)
	if !r.first {
		r.engine.Add(dx.Data, dx.Data, dy.Data)
	}
	return dx
}

func (r *residual[T]) infer(x kernels.Mat[T], w *workspace[T]) kernels.Mat[T] {
	return r.sum(x, r.f.infer(x, w), w)
}

// sum returns x + fx.
func (r *residual[T]) sum(x, fx kernels.Mat[T], w *workspace[T]) kernels.Mat[T] {
	y := w.value(r.y, x.Rows)
	r.engine.Add(y.Data, x.Data, fx.Data)
	return y
}
