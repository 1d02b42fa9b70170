package gonumblas

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"
)

// bothTypes are an implementation's routines for float64, and for float32 beside them.
func bothTypes(impl interface {
	blas.Float32
	blas.Float64
}) map[string]blas.Float64 {
	return map[string]blas.Float64{"float64": impl, "float32": singlePrecision{impl, impl}}
}

func TestRoutinesEqualGonumsWhereNothingRounds(t *testing.T) {
	own := bothTypes(oracle{})
	eachImplementation(t, func(t *testing.T, impl Implementation) {
		for dtype, f := range bothTypes(impl) {
			for i, routine := range routines {
				r := rand.New(rand.NewPCG(1, uint64(i)))
				for range unlessShort(60) {
					p := drawExact(r, routine, pick(r, 4, 20, 70))
					requireSame(t, p, p.run(own[dtype]), p.run(f), dtype)
				}
			}
		}
	})
}

// unlessShort returns n, and a sixth of it in short mode.
func unlessShort(n int) int {
	if testing.Short() {
		return n / 6
	}
	return n
}

// requireSame requires the same numbers in every operand, of which none may be NaN, and, for
// a norm, the same up to the roundings of gonum's, which is in float32.
func requireSame(t *testing.T, p, want, got problem, dtype string) {
	t.Helper()
	if p.routine == "nrm2" {
		require.InDelta(t, want.scalar, got.scalar, p.normError()*want.scalar, "%s %+v", dtype, p)
		want.scalar, got.scalar = 0, 0
	}
	if !equal(want, got) { // require.Equal takes a millisecond for a large problem
		require.Equal(t, want.operands(), got.operands(), "%s %+v", dtype, p)
		require.Equal(t, want.scalar, got.scalar, "%s %+v", dtype, p)
	}
}

func (p *problem) normError() float64 { return 0x1p-24 * float64(p.n+4) }

func equal(p, q problem) bool {
	x, y := p.operands(), q.operands()
	for i := range x {
		if len(x[i]) != len(y[i]) {
			return false
		}
		for j, v := range x[i] {
			if v != y[i][j] {
				return false
			}
		}
	}
	return p.scalar == q.scalar
}

func TestRoutinesPanicWhereGonumsDoWithTheirTexts(t *testing.T) {
	own, ours := bothTypes(oracle{}), bothTypes(Implementation{})
	for i, routine := range routines {
		r := rand.New(rand.NewPCG(3, uint64(i)))
		texts := map[any]bool{}
		for range unlessShort(2000) {
			p := drawExact(r, routine, 3)
			for range 1 + r.IntN(2) {
				p.spoil(r)
			}
			for dtype, f := range ours {
				want, text := panicOf(p, own[dtype])
				got, gotText := panicOf(p, f)
				require.Equal(t, text, gotText, "%s %+v", dtype, p)
				if text == nil {
					requireSame(t, p, want, got, dtype)
				}
				texts[text] = true
			}
		}
		require.Greater(t, len(texts), 2, routine)
	}
}

// panicOf runs a problem and returns what the routine panics with.
func panicOf(p problem, f blas.Float64) (q problem, panicked any) {
	defer func() { panicked = recover() }()
	return p.run(f), nil
}

// spoil changes an argument to one that may be wrong.
func (p *problem) spoil(r *rand.Rand) {
	switch r.IntN(15) {
	case 0:
		p.side = pick[blas.Side](r, 'X', 'l', 0)
	case 1:
		p.ul = pick(r, 'X', 'u', blas.All)
	case 2:
		p.tA = pick[blas.Transpose](r, 'X', 'n', 0)
	case 3:
		p.tB = pick[blas.Transpose](r, 'X', 't', 0)
	case 4:
		p.diag = pick[blas.Diag](r, 'X', 'n', 0)
	case 5:
		p.m = pick(r, -1, 0)
	case 6:
		p.n = pick(r, -1, 0)
	case 7:
		p.k = pick(r, -1, 0)
	case 8:
		p.lda, p.ldb = pick(r, -1, 0, 1), pick(r, p.ldb, 0, 1)
	case 9:
		p.ldc = pick(r, -1, 0, 1)
	case 10:
		p.incX = pick(r, 0, -p.incX)
	case 11:
		p.incY = pick(r, 0, -p.incY)
	case 12:
		p.a, p.b = p.a[:len(p.a)*9/10], p.b[:len(p.b)*r.IntN(2)]
	case 13:
		p.c, p.x = p.c[:len(p.c)*9/10], p.x[:len(p.x)*r.IntN(2)]
	case 14:
		p.y = p.y[:len(p.y)*r.IntN(2)]
	}
}

// TestRoutinesReadOnlyWhatBLASReads puts NaN where BLAS does not read: in the triangle that
// is not named, on a unit diagonal, in what alpha = 0 or beta = 0 multiplies, between the
// elements of vectors and beyond the rows of matrices.
func TestRoutinesReadOnlyWhatBLASReads(t *testing.T) {
	own := bothTypes(oracle{})
	eachImplementation(t, func(t *testing.T, impl Implementation) {
		for dtype, f := range bothTypes(impl) {
			for i, routine := range routines {
				r := rand.New(rand.NewPCG(5, uint64(i)))
				for range unlessShort(60) {
					p := drawExact(r, routine, pick(r, 4, 20, 70))
					want, original := p.run(own[dtype]), p.clone()
					p.poison()
					got := p.run(f)
					if p.routine == "nrm2" {
						require.InDelta(t, want.scalar, got.scalar, p.normError()*want.scalar)
						continue
					}
					require.Equal(t, want.scalar, got.scalar)
					for o, x := range got.operands() {
						poisoned, want, original := p.operands()[o], want.operands()[o], original.operands()[o]
						for j, v := range x {
							left := math.IsNaN(v) && math.IsNaN(poisoned[j]) && want[j] == original[j]
							if v != want[j] && !left {
								require.Failf(t, "another element", "%s: element %d of operand %d is %v, want %v: %+v", dtype, j, o, v, want[j], p)
							}
						}
					}
				}
			}
		}
	})
}

// operands returns A, B, C, x and y.
func (p *problem) operands() [5][]float64 { return [5][]float64{p.a, p.b, p.c, p.x, p.y} }

// poison puts NaN where the routine does not read.
func (p *problem) poison() {
	nan := math.NaN()
	all := func(x []float64) {
		for i := range x {
			x[i] = nan
		}
	}
	// kept puts NaN into all elements of a matrix but those that it keeps.
	kept := func(x []float64, ld int, keeps func(i, j int) bool) {
		for at := range x {
			if ld == 0 || !keeps(at/ld, at%ld) {
				x[at] = nan
			}
		}
	}
	within := func(rows, cols int) func(i, j int) bool {
		return func(i, j int) bool { return i < rows && j < cols }
	}
	triangle := func(n int, unit bool) func(i, j int) bool {
		return func(i, j int) bool {
			return i < n && j < n && (i == j && !unit || i != j && (i < j) == (p.ul == blas.Upper))
		}
	}
	stored := func(t blas.Transpose, rows, cols int) func(i, j int) bool {
		if t != blas.NoTrans {
			rows, cols = cols, rows
		}
		return within(rows, cols)
	}
	order := p.n
	if (p.routine == "symm" || p.routine == "trmm" || p.routine == "trsm") && p.side == blas.Left {
		order = p.m
	}
	switch p.routine {
	case "gemv", "ger":
		kept(p.a, p.lda, within(p.m, p.n))
	case "symv", "syr", "syr2", "symm":
		kept(p.a, p.lda, triangle(order, false))
	case "trmv", "trsv", "trmm", "trsm":
		kept(p.a, p.lda, triangle(order, p.diag == blas.Unit))
	case "gemm":
		kept(p.a, p.lda, stored(p.tA, p.m, p.k))
		kept(p.b, p.ldb, stored(p.tB, p.k, p.n))
	case "syrk", "syr2k":
		kept(p.a, p.lda, stored(p.tA, p.n, p.k))
		kept(p.b, p.ldb, stored(p.tA, p.n, p.k))
		kept(p.c, p.ldc, triangle(p.n, false))
	}
	if p.routine != "gemm" && p.routine != "syr2k" {
		kept(p.b, p.ldb, within(p.m, p.n))
	}
	if p.routine == "symm" || p.routine == "gemm" {
		kept(p.c, p.ldc, within(p.m, p.n))
	}
	gaps := func(x []float64, inc int) {
		step := max(inc, -inc)
		for i := range x {
			if i%step != 0 {
				x[i] = nan
			}
		}
	}
	gaps(p.x, p.incX)
	gaps(p.y, p.incY)
	switch p.routine {
	case "gemv", "symv":
		if p.alpha == 0 {
			all(p.a)
			all(p.x)
		}
		if p.beta == 0 {
			all(p.y)
		}
	case "gemm", "symm", "syrk", "syr2k":
		if p.alpha == 0 {
			all(p.a)
			all(p.b)
		}
		if p.beta == 0 {
			all(p.c)
		}
	case "trmm", "trsm":
		if p.alpha == 0 {
			all(p.a)
			all(p.b)
		}
	case "ger", "syr", "syr2":
		if p.alpha == 0 {
			all(p.x)
			all(p.y)
		}
	}
}

func TestRoutinesDoNotAllocate(t *testing.T) {
	if poolsForget {
		t.Skip("pools forget under the race detector")
	}
	eachImplementation(t, func(t *testing.T, impl Implementation) {
		for _, routine := range routines {
			if routine == "trmv" || routine == "trsv" {
				continue // see their own test in kernels
			}
			var f blas.Float64 = impl // allocates
			p := drawExact(rand.New(rand.NewPCG(7, 8)), routine, 100)
			// A collection of garbage between two calls empties the pools.
			allocs := 1.0
			for try := 0; try < 10 && allocs > 0; try++ {
				allocs = testing.AllocsPerRun(10, func() { p.call(f) })
			}
			require.Zero(t, allocs, routine)
		}
	})
}

func TestNoZeroIsSkipped(t *testing.T) {
	nan, zero := []float64{math.NaN()}, []float64{0}
	one := problem{
		side: blas.Left, ul: blas.Upper, tA: blas.NoTrans, tB: blas.NoTrans, diag: blas.NonUnit, m: 1, n: 1, k: 1,
		alpha: 1, beta: 1, lda: 1, ldb: 1, ldc: 1, incX: 1, incY: 1, a: nan, b: zero, c: zero, x: zero, y: zero,
	}
	eachImplementation(t, func(t *testing.T, impl Implementation) {
		for dtype, f := range bothTypes(impl) {
			for routine, result := range map[string]func(problem) float64{
				"gemv":  func(p problem) float64 { return p.y[0] },
				"symv":  func(p problem) float64 { return p.y[0] },
				"trmv":  func(p problem) float64 { return p.x[0] },
				"gemm":  func(p problem) float64 { return p.c[0] },
				"symm":  func(p problem) float64 { return p.c[0] },
				"syr2k": func(p problem) float64 { return p.c[0] },
				"trmm":  func(p problem) float64 { return p.b[0] },
			} {
				p := one
				p.routine = routine
				require.True(t, math.IsNaN(result(p.run(f))), "%s %s", routine, dtype)
			}
			p := one
			p.routine, p.a, p.y = "ger", zero, nan
			require.True(t, math.IsNaN(p.run(f).a[0]), dtype)
		}
	})
}
