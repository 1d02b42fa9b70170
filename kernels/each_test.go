package kernels

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachCallsForEveryNumberOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		e, err := New[float32](WithThreads(threads))
		require.NoError(t, err)
		for _, c := range [][2]int{{0, 3}, {1, 1}, {7, 3}, {1000, 16}} {
			t.Run(fmt.Sprint(threads, " threads, ", c), func(t *testing.T) {
				seen := make([]int, c[0])
				e.Each(c[0], c[1], func(lo, hi int) {
					require.LessOrEqual(t, hi-lo, c[1])
					for i := lo; i < hi; i++ {
						seen[i]++
					}
				})
				for i, n := range seen {
					require.Equal(t, 1, n, "number %d", i)
				}
			})
		}
	}
}
