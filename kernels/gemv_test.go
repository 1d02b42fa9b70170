package kernels

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Every number of rows beside those that the kernel takes at once, every depth beside a
// line of a cache, and more than a call takes, in both directions, between guard pages.
func TestRowTimesColumnsMatchesOracle(t *testing.T) {
	t.Parallel()
	t.Run("float32", testRowTimesColumns[float32])
	t.Run("float64", testRowTimesColumns[float64])
}

func testRowTimesColumns[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, n := range []int{1, 4, 5, 7, 8, 9, 12, 16, 17, 31, 32, 33, 65, 1100} {
		for _, k := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 256, columnDepth + 5} {
			if n > 17 && k > 256 || n > 65 && k > 33 && k != 256 {
				continue
			}
			gap := rng.IntN(3)
			matrix := guardedMat[T](t, rng, n, k, k+gap, 1, "end") // the columns of B, or the rows of A
			row, column := guardedMat[T](t, rng, 1, k, k, 1, "end"), guardedMat[T](t, rng, 1, k, 3*k, 3, "end").T()
			out := guardedMat[T](t, rng, 1, n, n, 1, "end")
			first := slices.Clone(out.Data)
			alpha, beta := []T{1, 1, -0.5}[rng.IntN(3)], []T{0, 1, 0.75}[rng.IntN(3)]
			eachEngine(t, []int{1, 3}, func(t *testing.T, e *Engine[T]) {
				for _, p := range []struct{ c, a, b Mat[T] }{{out, row, matrix.T()}, {out.T(), matrix, column}} {
					copy(out.Data, first)
					want := gemmOracle(e, p.c, alpha, p.a, p.b, beta)
					e.Gemm(p.c, alpha, p.a, p.b, beta)
					requireBits(t, want, elements(p.c), "%d columns of %d, α %v, β %v", n, k, alpha, beta)
				}
			})
		}
	}
}
