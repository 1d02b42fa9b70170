package gonumblas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/lanes-ml/lanes/kernels"
)

// call is a call of Sgemm and Dgemm, with one matrix after the other in data.
type call struct {
	tA, tB           blas.Transpose
	m, n, k          int
	alpha, beta      float64
	lda, ldb, ldc    int
	lenA, lenB, lenC int
	data             []float64
}

type gemmer interface {
	blas.Float32Level3
	blas.Float64Level3
}

// single and double return C after the call, and what the call panics with.
func (g call) single(impl gemmer) (c []float32, panicked any) {
	defer func() { panicked = recover() }()
	d := convert[float32](g.data)
	c = d[g.lenA+g.lenB:]
	impl.Sgemm(g.tA, g.tB, g.m, g.n, g.k, float32(g.alpha), d[:g.lenA], g.lda, d[g.lenA:g.lenA+g.lenB], g.ldb, float32(g.beta), c, g.ldc)
	return c, nil
}

func (g call) double(impl gemmer) (c []float64, panicked any) {
	defer func() { panicked = recover() }()
	d := slices.Clone(g.data)
	c = d[g.lenA+g.lenB:]
	impl.Dgemm(g.tA, g.tB, g.m, g.n, g.k, g.alpha, d[:g.lenA], g.lda, d[g.lenA:g.lenA+g.lenB], g.ldb, g.beta, c, g.ldc)
	return c, nil
}

func convert[To, From kernels.Float](x []From) []To {
	y := make([]To, len(x))
	for i, v := range x {
		y[i] = To(v)
	}
	return y
}

var transposes = []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans}

func pick[E any](r *rand.Rand, s ...E) E { return s[r.IntN(len(s))] }

// randomCall returns a call with sizes below limit, rows that may have padding, and
// integers so small that their products are exact.
func randomCall(r *rand.Rand, limit int) call {
	g := call{
		tA: pick(r, transposes...), tB: pick(r, transposes...),
		m: 1 + r.IntN(limit), n: 1 + r.IntN(limit), k: 1 + r.IntN(limit),
		alpha: pick(r, 0.0, 1, 1, -0.5), beta: pick(r, 0.0, 1, 0.5),
	}
	rowsA, colsA, _ := stored(g.tA, g.m, g.k)
	rowsB, colsB, _ := stored(g.tB, g.k, g.n)
	g.lda, g.ldb, g.ldc = colsA+r.IntN(3), colsB+r.IntN(3), g.n+r.IntN(3)
	g.lenA, g.lenB, g.lenC = (rowsA-1)*g.lda+colsA+r.IntN(2), (rowsB-1)*g.ldb+colsB+r.IntN(2), (g.m-1)*g.ldc+g.n+r.IntN(2)
	g.data = make([]float64, g.lenA+g.lenB+g.lenC)
	for i := range g.data {
		g.data[i] = float64(r.IntN(17) - 8)
	}
	return g
}

func TestGemmEqualsGonumsWhereNothingRounds(t *testing.T) {
	eachImplementation(t, func(t *testing.T, impl Implementation) {
		r := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			g := randomCall(r, 80)
			want32, _ := g.single(gonum.Implementation{})
			got32, _ := g.single(impl)
			require.Equal(t, want32, got32, "Sgemm %v", g)
			want64, _ := g.double(gonum.Implementation{})
			got64, _ := g.double(impl)
			require.Equal(t, want64, got64, "Dgemm %v", g)
		}
	})
}

func TestGemmPanicsWhereGonumsDoesWithItsTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	texts := map[any]int{}
	for range 100_000 {
		g := randomCall(r, 3)
		for range 1 + r.IntN(2) {
			switch r.IntN(11) {
			case 0:
				g.tA = pick(r, 'X', 'n', 0, blas.Transpose('N'))
			case 1:
				g.tB = 'Y'
			case 2:
				g.m = pick(r, -1, 0)
			case 3:
				g.n = pick(r, -1, 0)
			case 4:
				g.k = pick(r, -1, 0)
			case 5:
				g.lda = pick(r, -1, 0, 1)
			case 6:
				g.ldb = pick(r, -1, 0, 1)
			case 7:
				g.ldc = pick(r, -1, 0, 1)
			case 8:
				g.data, g.lenA = g.data[min(1, g.lenA):], max(g.lenA-1, 0)
			case 9:
				g.data, g.lenB = g.data[min(1, g.lenB):], max(g.lenB-1, 0)
			case 10:
				g.data, g.lenC = g.data[min(1, g.lenC):], max(g.lenC-1, 0)
			}
		}
		want32, panic32 := g.single(gonum.Implementation{})
		got32, p := g.single(Implementation{})
		require.Equal(t, panic32, p, "Sgemm %+v", g)
		require.Equal(t, want32, got32, "Sgemm %+v", g)
		want64, panic64 := g.double(gonum.Implementation{})
		got64, p := g.double(Implementation{})
		require.Equal(t, panic64, p, "Dgemm %+v", g)
		require.Equal(t, want64, got64, "Dgemm %+v", g)
		texts[p]++
	}
	require.Len(t, texts, 11, "the texts of errors.go and no panic: %v", texts)
}

func TestGemmReadsNeitherABWithAlphaZeroNorCWithBetaZero(t *testing.T) {
	eachImplementation(t, func(t *testing.T, impl Implementation) {
		nan := math.NaN()
		for _, c := range []struct {
			alpha, beta float64
			a, b, c     float64
			want        float64
		}{
			{alpha: 0, beta: 0, a: nan, b: nan, c: nan, want: 0},
			{alpha: 0, beta: 1, a: nan, b: nan, c: 7, want: 7},
			{alpha: 0, beta: 3, a: nan, b: nan, c: 7, want: 21},
			{alpha: 1, beta: 0, a: 2, b: 3, c: nan, want: 6},
			{alpha: 1, beta: 1, a: 2, b: 3, c: nan, want: nan},
			{alpha: 1, beta: 0, a: 0, b: nan, c: 1, want: nan}, // gonum skips the zero
			{alpha: 1, beta: 0, a: 0, b: math.Inf(1), c: 1, want: nan},
			{alpha: 1, beta: 0, a: nan, b: 0, c: 1, want: nan},
		} {
			for _, tA := range transposes {
				for _, tB := range transposes {
					g := call{tA: tA, tB: tB, m: 1, n: 1, k: 1, alpha: c.alpha, beta: c.beta,
						lda: 1, ldb: 1, ldc: 1, lenA: 1, lenB: 1, lenC: 1, data: []float64{c.a, c.b, c.c}}
					got32, _ := g.single(impl)
					got64, _ := g.double(impl)
					require.Equal(t, fmt.Sprint(c.want, c.want), fmt.Sprint(got32[0], got64[0]), "%+v", g)
				}
			}
		}
	})
}

func TestGemmDoesNotAllocate(t *testing.T) {
	if poolsForget {
		t.Skip("pools forget under the race detector")
	}
	eachImplementation(t, func(t *testing.T, impl Implementation) {
		var s blas.Float32 = impl
		var d blas.Float64 = impl
		for _, n := range []int{8, 100} {
			s32, s64 := make([]float32, 3*n*n), make([]float64, 3*n*n)
			for _, tB := range transposes {
				products := func() {
					s.Sgemm(blas.NoTrans, tB, n, n, n, 1, s32[:n*n], n, s32[n*n:2*n*n], n, 0, s32[2*n*n:], n)
					d.Dgemm(blas.NoTrans, tB, n, n, n, 2, s64[:n*n], n, s64[n*n:2*n*n], n, 1, s64[2*n*n:], n)
				}
				// A collection of garbage between two products empties the pools.
				allocs := 1.0
				for try := 0; try < 10 && allocs > 0; try++ {
					allocs = testing.AllocsPerRun(10, products)
				}
				require.Zero(t, allocs, "n = %d", n)
			}
		}
	})
}
