package kernels

// Each calls do with ranges lo to hi-1, each of at most piece numbers, that together are 0 to
// n-1 once. The engine's threads share the calls, whose outputs must be disjoint; with one
// thread they come in order, on the caller's goroutine. It is for what a program computes
// itself beside the operations of an engine. Piece must be at least 1.
func (e *Engine[T]) Each(n, piece int, do func(lo, hi int)) {
	split(e, e.threads, calls[T](do), n, piece)
}

// calls is Each.
type calls[T Float] func(lo, hi int)

func (c calls[T]) do(_ *Engine[T], lo, hi int) { c(lo, hi) }
