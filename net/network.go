package net

import (
	"fmt"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
)

// Network is a stack of dense layers, with ReLU after all but the last. It keeps
// buffers for the largest batch that it has seen, so that its methods do not
// allocate in steady state. It is not safe for concurrent use: goroutines share a
// [Predictor] of it.
type Network[T kernels.Float] struct {
	engine *kernels.Engine[T]
	layers []*dense[T]
	params []Param[T]
	// For the current batch: the output of each layer, and the gradient of the loss
	// with respect to its x·W + b.
	outputs, deltas []kernels.Mat[T]
}

// Param is a parameter of a network and its gradient, which have the same shape. The
// data of both is contiguous and row-major.
type Param[T kernels.Float] struct {
	Name        string // W1, b1, W2, b2, …
	Value, Grad kernels.Mat[T]
	Weight      bool // a weight, which is initialised at random and regularised, not a bias
	layer       int  // from 0
}

// Loss is the loss of a batch, by its terms.
type Loss struct {
	Data float64 // that of [Truth], such as 1/N Σ_i -log ψ(z)[i,y_i]
	Reg  float64 // λ Σ_l ‖W_l‖²
}

// Total returns the sum of the terms.
func (l Loss) Total() float64 { return l.Data + l.Reg }

// New returns a network with all parameters zero. Sizes are the columns of the
// input, of each hidden layer and of the logits: 3072, 75, 10 has one hidden
// layer of 75. It panics if there are fewer than two sizes, or if one is below 1.
func New[T kernels.Float](engine *kernels.Engine[T], sizes ...int) *Network[T] {
	if len(sizes) < 2 {
		panic(fmt.Sprintf("net: New: sizes %v, want at least an input and an output", sizes))
	}
	if slices.Min(sizes) < 1 {
		panic(fmt.Sprintf("net: New: sizes %v, want each at least 1", sizes))
	}
	n := &Network[T]{engine: engine}
	for i, out := range sizes[1:] {
		d := newDense(engine, sizes[i], out, i+2 < len(sizes))
		n.layers = append(n.layers, d)
		n.params = append(n.params,
			Param[T]{Name: fmt.Sprintf("W%d", i+1), Value: d.w, Grad: d.dw, Weight: true, layer: i},
			Param[T]{Name: fmt.Sprintf("b%d", i+1), Value: d.b, Grad: d.db, layer: i})
		n.outputs = append(n.outputs, kernels.NewMat[T](0, out, nil))
		n.deltas = append(n.deltas, kernels.NewMat[T](0, out, nil))
	}
	return n
}

// Params returns the parameters in the order W1, b1, W2, b2, …. They are the
// network's own, not copies. The slice must not be changed.
func (n *Network[T]) Params() []Param[T] { return n.params }

// Sizes returns the sizes that [New] was given.
func (n *Network[T]) Sizes() Sizes {
	sizes := Sizes{n.layers[0].w.Rows}
	for _, d := range n.layers {
		sizes = append(sizes, d.w.Cols)
	}
	return sizes
}

// NumParams returns the number of elements in all parameters.
func (n *Network[T]) NumParams() int { return int(n.Sizes().Params()) }

// Logits returns the last z for the rows of x, N×classes. The bits of a row's
// logits do not depend on the other rows. The matrix is valid until the next call on
// the network. Logits panics unless x.Cols is the number of inputs.
func (n *Network[T]) Logits(x kernels.Mat[T]) kernels.Mat[T] {
	if in := n.layers[0].w.Rows; x.Cols != in {
		panic(fmt.Sprintf("net: Logits: x is %d×%d, the network has %d inputs", x.Rows, x.Cols, in))
	}
	for l, d := range n.layers {
		y := resize(&n.outputs[l], x.Rows)
		d.forward(y, x)
		x = y
	}
	return x
}

// Output returns the logits that [Network.Logits], [Network.Loss] or
// [Network.Gradients] computed last. They are valid until the next call of these.
func (n *Network[T]) Output() kernels.Mat[T] { return n.outputs[len(n.outputs)-1] }

// Loss returns the loss of x, N×in, with its N labels; λ is reg. The data term of no
// rows is 0. The gradients of the parameters stay as they are. Loss panics if the
// shapes do not fit, or if a label is negative or not below the number of classes.
func (n *Network[T]) Loss(x kernels.Mat[T], labels []int32, reg float64) Loss {
	return n.LossOf(x, Truth[T]{Labels: labels}, reg)
}

// LossOf is [Network.Loss] for any truth about x.
func (n *Network[T]) LossOf(x kernels.Mat[T], truth Truth[T], reg float64) Loss {
	z := n.Logits(x)
	loss := Loss{Data: truth.loss(n.engine, resize(&n.deltas[len(n.deltas)-1], z.Rows), z)}
	for _, d := range n.layers {
		loss.Reg += float64(reg * float64(n.engine.SumSquares(d.w.Data)))
	}
	return loss
}

// Gradients returns [Network.Loss] and stores its gradient in the parameters.
// It starts from the gradient with respect to the logits z,
//
//	δ = 1/N (ψ(z) - Δ),   Δ[i,j] = 1 where j = y_i, else 0
//
// and takes it back through the layers, the last first:
//
//	∂W_l ← a_(l-1)ᵀ·δ_l + 2λW_l,   ∂b_l ← Σ_i δ_l[i,·],   δ_(l-1) ← (δ_l·W_lᵀ) ⊙ [a_(l-1) > 0]
func (n *Network[T]) Gradients(x kernels.Mat[T], labels []int32, reg float64) Loss {
	return n.GradientsOf(x, Truth[T]{Labels: labels}, reg)
}

// GradientsOf is [Network.Gradients] for any truth about x.
func (n *Network[T]) GradientsOf(x kernels.Mat[T], truth Truth[T], reg float64) Loss {
	loss := n.LossOf(x, truth, reg)
	n.backward(x, reg, 0)
	return loss
}

// Step takes a step of the optimiser along the gradient of the loss that [Network.Loss]
// returned last, for the same x and λ. The parameters get the bits that
// [Network.Gradients] and o.Step give them. If a step is plain, each layer takes it while
// its gradient is computed, which is then not stored: Grad is not specified.
func (n *Network[T]) Step(x kernels.Mat[T], reg float64, o Optimizer[T]) {
	rate, plain := o.Plain()
	n.backward(x, reg, rate)
	if !plain {
		o.Step(n.params)
	}
}

// backward takes the gradient that Loss stored back through the layers. If rate is not 0,
// the parameters take a step of gradient descent at that rate.
func (n *Network[T]) backward(x kernels.Mat[T], reg, rate float64) {
	for l := len(n.layers) - 1; l > 0; l-- {
		dx := resize(&n.deltas[l-1], x.Rows)
		n.layers[l].backward(dx, n.deltas[l], n.outputs[l-1], reg, rate, kernels.ReLU)
	}
	n.layers[0].backward(kernels.Mat[T]{}, n.deltas[0], x, reg, rate, kernels.Identity)
}

// resize gives m that many rows, whose values are arbitrary, and returns it.
func resize[T kernels.Float](m *kernels.Mat[T], rows int) kernels.Mat[T] {
	size := rows * m.Cols
	if cap(m.Data) < size {
		m.Data = make([]T, size)
	}
	m.Data, m.Rows = m.Data[:size], rows
	return *m
}
