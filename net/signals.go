package net

import (
	"math"

	"github.com/lanes-ml/lanes/kernels"
)

// Signals tells the size of the numbers in a network: of what a batch gives in each
// layer, of weights and of gradients. Each slice has an element for each dense layer, the
// first layer first.
type Signals struct {
	// Activations tell how much what a layer gives to the next dense one, y, differs from
	// row to row of the batch: √(1/m Σ_j var_i y[i,j]) over m units. The last one is of
	// the logits.
	Activations []float64
	// Weights are the standard deviations of the elements of W.
	Weights []float64
	// Gradients are the standard deviations of the elements of ∂L/∂W, where L is
	// the loss without regularisation.
	Gradients []float64
}

// Signals measures a batch: x, N×in, with its N labels. It overwrites the gradients of
// the parameters. It panics where [Network.Gradients] does.
func (n *Network[T]) Signals(x kernels.Mat[T], labels []int32) Signals {
	n.gradients(x, Truth[T]{Labels: labels}, 0)
	var s Signals
	for l, d := range n.dense {
		y := n.output
		if l+1 < len(n.dense) {
			y = n.dense[l+1].x
		}
		s.Activations = append(s.Activations, deviationOfRows(y))
		s.Weights = append(s.Weights, deviation(d.weight.Value.Data))
		s.Gradients = append(s.Gradients, deviation(d.weight.Grad.Data))
	}
	return s
}

// DeadUnits returns, for each dense layer but the first, the share of its inputs that are 0 for
// every row of x: of the layer before, those are units whose ReLU never passes anything.
func (n *Network[T]) DeadUnits(x kernels.Mat[T]) []float64 {
	n.checkInput(x)
	n.ready = false
	n.output = n.layers.forward(x, &n.pass)
	var shares []float64
	for _, d := range n.dense[1:] {
		dead := 0
		for j := range d.x.Cols {
			alive := false
			for i := 0; i < d.x.Rows && !alive; i++ {
				alive = d.x.Row(i)[j] != 0
			}
			if !alive {
				dead++
			}
		}
		shares = append(shares, float64(dead)/float64(d.x.Cols))
	}
	return shares
}

// deviationOfRows returns √(1/m Σ_j var_i y[i,j]).
func deviationOfRows[T kernels.Float](y kernels.Mat[T]) float64 {
	column := make([]T, y.Rows)
	var squares float64
	for j := range y.Cols {
		for i := range column {
			column[i] = y.Row(i)[j]
		}
		d := deviation(column)
		squares += float64(d * d)
	}
	return math.Sqrt(squares / float64(y.Cols))
}

// deviation returns √(1/n Σ (v - mean)²), NaN if there are no values.
func deviation[T kernels.Float](values []T) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	first := float64(values[0]) // subtracted, so that equal values give exactly 0
	var mean, squares float64
	for _, v := range values {
		mean += (float64(v) - first) / float64(len(values))
	}
	for _, v := range values {
		d := float64(v) - first - mean
		squares += float64(d * d)
	}
	return math.Sqrt(squares / float64(len(values)))
}
