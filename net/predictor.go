package net

import (
	"fmt"
	"sync"

	"github.com/lanes-ml/lanes/kernels"
)

// Predictor computes the logits of a network as it was when [Network.Predictor]
// copied its parameters. Any number of goroutines may use it at the same time, even
// while the network is trained further.
type Predictor[T kernels.Float] struct {
	layers []*dense[T]
	hidden sync.Pool // of *[]kernels.Mat[T]: the outputs of the hidden layers, for one caller
}

// Predictor returns a predictor with a copy of the network's parameters.
func (n *Network[T]) Predictor() *Predictor[T] {
	p := new(Predictor[T])
	for _, d := range n.layers {
		p.layers = append(p.layers, &dense[T]{w: clone(d.w), b: clone(d.b), relu: d.relu, engine: d.engine})
	}
	p.hidden.New = func() any {
		var hidden []kernels.Mat[T]
		for _, d := range p.layers[1:] {
			hidden = append(hidden, kernels.NewMat[T](0, d.w.Rows, nil))
		}
		return &hidden
	}
	return p
}

// Inputs returns the number of columns of an input.
func (p *Predictor[T]) Inputs() int { return p.layers[0].w.Rows }

// Classes returns the number of columns of the logits.
func (p *Predictor[T]) Classes() int { return p.layers[len(p.layers)-1].w.Cols }

// Logits sets z, N×classes, to the logits of the rows of x, N×inputs, with the bits of
// [Network.Logits]. It does not allocate in steady state. It panics if the shapes do
// not fit or the rows of z are not contiguous.
func (p *Predictor[T]) Logits(z, x kernels.Mat[T]) {
	if z.Rows != x.Rows || z.Cols != p.Classes() || x.Cols != p.Inputs() {
		panic(fmt.Sprintf("net: Predictor.Logits: z is %d×%d and x is %d×%d, the network has %d inputs and %d classes",
			z.Rows, z.Cols, x.Rows, x.Cols, p.Inputs(), p.Classes()))
	}
	hidden := p.hidden.Get().(*[]kernels.Mat[T])
	defer p.hidden.Put(hidden)
	for l := range *hidden {
		y := resize(&(*hidden)[l], x.Rows)
		p.layers[l].forward(y, x)
		x = y
	}
	p.layers[len(*hidden)].forward(z, x)
}

// clone returns a copy of m, which must be contiguous.
func clone[T kernels.Float](m kernels.Mat[T]) kernels.Mat[T] {
	return kernels.NewMat(m.Rows, m.Cols, append([]T(nil), m.Data...))
}
