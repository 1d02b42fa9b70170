package net

import (
	"fmt"
	"sync"

	"github.com/lanes-ml/lanes/kernels"
)

// Predictor computes the logits of a network as it was when [Network.Predictor]
// copied it. Any number of goroutines may use it at the same time, even
// while the network is trained further.
type Predictor[T kernels.Float] struct {
	architecture Architecture
	layers       *stack[T]
	workspaces   sync.Pool // of *workspace[T], for one caller
}

// Predictor returns a predictor with a copy of the network's parameters and buffers.
func (n *Network[T]) Predictor() *Predictor[T] {
	b := &builder[T]{engine: n.engine, mode: inference}
	p := &Predictor[T]{architecture: n.architecture, layers: b.network(n.architecture)}
	for i, param := range b.params {
		copy(param.Value.Data, n.params[i].Value.Data)
	}
	for i, buffer := range b.buffers {
		copy(buffer.Value.Data, n.buffers[i].Value.Data)
	}
	p.workspaces.New = func() any { return newWorkspace[T](b.shape) }
	return p
}

// Inputs returns the number of columns of an input.
func (p *Predictor[T]) Inputs() int { return p.architecture.Inputs }

// Classes returns the number of columns of the logits.
func (p *Predictor[T]) Classes() int { return p.architecture.Outputs() }

// Logits sets z, N×classes, to the logits of the rows of x, N×inputs, with the bits of
// [Network.Logits]. It does not allocate in steady state. It panics if the shapes do
// not fit or the rows of z are not contiguous.
func (p *Predictor[T]) Logits(z, x kernels.Mat[T]) {
	if z.Rows != x.Rows || z.Cols != p.Classes() || x.Cols != p.Inputs() {
		panic(fmt.Sprintf("net: Predictor.Logits: z is %d×%d and x is %d×%d, the network has %d inputs and %d classes",
			z.Rows, z.Cols, x.Rows, x.Cols, p.Inputs(), p.Classes()))
	}
	w := p.workspaces.Get().(*workspace[T])
	defer p.workspaces.Put(w)
	logits := p.layers.infer(x, w)
	for i := range z.Rows {
		copy(z.Row(i), logits.Row(i))
	}
}
