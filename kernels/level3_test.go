package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// level3 is an operation on a triangular or symmetric matrix. Its operands are shaped for
// an m×n result and a depth k.
type level3[T Float] struct {
	name string
	out  int // the operand that is written
	run  func(e *Engine[T], f form[T], x []Mat[T])
	// want returns element (i, j) of the result, computed in the order that is promised.
	want func(e *Engine[T], f form[T], x []Mat[T], i, j int) T
	// shapes returns the shapes of the operands.
	shapes func(f form[T], m, n, k int) [][2]int
}

// form is what an operation is called with beside its matrices.
type form[T Float] struct {
	side        Side
	uplo        Uplo
	diag        Diag
	alpha, beta T
}

func (f form[T]) String() string {
	return fmt.Sprintf("%v %v %v α=%v β=%v", f.side, f.uplo, f.diag, f.alpha, f.beta)
}

// holds reports whether element (i, j) lies in the triangle.
func (u Uplo) holds(i, j int) bool { return i == j || (i < j) == (u == Upper) }

func symmetric[T Float](a Mat[T], u Uplo) Mat[T] {
	s := NewMat[T](a.Rows, a.Cols, nil)
	for i := range a.Rows {
		for j := range a.Cols {
			if u.holds(i, j) {
				s.Set(i, j, a.At(i, j))
				s.Set(j, i, a.At(i, j))
			}
		}
	}
	return s
}

// chainOf continues a chain by the terms of row i of a and column j of b.
func chainOf[T Float](e *Engine[T], s, alpha T, a, b Mat[T], i, j int) T {
	if alpha == 0 {
		return s
	}
	for p := range a.Cols {
		s = multiplyAdd(e, T(alpha*a.At(i, p)), b.At(p, j), s)
	}
	return s
}

func started[T Float](beta, c T) T {
	if beta == 0 {
		return 0
	}
	return T(beta * c)
}

// triangularOperands returns a and b, or their transposes for Right, the triangle that
// the rest of an oracle computes with, and the element of b.
func triangularOperands[T Float](f form[T], x []Mat[T], i, j int) (a, b Mat[T], u Uplo, r, c int) {
	if f.side == Left {
		return x[0], x[1], f.uplo, i, j
	}
	return x[0].T(), x[1].T(), f.uplo.T(), j, i
}

func level3s[T Float]() []level3[T] {
	square := func(f form[T], m, n int) [2]int {
		if f.side == Left {
			return [2]int{m, m}
		}
		return [2]int{n, n}
	}
	triangular := func(f form[T], m, n, _ int) [][2]int { return [][2]int{square(f, m, n), {m, n}} }
	return []level3[T]{
		{"Symm", 2,
			func(e *Engine[T], f form[T], x []Mat[T]) { e.Symm(f.side, f.uplo, x[2], f.alpha, x[0], x[1], f.beta) },
			func(e *Engine[T], f form[T], x []Mat[T], i, j int) T {
				a, b := symmetric(x[0], f.uplo), x[1]
				if f.side == Right {
					a, b = b, a
				}
				return chainOf(e, started(f.beta, x[2].At(i, j)), f.alpha, a, b, i, j)
			},
			func(f form[T], m, n, _ int) [][2]int { return [][2]int{square(f, m, n), {m, n}, {m, n}} }},
		{"Syrk", 1,
			func(e *Engine[T], f form[T], x []Mat[T]) { e.Syrk(f.uplo, x[1], f.alpha, x[0], f.beta) },
			func(e *Engine[T], f form[T], x []Mat[T], i, j int) T {
				if !f.uplo.holds(i, j) {
					return x[1].At(i, j)
				}
				return chainOf(e, started(f.beta, x[1].At(i, j)), f.alpha, x[0], x[0].T(), i, j)
			},
			func(_ form[T], _, n, k int) [][2]int { return [][2]int{{n, k}, {n, n}} }},
		{"Syr2k", 2,
			func(e *Engine[T], f form[T], x []Mat[T]) { e.Syr2k(f.uplo, x[2], f.alpha, x[0], x[1], f.beta) },
			func(e *Engine[T], f form[T], x []Mat[T], i, j int) T {
				if !f.uplo.holds(i, j) {
					return x[2].At(i, j)
				}
				s := chainOf(e, started(f.beta, x[2].At(i, j)), f.alpha, x[0], x[1].T(), i, j)
				return chainOf(e, s, f.alpha, x[1], x[0].T(), i, j)
			},
			func(_ form[T], _, n, k int) [][2]int { return [][2]int{{n, k}, {n, k}, {n, n}} }},
		{"Trmm", 1,
			func(e *Engine[T], f form[T], x []Mat[T]) { e.Trmm(f.side, f.uplo, f.diag, f.alpha, x[0], x[1]) },
			func(e *Engine[T], f form[T], x []Mat[T], i, j int) T {
				a, b, u, i, j := triangularOperands(f, x, i, j)
				s := T(0)
				for p := i; p >= 0 && p < a.Rows && f.alpha != 0; p += 1 - 2*int(u) {
					v := T(1)
					if p != i || f.diag == NonUnit {
						v = a.At(i, p)
					}
					s = multiplyAdd(e, T(f.alpha*v), b.At(p, j), s)
				}
				return s
			}, triangular},
		{"Trsm", 1,
			func(e *Engine[T], f form[T], x []Mat[T]) { e.Trsm(f.side, f.uplo, f.diag, f.alpha, x[0], x[1]) },
			nil, triangular},
	}
}

// solved returns the solution of Trsm, which is found in order.
func solved[T Float](e *Engine[T], f form[T], x []Mat[T]) []T {
	out := NewMat[T](x[1].Rows, x[1].Cols, nil)
	a, b, u, _, _ := triangularOperands(f, x, 0, 0)
	xs := out
	if f.side == Right {
		xs = out.T()
	}
	for j := range b.Cols {
		for q := range a.Rows {
			i := inTurn(q, a.Rows, u)
			s := T(f.alpha * b.At(i, j))
			for r := range q {
				p := inTurn(r, a.Rows, u)
				s = multiplyAdd(e, -a.At(i, p), xs.At(p, j), s)
			}
			if f.diag == NonUnit {
				s = T(s / a.At(i, i))
			}
			if f.alpha == 0 {
				s = 0
			}
			xs.Set(i, j, s)
		}
	}
	return out.Data
}

// inTurn returns the q-th unknown that substitution finds.
func inTurn(q, n int, u Uplo) int {
	if u == Lower {
		return q
	}
	return n - 1 - q
}

// wanted returns the result of an operation, row by row.
func (op level3[T]) wanted(e *Engine[T], f form[T], x []Mat[T]) []T {
	if op.want == nil {
		return solved(e, f, x)
	}
	var all []T
	for i := range x[op.out].Rows {
		for j := range x[op.out].Cols {
			all = append(all, op.want(e, f, x, i, j))
		}
	}
	return all
}

// operands returns random operands in guarded memory. The triangle that must not be read
// is NaN, and so is a unit diagonal. Others have a diagonal that keeps solutions small.
func (op level3[T]) operands(t *testing.T, rng *rand.Rand, f form[T], m, n, k int, end string) []Mat[T] {
	var x []Mat[T]
	for at, s := range op.shapes(f, m, n, k) {
		rs, cs := strided(rng, s[0], s[1])
		v := guardedMat[T](t, rng, s[0], s[1], rs, cs, end)
		if at == 0 && (op.name == "Symm" || op.name == "Trmm" || op.name == "Trsm") {
			for i := range s[0] {
				for j := range s[1] {
					switch {
					case !f.uplo.holds(i, j), i == j && f.diag == Unit && op.name != "Symm":
						v.Set(i, j, T(math.NaN()))
					case i == j:
						v.Set(i, j, 1+v.At(i, j)/8)
					default:
						v.Set(i, j, v.At(i, j)/T(1+s[0]))
					}
				}
			}
		}
		x = append(x, v)
	}
	return x
}

func someForm[T Float](rng *rand.Rand) form[T] {
	return form[T]{Side(rng.IntN(2)), Uplo(rng.IntN(2)), Diag(rng.IntN(2)), []T{1, 1, -1, -0.75, 3.3, 0}[rng.IntN(6)], []T{0, 1, 0.4}[rng.IntN(3)]}
}

// copyOf returns matrices with the same strides and their own data.
func copyOf[T Float](x []Mat[T]) []Mat[T] {
	y := slices.Clone(x)
	for i := range y {
		y[i].Data = slices.Clone(x[i].Data)
	}
	return y
}

func testLevel3MatchesOracle[T Float](t *testing.T) {
	eachEngine(t, []int{1, 2, 3}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(61, 62))
		trials := 150 / e.threads
		if testing.Short() {
			trials /= 5
		}
		for _, op := range level3s[T]() {
			for trial := range trials {
				m, n, k := dimension(rng), dimension(rng), dimension(rng)
				f := someForm[T](rng)
				switch rng.IntN(20) {
				case 0:
					m = 130 + rng.IntN(400) // several blocks
				case 1:
					n, m = 130+rng.IntN(400), min(m, 50)
				}
				x := op.operands(t, rng, f, m, n, k, ends[trial%2])
				want, before := op.wanted(e, f, x), copyOf(x)
				op.run(e, f, x)
				requireBits(t, want, elements(x[op.out]), "%s %v of %d×%d×%d, strides (%d,%d)", op.name, f, m, n, k, x[op.out].RowStride, x[op.out].ColStride)
				out := x[op.out]
				for i := range out.Rows {
					for j := range out.Cols {
						before[op.out].Data[i*out.RowStride+j*out.ColStride] = out.At(i, j)
					}
				}
				for i := range x {
					requireBits(t, before[i].Data, x[i].Data, "operand %d of %s %v", i, op.name, f)
				}
				if t.Failed() {
					t.FailNow()
				}
			}
		}
	})
}

// Every form of every operation gives the bits of its formula, reads nothing else, and
// writes nothing else.
func TestLevel3MatchesOracle(t *testing.T) {
	testLevel3MatchesOracle[float32](t)
	testLevel3MatchesOracle[float64](t)
}

func TestLevel3DoesNotAllocate(t *testing.T) {
	if poolsForget {
		t.Skip("sync.Pool forgets at random under the race detector")
	}
	rng := rand.New(rand.NewPCG(63, 64))
	for _, threads := range []int{1, 2} {
		e, err := New[float32](WithThreads(threads))
		require.NoError(t, err)
		for _, op := range level3s[float32]() {
			for _, n := range []int{4, 60, 300} {
				f := form[float32]{Side(rng.IntN(2)), Uplo(rng.IntN(2)), NonUnit, 1, 0}
				x := op.operands(t, rng, f, n, n, n, "end")
				require.Zero(t, steadyAllocs(func() { op.run(e, f, x) }), "%s %v of order %d, %d threads", op.name, f, n, threads)
			}
		}
	}
}

func TestLevel3PropagatesNaNAndInf(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[float32]) {
		rng := rand.New(rand.NewPCG(65, 66))
		for _, op := range level3s[float32]() {
			for _, n := range []int{5, 90} {
				for _, side := range []Side{Left, Right} {
					for _, uplo := range []Uplo{Upper, Lower} {
						f := form[float32]{side, uplo, NonUnit, 1, 0}
						x := op.operands(t, rng, f, n, n, n, "end")
						for _, m := range x {
							i, j := rng.IntN(n), rng.IntN(n)
							m.Set(i, j, []float32{nan, inf, -inf, 0}[rng.IntN(4)])
						}
						want := op.wanted(e, f, x)
						op.run(e, f, x)
						requireBits(t, want, elements(x[op.out]), "%s %v of order %d", op.name, f, n)
					}
				}
			}
		}
	})
}

func TestLevel3PanicsWithNumbersBeforeItWrites(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	m := func(rows, cols int) Mat[float32] { return NewMat[float32](rows, cols, nil) }
	whole := m(8, 8)
	for message, call := range map[string]func(){
		"kernels: Symm: a is 3×4, want 3×3":                                                    func() { e.Symm(Left, Upper, m(3, 5), 1, m(3, 4), m(3, 5), 0) },
		"kernels: Symm: c is 3×5, a is 3×3, b is 4×5":                                          func() { e.Symm(Left, Upper, m(3, 5), 1, m(3, 3), m(4, 5), 0) },
		"kernels: Symm: c is 5×3, b is 5×4, a is 3×3":                                          func() { e.Symm(Right, Upper, m(5, 3), 1, m(3, 3), m(5, 4), 0) },
		"kernels: Symm: Side(2), want Left or Right":                                           func() { e.Symm(2, Upper, m(3, 5), 1, m(3, 3), m(3, 5), 0) },
		"kernels: Syrk: c is 3×3, want 4×4":                                                    func() { e.Syrk(Upper, m(3, 3), 1, m(4, 2), 0) },
		"kernels: Syrk: c with Uplo(2) and non-unit, want Upper or Lower, and NonUnit or Unit": func() { e.Syrk(2, m(3, 3), 1, m(3, 2), 0) },
		"kernels: Syr2k: c is 3×3, a is 3×2, bᵀ is 4×3":                                        func() { e.Syr2k(Upper, m(3, 3), 1, m(3, 2), m(3, 4), 0) },
		"kernels: Trmm: a is 3×3, want 4×4":                                                    func() { e.Trmm(Left, Upper, Unit, 1, m(3, 3), m(4, 5)) },
		"kernels: Trsm: a is 3×3, want 5×5":                                                    func() { e.Trsm(Right, Upper, Unit, 1, m(3, 3), m(4, 5)) },
		"kernels: Trsm: a with upper and Diag(-1), want Upper or Lower, and NonUnit or Unit":   func() { e.Trsm(Right, Upper, -1, 1, m(5, 5), m(4, 5)) },
		"kernels: Trsm: b overlaps a":                                                          func() { e.Trsm(Left, Upper, Unit, 1, whole.Slice(0, 5, 0, 5), whole.Slice(0, 5, 4, 8)) },
		"kernels: Syrk: c overlaps a":                                                          func() { e.Syrk(Upper, whole.Slice(0, 5, 0, 5), 1, whole.Slice(0, 5, 4, 8), 1) },
	} {
		require.PanicsWithValue(t, message, call)
	}
	require.Equal(t, make([]float32, 64), whole.Data)
}
