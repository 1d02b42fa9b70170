package kernels

import (
	"fmt"
	"math"
)

// LayerNorm normalises every row of x, n×m (Ba, Kiros and Hinton, arXiv:1607.06450, section 3):
//
//	mean[i] ← Σ_j x[i,j] / m
//	inv[i]  ← 1/√(Σ_j (x[i,j] - mean[i])²/m + eps)
//	y[i,j]  ← fma((x[i,j] - mean[i])·inv[i], gamma[j], beta[j])
//
// The sums are made in 16 lanes, of additions and of fused multiply-adds, which one tree adds
// up. With ε half the spacing of floats at 1, mean has an error of at most (m/16+5)·ε times the
// mean magnitude of the row, and inv one of (m/32+6)·ε of itself, besides half the square of
// the error of the mean times inv². NaN and Inf make their row NaN, and no other.
//
// y may be x. LayerNorm panics unless x has columns, y has its shape, rows are contiguous,
// len(mean) == len(inv) == n, and len(gamma) == len(beta) == m, or if an output overlaps
// another operand, as far as [Engine.Gemm] would find it.
func (e *Engine[T]) LayerNorm(y Mat[T], mean, inv []T, x Mat[T], gamma, beta []T, eps T) {
	const op = "LayerNorm"
	y.checkOutput(op, "y")
	contiguousRows(op, "y", &y)
	checkLike(op, "y", &y, "x", &x)
	checkRows(op, &y, mean, inv)
	checkColumns(op, &y, "gamma", gamma, "beta", beta)
	outputsApart(op, 3, matrix("y", &y), vector("mean", mean), vector("inv", inv),
		matrix("x", &x), vector("gamma", gamma), vector("beta", beta))
	split(e, e.threads, layerNormTask[T]{y, x, mean, inv, gamma, beta, eps}, y.Rows, chunkRows(y.Cols))
}

// layerNormTask is LayerNorm. Its units are rows.
type layerNormTask[T Float] struct {
	y, x                   Mat[T]
	mean, inv, gamma, beta []T
	eps                    T
}

func (t layerNormTask[T]) do(e *Engine[T], lo, hi int) {
	t.y, t.x = t.y.part(lo, hi, 0, t.y.Cols), t.x.part(lo, hi, 0, t.x.Cols)
	t.mean, t.inv = t.mean[lo:hi], t.inv[lo:hi]
	if t.y.Cols <= chunkElements {
		e.layerNormRows(&t)
	} else {
		e.layerNormParts(&t)
	}
}

// layerNormParts computes rows that are too long for one call into assembly, part by part.
func (e *Engine[T]) layerNormParts(t *layerNormTask[T]) {
	m := T(t.x.Cols)
	for i := range t.x.Rows {
		y, x := t.y.Row(i), t.x.Row(i)
		var acc [lanes]T
		for lo := 0; lo < len(x); lo += chunkElements {
			e.laneSums(&acc, x[lo:min(lo+chunkElements, len(x))])
		}
		mean := combine(&acc) / m
		acc = [lanes]T{}
		for lo := 0; lo < len(x); lo += chunkElements {
			e.laneSquares(&acc, x[lo:min(lo+chunkElements, len(x))], mean)
		}
		inv := 1 / T(math.Sqrt(float64(combine(&acc)/m+t.eps)))
		for lo := 0; lo < len(x); lo += chunkElements {
			hi := min(lo+chunkElements, len(x))
			e.normalize(y[lo:hi], x[lo:hi], t.gamma[lo:hi], t.beta[lo:hi], mean, inv)
		}
		t.mean[i], t.inv[i] = mean, inv
	}
}

func laneSumsGeneric[T Float](acc *[lanes]T, x []T) {
	for i, v := range x {
		acc[i%lanes] += v
	}
}

// laneSquaresGeneric adds the squares of deviations.
func laneSquaresGeneric[T Float](acc *[lanes]T, x []T, mean T) {
	for i, v := range x {
		d := v - mean
		acc[i%lanes] = mulAdd(d, d, acc[i%lanes])
	}
}

func normalizeGeneric[T Float](y, x, gamma, beta []T, mean, inv T) {
	gamma, beta = gamma[:len(y)], beta[:len(y)]
	for j, v := range x[:len(y)] {
		y[j] = mulAdd(T((v-mean)*inv), gamma[j], beta[j])
	}
}

// LayerNormBackward computes the gradients of [Engine.LayerNorm] from dy, n×m. With
//
//	x̂[i,j] = (x[i,j] - mean[i])·inv[i], g[i,j] = dy[i,j]·gamma[j]
//
// they are
//
//	dbeta[j]  ← Σ_i dy[i,j]
//	dgamma[j] ← Σ_i dy[i,j]·x̂[i,j]
//	dx[i,j]   ← inv[i]·(g[i,j] - Σ_j g[i,j]/m - x̂[i,j]·Σ_j g[i,j]·x̂[i,j]/m)
//
// Sums over i are chains in ascending i, those over j are made in 16 lanes that one tree adds
// up, of additions and of fused multiply-adds: with ε half the spacing of floats at 1, their
// errors are at most (n+3)·ε and (m/16+8)·ε times the sum of the magnitudes of the summands. A
// NaN or Inf makes its row of dx NaN, and its columns of dgamma and dbeta. If dx has no data it
// is not computed.
//
// dx may be dy or x. LayerNormBackward panics unless dx, dy and x have the same shape with at
// least a column, rows are contiguous, mean and inv have n elements and the other slices m, or
// if an output overlaps another operand, as far as [Engine.Gemm] would find it.
func (e *Engine[T]) LayerNormBackward(dx Mat[T], dgamma, dbeta []T, dy, x Mat[T], mean, inv, gamma []T) {
	const op = "LayerNormBackward"
	dy.check(op, "dy")
	contiguousRows(op, "dy", &dy)
	checkLike(op, "dy", &dy, "x", &x)
	if dx.Data != nil {
		dx.checkOutput(op, "dx")
		contiguousRows(op, "dx", &dx)
		checkLike(op, "dx", &dx, "x", &x)
	}
	checkRows(op, &dy, mean, inv)
	checkColumns(op, &dy, "dgamma", dgamma, "dbeta", dbeta)
	checkColumns(op, &dy, "gamma", gamma, "gamma", gamma)
	outputsApart(op, 3, matrix("dx", &dx), vector("dgamma", dgamma), vector("dbeta", dbeta),
		matrix("dy", &dy), matrix("x", &x), vector("mean", mean), vector("inv", inv), vector("gamma", gamma))

	t := layerNormBackwardTask[T]{dx, dy, x, dgamma, dbeta, mean, inv, gamma}
	split(e, e.threads, layerNormSums[T](t), dy.Cols, e.columnPiece(&dy)) // dx may be dy
	if dx.Data != nil {
		split(e, e.threads, t, dy.Rows, chunkRows(dy.Cols))
	}
}

// layerNormBackwardTask computes dx, by rows, and layerNormSums the other gradients, by columns.
type (
	layerNormBackwardTask[T Float] struct {
		dx, dy, x                       Mat[T]
		dgamma, dbeta, mean, inv, gamma []T
	}
	layerNormSums[T Float] layerNormBackwardTask[T]
)

func (t layerNormSums[T]) do(e *Engine[T], lo, hi int) {
	dgamma, dbeta := t.dgamma[lo:hi], t.dbeta[lo:hi]
	clear(dgamma)
	clear(dbeta)
	eachRows(t.dy.Rows, hi-lo, func(i0, i1 int) {
		dy, x := t.dy.part(i0, i1, lo, hi), t.x.part(i0, i1, lo, hi)
		e.normalizedProducts(dgamma, dbeta, &dy, &x, t.mean[i0:i1], t.inv[i0:i1])
	})
}

// normalizedProductsGeneric adds rows of dy to sums, and their products with x̂ to products.
func normalizedProductsGeneric[T Float](products, sums []T, dy, x *Mat[T], mean, inv []T) {
	products = products[:len(sums)]
	for i := range dy.Rows {
		from, mean, inv := x.Row(i)[:len(sums)], mean[i], inv[i]
		for j, d := range dy.Row(i)[:len(sums)] {
			sums[j] += d
			products[j] = mulAdd(d, T((from[j]-mean)*inv), products[j])
		}
	}
}

func (t layerNormBackwardTask[T]) do(e *Engine[T], lo, hi int) {
	t.dx, t.dy, t.x = t.dx.part(lo, hi, 0, t.dx.Cols), t.dy.part(lo, hi, 0, t.dx.Cols), t.x.part(lo, hi, 0, t.dx.Cols)
	t.mean, t.inv = t.mean[lo:hi], t.inv[lo:hi]
	if t.dx.Cols <= chunkElements {
		e.layerNormInputRows(&t)
	} else {
		e.layerNormInputParts(&t)
	}
}

// layerNormInputParts is layerNormParts for dx.
func (e *Engine[T]) layerNormInputParts(t *layerNormBackwardTask[T]) {
	m := T(t.x.Cols)
	for i := range t.x.Rows {
		dx, dy, x, mean, inv := t.dx.Row(i), t.dy.Row(i), t.x.Row(i), t.mean[i], t.inv[i]
		var sums, products [lanes]T
		for lo := 0; lo < len(x); lo += chunkElements {
			hi := min(lo+chunkElements, len(x))
			e.laneProducts(&products, &sums, dy[lo:hi], x[lo:hi], t.gamma[lo:hi], mean, inv)
		}
		sum, product := combine(&sums)/m, combine(&products)/m
		for lo := 0; lo < len(x); lo += chunkElements {
			hi := min(lo+chunkElements, len(x))
			e.layerNormInput(dx[lo:hi], dy[lo:hi], x[lo:hi], t.gamma[lo:hi], mean, inv, sum, product)
		}
	}
}

func laneProductsGeneric[T Float](products, sums *[lanes]T, dy, x, gamma []T, mean, inv T) {
	for j, d := range dy {
		g := T(d * gamma[j])
		sums[j%lanes] += g
		products[j%lanes] = mulAdd(g, T((x[j]-mean)*inv), products[j%lanes])
	}
}

func layerNormInputGeneric[T Float](dx, dy, x, gamma []T, mean, inv, sum, product T) {
	for j, d := range dy {
		g := T(d*gamma[j]) - sum
		dx[j] = T(inv * mulAdd(-product, T((x[j]-mean)*inv), g))
	}
}

// checkRows panics unless m has columns, and mean and inv an element for each row.
func checkRows[T Float](op string, m *Mat[T], mean, inv []T) {
	if m.Cols == 0 {
		panic(fmt.Sprintf("kernels: %s: x is %d×%d, want a column", op, m.Rows, m.Cols))
	}
	if len(mean) != m.Rows || len(inv) != m.Rows {
		panic(fmt.Sprintf("kernels: %s: the matrices have %d rows, mean has %d elements, inv %d", op, m.Rows, len(mean), len(inv)))
	}
}
