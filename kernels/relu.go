package kernels

// ReLU computes dst[i] ← 0 if src[i] < 0, else src[i]: NaN stays NaN, and -0 stays -0. dst
// may be src. It panics unless len(dst) == len(src), or if dst overlaps src in part.
func (e *Engine[T]) ReLU(dst, src []T) {
	if plainPair(dst, src) {
		e.relu(dst, src)
		return
	}
	sameOrApart("ReLU", "dst", dst, "src", src)
	if len(dst) <= pieceElements {
		e.relu(dst, src)
		return
	}
	split(e, e.threads, reluTask[T]{dst, src}, len(dst), pieceElements)
}

type reluTask[T Float] struct{ dst, src []T }

func (t reluTask[T]) do(e *Engine[T], lo, hi int) { e.relu(t.dst[lo:hi], t.src[lo:hi]) }

func reluGeneric[T Float](dst, src []T) {
	for i, v := range src[:len(dst)] {
		if v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

// ReLUBackward computes dst[i] ← grad[i] if y[i] > 0 or y[i] is NaN, else 0. y is the input
// or the output of [Engine.ReLU]. dst may be grad or y. It panics unless
// len(dst) == len(grad) == len(y), or if dst overlaps grad or y in part.
func (e *Engine[T]) ReLUBackward(dst, grad, y []T) {
	if plainPair(dst, grad) && plainPair(dst, y) {
		e.reluBackward(dst, grad, y)
		return
	}
	sameOrApart("ReLUBackward", "dst", dst, "grad", grad)
	sameOrApart("ReLUBackward", "dst", dst, "y", y)
	if len(dst) <= pieceElements {
		e.reluBackward(dst, grad, y)
		return
	}
	split(e, e.threads, reluBackwardTask[T]{dst, grad, y}, len(dst), pieceElements)
}

type reluBackwardTask[T Float] struct{ dst, grad, y []T }

func (t reluBackwardTask[T]) do(e *Engine[T], lo, hi int) {
	e.reluBackward(t.dst[lo:hi], t.grad[lo:hi], t.y[lo:hi])
}

func reluBackwardGeneric[T Float](dst, grad, y []T) {
	grad, y = grad[:len(dst)], y[:len(dst)]
	for i := range dst {
		g := grad[i]
		if y[i] <= 0 {
			g = 0
		}
		dst[i] = g
	}
}
