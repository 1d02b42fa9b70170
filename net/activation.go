package net

import "github.com/lanes-ml/lanes/kernels"

// activation is a layer that no layer before has taken over.
type activation[T kernels.Float] struct {
	inPlace bool
	y       slot // unless in place
	out     kernels.Mat[T]
	engine  *kernels.Engine[T]
}

func (b *builder[T]) newActivation(_ Activation, in int) *activation[T] {
	a := &activation[T]{engine: b.engine, inPlace: !b.taken}
	if !a.inPlace {
		a.y = b.output(in)
	}
	return a
}

func (a *activation[T]) forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	a.out = a.infer(x, p.workspace)
	return a.out
}

// backward computes dx ← dy ⊙ [y > 0], in place.
func (a *activation[T]) backward(dy kernels.Mat[T], _ *pass[T]) kernels.Mat[T] {
	a.engine.ReLUBackward(dy.Data, dy.Data, a.out.Data)
	return dy
}

func (a *activation[T]) infer(x kernels.Mat[T], w *workspace[T]) kernels.Mat[T] {
	y := x
	if !a.inPlace {
		y = w.value(a.y, x.Rows)
	}
	a.engine.ReLU(y.Data, x.Data)
	return y
}
