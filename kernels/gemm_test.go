package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// fma rounds a·b+c once.
func fma[T Float](a, b, c T) T {
	if unsafe.Sizeof(a) == 8 {
		return T(math.FMA(float64(a), float64(b), float64(c)))
	}
	// The product is exact in float64. The sum is rounded to odd, so that the
	// second rounding, to float32, gives what a single rounding would (Boldo and
	// Melquiond, IEEE Trans. Computers 57(4), 2008).
	p, z := float64(a)*float64(b), float64(c)
	s := p + z
	if math.IsNaN(s) || math.IsInf(s, 0) {
		return T(s)
	}
	bb := s - p
	err := (p - (s - bb)) + (z - bb)
	if bits := math.Float64bits(s); err != 0 && bits&1 == 0 {
		if (err > 0) == (s > 0) {
			s = math.Float64frombits(bits + 1)
		} else {
			s = math.Float64frombits(bits - 1)
		}
	}
	return T(s)
}

// gemmOracle returns the results of Gemm's chains, each multiply-add rounded as e rounds.
func gemmOracle[T Float](e *Engine[T], c Mat[T], alpha T, a, b Mat[T], beta T) (want []T) {
	for i := range c.Rows {
		for j := range c.Cols {
			s := T(0)
			if beta != 0 {
				s = T(beta * c.At(i, j))
			}
			for p := range a.Cols {
				s = multiplyAdd(e, T(alpha*a.At(i, p)), b.At(p, j), s)
			}
			want = append(want, s)
		}
	}
	return want
}

// elements returns the elements of m, row by row.
func elements[T Float](m Mat[T]) (all []T) {
	for i := range m.Rows {
		for j := range m.Cols {
			all = append(all, m.At(i, j))
		}
	}
	return all
}

// strided returns strides of a rows×cols matrix in one of the layouts that callers use.
func strided(rng *rand.Rand, rows, cols int) (rowStride, colStride int) {
	switch rng.IntN(5) {
	case 0:
		return cols, 1
	case 1:
		return cols + rng.IntN(9), 1
	case 2:
		return 1, rows + rng.IntN(9)
	case 3:
		return cols*3 + 1, 3
	}
	return 2, rows*2 + 1
}

func dimension(rng *rand.Rand) int {
	switch rng.IntN(4) {
	case 0:
		return rng.IntN(4)
	case 1:
		return rng.IntN(20)
	case 2:
		return 1 + rng.IntN(70)
	}
	return []int{6, 12, 15, 16, 17, 31, 32, 33, 48, 75, 96}[rng.IntN(11)]
}

func testGemmMatchesOracle[T Float](t *testing.T) {
	eachEngine(t, []int{1, 2, 3}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(1, 2))
		for trial := range 400 / e.threads { // the oracle takes long, and no path is for three alone
			m, n, k := dimension(rng), dimension(rng), dimension(rng)
			switch rng.IntN(20) {
			case 0:
				k = 300 + rng.IntN(600) // several blocks of depth
			case 1:
				m = 130 + rng.IntN(300)
			case 2:
				m, n, k = 1, rng.IntN(1000), rng.IntN(500)
			}
			end := ends[trial%2]
			mat := func(rows, cols int) Mat[T] {
				rs, cs := strided(rng, rows, cols)
				return guardedMat[T](t, rng, rows, cols, rs, cs, end)
			}
			a, b, c := mat(m, k), mat(k, n), mat(m, n)
			alpha := []T{1, 1, -0.75, 3.3}[rng.IntN(4)]
			beta := []T{0, 1, 0.4}[rng.IntN(3)]
			want := gemmOracle(e, c, alpha, a, b, beta)
			canaries := slices.Clone(c.Data)
			e.Gemm(c, alpha, a, b, beta)
			requireBits(t, want, elements(c), "%d×%d×%d", m, n, k)
			for i := range c.Rows {
				for j := range c.Cols {
					canaries[i*c.RowStride+j*c.ColStride] = c.At(i, j)
				}
			}
			require.Equal(t, canaries, c.Data, "padding of a %d×%d×%d product", m, n, k)
			if t.Failed() {
				t.FailNow()
			}
		}
	})
}

func TestGemmMatchesOracle(t *testing.T) {
	t.Parallel()
	testGemmMatchesOracle[float32](t)
	testGemmMatchesOracle[float64](t)
}

// With small sizes of the loops, a product larger than a slab runs through all of them.
func TestGemmBitsDoNotDependOnThreadsOrBatch(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	const m, n, k = 333, 75, 1000
	a, b := guardedMat[float32](t, rng, m, k, k, 1, "end"), guardedMat[float32](t, rng, k, n, n, 1, "end")
	for _, l := range Levels() {
		var first []float32
		for _, threads := range []int{1, 2, 3, 8} {
			e, err := New[float32](WithLevel(l), WithThreads(threads))
			require.NoError(t, err)
			c := NewMat[float32](m, n, nil)
			e.Gemm(c, 1, a, b, 0)
			if first == nil {
				first = c.Data
			}
			require.Equal(t, first, c.Data, "%v with %d threads", l, threads)

			// The transposed product, row by row and in uneven batches.
			e.Gemm(c.T(), 1, b.T(), a.T(), 0)
			require.Equal(t, first, c.Data, "%v transposed", l)
			clear(c.Data)
			for lo, hi := 0, 1; lo < m; lo, hi = hi, min(m, 2*hi+1) {
				e.Gemm(c.Slice(lo, hi, 0, n), 1, a.Slice(lo, hi, 0, k), b, 0)
			}
			require.Equal(t, first, c.Data, "%v in batches", l)
		}
	}
}

func TestGemmPropagatesNaNAndInf(t *testing.T) {
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float32]) {
		nan, inf := float32(math.NaN()), float32(math.Inf(1))
		for _, size := range []int{3, 40} { // in place, packed
			a, b, c := NewMat[float32](size, size, nil), NewMat[float32](size, size, nil), NewMat[float32](size, size, nil)
			for i := range c.Data {
				c.Data[i] = nan
			}
			e.Gemm(c, 1, a, b, 0)
			require.Equal(t, make([]float32, size*size), c.Data, "β = 0 must not read C")

			a.Data[size+1], b.Data[0] = nan, inf // a[1,1], b[0,0]
			e.Gemm(c, 1, a, b, 0)
			for i := range size {
				for j := range size {
					v := c.At(i, j)
					require.Equal(t, i == 1 || j == 0, v != v, "0·Inf and NaN·0 are NaN: c[%d,%d] = %v", i, j, v)
				}
			}
			c.Data[2] = nan
			e.Gemm(c.Slice(0, 1, 1, size), 1, a.Slice(0, 1, 0, size), b.Slice(0, size, 1, size), 1)
			require.True(t, c.Data[2] != c.Data[2], "β = 1 keeps a NaN of C")
		}
	})
}

// Where a NaN of A meets a NaN of B, the result is some NaN, for any number of rows.
func testGemmOfTwoNaNs[T Float](t *testing.T) {
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[T]) {
		for rows := 1; rows < 70; rows++ {
			a, b, c := NewMat[T](rows, 20, nil), NewMat[T](20, 33, nil), NewMat[T](rows, 33, nil)
			fillWith(a.Data, T(math.NaN()))
			fillWith(b.Data, T(math.Copysign(math.NaN(), -1)))
			e.Gemm(c, 1, a, b, 0)
			for i, v := range c.Data {
				require.True(t, isNaN(v), "element %d of %d rows is %v", i, rows, v)
			}
		}
	})
}

func TestGemmOfTwoNaNsIsNaN(t *testing.T) {
	testGemmOfTwoNaNs[float32](t)
	testGemmOfTwoNaNs[float64](t)
}

// Underflow adds at most half the smallest float to the bound for each step of a chain.
func testGemmUnderflow[T Float](t *testing.T) {
	smallest := smallestNormal[T]() * 2 * T(unitRoundoff[T]())
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		const n, k = 20, 40
		a, b, c := NewMat[T](n, k, nil), NewMat[T](k, n, nil), NewMat[T](n, n, nil)
		fill(a.Data)
		fill(b.Data)
		for i := range a.Data {
			a.Data[i] *= smallestNormal[T]() // subnormal or nearly so, as the products are
		}
		e.Gemm(c, 1, a, b, 0)
		lost := 0.0
		for i := range n {
			for j := range n {
				exact := 0.0 // in smallest floats
				bound := float64(k) / 2
				for p := range k {
					product := float64(a.At(i, p)/smallest) * float64(b.At(p, j))
					exact += product
					bound += 2 * float64(k) * unitRoundoff[T]() * math.Abs(product)
				}
				err := math.Abs(float64(c.At(i, j)/smallest) - exact)
				require.LessOrEqual(t, err, bound+math.Abs(exact)*0x1p-50)
				lost = max(lost, err)
			}
		}
		require.Positive(t, lost)
	})
}

func TestGemmIsWithinItsBoundOfWhatUnderflows(t *testing.T) {
	testGemmUnderflow[float32](t)
	testGemmUnderflow[float64](t)
}

func TestGemmPanicsWithNumbersBeforeItWrites(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	m := func(rows, cols, rowStride, colStride, n int) Mat[float32] {
		return Mat[float32]{make([]float32, n), rows, cols, rowStride, colStride}
	}
	for _, c := range []struct {
		c, a, b Mat[float32]
		message string
	}{
		{m(2, 3, 3, 1, 6), m(2, 4, 4, 1, 8), m(5, 3, 3, 1, 15), "kernels: Gemm: c is 2×3, a is 2×4, b is 5×3"},
		{m(2, 3, 3, 1, 5), m(2, 4, 4, 1, 8), m(4, 3, 3, 1, 12), "kernels: Gemm: c is 2×3 with strides (3,1), its data has 5 elements"},
		{m(2, 3, 3, 1, 6), m(2, 4, -4, 1, 8), m(4, 3, 3, 1, 12), "kernels: Gemm: a is 2×4 with strides (-4,1), its data has 8 elements"},
		{m(2, 3, 3, 1, 6), m(2, 4, 4, 1, 8), m(4, 3, math.MaxInt/2+1, 1, 12), fmt.Sprintf("kernels: Gemm: b is 4×3 with strides (%d,1), its data has 12 elements", math.MaxInt/2+1)},
		{m(2, 3, 2, 1, 6), m(2, 4, 4, 1, 8), m(4, 3, 3, 1, 12), "kernels: Gemm: elements of c overlap: 2×3 with strides (2,1)"},
		{m(2, 3, 3, 0, 6), m(2, 4, 4, 1, 8), m(4, 3, 3, 1, 12), "kernels: Gemm: elements of c overlap: 2×3 with strides (3,0)"},
		{m(-1, 3, 3, 1, 6), m(-1, 4, 4, 1, 8), m(4, 3, 3, 1, 12), "kernels: Gemm: c is -1×3 with strides (3,1), its data has 6 elements"},
	} {
		require.PanicsWithValue(t, c.message, func() { e.Gemm(c.c, 1, c.a, c.b, 0) })
		require.Equal(t, make([]float32, len(c.c.Data)), c.c.Data)
	}
}

// These offsets do not fit in 64 bits; cut off to 64 bits, they would lie within the data.
func TestViewsAreCheckedIn128Bits(t *testing.T) {
	e, err := New[float64](WithThreads(1))
	require.NoError(t, err)
	const large, most = math.MaxInt/2 + 1, math.MaxInt
	for _, m := range []Mat[float64]{
		{Rows: 5, Cols: 1, RowStride: large, ColStride: 1},         // 4·large is 2^64
		{Rows: 1, Cols: 5, RowStride: 1, ColStride: large},         //
		{Rows: 3, Cols: 3, RowStride: most, ColStride: 1},          // 2·most + 2 is 2^64
		{Rows: 3, Cols: 3, RowStride: large, ColStride: large},     // the sum of halves is 2^64
		{Rows: 5, Cols: 5, RowStride: large, ColStride: large},     //
		{Rows: most, Cols: 2, RowStride: 4, ColStride: 1},          //
		{Rows: 2, Cols: large + 1, RowStride: 1, ColStride: 4},     // large·4 is 2^64
		{Rows: large + 1, Cols: 2, RowStride: 4, ColStride: 1},     //
		{Rows: most, Cols: most, RowStride: most, ColStride: most}, //
		{Rows: 2, Cols: 1, RowStride: 12, ColStride: most},         // one more than there are
		{Rows: 3, Cols: 7, RowStride: 3, ColStride: 1},             //
	} {
		m.Data = make([]float64, 12)
		message := fmt.Sprintf("is %d×%d with strides (%d,%d), its data has 12 elements", m.Rows, m.Cols, m.RowStride, m.ColStride)
		for name, f := range map[string]func(){
			"check: m":       func() { m.check("check", "m") },
			"checkOutput: m": func() { m.checkOutput("checkOutput", "m") },
			"Pack: b":        func() { e.Pack(m) },
			"Softmax: dst":   func() { e.Softmax(m, m) },
			"ColSums: m":     func() { e.ColSums(m.Data, m) },
			"AddBias: y":     func() { e.AddBias(m, m.Data) },
		} {
			require.PanicsWithValue(t, "kernels: "+name+" "+message, f)
		}
		require.Equal(t, make([]float64, 12), m.Data)
	}
	for _, m := range []Mat[float64]{{Rows: 2, Cols: 2, RowStride: 10, ColStride: 1}, {Rows: 3, Cols: 2, RowStride: 1, ColStride: 9}, {Rows: 0, Cols: most, RowStride: most, ColStride: most}} {
		m.Data = make([]float64, 12)
		require.NotPanics(t, func() { m.checkOutput("", "") })
	}
}

func TestGemmDoesNotAllocate(t *testing.T) {
	if poolsForget {
		t.Skip("sync.Pool forgets at random under the race detector")
	}
	for _, threads := range []int{1, 2} {
		e, err := New[float32](WithThreads(threads))
		require.NoError(t, err)
		for _, s := range [][3]int{{8, 8, 8}, {1, 75, 3072}, {300, 75, 500}, {100, 100, 100}} {
			a, b, c := NewMat[float32](s[0], s[2], nil), NewMat[float32](s[2], s[1], nil), NewMat[float32](s[0], s[1], nil)
			odd := Mat[float32]{make([]float32, 2*s[0]*s[1]), s[0], s[1], 2 * s[1], 2}
			require.Zero(t, steadyAllocs(func() {
				e.Gemm(c, 1, a, b, 0)
				e.Gemm(c.T(), -1, b.T(), a.T(), 1)
				e.Gemm(odd, 1, a, b, 0)
			}), "%v with %d threads", s, threads)
		}
	}
}

// blockWays are the ways that compute blocks of C.
var blockWays = []way{inPlace, packedPanel, packedSlab}

// With sizes of a few elements, the loops around the micro-kernel run many times.
func TestGemmBlockingDoesNotChangeBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const m, n, k = 61, 53, 47
	a, b := guardedMat[float32](t, rng, m, k, k, 1, "end"), guardedMat[float32](t, rng, k, n, n, 1, "end")
	c := NewMat[float32](m, n, nil)
	for _, threads := range []int{1, 3} {
		eachEngine(t, []int{threads}, func(t *testing.T, e *Engine[float32]) {
			want := gemmOracle(e, c, 1, a, b, 0)
			blk := e.blockings[0]
			for _, shrink := range []blocking{{kc: 5, mc: blk.mr, nc: blk.nr, slab: 1}, {kc: 7, mc: 2 * blk.mr, nc: 2 * blk.nr, slab: 1 << 10}, {kc: k, mc: m, nc: n + blk.nr, slab: 1 << 20}} {
				shrink.mr, shrink.nr, shrink.nc = blk.mr, blk.nr, roundUp(shrink.nc, blk.nr)
				for _, beta := range []float32{0, 1} {
					for _, w := range blockWays {
						clear(c.Data)
						e.product(plan{w, false, &shrink, threads}, &c, &a, &b, beta, &panel.Epilogue[float32]{}).do()
						requireBits(t, want, elements(c), "%d×%d×%d", m, n, k)
					}
				}
			}
		})
	}
}
