package kernels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// benchmarkShapes are the products that Lanes is compared with other libraries on: squares,
// and the forward pass and both gradients of layers.
func benchmarkShapes() (all []struct {
	form    string
	m, n, k int
}) {
	add := func(form string, m, n, k int) {
		all = append(all, struct {
			form    string
			m, n, k int
		}{form, m, n, k})
	}
	for n := 8; n <= 4096; n *= 2 {
		for _, form := range []string{"NN", "TN", "NT"} {
			add(form, n, n, n)
		}
	}
	layer := func(batch, in, out int) {
		add("NN", batch, out, in)
		add("TN", in, out, batch)
		add("NT", batch, in, out)
	}
	for _, batch := range []int{1, 100, 200, 256, 300, 1024} {
		for _, out := range []int{50, 75, 100, 256, 1024} {
			layer(batch, 3072, out)
		}
	}
	for _, batch := range []int{300, 1024} {
		for _, l := range [][2]int{{1024, 512}, {512, 256}, {256, 128}, {128, 64}, {1024, 1024}, {100, 50}, {75, 10}, {64, 10}} {
			layer(batch, l[0], l[1])
		}
	}
	return all
}

// simulate returns the multiply-adds of the busiest thread, and those of all, if threads that
// are equally fast take piece after piece. A piece counts in whole tiles.
func simulate(p plan, m, n, k int, packsA bool) (longest, all int) {
	if parts := p.parts(m, n, packsA); parts.count > 0 {
		free := make([]int, p.threads)
		for i := range parts.count { // of which threads have runs
			i0, i1, j0, j1 := parts.bounds(i, m, n, p.blocking)
			work := roundUp(i1-i0, p.mr) * roundUp(j1-j0, p.nr) * k
			free[i*p.threads/parts.count] += work
			all += work
		}
		return slices.Max(free), all
	}
	s := p.steps(m, n, k)
	for j0 := 0; j0 < n; j0 += s.width {
		width := min(s.width, n-j0)
		for p0 := 0; p0 < k; p0 += s.depth {
			depth := min(s.depth, k-p0)
			free := make([]int, p.threads)
			for piece := range s.pieces(m, width) {
				i0, i1, j0, j1 := s.piece(piece, m, width)
				work := max(0, roundUp(i1-i0, p.mr)) * roundUp(j1-j0, p.nr) * depth
				free[earliest(free)] += work
				all += work
			}
			longest += slices.Max(free)
		}
	}
	return longest, all
}

// earliest returns the index of the least number.
func earliest(free []int) int {
	least := 0
	for i, at := range free {
		if at < free[least] {
			least = i
		}
	}
	return least
}

// plansOfBenchmark calls f with the plan of each product of the benchmark that threads share,
// and whether it packs A, for the tiles and the caches of three processors.
func plansOfBenchmark(f func(p plan, m, n, k int, packsA bool)) {
	step := 1
	if testing.Short() {
		step = 5
	}
	for _, c := range []caches{zen3, zen4, sapphireRapids} {
		for i := portable; int(i) < len(shapes); i++ {
			blockings := columnsOf(portableShape, blockingGeneric)
			if i != portable {
				blockings = columnsOf(shapes[i], modelled(shapes[i], c, usual.depth))
			}
			for threads := 2; threads <= 64; threads += step {
				e := &Engine[float32]{threads: threads, isa: i, blockings: blockings, processor: &usual}
				for _, s := range benchmarkShapes() {
					c, a, b := Mat[float32]{nil, s.m, s.n, s.n, 1}, Mat[float32]{nil, s.m, s.k, s.k, 1}, Mat[float32]{nil, s.k, s.n, s.n, 1}
					if s.form[0] == 'T' {
						a.RowStride, a.ColStride = 1, s.m
					}
					if s.form[1] == 'T' {
						b.RowStride, b.ColStride = 1, s.k
					}
					p := e.planFor(&c, &a, &b, 0)
					if p.way < prepacked || p.threads == 1 {
						continue
					}
					if p.swapped {
						s.m, s.n, a = s.n, s.m, b.T()
					}
					f(p, s.m, s.n, s.k, a.ColStride != 1)
				}
			}
		}
	}
}

// The busiest of 2 to 64 threads does at most 5% more than its share. That needs work that
// can be divided: a piece is a rectangle of tiles, and one of t tiles that is about square has
// rows of √t, so that a thread with t tiles of a slab, after which threads meet, is uneven by
// 1/√t, which is 5% of 400. And each piece costs time of its own, which is little beside 256
// times pieceCost.
func TestThreadsDivideProductsEvenly(t *testing.T) {
	compared := 0
	plansOfBenchmark(func(p plan, m, n, k int, packsA bool) {
		tiles := float64(ceilDiv(m, p.mr)*ceilDiv(min(n, p.steps(m, n, k).width), p.nr)) / float64(p.threads)
		if tiles < 20 || m*n*k/p.threads < 256*pieceCost {
			return
		}
		longest, all := simulate(p, m, n, k, packsA)
		loss := float64(longest)*float64(p.threads)/float64(all) - 1
		bound := max(0.05, 1/math.Sqrt(tiles))
		if tiles > 320 {
			bound = 0.05
		}
		if p.nr == 6 { // NEON's float64, whose busiest of 3 threads does 6.6% more of 100×3072×50
			bound = max(bound, 0.07)
		}
		if loss > bound {
			t.Errorf("%d threads, %d×%d×%d, tiles of %d×%d: the busiest does %.1f%% more than its share: %+v", p.threads, m, n, k, p.mr, p.nr, 100*loss, p.steps(m, n, k))
		}
		compared++
	})
	require.Greater(t, compared, 1000)
}

// Every element of C lies in one piece.
func TestPiecesCoverC(t *testing.T) {
	t.Parallel()
	plansOfBenchmark(func(p plan, m, n, k int, packsA bool) {
		if parts := p.parts(m, n, packsA); parts.count > 0 {
			requireParts(t, parts, m, n, p.blocking)
		}
		if p.threads%7 != 3 || m*n > 1<<18 {
			return
		}
		s := p.steps(m, n, k)
		for j := 0; j < n; j += s.width {
			width, covered := min(s.width, n-j), 0
			type corner struct{ i, j int }
			seen := map[corner]bool{}
			for piece := range s.pieces(m, width) {
				i0, i1, j0, j1 := s.piece(piece, m, width)
				if i0 >= i1 {
					continue
				}
				require.Zero(t, i0%p.mr)
				require.Zero(t, j0%p.nr)
				require.LessOrEqual(t, i1, m)
				require.LessOrEqual(t, j1, width)
				require.False(t, seen[corner{i0, j0}], "%+v", s)
				seen[corner{i0, j0}] = true
				covered += (i1 - i0) * (j1 - j0)
			}
			require.Equal(t, m*width, covered, "%d×%d: %+v", m, width, s)
		}
	})
}

// requireParts requires that the parts follow each other, in whole tiles, from the first element
// of C to the last, and that none is empty.
func requireParts(t *testing.T, p parts, m, n int, b *blocking) {
	t.Helper()
	row, col := 0, 0
	for i := range p.count {
		i0, i1, j0, j1 := p.bounds(i, m, n, b)
		if p.ofRows {
			require.True(t, i0 == row && i1 > i0 && i0%b.mr == 0 && j0 == 0 && j1 == n, "%+v of %d×%d", p, m, n)
		} else {
			require.True(t, j0 == col && j1 > j0 && j0%b.nr == 0 && i0 == 0 && i1 == m, "%+v of %d×%d", p, m, n)
		}
		row, col = i1, j1
	}
	require.True(t, row == m && col == n, "%+v of %d×%d", p, m, n)
}

// Parts give the bits, the sums and the epilogue of a product that one thread computes.
func TestPartsHaveTheBitsOfOneProduct(t *testing.T) {
	eachEngine(t, []int{2, 3}, func(t *testing.T, e *Engine[float32]) {
		rng := rand.New(rand.NewPCG(15, 16))
		random := func(rows, cols int) Mat[float32] { return guardedMat[float32](t, rng, rows, cols, cols, 1, "end") }
		blk := &e.blockings[0]
		for _, ofRows := range []bool{false, true} {
			m, n, k := 2*blk.mr+1, e.threads*blk.nr-3, 40
			a := random(m, k)
			if ofRows {
				m, n = e.threads*(repacking*1024/mostLoss/blk.mr+1)*e.threads*blk.mr, blk.nr-3
				a = random(k, m).T()
			}
			b, w, bias := random(k, n), random(m, n), random(1, n).Data
			run := func(threads int) (c Mat[float32], sums []float32) {
				c, sums = NewMat[float32](m, n, nil), make([]float32, n)
				f := &panel.Epilogue[float32]{Bias: bias, Beside: w.Data, BesideRow: w.RowStride, Scale: 0.5}
				g := e.product(plan{packedSlab, false, blk, threads}, &c, &a, &b, 0, f)
				g.sums = sums
				g.do()
				return c, sums
			}
			p := plan{packedSlab, false, blk, e.threads}.parts(m, n, ofRows)
			require.Positive(t, p.count)
			require.Equal(t, ofRows, p.ofRows)
			want, wantSums := run(1)
			got, sums := run(e.threads)
			requireBits(t, want.Data, got.Data, "%d×%d×%d", m, n, k)
			requireBits(t, wantSums, sums, "sums")
		}
	})
}
