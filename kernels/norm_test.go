package kernels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// normalize runs all normalisations and their gradients on matrices of one shape.
func normalize[T Float](e *Engine[T], y, x Mat[T]) {
	v := vectorsOf(e, x)
	e.ColumnMoments(v.columns[0], v.columns[1], x)
	e.ScaleShift(y, x, v.columns[0], v.columns[1], ReLU)
	e.ScaleShift(y, y, v.columns[0], v.columns[1], SiLU)
	e.BatchNormBackward(y, v.columns[2], v.columns[3], y, x, v.columns[0], v.columns[1], v.columns[1])
	e.LayerNorm(y, v.rows[0], v.rows[1], x, v.columns[0], v.columns[1], 1e-5)
	e.LayerNormBackward(y, v.columns[2], v.columns[3], y, x, v.rows[0], v.rows[1], v.columns[0])
	e.pools.buffers.Put(v.buffer)
}

type normVectors[T Float] struct {
	columns [4][]T
	rows    [2][]T
	buffer  *buffer[T]
}

func vectorsOf[T Float](e *Engine[T], x Mat[T]) normVectors[T] {
	v := normVectors[T]{buffer: e.pools.buffer(4*x.Cols + 2*x.Rows)}
	rest := v.buffer.data
	for i := range v.columns {
		v.columns[i], rest = rest[:x.Cols], rest[x.Cols:]
	}
	v.rows = [2][]T{rest[:x.Rows], rest[x.Rows:]}
	return v
}

// normShapes straddle vectors, chunks of rows, pieces of columns, and calls.
var normShapes = [][2]int{{1, 1}, {3, 5}, {2, 16}, {7, 33}, {300, 10}, {64, 300}, {37, 1024}, {1025, 70}, {5, chunkElements + 21}, {2, 2*pieceElements + 3}, {70_000, 3}}

func testNormsAreLoops[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 72))
	for _, s := range normShapes {
		rows, cols := s[0], s[1]
		if testing.Short() && rows*cols > 1<<17 {
			continue
		}
		x, dy := special[T](t, rng, rows*cols, "end"), randomSlice[T](t, rng, rows*cols, "end")
		gamma, beta := randomSlice[T](t, rng, cols, "end"), randomSlice[T](t, rng, cols, "end")
		eachEngine(t, []int{1, 2, 3}, func(t *testing.T, e *Engine[T]) {
			testBatchNormIsLoops(t, e, NewMat(rows, cols, x), NewMat(rows, cols, dy), gamma, beta)
			testLayerNormIsLoops(t, e, NewMat(rows, cols, x), NewMat(rows, cols, dy), gamma, beta)
		})
	}
}

func testBatchNormIsLoops[T Float](t *testing.T, e *Engine[T], x, dy Mat[T], gamma, beta []T) {
	n, cols := T(x.Rows), x.Cols
	v := make([][]T, 8)
	for k := range v {
		v[k] = make([]T, cols)
	}
	mean, variance, dbeta, dgamma := v[0], v[1], v[2], v[3]
	inv := gamma // any numbers
	y, dx := NewMat[T](x.Rows, cols, nil), NewMat[T](x.Rows, cols, nil)
	for j := range cols {
		for i := range x.Rows {
			mean[j] += x.At(i, j)
		}
		mean[j] /= n
		for i := range x.Rows {
			d := x.At(i, j) - mean[j]
			variance[j] = multiplyAdd(e, d, d, variance[j])
			dbeta[j] += dy.At(i, j)
			dgamma[j] = multiplyAdd(e, dy.At(i, j), d, dgamma[j])
		}
		variance[j] /= n
		dgamma[j] = T(dgamma[j] * inv[j])
		a := T(gamma[j] * inv[j])
		b, c := -T(T(a*inv[j])*(dgamma[j]/n)), -T(a*(dbeta[j]/n))
		for i := range x.Rows {
			y.Set(i, j, multiplyAdd(e, x.At(i, j), gamma[j], beta[j]))
			dx.Set(i, j, multiplyAdd(e, a, dy.At(i, j), multiplyAdd(e, b, x.At(i, j)-mean[j], c)))
		}
	}
	e.ColumnMoments(v[4], v[5], x)
	requireBits(t, mean, v[4], "mean of %d×%d", x.Rows, cols)
	requireBits(t, variance, v[5], "variance of %d×%d", x.Rows, cols)
	got := NewMat(x.Rows, cols, slices.Clone(dy.Data))
	e.BatchNormBackward(got, v[6], v[7], got, x, mean, inv, gamma)
	requireBits(t, dgamma, v[6], "dgamma of %d×%d", x.Rows, cols)
	requireBits(t, dbeta, v[7], "dbeta of %d×%d", x.Rows, cols)
	requireBits(t, dx.Data, got.Data, "dx of %d×%d", x.Rows, cols)
	for act := Identity; act <= SiLU; act++ {
		e.ScaleShift(got, x, gamma, beta, act)
		want := slices.Clone(y.Data)
		e.Activate(want, want, act)
		requireBits(t, want, got.Data, "ScaleShift of %d×%d, %v", x.Rows, cols, act)
	}
}

func testLayerNormIsLoops[T Float](t *testing.T, e *Engine[T], x, dy Mat[T], gamma, beta []T) {
	const eps = 1e-3
	m := T(x.Cols)
	y, dx := NewMat[T](x.Rows, x.Cols, nil), NewMat[T](x.Rows, x.Cols, nil)
	mean, inv, dgamma, dbeta := make([]T, x.Rows), make([]T, x.Rows), make([]T, x.Cols), make([]T, x.Cols)
	for i := range x.Rows {
		var acc, sums, products [lanes]T
		for j, v := range x.Row(i) {
			acc[j%lanes] += v
		}
		mean[i], acc = combine(&acc)/m, [lanes]T{}
		for j, v := range x.Row(i) {
			acc[j%lanes] = multiplyAdd(e, v-mean[i], v-mean[i], acc[j%lanes])
		}
		inv[i] = 1 / T(math.Sqrt(float64(combine(&acc)/m+eps)))
		normal := func(j int) T { return T((x.At(i, j) - mean[i]) * inv[i]) }
		for j, d := range dy.Row(i) {
			y.Set(i, j, multiplyAdd(e, normal(j), gamma[j], beta[j]))
			dbeta[j] += d
			dgamma[j] = multiplyAdd(e, d, normal(j), dgamma[j])
			g := T(d * gamma[j])
			sums[j%lanes] += g
			products[j%lanes] = multiplyAdd(e, g, normal(j), products[j%lanes])
		}
		sum, product := combine(&sums)/m, combine(&products)/m
		for j, d := range dy.Row(i) {
			dx.Set(i, j, T(inv[i]*multiplyAdd(e, -product, normal(j), T(d*gamma[j])-sum)))
		}
	}
	got, dgot := NewMat(x.Rows, x.Cols, slices.Clone(x.Data)), NewMat(x.Rows, x.Cols, slices.Clone(dy.Data))
	v := vectorsOf(e, x)
	e.LayerNorm(got, v.rows[0], v.rows[1], got, gamma, beta, eps)
	e.LayerNormBackward(dgot, v.columns[0], v.columns[1], dgot, x, mean, inv, gamma)
	for _, of := range []struct {
		name      string
		want, got []T
	}{
		{"y", y.Data, got.Data}, {"mean", mean, v.rows[0]}, {"inv", inv, v.rows[1]},
		{"dgamma", dgamma, v.columns[0]}, {"dbeta", dbeta, v.columns[1]}, {"dx", dx.Data, dgot.Data},
	} {
		requireBits(t, of.want, of.got, "%s of a layer of %d×%d", of.name, x.Rows, x.Cols)
	}
}

// At every level and for any number of threads, sums over rows are chains in ascending order,
// sums over columns are made in lanes, and each of the other operations rounds once.
func TestNormsHaveTheBitsOfPlainLoops(t *testing.T) {
	testNormsAreLoops[float32](t)
	testNormsAreLoops[float64](t)
}

// Where columns have a large mean, the variance keeps its digits.
func TestNormsAreWithinTheirBounds(t *testing.T) {
	const rows, cols = 500, 40
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float32]) {
		rng := rand.New(rand.NewPCG(73, 74))
		x := NewMat[float32](rows, cols, nil)
		for i := range x.Data {
			x.Data[i] = float32(1000 + rng.NormFloat64())
		}
		mean, variance := make([]float32, cols), make([]float32, cols)
		e.ColumnMoments(mean, variance, x)
		eps := unitRoundoff[float32]()
		for j := range cols {
			sum, squares := 0.0, 0.0
			for i := range rows {
				sum += float64(x.At(i, j))
			}
			for i := range rows {
				d := float64(x.At(i, j)) - sum/rows
				squares += d * d
			}
			off := rows * eps * 1001
			require.InDelta(t, sum/rows, float64(mean[j]), off)
			require.InDelta(t, squares/rows, float64(variance[j]), (rows+3)*eps*squares/rows+off*off)
		}
	})
}

func TestNormsKeepNaNInItsColumnOrRow(t *testing.T) {
	const rows, cols, i, j = 40, 70, 11, 37
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[float64]) {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			x, y := NewMat[float64](rows, cols, nil), NewMat[float64](rows, cols, nil)
			fill(x.Data)
			dy := NewMat(rows, cols, slices.Clone(x.Data))
			x.Set(i, j, bad)
			v := vectorsOf(e, x)
			ones := slices.Repeat([]float64{1}, cols)
			e.ColumnMoments(v.columns[0], v.columns[1], x)
			e.BatchNormBackward(y, v.columns[2], v.columns[3], dy, x, v.columns[0], ones, ones)
			for c := range cols {
				require.Equal(t, c == j, math.IsNaN(v.columns[1][c]), "variance of column %d", c)
				require.Equal(t, c == j, math.IsNaN(v.columns[2][c]), "dgamma of column %d", c)
				require.Equal(t, c == j, math.IsNaN(y.At(5, c)), "dx of column %d", c)
			}
			e.LayerNorm(y, v.rows[0], v.rows[1], x, ones, ones, 1e-5)
			for r := range rows {
				require.Equal(t, r == i, math.IsNaN(y.At(r, 2)), "row %d", r)
			}
			e.LayerNormBackward(y, v.columns[2], v.columns[3], dy, x, v.rows[0], v.rows[1], ones)
			for r := range rows {
				require.Equal(t, r == i, math.IsNaN(y.At(r, 2)), "dx of row %d", r)
			}
		}
	})
}

func TestNormsPanicWithNumbersBeforeTheyWrite(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	memory := make([]float32, 100)
	fill(memory)
	before := slices.Clone(memory)
	m, other, padded := NewMat(2, 3, memory), NewMat(2, 3, memory[10:]), Mat[float32]{memory[20:], 2, 3, 4, 1}
	narrow, none, shifted := NewMat(2, 2, memory), NewMat(0, 3, memory), NewMat(2, 3, memory[1:])
	a, b, c := memory[40:43], memory[43:46], memory[46:49]
	r, s := memory[50:52], memory[52:54]
	for message, f := range map[string]func(){
		"ColumnMoments: x is 0×3, want a row":                                            func() { e.ColumnMoments(a, b, none) },
		"ColumnMoments: the matrices have 3 columns, mean has 2 elements, variance 3":    func() { e.ColumnMoments(r, b, m) },
		"ColumnMoments: x is 3×2 with strides (1,3), want contiguous rows":               func() { e.ColumnMoments(r, s, m.T()) },
		"ColumnMoments: mean overlaps variance":                                          func() { e.ColumnMoments(a, a, m) },
		"ColumnMoments: mean overlaps x":                                                 func() { e.ColumnMoments(memory[2:5], a, m) },
		"ColumnMoments: variance overlaps x":                                             func() { e.ColumnMoments(a, padded.Row(1), padded) },
		"ScaleShift: activation 9, want Identity to SiLU":                                func() { e.ScaleShift(m, m, a, b, 9) },
		"ScaleShift: y is 2×3, x is 2×2":                                                 func() { e.ScaleShift(m, narrow, a, b, Identity) },
		"ScaleShift: y overlaps x":                                                       func() { e.ScaleShift(m, shifted, a, b, Identity) },
		"ScaleShift: y overlaps scale":                                                   func() { e.ScaleShift(padded, m, padded.Row(1), b, Identity) },
		"ScaleShift: the matrices have 3 columns, scale has 3 elements, shift 2":         func() { e.ScaleShift(m, m, a, r, Identity) },
		"BatchNormBackward: dy is 2×3, x is 2×2":                                         func() { e.BatchNormBackward(m, a, b, m, narrow, c, c, c) },
		"BatchNormBackward: dx is 2×2, x is 2×3":                                         func() { e.BatchNormBackward(narrow, a, b, m, other, c, c, c) },
		"BatchNormBackward: dy is 0×3, want a row":                                       func() { e.BatchNormBackward(none, a, b, none, none, c, c, c) },
		"BatchNormBackward: dx overlaps dy":                                              func() { e.BatchNormBackward(m, a, b, shifted, other, c, c, c) },
		"BatchNormBackward: dgamma overlaps mean":                                        func() { e.BatchNormBackward(m, a, b, m, other, a, c, c) },
		"BatchNormBackward: dbeta overlaps gamma":                                        func() { e.BatchNormBackward(m, a, b, m, other, c, c, b) },
		"BatchNormBackward: the matrices have 3 columns, mean has 3 elements, inv 2":     func() { e.BatchNormBackward(m, a, b, m, other, c, r, c) },
		"LayerNorm: the matrices have 2 rows, mean has 3 elements, inv 2":                func() { e.LayerNorm(m, a, r, m, b, c, 1) },
		"LayerNorm: the matrices have 3 columns, gamma has 2 elements, beta 3":           func() { e.LayerNorm(m, r, s, m, r, c, 1) },
		"LayerNorm: x is 2×0, want a column":                                             func() { e.LayerNorm(NewMat(2, 0, memory), r, s, NewMat(2, 0, memory), a, c, 1) },
		"LayerNorm: y overlaps x":                                                        func() { e.LayerNorm(m, r, s, shifted, a, b, 1) },
		"LayerNorm: mean overlaps inv":                                                   func() { e.LayerNorm(m, r, r, m, a, b, 1) },
		"LayerNorm: inv overlaps gamma":                                                  func() { e.LayerNorm(m, r, a[:2], m, a, b, 1) },
		"LayerNormBackward: dx overlaps x":                                               func() { e.LayerNormBackward(m, a, b, other, shifted, r, s, c) },
		"LayerNormBackward: dgamma overlaps dbeta":                                       func() { e.LayerNormBackward(m, a, a, m, other, r, s, c) },
		"LayerNormBackward: the matrices have 3 columns, dgamma has 3 elements, dbeta 2": func() { e.LayerNormBackward(m, a, r, m, other, r, s, c) },
		"Activate: dst has 3 elements, src has 2":                                        func() { e.Activate(a, r, GELU) },
		"Activate: dst overlaps src in part":                                             func() { e.Activate(memory[1:5], memory[:4], GELU) },
		"Activate: activation -1, want Identity to SiLU":                                 func() { e.Activate(a, a, -1) },
		"ActivateBackward: dx has 3 elements, x has 2":                                   func() { e.ActivateBackward(a, a, r, SiLU) },
		"ActivateBackward: dx overlaps dy in part":                                       func() { e.ActivateBackward(memory[1:5], memory[:4], memory[:4], SiLU) },
		"ActivateBackward: activation 5, want Identity to SiLU":                          func() { e.ActivateBackward(a, a, b, 5) },
		"Add: dst has 3 elements, b has 2":                                               func() { e.Add(a, a, r) },
		"Add: dst overlaps a in part":                                                    func() { e.Add(memory[1:5], memory[:4], memory[1:5]) },
		"Dropout: dst has 3 elements, src has 2":                                         func() { e.Dropout(a, r, 0.5, 0) },
		"Dropout: dst overlaps src in part":                                              func() { e.Dropout(memory[1:5], memory[:4], 0.5, 0) },
		"Dropout: rate 1, want 0 ≤ rate < 1":                                             func() { e.Dropout(a, a, 1, 0) },
		"Dropout: rate NaN, want 0 ≤ rate < 1":                                           func() { e.Dropout(a, a, math.NaN(), 0) },
	} {
		require.PanicsWithValue(t, "kernels: "+message, f)
		require.Equal(t, before, memory, message)
	}
}
