package kernels

// Copy computes y[i] ← x[i]. It panics unless the vectors have the same length, or if they
// share elements without being the same.
func (e *Engine[T]) Copy(y, x Vec[T]) {
	checkPair("Copy", y, x)
	if y.n <= pieceElements {
		copyVec(y, x)
		return
	}
	split(e, e.threads, copyTask[T]{y, x}, y.n, pieceElements)
}

// Swap exchanges x[i] and y[i]. It panics unless the vectors have the same length, or if they
// share elements without being the same.
func (e *Engine[T]) Swap(x, y Vec[T]) {
	if flatPair(y, x) && uint(y.n-1) < pieceElements {
		e.swapVec(x, y)
		return
	}
	x.checkOutput("Swap", "x")
	checkPair("Swap", y, x)
	if x.n <= pieceElements {
		e.swapVec(x, y)
		return
	}
	split(e, e.threads, swapTask[T]{x, y}, x.n, pieceElements)
}

// Rot rotates each point (x[i], y[i]) in the plane:
//
//	x[i] ← fma(c, x[i], s·y[i])
//	y[i] ← fma(c, y[i], -s·x[i])
//
// with the products s·y[i] and s·x[i] rounded on their own. NaN and Inf propagate. It panics
// unless the vectors have the same length, or if x and y share elements.
func (e *Engine[T]) Rot(x, y Vec[T], c, s T) {
	x.checkOutput("Rot", "x")
	y.checkOutput("Rot", "y")
	if x.n != y.n {
		y.checkLength("Rot", "y", x.n, "x")
	}
	apartFrom("Rot", "y", y, "x", x)
	if x.n <= pieceElements {
		e.rotVec(x, y, c, s)
		return
	}
	split(e, e.threads, rotTask[T]{x, y, c, s}, x.n, pieceElements)
}

// checkPair checks the output y and the operand x of an operation on pairs of elements.
func checkPair[T Float](op string, y, x Vec[T]) {
	y.checkOutput(op, "y")
	if x.n != y.n {
		x.checkLength(op, "x", y.n, "y")
	}
	apartOrSame(op, "y", y, "x", x)
}

type copyTask[T Float] struct{ y, x Vec[T] }

func (t copyTask[T]) do(_ *Engine[T], lo, hi int) {
	y, x := t.y.slice(lo, hi), t.x.slice(lo, hi)
	copyVec(y, x)
}

func copyVec[T Float](y, x Vec[T]) {
	if x.inc == y.inc && x.inc*x.inc == 1 {
		copy(y.flat(), x.flat())
		return
	}
	xs, ys := x.memory(), y.memory()
	xAt, xInc := x.place(0)
	yAt, yInc := y.place(0)
	for range y.n {
		ys[yAt] = xs[xAt]
		xAt, yAt = xAt+xInc, yAt+yInc
	}
}

type swapTask[T Float] struct{ x, y Vec[T] }

func (t swapTask[T]) do(e *Engine[T], lo, hi int) {
	x, y := t.x.slice(lo, hi), t.y.slice(lo, hi)
	e.swapVec(x, y)
}

func (e *Engine[T]) swapVec(x, y Vec[T]) {
	if x.inc == y.inc && x.inc*x.inc == 1 {
		e.swap(x.flat(), y.flat())
		return
	}
	xs, ys := x.memory(), y.memory()
	xAt, xInc := x.place(0)
	yAt, yInc := y.place(0)
	for range x.n {
		xs[xAt], ys[yAt] = ys[yAt], xs[xAt]
		xAt, yAt = xAt+xInc, yAt+yInc
	}
}

func swapGeneric[T Float](x, y []T) {
	for i, v := range x {
		x[i], y[i] = y[i], v
	}
}

type rotTask[T Float] struct {
	x, y Vec[T]
	c, s T
}

func (t rotTask[T]) do(e *Engine[T], lo, hi int) {
	x, y := t.x.slice(lo, hi), t.y.slice(lo, hi)
	e.rotVec(x, y, t.c, t.s)
}

func (e *Engine[T]) rotVec(x, y Vec[T], c, s T) {
	if x.inc == y.inc && x.inc*x.inc == 1 {
		e.rot(x.flat(), y.flat(), c, s)
		return
	}
	var bufX, bufY [vecPiece]T
	for lo := 0; lo < x.n; lo += vecPiece {
		hi := min(lo+vecPiece, x.n)
		xs, ys := x.values(lo, hi, bufX[:]), y.values(lo, hi, bufY[:])
		e.rot(xs, ys, c, s)
		x.setValues(lo, xs)
		y.setValues(lo, ys)
	}
}

func rotGeneric[T Float](x, y []T, c, s T) {
	for i, u := range x {
		v := y[i]
		x[i], y[i] = mulAdd(c, u, T(s*v)), mulAdd(c, v, T(-s*u))
	}
}
