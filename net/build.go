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

	seed, step uint64 // of dropout
}

// builder makes layers of descriptions, and counts what they cost.
type builder[T kernels.Float] struct {
	engine *kernels.Engine[T]
	mode   mode

	params, buffers []Param[T]
	dense           []*dense[T]
	norms           []*batchNorm[T]
	shape           workspaceShape
	costs           costs

	layers  int  // with parameters, so far
	drops   int  // layers of dropout, so far
	scales  int  // layers of normalisation, so far
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

// fuser is a layer that may take over the activation after it.
type fuser interface{ fuse(kernels.Activation) bool }

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
	var made layer[T]
	for _, l := range flat(list) {
		switch l := l.(type) {
		case Dense:
			d := b.newDense(in, l.Units)
			if before, ok := made.(*dense[T]); ok {
				d.follow(before)
			}
			made, in = d, l.Units
		case Activation:
			if before, ok := made.(fuser); ok && before.fuse(kernels.Activation(l)) {
				continue
			}
			made = b.newActivation(kernels.Activation(l), in)
		case BatchNorm:
			made = b.newBatchNorm(in)
		case LayerNorm:
			made = b.newLayerNorm(in)
		case Dropout:
			if l.Rate == 0 {
				continue
			}
			made = b.newDropout(l.Rate, in)
		case Residual:
			made = b.newResidual(l, in)
		case contiguous:
			made = &copying[T]{b.output(in)}
		}
		if !b.trained {
			s.first++
		}
		s.layers = append(s.layers, made)
	}
	return s
}

func (s *stack[T]) forward(x kernels.Mat[T], p *pass[T]) kernels.Mat[T] {
	for _, l := range s.layers {
		x = l.forward(x, p)
		p.show(l, x)
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
		w.show(l, x)
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
	p.Value = b.filled(rows, cols, p.start)
	if b.mode == training {
		p.Grad = kernels.NewMat[T](rows, cols, nil)
	}
	if p.Weight {
		b.costs.weights += float64(rows) * float64(cols) // exact
	} else {
		b.costs.biases += float64(rows) * float64(cols) // exact
	}
	b.params = append(b.params, p)
	return p
}

// filled returns a matrix of equal elements, which has no data if only counts are wanted.
func (b *builder[T]) filled(rows, cols int, v T) kernels.Mat[T] {
	if b.mode == counting {
		return kernels.Mat[T]{Rows: rows, Cols: cols}
	}
	m := kernels.NewMat[T](rows, cols, nil)
	fill(m.Data, v)
	return m
}

// buffer adds p, which has a name, as a buffer of that many elements.
func (b *builder[T]) buffer(p Param[T], n int) Param[T] {
	p.layer = b.layers
	p.Value = b.filled(1, n, p.start)
	b.costs.buffers += float64(n)
	b.buffers = append(b.buffers, p)
	return p
}

// vector returns a place for n numbers.
func (b *builder[T]) vector(n int) int {
	b.shape.vectors = append(b.shape.vectors, n)
	return len(b.shape.vectors) - 1
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
