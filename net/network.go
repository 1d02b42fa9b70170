package net

import (
	"fmt"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
)

// Network is a list of layers with a loss. It keeps buffers for the largest batch that it
// has seen, so that its methods do not allocate in steady state. It is not safe for
// concurrent use: goroutines share a [Predictor] of it.
//
// [Network.Logits], [Network.Loss] and [Network.LossOf] infer: they compute what a trained
// network says. [Network.TrainingLoss], [Network.Gradients], [Network.GradientsOf] and
// [Network.Step] train.
type Network[T kernels.Float] struct {
	architecture    Architecture
	engine          *kernels.Engine[T]
	layers          *stack[T]
	dense           []*dense[T]
	norms           []*batchNorm[T]
	params, buffers []Param[T]
	saved           []Param[T] // both

	pass   pass[T]
	delta  slot           // of the gradient with respect to the logits
	output kernels.Mat[T] // the logits of the last batch
	ready  bool           // for a step: the last batch was one in training
}

// Param is a parameter of a network and its gradient, which have the same shape. The
// data of both is contiguous and row-major.
type Param[T kernels.Float] struct {
	Name        string // W1, b1, W2, b2, … of dense layers, gamma1, beta1, … of normalisations
	Value, Grad kernels.Mat[T]
	Weight      bool // a weight, which is initialised at random and regularised, not a bias

	layer  int    // among those with parameters, from 0
	tensor string // its name in the layer, in files
	start  T      // what it is at first, and what [Network.Init] makes it unless it is a weight
}

// Loss is the loss of a batch, by its terms.
type Loss struct {
	Data float64 // that of [Truth], such as 1/N Σ_i -log ψ(z)[i,y_i]
	Reg  float64 // λ Σ_l ‖W_l‖²
}

// Total returns the sum of the terms.
func (l Loss) Total() float64 { return l.Data + l.Reg }

// New returns a network of dense layers with [ReLU] between them, with all parameters
// zero: that of [Plain]. It panics if there are fewer than two sizes, or if one is below 1.
func New[T kernels.Float](engine *kernels.Engine[T], sizes ...int) *Network[T] {
	if len(sizes) < 2 {
		panic(fmt.Sprintf("net: New: sizes %v, want at least an input and an output", sizes))
	}
	if slices.Min(sizes) < 1 {
		panic(fmt.Sprintf("net: New: sizes %v, want each at least 1", sizes))
	}
	return build(engine, Plain(sizes...))
}

// Build returns a network of these layers for inputs of that many columns, with all
// weights zero. It panics if [Architecture.Check] has an error.
func Build[T kernels.Float](engine *kernels.Engine[T], inputs int, layers ...Layer) *Network[T] {
	a := Architecture{inputs, layers}
	if err := a.Check(); err != nil {
		panic(fmt.Sprintf("net: Build: %v", err))
	}
	return build(engine, a)
}

func build[T kernels.Float](engine *kernels.Engine[T], a Architecture) *Network[T] {
	b := &builder[T]{engine: engine}
	layers := b.network(a)
	n := &Network[T]{architecture: a, engine: engine, layers: layers, dense: b.dense, norms: b.norms, params: b.params, buffers: b.buffers}
	n.saved = slices.Concat(n.params, n.buffers)
	n.delta = b.gradient(a.Outputs())
	n.pass.workspace = newWorkspace[T](b.shape)
	n.output = kernels.NewMat[T](0, a.Outputs(), nil)
	return n
}

// Params returns the parameters, layer by layer: W1, b1, W2, b2, …. They are the
// network's own, not copies. The slice must not be changed.
func (n *Network[T]) Params() []Param[T] { return n.params }

// Buffers returns what the network keeps besides parameters: the running means and variances
// of [BatchNorm], mean1, variance1, …. They have no gradients, and are the network's own.
func (n *Network[T]) Buffers() []Param[T] { return n.buffers }

// Seed sets what [Dropout] draws from, at first 0 and 0. Each [Network.GradientsOf] and
// [Network.Step] ends with the next step.
func (n *Network[T]) Seed(seed uint64, step int) {
	n.pass.seed, n.pass.step = seed, uint64(step)
}

// Architecture returns what the network was built of.
func (n *Network[T]) Architecture() Architecture { return n.architecture }

// NumParams returns the number of elements in all parameters.
func (n *Network[T]) NumParams() int { return int(n.architecture.Params()) }

// Logits returns the last z for the rows of x, N×classes. The bits of a row's
// logits do not depend on the other rows. The matrix is valid until the next call on
// the network. Logits panics unless x.Cols is the number of inputs.
func (n *Network[T]) Logits(x kernels.Mat[T]) kernels.Mat[T] {
	n.checkInput(x)
	n.ready = false
	n.pass.show(nil, x)
	n.output = n.layers.infer(x, n.pass.workspace)
	return n.output
}

func (n *Network[T]) checkInput(x kernels.Mat[T]) {
	if in := n.architecture.Inputs; x.Cols != in {
		panic(fmt.Sprintf("net: Logits: x is %d×%d, the network has %d inputs", x.Rows, x.Cols, in))
	}
}

// Output returns the logits of the last batch. They are valid until the next call on the
// network.
func (n *Network[T]) Output() kernels.Mat[T] { return n.output }

// Loss returns the loss of x, N×in, with its N labels; λ is reg. The data term of no
// rows is 0. The gradients of the parameters stay as they are. Loss panics if the
// shapes do not fit, or if a label is negative or not below the number of classes.
func (n *Network[T]) Loss(x kernels.Mat[T], labels []int32, reg float64) Loss {
	return n.LossOf(x, Truth[T]{Labels: labels}, reg)
}

// LossOf is [Network.Loss] for any truth about x.
func (n *Network[T]) LossOf(x kernels.Mat[T], truth Truth[T], reg float64) Loss {
	n.Logits(x)
	return n.loss(truth, reg)
}

// loss returns the loss of the last batch, and keeps its gradient with respect to the
// logits.
func (n *Network[T]) loss(truth Truth[T], reg float64) Loss {
	loss := Loss{Data: n.LossAt(n.output, truth)}
	for _, d := range n.dense {
		loss.Reg += float64(reg * float64(n.engine.SumSquares(d.weight.Value.Data)))
	}
	return loss
}

// LossAt returns the data term of the loss of outputs z, which need not be the network's own.
func (n *Network[T]) LossAt(z kernels.Mat[T], truth Truth[T]) float64 {
	return truth.Loss(n.engine, n.pass.delta(n.delta, z.Rows), z)
}

// TrainingLoss returns the loss of a batch as layers compute in training. [Network.Step]
// may follow. It panics where [Network.LossOf] does.
func (n *Network[T]) TrainingLoss(x kernels.Mat[T], truth Truth[T], reg float64) Loss {
	n.checkInput(x)
	n.ready = false
	n.pass.reg = reg
	n.pass.show(nil, x)
	n.output = n.layers.forward(x, &n.pass)
	loss := n.loss(truth, reg)
	n.ready = true
	return loss
}

// Gradients returns the loss of a batch as layers compute in training, and stores its
// gradient in the parameters. It starts from the gradient with respect to the logits z,
//
//	δ = 1/N (ψ(z) - Δ),   Δ[i,j] = 1 where j = y_i, else 0
//
// and takes it back through the layers, the last first. With [ReLU] between dense layers
// that is
//
//	∂W_l ← a_(l-1)ᵀ·δ_l + 2λW_l,   ∂b_l ← Σ_i δ_l[i,·],   δ_(l-1) ← (δ_l·W_lᵀ) ⊙ [a_(l-1) > 0]
func (n *Network[T]) Gradients(x kernels.Mat[T], labels []int32, reg float64) Loss {
	return n.GradientsOf(x, Truth[T]{Labels: labels}, reg)
}

// GradientsOf is [Network.Gradients] for any truth about x.
func (n *Network[T]) GradientsOf(x kernels.Mat[T], truth Truth[T], reg float64) Loss {
	loss := n.gradients(x, truth, reg)
	n.advance()
	return loss
}

// gradients is GradientsOf without the end of a step.
func (n *Network[T]) gradients(x kernels.Mat[T], truth Truth[T], reg float64) Loss {
	loss := n.TrainingLoss(x, truth, reg)
	n.backward(0)
	return loss
}

// advance ends a step: running statistics move, and dropout is to draw anew.
func (n *Network[T]) advance() {
	for _, l := range n.norms {
		l.advance(n.pass.workspace)
	}
	n.pass.step++
}

// Step takes a step of the optimiser along the gradient of the loss that
// [Network.TrainingLoss] returned last; its x must be as it was. The parameters get the
// bits that [Network.GradientsOf] and o.Step give them. If a step is plain, each layer
// takes it while its gradient is computed, which is then not stored: Grad is not
// specified. Step panics unless TrainingLoss was the last call.
func (n *Network[T]) Step(o Optimizer[T]) {
	if !n.ready {
		panic("net: Step: no TrainingLoss before it")
	}
	rate, plain := o.Plain()
	o.Mean(n.saved) // which begins as they are now
	n.backward(rate)
	n.advance()
	if !plain {
		o.Step(n.params)
		o.Follow(n.buffers)
	}
}

// backward takes the gradient of the last batch's loss back through the layers. If rate is
// not 0, the parameters take a step of gradient descent at that rate.
func (n *Network[T]) backward(rate float64) {
	n.ready = false
	n.pass.rate = rate
	n.layers.backward(n.pass.deltas[n.delta], &n.pass)
}
