package net

import "github.com/lanes-ml/lanes/kernels"

// layer is a layer of a network, made of its description by a [builder].
type layer[T kernels.Float] interface {
	// forward returns the outputs for x in training. Both are to stay until backward, but a
	// layer after it may overwrite the outputs.
	forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T]
	// backward takes the gradient of the loss with respect to the outputs of the last
	// forward, which it may overwrite, and returns that with respect to x. It sets the
	// gradients of the layer's parameters, or takes a step along them.
	backward(dy kernels.Mat[T], p *pass[T]) kernels.Mat[T]
	// infer returns the outputs for x once training is over.
	infer(x kernels.Mat[T], w *workspace[T]) kernels.Mat[T]
}

// pass is what layers are given on the way through a batch in training.
type pass[T kernels.Float] struct {
	*workspace[T]
	reg  float64 // λ
	rate float64 // if not 0, w ← w - rate·∂w follows for every parameter w
}

// builder makes layers of descriptions, and counts what they cost.
type builder[T kernels.Float] struct {
	engine *kernels.Engine[T]
	mode   mode

	params []Param[T]
	dense  []*dense[T]
	shape  workspaceShape
	costs  costs

	layers  int  // with parameters, so far
	trained bool // one of them is before the layer that is made, which therefore gives it a gradient
	taken   bool // the layer's input is needed elsewhere, so that it may not be overwritten
}

// mode is what a builder makes layers for.
type mode int

const (
	training  mode = iota
	inference      // without gradients
	counting       // nothing is allocated
)

// stack is a list of layers. The gradients of those before first are not needed: they have
// no parameters, nor has any layer before them.
type stack[T kernels.Float] struct {
	layers []layer[T]
	first  int
}

// network makes the layers of a network, whose callers may give inputs of any strides.
func (b *builder[T]) network(a Architecture) *stack[T] {
	list := flat(a.Layers)
	if len(list) > 0 {
		if _, ok := list[0].(Dense); !ok {
			list = append([]Layer{contiguous{}}, list...)
		}
	}
	return b.stack(list, a.Inputs)
}

// stack makes the layers of a list, whose input has in columns.
func (b *builder[T]) stack(list []Layer, in int) *stack[T] {
	s := new(stack[T])
	var before *dense[T] // the layer before the one that is made, if it is dense
	for _, l := range flat(list) {
		var made layer[T]
		var here *dense[T]
		switch l := l.(type) {
		case Dense:
			here = b.newDense(in, l.Units)
			here.follow(before)
			made, in = here, l.Units
		case Activation:
			if before != nil && before.fuse(l) {
				continue
			}
			made = b.newActivation(l, in)
		case Residual:
			made = b.newResidual(l, in)
		case contiguous:
			made = &copying[T]{b.output(in)}
		}
		if before = here; !b.trained {
			s.first++
		}
		s.layers = append(s.layers, made)
	}
	return s
}

func (s *stack[T]) forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	for _, l := range s.layers {
		x = l.forward(x, p)
	}
	return x
}

func (s *stack[T]) backward(dy kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	for i := len(s.layers) - 1; i >= s.first; i-- {
		dy = s.layers[i].backward(dy, p)
	}
	return dy
}

func (s *stack[T]) infer(x kernels.Mat[T], w *workspace[T]) kernels.Mat[T] {
	for _, l := range s.layers {
		x = l.infer(x, w)
	}
	return x
}

// output returns a place for outputs of that many columns, which the layer after may
// overwrite.
func (b *builder[T]) output(cols int) slot {
	b.taken = false
	b.shape.values = append(b.shape.values, cols)
	return slot(len(b.shape.values) - 1)
}

// gradient returns a place for gradients of that many columns.
func (b *builder[T]) gradient(cols int) slot {
	b.shape.deltas = append(b.shape.deltas, cols)
	return slot(len(b.shape.deltas) - 1)
}

// param adds p, which has a name, as a parameter of that size.
func (b *builder[T]) param(p Param[T], rows, cols int) Param[T] {
	p.layer = b.layers
	if b.mode != counting {
		p.Value = kernels.NewMat[T](rows, cols, nil)
		fill(p.Value.Data, p.start)
	}
	if b.mode == training {
		p.Grad = kernels.NewMat[T](rows, cols, nil)
	}
	if p.Weight {
		b.costs.weights += float64(rows) * float64(cols)
	} else {
		b.costs.biases += float64(rows) * float64(cols)
	}
	b.params = append(b.params, p)
	return p
}

// endLayer tells that the layer that is made has all its parameters.
func (b *builder[T]) endLayer() {
	b.layers++
	b.trained = true
}

// fill sets all of v.
func fill[T kernels.Float](v []T, to T) {
	for i := range v {
		v[i] = to
	}
}
