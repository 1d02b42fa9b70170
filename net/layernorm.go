package net

import "github.com/lanes-ml/lanes/kernels"

// layerNorm is a layer that computes y = γ⊙x̂ + β, x̂ = (x-μ)·inv, inv = 1/√(v+ε), where μ and
// v are the mean and the variance of each row.
type layerNorm[T kernels.Float] struct {
	gamma, beta Param[T]
	inPlace     bool // in inference
	first       bool // dx is not needed
	mu, inv, y  slot
	x           kernels.Mat[T] // of the last batch in training
	engine      *kernels.Engine[T]
}

func (b *builder[T]) newLayerNorm(in int) *layerNorm[T] {
	n := &layerNorm[T]{engine: b.engine, inPlace: !b.taken, first: !b.trained}
	n.mu, n.inv, n.y = b.output(1), b.output(1), b.output(in)
	n.gamma, n.beta = b.scaleAndShift(in)
	b.endLayer()
	return n
}

func (n *layerNorm[T]) forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	n.x = x
	y := p.value(n.y, x.Rows)
	n.normalize(y, x, p.workspace)
	return y
}

func (n *layerNorm[T]) normalize(y, x kernels.Mat[T], w *workspace[T]) {
	n.engine.LayerNorm(y, w.value(n.mu, x.Rows).Data, w.value(n.inv, x.Rows).Data, x, n.gamma.Value.Data, n.beta.Value.Data, NormEpsilon)
}

// backward computes, with M columns,
//
//	dβ[j]   ← Σ_i dy[i,j]
//	dγ[j]   ← Σ_i dy[i,j]·x̂[i,j]
//	dx[i,j] ← inv[i]·(g[i,j] - 1/M Σ_k g[i,k] - x̂[i,j]·1/M Σ_k g[i,k]·x̂[i,k]),   g = dy⊙γ, in place
func (n *layerNorm[T]) backward(dy kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	dx := dy
	if n.first {
		dx = kernels.Mat[T]{}
	}
	n.engine.LayerNormBackward(dx, n.gamma.Grad.Data, n.beta.Grad.Data, dy, n.x,
		p.value(n.mu, dy.Rows).Data, p.value(n.inv, dy.Rows).Data, n.gamma.Value.Data)
	p.descend(n.engine, n.gamma, n.beta)
	return dx
}

func (n *layerNorm[T]) infer(x kernels.Mat[T], w *workspace[T]) kernels.Mat[T] {
	y := x
	if !n.inPlace {
		y = w.value(n.y, x.Rows)
	}
	n.normalize(y, x, w)
	return y
}
