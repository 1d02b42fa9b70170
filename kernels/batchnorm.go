package kernels

import (
	"fmt"
	"math"
)

// ColumnMoments computes the mean and the biased variance of every column of x, n×m:
//
//	mean[j]     ← Σ_i x[i,j] / n
//	variance[j] ← Σ_i (x[i,j] - mean[j])² / n
//
// Both sums are chains in ascending i, of additions and of fused multiply-adds. In two passes
// the variance loses no digits where the mean is large: with ε half the spacing of floats at 1,
// mean has an error of at most n·ε times the mean magnitude of the column, and variance one of
// (n+3)·ε of itself and the square of the error of the mean. NaN and Inf make both moments of
// their column NaN, or Inf the mean, and no other's.
//
// It panics unless x has rows, which must be contiguous, unless len(mean) == len(variance) ==
// m, or if mean or variance overlaps x or the other.
func (e *Engine[T]) ColumnMoments(mean, variance []T, x Mat[T]) {
	const op = "ColumnMoments"
	checkNorm(op, "x", &x, false)
	checkColumns(op, &x, "mean", mean, "variance", variance)
	outputsApart(op, 2, vector("mean", mean), vector("variance", variance), matrix("x", &x))
	split(e, e.threads, momentsTask[T]{mean, variance, x}, x.Cols, e.columnPiece(&x))
}

// momentsTask is ColumnMoments, whose units are columns.
type momentsTask[T Float] struct {
	mean, variance []T
	x              Mat[T]
}

func (t momentsTask[T]) do(e *Engine[T], lo, hi int) {
	mean, variance, n := t.mean[lo:hi], t.variance[lo:hi], T(t.x.Rows)
	clear(mean)
	eachRows(t.x.Rows, hi-lo, func(i0, i1 int) {
		x := t.x.part(i0, i1, lo, hi)
		e.columnSums(mean, &x)
	})
	for j := range mean {
		mean[j] /= n
	}
	clear(variance)
	eachRows(t.x.Rows, hi-lo, func(i0, i1 int) {
		x := t.x.part(i0, i1, lo, hi)
		e.columnSquares(variance, &x, mean)
	})
	for j := range variance {
		variance[j] /= n
	}
}

// eachRows runs f on rows [i0, i1) of n, so few at a time that a call into assembly ends soon.
func eachRows(n, cols int, f func(i0, i1 int)) {
	piece := rowPiece(cols)
	for i := 0; i < n; i += piece {
		f(i, min(i+piece, n))
	}
}

// rowPiece is how many rows a call into assembly takes.
func rowPiece(cols int) int { return max(1, pieceElements/max(cols, lanes)) }

// columnPiece is how many columns of x a thread takes at a time: all if they are few elements,
// else whole lines of the cache.
func (e *Engine[T]) columnPiece(x *Mat[T]) int {
	if x.Rows*max(x.Cols, lanes) <= pieceElements {
		return max(x.Cols, 1)
	}
	return min(roundUp(ceilDiv(x.Cols, e.threads), 4*lanes), pieceElements)
}

func columnSumsGeneric[T Float](sums []T, x *Mat[T]) {
	for i := range x.Rows {
		for j, v := range x.Row(i)[:len(sums)] {
			sums[j] += v
		}
	}
}

// columnSquaresGeneric adds the squares of deviations.
func columnSquaresGeneric[T Float](squares []T, x *Mat[T], mean []T) {
	mean = mean[:len(squares)]
	for i := range x.Rows {
		for j, v := range x.Row(i)[:len(squares)] {
			d := v - mean[j]
			squares[j] = mulAdd(d, d, squares[j])
		}
	}
}

// ScaleShift computes y[i,j] ← a(fma(x[i,j], scale[j], shift[j])): batch normalisation with the
// statistics of the batch or running ones is this with
//
//	scale = γ/√(variance+ε), shift = β - mean·scale
//
// followed by an activation, in one pass over memory. It has the bits of ScaleShift with
// [Identity] and then [Engine.Activate]. NaN and Inf propagate.
//
// y may be x. ScaleShift panics unless the shapes are the same, rows are contiguous,
// len(scale) == len(shift) == y.Cols, and act is one of the constants, or if y overlaps scale,
// shift, or x in part.
func (e *Engine[T]) ScaleShift(y, x Mat[T], scale, shift []T, act Activation) {
	const op = "ScaleShift"
	act.checkKnown(op)
	checkNorm(op, "y", &y, true)
	checkLike(op, "y", &y, "x", &x)
	checkColumns(op, &y, "scale", scale, "shift", shift)
	outputsApart(op, 1, matrix("y", &y), matrix("x", &x), vector("scale", scale), vector("shift", shift))
	splitRows(e, scaleShiftTask[T]{y, x, scale, shift, act}, y.Rows, y.Cols)
}

// scaleShiftTask is ScaleShift, whose units are rows.
type scaleShiftTask[T Float] struct {
	y, x         Mat[T]
	scale, shift []T
	act          Activation
}

func (t scaleShiftTask[T]) do(e *Engine[T], lo, hi int) {
	floor := T(math.Inf(-1))
	if t.act == ReLU {
		floor = 0
	}
	eachColumns(t.y.Cols, func(j0, j1 int) {
		y, x := t.y.part(lo, hi, j0, j1), t.x.part(lo, hi, j0, j1)
		e.scaleShift(&y, &x, t.scale[j0:j1], t.shift[j0:j1], floor)
		if t.act > ReLU { // while y is in the cache
			for i := range y.Rows {
				e.activate(y.Row(i), y.Row(i), t.act)
			}
		}
	})
}

// splitRows does the n rows of w, of cols elements each, in pieces that threads share.
func splitRows[T Float, W work[T]](e *Engine[T], w W, n, cols int) {
	split(e, e.threads, w, n, rowPiece(cols))
}

// eachColumns runs f on columns [j0, j1) of a piece of rows, in calls that end soon.
func eachColumns(cols int, f func(j0, j1 int)) {
	for j := 0; j < cols; j += pieceElements {
		f(j, min(j+pieceElements, cols))
	}
}

// scaleShiftGeneric lets no element fall below floor, which is 0 or -Inf.
func scaleShiftGeneric[T Float](y, x *Mat[T], scale, shift []T, floor T) {
	for i := range y.Rows {
		to := y.Row(i)
		scale, shift := scale[:len(to)], shift[:len(to)]
		for j, v := range x.Row(i)[:len(to)] {
			v = mulAdd(v, scale[j], shift[j])
			if v < floor {
				v = floor
			}
			to[j] = v
		}
	}
}

// BatchNormBackward computes the gradients of batch normalisation (Ioffe and Szegedy,
// arXiv:1502.03167, section 3)
//
//	y[i,j] = gamma[j]·x̂[i,j] + beta[j], x̂[i,j] = (x[i,j] - mean[j])·inv[j]
//
// from dy, n×m, where mean[j] is that of the column and inv[j] = 1/√(variance[j]+ε):
//
//	dbeta[j]  ← Σ_i dy[i,j]
//	dgamma[j] ← inv[j]·Σ_i dy[i,j]·(x[i,j] - mean[j])
//	dx[i,j]   ← gamma[j]·inv[j]·(dy[i,j] - dbeta[j]/n - x̂[i,j]·dgamma[j]/n)
//
// The sums, made in one pass over dy and x, are chains in ascending i, of additions and of
// fused multiply-adds: with ε half the spacing of floats at 1, their errors are at most
// (n+3)·ε·Σ_i |summand|. dx is
// fma(a, dy, fma(b, x-mean, c)) with factors of the column. A NaN or Inf makes its column NaN,
// and no other. If dx has no data it is not computed.
//
// dx may be dy or x. BatchNormBackward panics unless dx, dy and x have the same shape with at
// least a row, rows are contiguous, and the slices have m elements, or if an output overlaps
// another operand, as far as [Engine.Gemm] would find it.
func (e *Engine[T]) BatchNormBackward(dx Mat[T], dgamma, dbeta []T, dy, x Mat[T], mean, inv, gamma []T) {
	const op = "BatchNormBackward"
	checkNorm(op, "dy", &dy, false)
	checkLike(op, "dy", &dy, "x", &x)
	if dx.Data != nil {
		checkNorm(op, "dx", &dx, true)
		checkLike(op, "dx", &dx, "x", &x)
	}
	checkColumns(op, &dy, "dgamma", dgamma, "dbeta", dbeta)
	checkColumns(op, &dy, "mean", mean, "inv", inv)
	checkColumns(op, &dy, "gamma", gamma, "gamma", gamma)
	outputsApart(op, 3, matrix("dx", &dx), vector("dgamma", dgamma), vector("dbeta", dbeta),
		matrix("dy", &dy), matrix("x", &x), vector("mean", mean), vector("inv", inv), vector("gamma", gamma))

	f := e.pools.buffer(3 * dy.Cols)
	defer e.pools.buffers.Put(f)
	t := batchNormTask[T]{dx, dy, x, dgamma, dbeta, mean, inv, gamma, NewMat(3, dy.Cols, f.data)}
	split(e, e.threads, batchNormSums[T](t), dy.Cols, e.columnPiece(&dy))
	if dx.Data != nil {
		splitRows(e, t, dx.Rows, dx.Cols)
	}
}

// batchNormTask computes dx, by rows, and batchNormSums the other gradients and the factors,
// by columns.
type (
	batchNormTask[T Float] struct {
		dx, dy, x                       Mat[T]
		dgamma, dbeta, mean, inv, gamma []T
		factors                         Mat[T] // a, b and c of dx
	}
	batchNormSums[T Float] batchNormTask[T]
)

func (t batchNormSums[T]) do(e *Engine[T], lo, hi int) {
	dgamma, dbeta, mean := t.dgamma[lo:hi], t.dbeta[lo:hi], t.mean[lo:hi]
	clear(dgamma)
	clear(dbeta)
	eachRows(t.dy.Rows, hi-lo, func(i0, i1 int) {
		dy, x := t.dy.part(i0, i1, lo, hi), t.x.part(i0, i1, lo, hi)
		e.columnProducts(dgamma, dbeta, &dy, &x, mean)
	})
	n := T(t.dy.Rows)
	a, b, c := t.factors.Row(0)[lo:hi], t.factors.Row(1)[lo:hi], t.factors.Row(2)[lo:hi]
	for j, inv := range t.inv[lo:hi] {
		dgamma[j] = T(dgamma[j] * inv)
		a[j] = T(t.gamma[lo+j] * inv)
		b[j] = -T(T(a[j]*inv) * (dgamma[j] / n))
		c[j] = -T(a[j] * (dbeta[j] / n))
	}
}

func (t batchNormTask[T]) do(e *Engine[T], lo, hi int) {
	eachColumns(t.dx.Cols, func(j0, j1 int) {
		dx, dy, x := t.dx.part(lo, hi, j0, j1), t.dy.part(lo, hi, j0, j1), t.x.part(lo, hi, j0, j1)
		e.batchNormInput(&dx, &dy, &x, t.mean[j0:j1], t.factors.Row(0)[j0:j1], t.factors.Row(1)[j0:j1], t.factors.Row(2)[j0:j1])
	})
}

// columnProductsGeneric adds rows of dy to sums, and their products with deviations of x to
// products.
func columnProductsGeneric[T Float](products, sums []T, dy, x *Mat[T], mean []T) {
	products, mean = products[:len(sums)], mean[:len(sums)]
	for i := range dy.Rows {
		from := x.Row(i)[:len(sums)]
		for j, d := range dy.Row(i)[:len(sums)] {
			sums[j] += d
			products[j] = mulAdd(d, from[j]-mean[j], products[j])
		}
	}
}

func batchNormInputGeneric[T Float](dx, dy, x *Mat[T], mean, a, b, c []T) {
	for i := range dx.Rows {
		to, from := dx.Row(i), x.Row(i)
		mean, a, b, c, from := mean[:len(to)], a[:len(to)], b[:len(to)], c[:len(to)], from[:len(to)]
		for j, d := range dy.Row(i)[:len(to)] {
			to[j] = mulAdd(a[j], d, mulAdd(b[j], from[j]-mean[j], c[j]))
		}
	}
}

// checkNorm checks a matrix that a normalisation reads or writes.
func checkNorm[T Float](op, name string, m *Mat[T], written bool) {
	if m.plain() && m.RowStride >= m.Cols {
		return
	}
	if written {
		m.checkOutput(op, name)
	} else {
		m.check(op, name)
	}
	contiguousRows(op, name, m)
	if m.Rows == 0 {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, want a row", op, name, m.Rows, m.Cols))
	}
}

// checkLike panics unless b is a matrix of contiguous rows of the shape of a.
func checkLike[T Float](op, aName string, a *Mat[T], bName string, b *Mat[T]) {
	if b.plain() && a.Rows == b.Rows && a.Cols == b.Cols {
		return
	}
	b.check(op, bName)
	if a.Rows != b.Rows || a.Cols != b.Cols {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, %s is %d×%d", op, aName, a.Rows, a.Cols, bName, b.Rows, b.Cols))
	}
	contiguousRows(op, bName, b)
}

// checkColumns panics unless two vectors have an element for each column of m.
func checkColumns[T Float](op string, m *Mat[T], vName string, v []T, wName string, w []T) {
	if len(v) != m.Cols || len(w) != m.Cols {
		panic(fmt.Sprintf("kernels: %s: the matrices have %d columns, %s has %d elements, %s %d", op, m.Cols, vName, len(v), wName, len(w)))
	}
}
