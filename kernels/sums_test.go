package kernels

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func testSumSquares[T Float](t *testing.T) {
	const chunk = 32768 // which the documentation promises
	eachEngine(t, []int{1, 2, 3, 8}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(13, 14))
		for k, n := range append(lengths(), chunk-1, chunk, chunk+1, 2*chunk, 5*chunk+3) {
			offset := k % 16
			x := randomSlice[T](t, rng, n+offset, ends[k%2])[offset:]
			var want T
			for first := 0; first < n || first == 0; first += chunk {
				var acc [lanes]T
				for i, v := range x[first:min(first+chunk, n)] {
					acc[i%lanes] = multiplyAdd(e, v, v, acc[i%lanes])
				}
				want += combine(&acc)
			}
			require.Equal(t, want, e.SumSquares(x), "%d elements", n)
		}

		x := make([]T, 5*chunk+3)
		fill(x)
		exact := 0.0
		for _, v := range x {
			exact += float64(v) * float64(v)
		}
		require.InEpsilon(t, exact, float64(e.SumSquares(x)), float64(chunk/lanes+6+5)*unitRoundoff[T]())
	})
}

func TestSumSquaresIsLanesByChunks(t *testing.T) {
	testSumSquares[float32](t)
	testSumSquares[float64](t)
}

// A subnormal square adds at most half the smallest float to the error.
func TestSumSquaresOfWhatUnderflows(t *testing.T) {
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float32]) {
		require.Zero(t, e.SumSquares([]float32{1e-30}))
		for n := 1; n < 100; n++ {
			x := make([]float32, n)
			fill(x)
			exact := 0.0
			for i := range x {
				x[i] *= 1e-22
				exact += float64(x[i]) * float64(x[i])
			}
			bound := (float64(n)/lanes+6)*unitRoundoff[float32]()*exact + float64(n)/2*0x1p-149
			if !fuses(e) {
				bound += float64(n) / 2 * 0x1p-149 // squares are rounded on their own
			}
			require.InDelta(t, exact, float64(e.SumSquares(x)), bound)
		}
	})
}
