package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The oracles compute what the documentation says, element by element.

// scaledBy returns beta·y, as where a chain begins.
func scaledBy[T Float](beta, y T) T {
	switch beta {
	case 0:
		return 0
	case 1:
		return y
	}
	return T(beta * y)
}

func gemvOracle[T Float](e *Engine[T], y []T, alpha T, a Mat[T], x []T, beta T) {
	for i := range y {
		y[i] = scaledBy(beta, y[i])
		switch {
		case alpha == 0:
		case a.ColStride != 1 && a.RowStride == 1:
			for j, v := range x {
				y[i] = multiplyAdd(e, scaledBy(alpha, v), a.At(i, j), y[i])
			}
		default:
			const chunk = 32768
			for first := 0; first < len(x); first += chunk {
				s := sumInLanes(16, min(chunk, len(x)-first), func(sum T, j int) T {
					return multiplyAdd(e, a.At(i, first+j), x[first+j], sum)
				})
				y[i] = multiplyAdd(e, alpha, s, y[i])
			}
		}
	}
}

func gerOracle[T Float](e *Engine[T], a Mat[T], alpha T, x, y []T, within func(i, j int) bool) {
	for i := range a.Rows {
		for j := range a.Cols {
			if within(i, j) && alpha != 0 {
				a.Set(i, j, multiplyAdd(e, scaledBy(alpha, x[i]), y[j], a.At(i, j)))
			}
		}
	}
}

// in returns which elements lie in a triangle.
func (u Uplo) in() func(i, j int) bool {
	return func(i, j int) bool { return i == j || (i < j) == (u == Upper) }
}

func symvOracle[T Float](e *Engine[T], y []T, alpha T, uplo Uplo, a Mat[T], x []T, beta T) {
	if a.ColStride != 1 && a.RowStride == 1 {
		a, uplo = a.T(), uplo.T()
	}
	n, in := a.Rows, uplo.in()
	at := func(i, j int) T {
		if in(i, j) {
			return a.At(i, j)
		}
		return a.At(j, i)
	}
	place := func(k, size int) (lo, hi int) { // of the k-th piece, from the longest row
		if lo, hi = k*size, min((k+1)*size, n); uplo == Lower {
			lo, hi = n-hi, n-lo
		}
		return lo, hi
	}
	var total []T
	for b := range ceilDiv(n, 256) {
		p := make([]T, n)
		first, last := place(b, 256)
		var groups [][2]int
		for k := range ceilDiv(n, 4) {
			if lo, hi := place(k, 4); first <= lo && hi <= last {
				groups = append(groups, [2]int{lo, hi})
			}
		}
		slices.SortFunc(groups, func(g, h [2]int) int { return g[0] - h[0] })
		for _, g := range groups {
			lo, hi := g[0], g[1]
			j0, j1 := hi, n
			if uplo == Lower {
				j0, j1 = 0, lo
			}
			for i := lo; i < hi; i++ {
				for j := lo; j < hi; j++ {
					p[i] = multiplyAdd(e, at(i, j), x[j], p[i])
				}
			}
			for i := lo; i < hi && j0 < j1; i++ {
				p[i] += sumInLanes(16, j1-j0, func(sum T, j int) T { return multiplyAdd(e, at(i, j0+j), x[j0+j], sum) })
			}
			for i := lo; i < hi; i++ {
				for j := j0; j < j1; j++ {
					p[j] = multiplyAdd(e, at(i, j), x[i], p[j])
				}
			}
		}
		if total == nil {
			total = p
		} else {
			for j := range p {
				total[j] += p[j]
			}
		}
	}
	for i := range y {
		switch y[i] = scaledBy(beta, y[i]); {
		case alpha == 0:
		case beta == 0:
			y[i] = alpha * total[i]
		default:
			y[i] = multiplyAdd(e, alpha, total[i], y[i])
		}
	}
}

// triangularOracle multiplies x by a triangle, or solves a system with it, in blocks of 32.
func triangularOracle[T Float](e *Engine[T], uplo Uplo, diag Diag, a Mat[T], x []T, solve bool) {
	n := len(x)
	blocks := ceilDiv(n, 32)
	for k := range blocks {
		b := k
		if !solve {
			b = blocks - 1 - k
		}
		lo, hi := b*32, min((b+1)*32, n)
		before := [2]int{0, lo}
		after := [2]int{hi, n}
		if uplo == Upper {
			lo, hi = n-hi, n-lo
			before, after = [2]int{hi, n}, [2]int{0, lo}
		}
		// The rows of the block, from where they are short.
		row := func(k int) int {
			if uplo == Lower {
				return lo + k
			}
			return hi - 1 - k
		}
		within := func() {
			for k := range hi - lo {
				k := k
				if !solve {
					k = hi - lo - 1 - k
				}
				i := row(k)
				sum := x[i]
				if !solve && diag == NonUnit {
					sum *= a.At(i, i)
				}
				for l := range k {
					v := a.At(i, row(l))
					if solve {
						v = -v
					}
					sum = multiplyAdd(e, v, x[row(l)], sum)
				}
				if solve && diag == NonUnit {
					sum /= a.At(i, i)
				}
				x[i] = sum
			}
		}
		alpha := T(1)
		if solve {
			alpha = -1
		}
		add := func(rows, cols [2]int) {
			gemvOracle(e, x[rows[0]:rows[1]], alpha, a.Slice(rows[0], rows[1], cols[0], cols[1]), x[cols[0]:cols[1]], 1)
		}
		switch byColumns := a.ColStride != 1 && a.RowStride == 1; {
		case byColumns && solve:
			within()
			add(after, [2]int{lo, hi})
		case byColumns:
			add(after, [2]int{lo, hi})
			within()
		case solve:
			add([2]int{lo, hi}, before)
			within()
		default:
			within()
			add([2]int{lo, hi}, before)
		}
	}
}

// matvecOperation is an operation on a matrix and vectors. want changes copies as a plain
// loop would.
type matvecOperation[T Float] struct {
	name   string
	square bool
	run    func(e *Engine[T], f matvecForm[T], a Mat[T], x, y Vec[T])
	want   func(e *Engine[T], f matvecForm[T], a Mat[T], x, y []T)
	reads  func(f matvecForm[T]) func(i, j int) bool // which elements of the matrix
}

// matvecForm says what an operation computes.
type matvecForm[T Float] struct {
	alpha, beta T
	uplo        Uplo
	diag        Diag
}

func matvecOperations[T Float]() []matvecOperation[T] {
	all := func(matvecForm[T]) func(i, j int) bool { return func(i, j int) bool { return true } }
	triangle := func(f matvecForm[T]) func(i, j int) bool { return f.uplo.in() }
	triangular := func(f matvecForm[T]) func(i, j int) bool {
		return func(i, j int) bool { return f.uplo.in()(i, j) && (i != j || f.diag == NonUnit) }
	}
	return []matvecOperation[T]{
		{"Gemv", false,
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, y Vec[T]) { e.Gemv(y, f.alpha, a, x, f.beta) },
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, y []T) { gemvOracle(e, y, f.alpha, a, x, f.beta) }, all},
		{"Ger", false,
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, y Vec[T]) { e.Ger(a, f.alpha, y, x) },
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, y []T) { gerOracle(e, a, f.alpha, y, x, all(f)) }, all},
		{"Symv", true,
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, y Vec[T]) { e.Symv(y, f.alpha, f.uplo, a, x, f.beta) },
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, y []T) {
				symvOracle(e, y, f.alpha, f.uplo, a, x, f.beta)
			}, triangle},
		{"Syr", true,
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, _ Vec[T]) { e.Syr(f.uplo, a, f.alpha, x) },
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, _ []T) { gerOracle(e, a, f.alpha, x, x, f.uplo.in()) }, triangle},
		{"Syr2", true,
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, y Vec[T]) { e.Syr2(f.uplo, a, f.alpha, x, y) },
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, y []T) {
				gerOracle(e, a, f.alpha, x, y, f.uplo.in())
				gerOracle(e, a, f.alpha, y, x, f.uplo.in())
			}, triangle},
		{"Trmv", true,
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, _ Vec[T]) { e.Trmv(f.uplo, f.diag, a, x) },
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, _ []T) {
				triangularOracle(e, f.uplo, f.diag, a, x, false)
			}, triangular},
		{"Trsv", true,
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, _ Vec[T]) { e.Trsv(f.uplo, f.diag, a, x) },
			func(e *Engine[T], f matvecForm[T], a Mat[T], x, _ []T) {
				triangularOracle(e, f.uplo, f.diag, a, x, true)
			}, triangular},
	}
}

// matvecProblem is one call. Elements of the matrix that it must not read are NaN.
type matvecProblem[T Float] struct {
	op         matvecOperation[T]
	f          matvecForm[T]
	rows, cols int
	layout     int // rows contiguous, columns contiguous, or neither
	incX, incY int
}

// matvecBuffers are guarded memory for the operands of every problem.
type matvecBuffers[T Float] struct{ a, x, y []T }

func newMatvecBuffers[T Float](t *testing.T, n int) matvecBuffers[T] {
	return matvecBuffers[T]{guarded[T](t, 3*n*n, "end"), guarded[T](t, 3*n, "end"), guarded[T](t, 3*n, "end")}
}

func (p *matvecProblem[T]) check(t *testing.T, engines []*Engine[T], b matvecBuffers[T], rng *rand.Rand) {
	t.Helper()
	a := Mat[T]{Rows: p.rows, Cols: p.cols, RowStride: p.cols + p.rows%3, ColStride: 1}
	switch p.layout {
	case 1:
		a.RowStride, a.ColStride = 1, p.rows+p.cols%3
	case 2:
		a.RowStride, a.ColStride = 2, 2*p.rows+1
	}
	if !a.empty() {
		a.Data = b.a[len(b.a)-a.span():]
	}
	fillWith(a.Data, canary)
	reads := p.op.reads(p.f)
	for i := range p.rows {
		for j := range p.cols {
			v := T(rng.NormFloat64()) / 4
			if i == j {
				v = T(2 + rng.Float64())
			}
			if !reads(i, j) {
				v = T(math.NaN())
			}
			a.Set(i, j, v)
		}
	}
	x, y := make([]T, p.cols), make([]T, p.rows)
	for _, s := range [][]T{x, y} {
		for i := range s {
			s[i] = T(rng.NormFloat64())
		}
	}
	data := slices.Clone(a.Data)
	oracle := func(e *Engine[T]) (wantA, wantX, wantY []T) {
		c := a
		c.Data, wantX, wantY = slices.Clone(data), slices.Clone(x), slices.Clone(y)
		p.op.want(e, p.f, c, wantX, wantY)
		return c.Data, wantX, wantY
	}
	var wants [2][3][]T // of engines that do not fuse, and that do
	for _, e := range engines {
		which := 0
		if fuses(e) {
			which = 1
		}
		want := &wants[which]
		if want[0] == nil && !a.empty() || want[1] == nil {
			want[0], want[1], want[2] = oracle(e)
		}
		copy(a.Data, data)
		vx, vy := vecIn(b.x, p.incX, true, x), vecIn(b.y, p.incY, true, y)
		p.op.run(e, p.f, a, vx, vy)
		what := fmt.Sprintf("%s of %d×%d, layout %d, increments %d and %d, %+v, level %v, %d threads",
			p.op.name, p.rows, p.cols, p.layout, p.incX, p.incY, p.f, e.level, e.threads)
		requireBits(t, want[0], a.Data, "matrix of %s", what)
		requireVec(t, want[1], vx, "x of %s", what)
		requireVec(t, want[2], vy, "y of %s", what)
	}
}

// testMatvec checks every form of small problems, and one form of larger ones of each size,
// between pages that fault.
func testMatvec[T Float](t *testing.T) {
	const most = 257
	rng := rand.New(rand.NewPCG(71, 72))
	b := newMatvecBuffers[T](t, most)
	engines := enginesOf[T](t, 1)
	incs := []int{1, 2, -1, 3}
	sizes, step := 10, 1
	if poolsForget || testing.Short() {
		sizes, step = 6, 7
	}
	for _, op := range matvecOperations[T]() {
		k := 0
		check := func(rows, cols int) {
			uplo, diag, layout := Uplo(k%2), Diag(k/2%2), k/4%3
			alpha, beta := []T{1, -0.75, 1, 0}[k/3%4], []T{0, 1, 0.4}[k/2%3]
			p := matvecProblem[T]{op, matvecForm[T]{alpha, beta, uplo, diag}, rows, cols, layout, incs[k/5%4], incs[k/7%4]}
			p.check(t, engines, b, rng)
			k++
		}
		for n := range sizes {
			for range 3 * 2 * 2 * 8 {
				check(n, n)
			}
		}
		for n := sizes; n <= most; n += step {
			check(n, n)
			if !op.square {
				check(n, rng.IntN(40))
				check(rng.IntN(40), n)
			}
		}
	}
}

// enginesOf returns an engine for every level and each number of threads.
func enginesOf[T Float](t *testing.T, threads ...int) (es []*Engine[T]) {
	for _, l := range Levels() {
		for _, n := range threads {
			e, err := New[T](WithLevel(l), WithThreads(n))
			require.NoError(t, err)
			es = append(es, e)
		}
	}
	return es
}

func TestMatvecOperationsAreTheirOraclesAtEverySize(t *testing.T) {
	t.Parallel()
	t.Run("float32", testMatvec[float32])
	t.Run("float64", testMatvec[float64])
}

// Large problems, which threads share and calls cut in parts, have the same bits for any
// number of threads at every level, and are the oracle's.
func testMatvecThreads[T Float](t *testing.T) {
	const n = 530 // three bands of Symv, and more than matvecElements
	rng := rand.New(rand.NewPCG(73, 74))
	b := newMatvecBuffers[T](t, n)
	engines := enginesOf[T](t, 1, 2, 3, 8)
	for k, op := range matvecOperations[T]() {
		for layout := range 3 {
			if layout == 2 && testing.Short() {
				continue
			}
			f := matvecForm[T]{-0.75, 0.4, Uplo((k + layout) % 2), NonUnit}
			p := matvecProblem[T]{op, f, n, n, layout, 1, 1}
			p.check(t, engines, b, rng)
		}
	}
	// Rows and columns that one call into assembly does not finish.
	wide := newMatvecBuffers[T](t, 600)
	for _, s := range [][2]int{{3, 70001}, {70001, 3}} {
		for layout := range 2 {
			for _, op := range matvecOperations[T]() {
				if !op.square {
					x, y := guarded[T](t, s[1], "end"), guarded[T](t, s[0], "end")
					p := matvecProblem[T]{op, matvecForm[T]{1.5, 1, Upper, NonUnit}, s[0], s[1], layout, 1, 1}
					p.check(t, engines, matvecBuffers[T]{wide.a, x, y}, rng)
				}
			}
		}
	}
}

func TestMatvecBitsDoNotDependOnThreads(t *testing.T) {
	t.Run("float32", testMatvecThreads[float32])
	t.Run("float64", testMatvecThreads[float64])
}

// NaN and Inf propagate, but what alpha = 0 and beta = 0 exclude is not read.
func testMatvecSpecial[T Float](t *testing.T) {
	nan := T(math.NaN())
	for _, e := range enginesOf[T](t, 1) {
		for n := 1; n < 40; n++ {
			for _, a := range []Mat[T]{NewMat[T](n, n, nil), NewMat[T](n, n, nil).T(), {make([]T, 2*n*n), n, n, 2, 2 * n}} {
				for i := range n {
					a.Set(i, i, 1)
				}
				x, y, zero := make([]T, n), make([]T, n), make([]T, n)
				read := func(want bool, what string) {
					t.Helper()
					require.Equal(t, want, slices.ContainsFunc(y, func(v T) bool { return v != v }), "%s, n = %d, strides (%d,%d), %v", what, n, a.RowStride, a.ColStride, e.level)
				}
				vx, vy := NewVec(x), NewVec(y)
				y[n/2] = nan
				e.Gemv(vy, 1, a, vx, 0)
				read(false, "Gemv reads y for beta 0")
				y[n/2] = nan
				e.Symv(vy, 1, Lower, a, vx, 0)
				read(false, "Symv reads y for beta 0")
				x[n/2] = nan
				e.Gemv(vy, 0, a, vx, 1)
				read(false, "Gemv reads x for alpha 0")
				e.Symv(vy, 0, Upper, a, vx, 1)
				read(false, "Symv reads x for alpha 0")
				for _, alpha := range []T{0, 1} {
					e.Ger(a, alpha, vx, NewVec(zero))
					e.Syr(Upper, a, alpha, vx)
					e.Syr2(Lower, a, alpha, NewVec(zero), vx)
					for j := range y {
						y[j] = a.At(n/2, j)
					}
					read(alpha == 1, "an update with NaN·0")
				}
				for i := range a.Data {
					a.Data[i] = 0
				}
				for i := range n {
					a.Set(i, i, 1)
				}
				a.Set(n/2, 0, nan)
				clear(y)
				e.Trmv(Lower, NonUnit, a, vy)
				read(true, "Trmv skips 0·NaN")
				a.Set(n/2, 0, 0)
				a.Set(n/2, n/2, 0)
				clear(y)
				e.Trsv(Upper, NonUnit, a, vy)
				read(true, "Trsv divides 0 by 0")
			}
		}
	}
}

func TestMatvecOperationsPropagateNaN(t *testing.T) {
	testMatvecSpecial[float32](t)
	testMatvecSpecial[float64](t)
}

// The error of a product stays within its bound, and that of a substitution within that of
// its residual.
func testMatvecBounds[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(75, 76))
	const n = 200
	eps := unitRoundoff[T]()
	for _, e := range enginesOf[T](t, 1) {
		for _, a := range []Mat[T]{NewMat[T](n, n, nil), NewMat[T](n, n, nil).T()} {
			x, y, b := make([]T, n), make([]T, n), make([]T, n)
			for i := range n {
				for j := range i + 1 {
					v := T(rng.NormFloat64())
					if i == j {
						v += 20
					}
					a.Set(i, j, v)
					a.Set(j, i, v)
				}
				x[i] = T(rng.NormFloat64())
			}
			within := func(what string, got []T, bound float64, uses func(i, j int) bool) {
				t.Helper()
				for i := range n {
					sum, size := 0.0, 0.0
					for j := range n {
						if uses(i, j) {
							term := float64(a.At(i, j)) * float64(x[j])
							sum, size = sum+term, size+math.Abs(term)
						}
					}
					require.InDelta(t, sum, float64(got[i]), bound*eps*size, "%s, element %d, %v", what, i, e.level)
				}
			}
			all := func(i, j int) bool { return true }
			e.Gemv(NewVec(y), 1, a, NewVec(x), 0)
			within("Gemv", y, n+3, all)
			e.Symv(NewVec(y), 1, Lower, a, NewVec(x), 0)
			within("Symv", y, n+3, all)
			copy(y, x)
			e.Trmv(Upper, NonUnit, a, NewVec(y))
			within("Trmv", y, n, Upper.in())
			copy(b, x)
			e.Trsv(Lower, NonUnit, a, NewVec(x))
			within("Trsv", b, n+1, Lower.in())
		}
	}
}

func TestMatvecOperationsAreWithinTheirBounds(t *testing.T) {
	testMatvecBounds[float32](t)
	testMatvecBounds[float64](t)
}

func TestMatvecOperationsPanicWithNumbersBeforeTheyWrite(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	data := make([]float32, 12)
	for i := range data {
		data[i] = float32(i)
	}
	before := slices.Clone(data)
	a, square := NewMat(2, 3, data), NewMat(3, 3, data)
	two, three, own := NewVec(make([]float32, 2)), NewVec(make([]float32, 3)), NewVec(data[:3])
	for message, f := range map[string]func(){
		"kernels: Gemv: x has 2 elements, the rows of a have 3":                               func() { e.Gemv(two, 1, a, two, 0) },
		"kernels: Gemv: y has 3 elements, the columns of a have 2":                            func() { e.Gemv(three, 1, a, three, 0) },
		"kernels: Gemv: y overlaps a":                                                         func() { e.Gemv(own, 1, square, three, 0) },
		"kernels: Gemv: y overlaps x":                                                         func() { e.Gemv(three, 1, square, three, 0) },
		"kernels: Gemv: a is 9×3 with strides (3,1), its data has 12 elements":                func() { e.Gemv(two, 1, Mat[float32]{data, 9, 3, 3, 1}, three, 0) },
		"kernels: Ger: y has 2 elements, the rows of a have 3":                                func() { e.Ger(a, 1, two, two) },
		"kernels: Ger: elements of a overlap: 3×2 with strides (1,1)":                         func() { e.Ger(Mat[float32]{data, 3, 2, 1, 1}, 1, three, two) },
		"kernels: Symv: a is 3×3, want 2×2":                                                   func() { e.Symv(two, 1, Upper, square, two, 0) },
		"kernels: Symv: y has 2 elements, x 3":                                                func() { e.Symv(two, 1, Upper, square, three, 0) },
		"kernels: Syr: a with Uplo(7) and non-unit, want Upper or Lower, and NonUnit or Unit": func() { e.Syr(7, square, 1, three) },
		"kernels: Syr2: y has 2 elements, x 3":                                                func() { e.Syr2(Upper, square, 1, three, two) },
		"kernels: Trmv: a is 2×3, want 2×2":                                                   func() { e.Trmv(Upper, Unit, a, two) },
		"kernels: Trsv: the 3 elements of x have increment 0":                                 func() { e.Trsv(Upper, Unit, square, StridedVec(make([]float32, 1), 3, 0)) },
	} {
		require.PanicsWithValue(t, message, f)
		require.Equal(t, before, data)
	}
}

func testMatvecAllocations[T Float](t *testing.T) {
	if poolsForget {
		t.Skip("sync.Pool forgets at random under the race detector")
	}
	const n = 530
	for _, e := range enginesOf[T](t, 1, 2) {
		a := NewMat[T](n, n, nil)
		for i := range n {
			a.Set(i, i, 1)
		}
		x, y := make([]T, 2*n), make([]T, 2*n)
		for _, op := range matvecOperations[T]() {
			for _, m := range []Mat[T]{a, a.T()} {
				for _, inc := range []int{1, -2} {
					f := matvecForm[T]{0.5, 0.5, Upper, NonUnit}
					require.Zero(t, steadyAllocs(func() { op.run(e, f, m, StridedVec(x, n, inc), StridedVec(y, n, inc)) }), "%s, %v", op.name, e.level)
				}
			}
		}
	}
}

func TestMatvecOperationsDoNotAllocate(t *testing.T) {
	testMatvecAllocations[float32](t)
	testMatvecAllocations[float64](t)
}
