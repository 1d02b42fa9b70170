package machine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestWideLevelsHaveLimitsAndPortableCodeHasNone(t *testing.T) {
	for _, level := range kernels.Levels() {
		single, double := Peak[float32](level, 1), Peak[float64](level, 1)
		cache, memory := Bandwidth(level, 16<<10, 1), Bandwidth(level, 64<<20, 1)
		if level == kernels.Generic {
			require.Equal(t, []float64{0, 0, 0, 0}, []float64{single, double, cache, memory})
			continue
		}
		require.Greater(t, double, 1e8, "%v", level)
		require.Less(t, single, 1e12, "%v", level)
		require.Greater(t, memory, 1e8, "%v", level)
		require.Less(t, cache, 2e12, "%v", level)
		require.Positive(t, cache, "%v", level)
	}
}

func TestAWiderRegisterHoldsMoreOperations(t *testing.T) {
	flop := map[kernels.Level]int{kernels.AVX2: 2 * 12 * 8, kernels.AVX512: 2 * 12 * 16}
	for _, level := range kernels.Levels() {
		_, single := multiplyAdd[float32](level)
		_, double := multiplyAdd[float64](level)
		require.Equal(t, flop[level], single)
		require.Equal(t, flop[level]/2, double)
	}
}

func TestFastestAddsTheRatesOfAllThreads(t *testing.T) {
	one := fastest(1, func(int) int { return 1 })
	many := fastest(2, func(thread int) int { return thread })
	require.Positive(t, one)
	require.Positive(t, many, "only the second thread did anything")
}
