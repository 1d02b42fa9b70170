package kernels

// Axpy computes y[i] ← fma(alpha, x[i], y[i]), a fused multiply-add. NaN and Inf propagate;
// for alpha = 0, as BLAS has it, neither vector is touched. y may be x. It panics unless
// x.N == y.N, or if x and y share elements otherwise.
func (e *Engine[T]) Axpy(y Vec[T], alpha T, x Vec[T]) {
	y.checkOutput("Axpy", "y")
	x.check("Axpy", "x")
	if x.N != y.N {
		x.checkLength("Axpy", "x", y.N, "y")
	}
	apartOrSame("Axpy", "y", &y, "x", &x)
	switch {
	case alpha == 0:
	case y.N <= pieceElements:
		e.axpyVec(&y, alpha, &x)
	default:
		split(e, e.threads, axpyTask[T]{y, alpha, x}, y.N, pieceElements)
	}
}

type axpyTask[T Float] struct {
	y     Vec[T]
	alpha T
	x     Vec[T]
}

func (t axpyTask[T]) do(e *Engine[T], lo, hi int) {
	y, x := t.y.slice(lo, hi), t.x.slice(lo, hi)
	e.axpyVec(&y, t.alpha, &x)
}

func (e *Engine[T]) axpyVec(y *Vec[T], alpha T, x *Vec[T]) {
	if x.Inc == 1 && y.Inc == 1 {
		e.axpy(y.Data[:y.N], alpha, x.Data[:y.N])
		return
	}
	var bufX, bufY [vecPiece]T
	for lo := 0; lo < y.N; lo += vecPiece {
		hi := min(lo+vecPiece, y.N)
		sum := y.values(lo, hi, bufY[:])
		e.axpy(sum, alpha, x.values(lo, hi, bufX[:]))
		y.setValues(lo, sum)
	}
}

func axpyGeneric[T Float](y []T, alpha T, x []T) {
	for i, v := range x[:len(y)] {
		y[i] = mulAdd(alpha, v, y[i])
	}
}

// Scal computes x[i] ← alpha·x[i]. NaN and Inf propagate, also for alpha = 0, as in the
// reference BLAS.
func (e *Engine[T]) Scal(alpha T, x Vec[T]) {
	x.checkOutput("Scal", "x")
	if x.N <= pieceElements {
		e.scaleVec(&x, alpha)
		return
	}
	split(e, e.threads, scaleTask[T]{x, alpha}, x.N, pieceElements)
}

type scaleTask[T Float] struct {
	x     Vec[T]
	alpha T
}

func (t scaleTask[T]) do(e *Engine[T], lo, hi int) {
	x := t.x.slice(lo, hi)
	e.scaleVec(&x, t.alpha)
}

func (e *Engine[T]) scaleVec(x *Vec[T], alpha T) {
	if x.Inc == 1 {
		e.scale(x.Data[:x.N], alpha)
		return
	}
	at, inc := x.place(0)
	for range x.N {
		x.Data[at] *= alpha
		at += inc
	}
}
