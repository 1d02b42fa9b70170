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
	// want returns the result, computed element by element in the order that is promised.
	want func(e *Engine[T], f form[T], x []Mat[T]) Mat[T]
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

// multiplied continues the chains of c, where they are wanted, by those of a product.
func multiplied[T Float](e *Engine[T], c Mat[T], alpha T, a, b Mat[T], wanted func(i, j int) bool) Mat[T] {
	for i := range c.Rows {
		for j := range c.Cols {
			if !wanted(i, j) || alpha == 0 {
				continue
			}
			s := c.At(i, j)
			for p := range a.Cols {
				s = multiplyAdd(e, T(alpha*a.At(i, p)), b.At(p, j), s)
			}
			c.Set(i, j, s)
		}
	}
	return c
}

// started returns β·c where it is wanted, and c elsewhere.
func started[T Float](c Mat[T], beta T, wanted func(i, j int) bool) Mat[T] {
	s := NewMat(c.Rows, c.Cols, make([]T, c.Rows*c.Cols))
	for i := range c.Rows {
		for j := range c.Cols {
			switch {
			case !wanted(i, j):
				s.Set(i, j, c.At(i, j))
			case beta != 0:
				s.Set(i, j, T(beta*c.At(i, j)))
			}
		}
	}
	return s
}

func everywhere(int, int) bool { return true }

// onLeft calls an oracle for a triangular matrix on the left, and for one on the right with
// both transposes. It gets the rows in the order of the uplo that is given.
func onLeft[T Float](f form[T], x []Mat[T], oracle func(a, b, out Mat[T], u Uplo)) Mat[T] {
	out := NewMat(x[1].Rows, x[1].Cols, make([]T, x[1].Rows*x[1].Cols))
	switch {
	case f.alpha == 0:
	case f.side == Left:
		oracle(x[0], x[1], out, f.uplo)
	default:
		oracle(x[0].T(), x[1].T(), out.T(), f.uplo.T())
	}
	return out
}

func trmmOracle[T Float](e *Engine[T], f form[T], x []Mat[T]) Mat[T] {
	return onLeft(f, x, func(a, b, out Mat[T], u Uplo) {
		for i := range b.Rows {
			for j := range b.Cols {
				s := T(0)
				for p := i; p >= 0 && p < a.Rows; p += 1 - 2*int(u) {
					v := T(1)
					if p != i || f.diag == NonUnit {
						v = a.At(i, p)
					}
					s = multiplyAdd(e, v, T(f.alpha*b.At(p, j)), s)
				}
				out.Set(i, j, s)
			}
		}
	})
}

func trsmOracle[T Float](e *Engine[T], f form[T], x []Mat[T]) Mat[T] {
	return onLeft(f, x, func(a, b, out Mat[T], u Uplo) {
		n := a.Rows
		turn := func(q int) int { // the q-th unknown that is found
			if u == Lower {
				return q
			}
			return n - 1 - q
		}
		for j := range b.Cols {
			for q := range n {
				i := turn(q)
				s := T(f.alpha * b.At(i, j))
				for r := range q {
					s = multiplyAdd(e, -a.At(i, turn(r)), out.At(turn(r), j), s)
				}
				if f.diag == NonUnit {
					s /= a.At(i, i)
				}
				out.Set(i, j, s)
			}
		}
	})
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
			func(e *Engine[T], f form[T], x []Mat[T]) Mat[T] {
				a, b := symmetric(x[0], f.uplo), x[1]
				if f.side == Right {
					a, b = b, a
				}
				return multiplied(e, started(x[2], f.beta, everywhere), f.alpha, a, b, everywhere)
			},
			func(f form[T], m, n, _ int) [][2]int { return [][2]int{square(f, m, n), {m, n}, {m, n}} }},
		{"Syrk", 1,
			func(e *Engine[T], f form[T], x []Mat[T]) { e.Syrk(f.uplo, x[1], f.alpha, x[0], f.beta) },
			func(e *Engine[T], f form[T], x []Mat[T]) Mat[T] {
				return multiplied(e, started(x[1], f.beta, f.uplo.holds), f.alpha, x[0], x[0].T(), f.uplo.holds)
			},
			func(_ form[T], _, n, k int) [][2]int { return [][2]int{{n, k}, {n, n}} }},
		{"Syr2k", 2,
			func(e *Engine[T], f form[T], x []Mat[T]) { e.Syr2k(f.uplo, x[2], f.alpha, x[0], x[1], f.beta) },
			func(e *Engine[T], f form[T], x []Mat[T]) Mat[T] {
				first := multiplied(e, started(x[2], f.beta, f.uplo.holds), f.alpha, x[0], x[1].T(), f.uplo.holds)
				return multiplied(e, first, f.alpha, x[1], x[0].T(), f.uplo.holds)
			},
			func(_ form[T], _, n, k int) [][2]int { return [][2]int{{n, k}, {n, k}, {n, n}} }},
		{"Trmm", 1,
			func(e *Engine[T], f form[T], x []Mat[T]) { e.Trmm(f.side, f.uplo, f.diag, f.alpha, x[0], x[1]) },
			trmmOracle[T], triangular},
		{"Trsm", 1,
			func(e *Engine[T], f form[T], x []Mat[T]) { e.Trsm(f.side, f.uplo, f.diag, f.alpha, x[0], x[1]) },
			trsmOracle[T], triangular},
	}
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

// require runs an operation on each of the engines, in guarded memory. The result must have
// the bits of the oracle, and nothing else may change.
func (op level3[T]) require(t *testing.T, engines []*Engine[T], rng *rand.Rand, f form[T], m, n, k int) {
	t.Helper()
	x := op.operands(t, rng, f, m, n, k, ends[rng.IntN(2)])
	before := make([][]T, len(x))
	for i := range x {
		before[i] = slices.Clone(x[i].Data)
	}
	wants, out := map[bool]Mat[T]{}, x[op.out] // by whether a multiply-add rounds once
	for _, e := range engines {
		copy(out.Data, before[op.out])
		if _, ok := wants[fuses(e)]; !ok {
			wants[fuses(e)] = op.want(e, f, x)
		}
		op.run(e, f, x)
		problem := fmt.Sprintf("%s %v of %d×%d×%d, strides (%d,%d), level %v, %d threads, kc %d",
			op.name, f, m, n, k, out.RowStride, out.ColStride, e.level, e.threads, e.blockings[0].kc)
		requireBits(t, wants[fuses(e)].Data, elements(out), "%s", problem)
		for i := range x {
			want := slices.Clone(before[i])
			if i == op.out {
				for r := range out.Rows {
					for c := range out.Cols {
						want[r*out.RowStride+c*out.ColStride] = out.At(r, c)
					}
				}
			}
			requireBits(t, want, x[i].Data, "operand %d of %s", i, problem)
		}
	}
}

// inSmallBlocks returns e with sizes of a few elements, so that all loops run in a small
// problem.
func inSmallBlocks[T Float](e *Engine[T]) *Engine[T] {
	small, b := *e, *e.blockings
	for i := range b {
		b[i].kc, b[i].mc, b[i].nc, b[i].slab = 11, 2*b[i].mr, 2*b[i].nr, 1<<10
	}
	small.blockings = &b
	return &small
}

// everyEngine returns engines of every level and number of threads, with their own blocks and
// with small ones.
func everyEngine[T Float](t testing.TB, threads ...int) (all []*Engine[T]) {
	for _, l := range Levels() {
		for _, n := range threads {
			e, err := New[T](WithLevel(l), WithThreads(n))
			require.NoError(t, err)
			all = append(all, e, inSmallBlocks(e))
		}
	}
	return all
}

// Every operation, on any number of threads and in any blocks, gives the bits of its
// formula, reads nothing else, and writes nothing else.
func testLevel3Bits[T Float](t *testing.T) {
	engines, trials := everyEngine[T](t, 1, 2, 3, 8), level3Problems
	if testing.Short() {
		trials /= 10
	}
	for _, op := range level3s[T]() {
		rng := rand.New(rand.NewPCG(61, 62))
		for range trials {
			m, n, k := dimension(rng), dimension(rng), dimension(rng)
			switch rng.IntN(40) {
			case 0:
				m = 130 + rng.IntN(400) // several blocks
			case 1:
				n, m = 130+rng.IntN(400), min(m, 50)
			}
			op.require(t, engines, rng, someForm[T](rng), m, n, k)
		}
	}
}

func TestLevel3BitsAreTheOracles(t *testing.T) {
	t.Parallel()
	testLevel3Bits[float32](t)
	testLevel3Bits[float64](t)
}

// All forms of all small orders.
func testLevel3Forms[T Float](t *testing.T) {
	rng, engines, step := rand.New(rand.NewPCG(67, 68)), everyEngine[T](t, 1), 1
	if testing.Short() {
		step = 7
	}
	for _, op := range level3s[T]() {
		for order := 0; order < 66; order += step {
			for form := range 8 {
				f := someForm[T](rng)
				f.side, f.uplo, f.diag = Side(form&1), Uplo(form>>1&1), Diag(form>>2)
				m, n := order, 1+rng.IntN(9)
				if f.side == Right || op.name[:3] == "Syr" {
					m, n = n, m
				}
				op.require(t, engines, rng, f, m, n, rng.IntN(9))
			}
		}
	}
}

func TestLevel3OfEveryFormAndOrder(t *testing.T) {
	t.Parallel()
	testLevel3Forms[float32](t)
	testLevel3Forms[float64](t)
}

func FuzzLevel3(f *testing.F) {
	for op := range uint8(5) {
		f.Add(uint64(op), op, uint16(70), uint16(20), uint16(5))
	}
	single, double := everyEngine[float32](f, 1, 2), everyEngine[float64](f, 1, 2)
	f.Fuzz(func(t *testing.T, seed uint64, op uint8, m, n, k uint16) {
		rng := rand.New(rand.NewPCG(seed, 1))
		level3s[float32]()[op%5].require(t, single, rng, someForm[float32](rng), int(m%300), int(n%300), int(k%100))
		level3s[float64]()[op%5].require(t, double, rng, someForm[float64](rng), int(m%300), int(n%300), int(k%100))
	})
}

// Trsm solves a system near the given one: |b - A·x| ≤ γ·|A|·|x|. Trmm is as near as Gemm.
func TestTriangularOperationsAreWithinTheirBounds(t *testing.T) {
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float32]) {
		rng := rand.New(rand.NewPCG(69, 70))
		for _, n := range []int{1, 7, 60, 200} {
			for _, uplo := range []Uplo{Upper, Lower} {
				const cols = 5
				a, b := NewMat[float32](n, n, nil), NewMat[float32](n, cols, nil)
				fill(b.Data)
				for i := range n {
					for j := range n {
						a.Set(i, j, float32(rng.NormFloat64()/math.Sqrt(float64(n))))
					}
					a.Set(i, i, float32(1+rng.Float64()))
				}
				x, y := NewMat(n, cols, slices.Clone(b.Data)), NewMat(n, cols, slices.Clone(b.Data))
				e.Trsm(Left, uplo, NonUnit, 1, a, x)
				e.Trmm(Left, uplo, NonUnit, 1, a, y)
				u := float64(n) * unitRoundoff[float32]()
				gamma := u / (1 - u)
				for i := range n {
					for j := range cols {
						ax, mostX, ab, mostB := 0.0, 0.0, 0.0, 0.0
						for p := range n {
							if uplo.holds(i, p) {
								v := float64(a.At(i, p))
								ax += v * float64(x.At(p, j))
								mostX += math.Abs(v * float64(x.At(p, j)))
								ab += v * float64(b.At(p, j))
								mostB += math.Abs(v * float64(b.At(p, j)))
							}
						}
						require.LessOrEqual(t, math.Abs(ax-float64(b.At(i, j))), gamma*mostX, "Trsm, order %d", n)
						require.LessOrEqual(t, math.Abs(ab-float64(y.At(i, j))), gamma*mostB, "Trmm, order %d", n)
					}
				}
			}
		}
	})
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
						want := op.want(e, f, x)
						op.run(e, f, x)
						requireBits(t, want.Data, elements(x[op.out]), "%s %v of order %d", op.name, f, n)
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
