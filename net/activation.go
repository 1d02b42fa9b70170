package net

import "github.com/lanes-ml/lanes/kernels"

// activation is a layer that maps x to a(x), and that no layer before has taken over.
type activation[T kernels.Float] struct {
	act     kernels.Activation
	inPlace bool           // in inference, and in training if the outputs tell the slope
	y       slot           // unless in place
	known   kernels.Mat[T] // of the last batch in training, what tells the slope
	engine  *kernels.Engine[T]
}

// slopeOfOutput reports whether the outputs of a tell its slope as its inputs do.
func slopeOfOutput(a kernels.Activation) bool { return a == kernels.ReLU || a == kernels.LeakyReLU }

func (b *builder[T]) newActivation(act kernels.Activation, in int) *activation[T] {
	a := &activation[T]{engine: b.engine, act: act, inPlace: !b.taken}
	if !a.inPlace || !slopeOfOutput(act) {
		a.y = b.output(in)
	}
	return a
}

func (a *activation[T]) forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	y := x
	if a.known = x; !a.inPlace || !slopeOfOutput(a.act) {
		y = p.value(a.y, x.Rows)
	}
	a.engine.Activate(y.Data, x.Data, a.act)
	return y
}

// backward computes dx ← dy ⊙ a'(x), in place.
func (a *activation[T]) backward(dy kernels.Mat[T], _ *pass[T]) kernels.Mat[T] {
	a.engine.ActivateBackward(dy.Data, dy.Data, a.known.Data, a.act)
	return dy
}

func (a *activation[T]) infer(x kernels.Mat[T], w *workspace[T]) kernels.Mat[T] {
	y := x
	if !a.inPlace {
		y = w.value(a.y, x.Rows)
	}
	a.engine.Activate(y.Data, x.Data, a.act)
	return y
}
