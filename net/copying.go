package net

import "github.com/lanes-ml/lanes/kernels"

// contiguous describes a layer that is before a first one that is not dense: what works
// element by element takes contiguous rows, and may overwrite them.
type contiguous struct{}

func (contiguous) outputs(in int) (int, error) { return in, nil }

// copying is a layer that copies a network's input.
type copying[T kernels.Float] struct{ y slot }

func (c *copying[T]) forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	return c.infer(x, p.workspace)
}

func (c *copying[T]) backward(dy kernels.Mat[T], _ *pass[T]) kernels.Mat[T] { return dy }

func (c *copying[T]) infer(x kernels.Mat[T], w *workspace[T]) kernels.Mat[T] {
	y := w.value(c.y, x.Rows)
	for i := range x.Rows {
		row := y.Row(i)
		if x.ColStride == 1 {
			copy(row, x.Row(i))
			continue
		}
		for j := range row {
			row[j] = x.At(i, j)
		}
	}
	return y
}
