package kernels

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Every length beside the vectors that the kernel keeps in registers, and more rows than a
// piece has, between guard pages.
func TestOuterProductMatchesOracle(t *testing.T) {
	t.Run("float32", testOuterProduct[float32])
	t.Run("float64", testOuterProduct[float64])
}

func testOuterProduct[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129, 150, 300} {
		for _, m := range []int{1, 2, 30, pieceElements/300 + 20} {
			if m > 30 && n < 300 {
				continue
			}
			gap := rng.IntN(3)
			a, b := guardedMat[T](t, rng, m, 1, 1+gap, 1, "end"), guardedMat[T](t, rng, 1, n, n, 1, "end")
			c := guardedMat[T](t, rng, m, n, n+gap, 1, "end")
			first := slices.Clone(c.Data)
			alpha, beta := []T{1, 1, -0.5}[rng.IntN(3)], []T{0, 1, 0.75}[rng.IntN(3)]
			b.Data[0] = 0 // the product of 0 and a negative number is -0, the chain 0
			eachEngine(t, []int{1, 3}, func(t *testing.T, e *Engine[T]) {
				copy(c.Data, first)
				want := gemmOracle(e, c, alpha, a, b, beta)
				e.Gemm(c, alpha, a, b, beta)
				requireBits(t, want, elements(c), "%d×%d, α %v, β %v", m, n, alpha, beta)
				for i := range c.Data {
					if i%(n+gap) >= n && c.Data[i] != first[i] {
						t.Fatalf("%d×%d: the gap between rows was written", m, n)
					}
				}
			})
		}
	}
}

// A row times matrices of every number of vectors that is computed in registers, and wider ones
// whose rows are added in cache, more of them than a call takes.
func TestRowTimesMatrixMatchesOracle(t *testing.T) {
	t.Run("float32", testRowTimesMatrix[float32])
	t.Run("float64", testRowTimesMatrix[float64])
}

func testRowTimesMatrix[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	for _, n := range []int{1, 9, 17, 50, 63, 75, 96, 97, 100, 130, 191, 193, 200, 257, 383, 385, 400, 777, wideElements + 25} {
		for _, k := range []int{shallowDepth, 30, mostMatvec/wideElements + 3} {
			gap, step := rng.IntN(3), 1+rng.IntN(2)
			a, b := guardedMat[T](t, rng, 1, k, k*step, step, "end"), guardedMat[T](t, rng, k, n, n+gap, 1, "end")
			c := guardedMat[T](t, rng, 1, n, n, 1, "end")
			first, beta := slices.Clone(c.Data), []T{0, 1, 0.75}[rng.IntN(3)]
			eachEngine(t, []int{1, 3}, func(t *testing.T, e *Engine[T]) {
				copy(c.Data, first)
				want := gemmOracle(e, c, 1, a, b, beta)
				e.Gemm(c, 1, a, b, beta)
				requireBits(t, want, elements(c), "1×%d×%d, β %v", n, k, beta)
			})
		}
	}
}
