package kernels

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// problem is a product with an epilogue, and its exact result.
type problem[T Float] struct {
	c, a, b     Mat[T]
	alpha, beta T
	bias        []T
	act         Activation
}

func randomProblem[T Float](rng *rand.Rand) problem[T] {
	m, n, k := dimension(rng), dimension(rng), dimension(rng)
	mat := func(rows, cols int) Mat[T] {
		rs, cs := strided(rng, rows, cols)
		v := Mat[T]{Rows: rows, Cols: cols, RowStride: rs, ColStride: cs}
		if !v.empty() {
			v.Data = make([]T, v.span())
		}
		for i := range v.Data {
			v.Data[i] = T(rng.NormFloat64())
		}
		return v
	}
	p := problem[T]{c: mat(m, n), a: mat(m, k), b: mat(k, n), alpha: []T{1, -0.75, 3.3}[rng.IntN(3)], beta: []T{0, 1, 0.4}[rng.IntN(3)]}
	if rng.IntN(2) == 0 { // a layer
		p.c, p.alpha, p.beta, p.act = NewMat(m, n, make([]T, m*n)), 1, 0, Activation(rng.IntN(2))
		p.bias = mat(1, n).Data[:0]
		for range n {
			p.bias = append(p.bias, T(rng.NormFloat64()))
		}
	}
	return p
}

// want returns the exact result, rounded as e rounds.
func (p *problem[T]) want(e *Engine[T]) []T {
	want := gemmOracle(e, p.c, p.alpha, p.a, p.b, p.beta)
	for i := range want {
		if p.bias != nil {
			want[i] += p.bias[i%p.c.Cols]
		}
		if p.act == ReLU && want[i] < 0 {
			want[i] = 0
		}
	}
	return want
}

// runs returns the elements of C after each way to compute the problem: the public call,
// and every way with blocks of a few elements, which threads share even in a small problem.
func (p *problem[T]) runs(e *Engine[T]) [][]T {
	var got [][]T
	run := func(call func(c Mat[T])) {
		c := p.c
		c.Data = slices.Clone(c.Data)
		call(c)
		got = append(got, elements(c))
	}
	f := panel.Epilogue[T]{Bias: p.bias, ReLU: p.act == ReLU}
	run(func(c Mat[T]) {
		if p.bias != nil {
			e.Linear(c, p.a, p.b, p.bias, p.act)
		} else {
			e.Gemm(c, p.alpha, p.a, p.b, p.beta)
		}
	})
	if p.c.empty() {
		return got
	}
	for _, w := range blockWays {
		if w == inPlace && (p.b.ColStride != 1 || p.alpha != 1) {
			continue
		}
		run(func(c Mat[T]) {
			blk := *e.blockingFor(c.Cols)
			blk.kc, blk.mc, blk.nc, blk.slab = 11, 2*blk.mr, 2*blk.nr, 1<<10
			g := e.product(plan{w, false, &blk, e.threads}, &c, &p.a, &p.b, p.beta, &f)
			g.alphaA = p.alpha
			g.do()
		})
	}
	return got
}

func testBits[T Float](t *testing.T) {
	var engines []*Engine[T]
	for _, l := range Levels() {
		for _, threads := range []int{1, 2, 3, 8} {
			e, err := New[T](WithLevel(l), WithThreads(threads))
			require.NoError(t, err)
			engines = append(engines, e)
		}
	}
	problems := bitsProblems
	if testing.Short() {
		problems /= 10
	}
	for trial := range problems {
		p := randomProblem[T](rand.New(rand.NewPCG(41, uint64(trial))))
		want := map[bool][]T{} // by whether a multiply-add rounds once
		for _, e := range engines {
			if want[fuses(e)] == nil {
				want[fuses(e)] = p.want(e)
			}
			for way, got := range p.runs(e) {
				requireBits(t, want[fuses(e)], got, "problem %d, %d×%d×%d: level %v, %d threads, way %d",
					trial, p.c.Rows, p.c.Cols, p.a.Cols, e.level, e.threads, way)
			}
		}
	}
}

// Every level, on any number of threads and in any blocks, gives the bits of the
// exact oracle.
func TestBitsAreTheOraclesAtEveryLevel(t *testing.T) {
	t.Parallel()
	testBits[float32](t)
	testBits[float64](t)
}
