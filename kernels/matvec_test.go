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
	t.Run("float32", testMatvec[float32])
	t.Run("float64", testMatvec[float64])
}
