package net

import (
	"fmt"
	"math"

	"github.com/lanes-ml/lanes/kernels"
)

// NormEpsilon is ε of [BatchNorm] and [LayerNorm], PyTorch's default.
const NormEpsilon = 1e-5

// normMomentum is how far running statistics move in a step, as is PyTorch's default.
const normMomentum = 0.1

// batchNorm is a layer that computes y = act(γ⊙x̂ + β), x̂ = (x-μ)⊙inv, inv = 1/√(v+ε) by
// columns, where act is an activation whose outputs tell its slope, or the identity.
type batchNorm[T kernels.Float] struct {
	gamma, beta    Param[T]
	mean, variance Param[T] // running
	act            kernels.Activation
	inPlace        bool // in inference
	first          bool // dx is not needed
	y              slot
	mu, v, inv     int // vectors of the batch: μ, v and inv
	scale, shift   int
	x              kernels.Mat[T] // of the last batch in training
	engine         *kernels.Engine[T]
}

func (b *builder[T]) newBatchNorm(in int) *batchNorm[T] {
	n := &batchNorm[T]{engine: b.engine, inPlace: !b.taken, first: !b.trained}
	n.y = b.output(in)
	n.gamma, n.beta = b.scaleAndShift(in)
	n.mean = b.buffer(Param[T]{Name: fmt.Sprint("mean", b.scales), tensor: "running_mean"}, in)
	n.variance = b.buffer(Param[T]{Name: fmt.Sprint("variance", b.scales), tensor: "running_var", start: 1}, in)
	n.mu, n.v, n.inv, n.scale, n.shift = b.vector(in), b.vector(in), b.vector(in), b.vector(in), b.vector(in)
	b.endLayer()
	b.norms = append(b.norms, n)
	return n
}

// scaleAndShift adds γ and β of a normalisation.
func (b *builder[T]) scaleAndShift(in int) (gamma, beta Param[T]) {
	b.scales++
	gamma = b.param(Param[T]{Name: fmt.Sprint("gamma", b.scales), tensor: "weight", start: 1}, 1, in)
	beta = b.param(Param[T]{Name: fmt.Sprint("beta", b.scales), tensor: "bias"}, 1, in)
	return gamma, beta
}

// fuse takes over an activation that follows the layer.
func (n *batchNorm[T]) fuse(a kernels.Activation) bool {
	fits := slopeOfOutput(a) && n.act == kernels.Identity
	if fits {
		n.act = a
	}
	return fits
}

// forward computes y with the statistics of the batch,
//
//	μ[j] = 1/N Σ_i x[i,j],   v[j] = 1/N Σ_i (x[i,j] - μ[j])²
func (n *batchNorm[T]) forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	n.x = x
	y := p.value(n.y, x.Rows)
	if x.Rows > 0 {
		n.engine.ColumnMoments(p.vectors[n.mu], p.vectors[n.v], x)
		n.normalize(y, x, p.vectors[n.mu], p.vectors[n.v], p.workspace)
	}
	return y
}

// normalize computes y for a mean and a variance. It is a scale and a shift:
//
//	γ⊙(x-μ)⊙inv + β = x⊙scale + shift,   scale = γ⊙inv, shift = β - μ⊙scale
func (n *batchNorm[T]) normalize(y, x kernels.Mat[T], mean, variance []T, w *workspace[T]) {
	inv, scale, shift := w.vectors[n.inv], w.vectors[n.scale], w.vectors[n.shift]
	gamma, beta := n.gamma.Value.Data, n.beta.Value.Data
	for j, v := range variance {
		inv[j] = T(1 / math.Sqrt(float64(v)+NormEpsilon))
		scale[j] = gamma[j] * inv[j]
		shift[j] = beta[j] - T(mean[j]*scale[j])
	}
	n.engine.ScaleShift(y, x, scale, shift, n.act)
}

// backward computes, after the way back through act,
//
//	dβ[j]   ← Σ_i dy[i,j]
//	dγ[j]   ← Σ_i dy[i,j]·x̂[i,j]
//	dx[i,j] ← γ[j]·inv[j]·(dy[i,j] - dβ[j]/N - x̂[i,j]·dγ[j]/N), in place
func (n *batchNorm[T]) backward(dy kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	dgamma, dbeta := n.gamma.Grad.Data, n.beta.Grad.Data
	if dy.Rows == 0 {
		clear(dgamma)
		clear(dbeta)
		return dy
	}
	if n.act != kernels.Identity {
		n.engine.ActivateBackward(dy.Data, dy.Data, p.value(n.y, dy.Rows).Data, n.act)
	}
	dx := dy
	if n.first {
		dx = kernels.Mat[T]{}
	}
	n.engine.BatchNormBackward(dx, dgamma, dbeta, dy, n.x, p.vectors[n.mu], p.vectors[n.inv], n.gamma.Value.Data)
	p.descend(n.engine, n.gamma, n.beta)
	return dx
}

// descend takes a step along the gradients of params, if the layers are to take it.
func (p *pass[T]) descend(engine *kernels.Engine[T], params ...Param[T]) {
	if p.rate == 0 {
		return
	}
	for _, param := range params {
		engine.Axpy(kernels.NewVec(param.Value.Data), T(-p.rate), kernels.NewVec(param.Grad.Data))
	}
}

// advance moves the running statistics r towards those of the last batch, s:
//
//	r ← (1-m)·r + m·s, where the variance is N/(N-1)·v, and v if N is 1
func (n *batchNorm[T]) advance(w *workspace[T]) {
	rows := float64(n.x.Rows)
	if rows == 0 {
		return
	}
	unbiased := rows / max(1, rows-1)
	move := func(r T, s float64) T { return T(float64((1-normMomentum)*float64(r)) + float64(normMomentum*s)) }
	for j, mu := range w.vectors[n.mu] {
		mean, variance := &n.mean.Value.Data[j], &n.variance.Value.Data[j]
		*mean = move(*mean, float64(mu))
		*variance = move(*variance, unbiased*float64(w.vectors[n.v][j]))
	}
}

// infer computes y with the running statistics.
func (n *batchNorm[T]) infer(x kernels.Mat[T], w *workspace[T]) kernels.Mat[T] {
	y := x
	if !n.inPlace {
		y = w.value(n.y, x.Rows)
	}
	n.normalize(y, x, n.mean.Value.Data, n.variance.Value.Data, w)
	return y
}
