package kernels

// Axpy computes y[i] ← fma(alpha, x[i], y[i]), a fused multiply-add. NaN and Inf propagate;
// for alpha = 0, as BLAS has it, neither vector is touched. y may be x. It panics unless
// the vectors have the same length, or if x and y share elements otherwise.
func (e *Engine[T]) Axpy(y Vec[T], alpha T, x Vec[T]) {
	if flatPair(y, x) && uint(y.n-1) < pieceElements && alpha != 0 {
		e.axpy(y.flat(), alpha, x.flat())
		return
	}
	y.checkOutput("Axpy", "y")
	if x.n != y.n {
		x.checkLength("Axpy", "x", y.n, "y")
	}
	apartOrSame("Axpy", "y", y, "x", x)
	switch {
	case alpha == 0:
	case y.n <= pieceElements:
		e.axpyVec(y, alpha, x)
	default:
		split(e, e.threads, axpyTask[T]{y, alpha, x}, y.n, pieceElements)
	}
}

type axpyTask[T Float] struct {
	y     Vec[T]
	alpha T
	x     Vec[T]
}

func (t axpyTask[T]) do(e *Engine[T], lo, hi int) {
	y, x := t.y.slice(lo, hi), t.x.slice(lo, hi)
	e.axpyVec(y, t.alpha, x)
}

func (e *Engine[T]) axpyVec(y Vec[T], alpha T, x Vec[T]) {
	if x.inc == 1 && y.inc == 1 {
		e.axpy(y.flat(), alpha, x.flat())
		return
	}
	var bufX, bufY [vecPiece]T
	for lo := 0; lo < y.n; lo += vecPiece {
		hi := min(lo+vecPiece, y.n)
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

// Scal computes x[i] ← alpha·x[i]. NaN and Inf propagate, also for alpha = 0; for alpha = 1
// x is not read, as in the reference BLAS.
func (e *Engine[T]) Scal(alpha T, x Vec[T]) {
	x.checkOutput("Scal", "x")
	switch {
	case alpha == 1:
	case x.n <= pieceElements:
		e.scaleVec(x, alpha)
	default:
		split(e, e.threads, scaleTask[T]{x, alpha}, x.n, pieceElements)
	}
}

type scaleTask[T Float] struct {
	x     Vec[T]
	alpha T
}

func (t scaleTask[T]) do(e *Engine[T], lo, hi int) {
	x := t.x.slice(lo, hi)
	e.scaleVec(x, t.alpha)
}

func (e *Engine[T]) scaleVec(x Vec[T], alpha T) {
	if x.inc == 1 {
		e.scale(x.flat(), alpha)
		return
	}
	data := x.memory()
	at, inc := x.place(0)
	for range x.n {
		data[at] *= alpha
		at += inc
	}
}
