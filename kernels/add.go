package kernels

// Add computes dst[i] ← a[i] + b[i], rounded once. NaN and Inf propagate. dst may be a or b. It
// panics unless the lengths are the same, or if dst overlaps a or b in part.
func (e *Engine[T]) Add(dst, a, b []T) {
	sameOrApart("Add", "dst", dst, "a", a)
	sameOrApart("Add", "dst", dst, "b", b)
	if len(dst) <= pieceElements {
		e.add(dst, a, b)
		return
	}
	split(e, e.threads, addTask[T]{dst, a, b}, len(dst), pieceElements)
}

type addTask[T Float] struct{ dst, a, b []T }

func (t addTask[T]) do(e *Engine[T], lo, hi int) { e.add(t.dst[lo:hi], t.a[lo:hi], t.b[lo:hi]) }

func addGeneric[T Float](dst, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}
