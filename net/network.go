package net

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// Network is a stack of [Dense] layers, with ReLU after all but the last. It
// keeps buffers for the largest batch that it has seen, so that in steady state
// its methods do not allocate. It is not safe for concurrent use: goroutines share
// a [Predictor] of it.
type Network[T kernels.Float] struct {
	engine *kernels.Engine[T]
	layers []*Dense[T]
	params []Param[T]
	// For the current batch: what each layer gave, and the gradient of the loss
	// with respect to its x·W + b.
	outputs, deltas []kernels.Mat[T]
}

// Param is a parameter of a network and its gradient, of one shape. The data of
// both is contiguous, row by row.
type Param[T kernels.Float] struct {
	Name        string // W1, b1, W2, b2, …
	Value, Grad kernels.Mat[T]
	Weight      bool // a weight, not a bias: initialised at random, regularised
	layer       int  // from 0
}

// Loss is a loss by its terms.
type Loss struct {
	Data float64 // 1/N Σ_i -log ψ(z)[i,y_i]
	Reg  float64 // λ Σ_l ‖W_l‖²
}

// Total returns the sum of the terms.
func (l Loss) Total() float64 { return l.Data + l.Reg }

// New returns a network with all parameters zero. Sizes are the columns of the
// input, of each hidden layer and of the logits: 3072, 75, 10 has one hidden
// layer of 75. It panics if there are fewer than two sizes or one is below 1.
func New[T kernels.Float](engine *kernels.Engine[T], sizes ...int) *Network[T] {
	if len(sizes) < 2 {
		panic(fmt.Sprintf("net: New: sizes %v, want at least an input and an output", sizes))
	}
	n := &Network[T]{engine: engine}
	for i, out := range sizes[1:] {
		d := NewDense(engine, sizes[i], out, i+2 < len(sizes))
		n.layers = append(n.layers, d)
		n.params = append(n.params,
			Param[T]{Name: fmt.Sprintf("W%d", i+1), Value: d.W, Grad: d.DW, Weight: true, layer: i},
			Param[T]{Name: fmt.Sprintf("b%d", i+1), Value: d.B, Grad: d.DB, layer: i})
		n.outputs = append(n.outputs, kernels.NewMat[T](0, out, nil))
		n.deltas = append(n.deltas, kernels.NewMat[T](0, out, nil))
	}
	return n
}

// Params returns the parameters in the order W1, b1, W2, b2, …. They are those
// of the network, not copies; the slice must not be changed.
func (n *Network[T]) Params() []Param[T] { return n.params }

// Sizes returns the sizes that the network was made of.
func (n *Network[T]) Sizes() Sizes {
	sizes := Sizes{n.layers[0].W.Rows}
	for _, d := range n.layers {
		sizes = append(sizes, d.W.Cols)
	}
	return sizes
}

// NumParams returns the number of elements of all parameters.
func (n *Network[T]) NumParams() int { return int(n.Sizes().Params()) }

// Logits returns the last z for the rows of x, N×classes. A row's logits have
// the same bits whatever the other rows. They are valid until the next call on
// the network. It panics if x has not one column for each input.
func (n *Network[T]) Logits(x kernels.Mat[T]) kernels.Mat[T] {
	if in := n.layers[0].W.Rows; x.Cols != in {
		panic(fmt.Sprintf("net: Logits: x is %d×%d, the network has %d inputs", x.Rows, x.Cols, in))
	}
	for l, d := range n.layers {
		y := resize(&n.outputs[l], x.Rows)
		d.Forward(y, x)
		x = y
	}
	return x
}

// Output returns the logits of the last batch that [Network.Logits],
// [Network.Loss] or [Network.Gradients] saw, valid until the next of them.
func (n *Network[T]) Output() kernels.Mat[T] { return n.outputs[len(n.outputs)-1] }

// Loss returns the loss of x, N×in, with its N labels; λ is reg. The data term
// of no rows is 0. It leaves gradients as they are. It panics if the shapes do
// not fit or a label is not below the number of classes.
func (n *Network[T]) Loss(x kernels.Mat[T], labels []int32, reg float64) Loss {
	logits := n.Logits(x)
	last := resize(&n.deltas[len(n.deltas)-1], logits.Rows)
	loss := Loss{Data: float64(n.engine.SoftmaxCrossEntropy(last, logits, labels))}
	for _, d := range n.layers {
		loss.Reg += reg * float64(n.engine.SumSquares(d.W.Data))
	}
	return loss
}

// Gradients returns [Network.Loss] and stores its gradient in the parameters.
// It starts from the gradient with respect to the logits z,
//
//	δ = 1/N (ψ(z) - Δ),   Δ[i,j] = 1 where j = y_i, else 0
//
// and takes it back through each layer by [Dense.Backward].
func (n *Network[T]) Gradients(x kernels.Mat[T], labels []int32, reg float64) Loss {
	loss := n.Loss(x, labels, reg)
	for l := len(n.layers) - 1; l > 0; l-- {
		dx := resize(&n.deltas[l-1], x.Rows)
		n.layers[l].Backward(dx, n.deltas[l], n.outputs[l-1], reg, kernels.ReLU)
	}
	n.layers[0].Backward(kernels.Mat[T]{}, n.deltas[0], x, reg, kernels.Identity)
	return loss
}

// resize gives m that many rows, of any value, and returns it.
func resize[T kernels.Float](m *kernels.Mat[T], rows int) kernels.Mat[T] {
	size := rows * m.Cols
	if cap(m.Data) < size {
		m.Data = make([]T, size)
	}
	m.Data, m.Rows = m.Data[:size], rows
	return *m
}
