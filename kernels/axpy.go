package kernels

// Axpy computes y[i] ← fma(alpha, x[i], y[i]). NaN and Inf propagate, also for alpha = 0.
// y may be x. It panics unless len(x) == len(y), or if y overlaps x in part.
func (e *Engine[T]) Axpy(y []T, alpha T, x []T) {
	sameOrApart("Axpy", "y", y, "x", x)
	if len(y) <= pieceElements {
		e.axpy(y, alpha, x)
		return
	}
	split(e, e.threads, axpyTask[T]{y, alpha, x}, len(y), pieceElements)
}

type axpyTask[T Float] struct {
	y     []T
	alpha T
	x     []T
}

func (t axpyTask[T]) do(e *Engine[T], lo, hi int) { e.axpy(t.y[lo:hi], t.alpha, t.x[lo:hi]) }

func axpyGeneric[T Float](y []T, alpha T, x []T) {
	for i, v := range x[:len(y)] {
		y[i] = mulAdd(alpha, v, y[i])
	}
}
