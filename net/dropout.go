package net

import "github.com/lanes-ml/lanes/kernels"

// dropout is a layer that computes y = x⊙r/(1-rate) in training, where r is 0 with probability
// rate, else 1. It draws r again on the way back.
type dropout[T kernels.Float] struct {
	rate    float64
	number  uint64 // among the layers of dropout
	inPlace bool
	y       slot // unless in place
	engine  *kernels.Engine[T]
}

func (b *builder[T]) newDropout(rate float64, in int) *dropout[T] {
	d := &dropout[T]{engine: b.engine, rate: rate, number: uint64(b.drops), inPlace: !b.taken}
	if !d.inPlace {
		d.y = b.output(in)
	}
	b.drops++
	return d
}

func (d *dropout[T]) forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	y := x
	if !d.inPlace {
		y = p.value(d.y, x.Rows)
	}
	d.engine.Dropout(y.Data, x.Data, d.rate, d.stream(p))
	return y
}

// backward computes dx ← dy⊙r/(1-rate), in place.
func (d *dropout[T]) backward(dy kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	d.engine.Dropout(dy.Data, dy.Data, d.rate, d.stream(p))
	return dy
}

func (d *dropout[T]) stream(p *pass[T]) uint64 { return kernels.Stream(p.seed, p.step, d.number) }

func (d *dropout[T]) infer(x kernels.Mat[T], _ *workspace[T]) kernels.Mat[T] { return x }
