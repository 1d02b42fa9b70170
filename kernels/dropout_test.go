package kernels

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// keptBy returns which of n elements Dropout keeps.
func keptBy[T Float](e *Engine[T], n int, rate float64, stream uint64) []bool {
	x, kept := make([]T, n), make([]bool, n)
	for i := range x {
		x[i] = T(i + 1)
	}
	e.Dropout(x, x, rate, stream)
	for i, v := range x {
		kept[i] = v != 0
	}
	return kept
}

func TestDropoutKeepsTheSameAtEveryLevelInBothTypesOnAnyThreads(t *testing.T) {
	for _, n := range []int{1, 17, 1000, pieceElements + 5, 3*pieceElements + 1} {
		for _, rate := range []float64{0.1, 0.5, 0.97} {
			stream := Stream(uint64(n), math.Float64bits(rate))
			var want []bool
			eachEngine(t, []int{1, 2, 3}, func(t *testing.T, e *Engine[float32]) {
				got := keptBy(e, n, rate, stream)
				if want == nil {
					want = got
				}
				require.Equal(t, want, got)
			})
			eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[float64]) { require.Equal(t, want, keptBy(e, n, rate, stream)) })
		}
	}
}

func testDropoutValues[T Float](t *testing.T) {
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		for n := range 70 {
			x, y := make([]T, n), guarded[T](t, n, ends[n%2])
			for i := range x {
				x[i] = T(i) + 1
			}
			e.Dropout(y, x, 0.3, 5)
			kept := keptBy(e, 70, 0.3, 5)
			for i, v := range y {
				want := T(0)
				if kept[i] {
					want = T(x[i] * T(1/0.7))
				}
				require.Equal(t, want, v)
			}
			e.Dropout(y, x, 0, 5)
			require.Equal(t, x, y)
		}
		x := []T{T(math.NaN()), T(math.Inf(1))}
		for stream := range uint64(20) {
			y, kept := make([]T, 2), keptBy(e, 2, 0.5, stream)
			e.Dropout(y, x, 0.5, stream)
			for i, v := range y {
				if kept[i] {
					requireBits(t, x[i:i+1], y[i:i+1], "kept")
				} else {
					require.Zero(t, v)
				}
			}
		}
	})
}

func TestDropoutDividesWhatItKeeps(t *testing.T) {
	testDropoutValues[float32](t)
	testDropoutValues[float64](t)
}

// Shares of dropped elements, of pairs of neighbours at several distances and of the same
// element in two streams lie within five deviations of what independent draws have.
func TestDropoutDrawsAsIfIndependently(t *testing.T) {
	e, err := New[float32]()
	require.NoError(t, err)
	const n = 1 << 20
	within := func(kept func(i int) bool, share float64, what string, args ...any) {
		count := 0.0
		for i := range n {
			if kept(i) {
				count++
			}
		}
		require.InDelta(t, share, count/n, 5*math.Sqrt(share*(1-share)/n), append([]any{what}, args...)...)
	}
	for _, rate := range []float64{0.01, 0.2, 0.5, 0.9} {
		a, share := keptBy(e, n, rate, Stream(1, 2, 3)), 1-rate
		within(func(i int) bool { return a[i] }, share, "kept at rate %v", rate)
		for _, d := range []int{1, 2, 3, 4, 8, 10, 16, 64, 100, 1024, pieceElements} {
			within(func(i int) bool { return a[i] && a[(i+d)%n] }, share*share, "neighbours %d apart at rate %v", d, rate)
		}
		for _, stream := range []uint64{Stream(1, 2, 4), Stream(1, 3, 2), Stream(3, 2, 1), Stream(1, 2), 0, 1} {
			b := keptBy(e, n, rate, stream)
			within(func(i int) bool { return a[i] && b[i] }, share*share, "streams at rate %v", rate)
		}
	}
}
