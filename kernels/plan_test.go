package kernels

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// panelsOfThreads stands for packedPanel where there are several threads, and packedSlab for one.
const panelsOfThreads = packedSlab + 1

// The table above planFor, a row for each case: shapes that are far from every
// threshold.
func TestPlans(t *testing.T) {
	dense := func(rows, cols int) Mat[float32] { return Mat[float32]{nil, rows, cols, cols, 1} }
	for _, p := range []struct {
		name    string
		c, a, b Mat[float32]
		traits
		way
		swapped bool
	}{
		{"no rows", dense(0, 9), dense(0, 9), dense(9, 9), 0, nothing, false},
		{"no depth", dense(2, 2), dense(2, 0), dense(0, 2), 0, onePanel, false},
		{"columns of C", dense(900, 900).T(), dense(900, 900), dense(900, 900), 0, packedSlab, true},
		{"few columns of C", dense(4, 4).T(), dense(4, 4), dense(4, 4), 0, onePanel, true},
		{"narrow C", dense(900, 8), dense(900, 900).T(), dense(900, 8), 0, inPlace, true},
		{"narrow C with an epilogue", dense(900, 8), dense(900, 900).T(), dense(900, 8), settled, inPlace, false},
		{"a panel", dense(4, 4), dense(4, 4), dense(4, 4), 0, onePanel, false},
		{"several panels", dense(4, 400), dense(4, 4), dense(4, 400), 0, panels, false},
		{"small with α", dense(4, 4), dense(4, 4), dense(4, 4), scaledA, inPlace, false},
		{"packed before", dense(4, 4), dense(4, 4), Mat[float32]{}, packed, prepacked, false},
		{"a row", dense(1, 900), dense(1, 900), dense(900, 900), 0, rowByRow, false},
		{"a row, sums wanted", dense(1, 900), dense(1, 900), dense(900, 900), summed, inPlace, false},
		{"a row, B by columns", dense(1, 900), dense(1, 900), dense(900, 900).T(), scaledA, columns, false},
		{"a column", dense(900, 1), dense(900, 900), dense(900, 1), 0, columns, true},
		{"an outer product", dense(900, 900), dense(900, 1), dense(1, 900), 0, outerProduct, false},
		{"a product of depth 2", dense(900, 900), dense(900, 2), dense(2, 900), 0, rowByRow, false},
		{"few rows", dense(30, 900), dense(30, 900), dense(900, 900), 0, inPlace, false},
		{"few rows, B by columns", dense(30, 900), dense(30, 900), dense(900, 900).T(), 0, panelsOfThreads, false},
		{"rows of a block", dense(100, 2000), dense(100, 2000), dense(2000, 2000), 0, packedSlab, false},
		{"rows of two blocks, B by columns", dense(900, 900), dense(900, 900), dense(900, 900).T(), 0, packedSlab, false},
		{"very few rows, B by columns", dense(6, 900), dense(6, 900), dense(900, 900).T(), 0, packedPanel, false},
		{"a little B", dense(9000, 20), dense(9000, 20), dense(20, 20), 0, inPlace, false},
		{"a tiny B by columns", dense(9000, 20), dense(9000, 20), dense(20, 20).T(), 0, packedPanel, false},
		{"large", dense(9000, 9000), dense(9000, 9000), dense(9000, 9000), 0, packedSlab, false},
	} {
		eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[float32]) {
			got := e.planFor(&p.c, &p.a, &p.b, p.traits)
			want := p.way
			switch {
			case want == panelsOfThreads && e.threads > 1:
				want = packedPanel
			case want == panelsOfThreads:
				want = packedSlab
			}
			if want == rowByRow && e.isa == portable {
				want = inPlace
			}
			if (want == columns || want == outerProduct) && e.isa == portable {
				return
			}
			require.Equal(t, want, got.way, p.name)
			require.Equal(t, p.swapped, got.swapped, p.name)
		})
	}
}

// Columns of C go into lanes where its rows would leave a tenth of them empty, unless C is
// wanted in a form that only its rows have.
func TestPlanOfCThatWastesLanes(t *testing.T) {
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[float32]) {
		plan := func(m, n, k int, traits traits) plan {
			a := Mat[float32]{nil, k, m, m, 1}
			aT := a.T()
			return e.planFor(&Mat[float32]{nil, m, n, n, 1}, &aT, &Mat[float32]{nil, k, n, n, 1}, traits)
		}
		full := shapes[e.isa].lanes * shapes[e.isa].size / 64 // vectors of 64 bytes
		require.Equal(t, full > 0, plan(900, 50, 900, 0).swapped)
		require.Equal(t, full > 0, plan(900, 100, 900, scaledA).swapped)
		require.False(t, plan(900, 50, 900, summed).swapped)
		require.False(t, plan(900, 50, 900, settled).swapped)
		require.False(t, plan(900, 64, 900, 0).swapped)
		require.False(t, plan(900, 75, 900, 0).swapped)

		rng := rand.New(rand.NewPCG(3, 4))
		random := func(rows, cols int) Mat[float32] { return guardedMat[float32](t, rng, rows, cols, cols, 1, "end") }
		c, a, b := random(550, 50).Slice(0, 550, 0, 49), random(70, 550).T(), random(70, 49)
		want := gemmOracle(e, c, -0.75, a, b, 0.5)
		e.Gemm(c, -0.75, a, b, 0.5)
		requireBits(t, want, elements(c), "%d threads", e.threads)
	})
}
