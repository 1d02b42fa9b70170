package gonumblas

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// eachImplementation runs test with the zero value, and with an implementation for each
// level of the machine on one thread and on several.
func eachImplementation(t *testing.T, test func(*testing.T, Implementation)) {
	t.Run("zero", func(t *testing.T) { test(t, Implementation{}) })
	for _, level := range kernels.Levels() {
		for _, threads := range []int{1, 3} {
			impl, err := New(kernels.WithLevel(level), kernels.WithThreads(threads))
			require.NoError(t, err)
			t.Run(fmt.Sprintf("%v/%d", level, threads), func(t *testing.T) { test(t, impl) })
		}
	}
}

func TestZeroValueRunsAsKernelsNewSays(t *testing.T) {
	want, err := kernels.New[float64]()
	require.NoError(t, err)
	require.Equal(t, want.Level(), Implementation{}.float32s().Level())
	require.Equal(t, want.Threads(), Implementation{}.float32s().Threads())
	require.Equal(t, want.Level(), Implementation{}.float64s().Level())
	require.Equal(t, want.Threads(), Implementation{}.float64s().Threads())
}

func TestNewPassesItsOptionsToBothEngines(t *testing.T) {
	impl, err := New(kernels.WithLevel(kernels.Generic), kernels.WithThreads(7))
	require.NoError(t, err)
	require.Equal(t, kernels.Generic, impl.float32s().Level())
	require.Equal(t, kernels.Generic, impl.float64s().Level())
	require.Equal(t, 7, impl.float32s().Threads())
	require.Equal(t, 7, impl.float64s().Threads())
}

func TestAWrongEnvironmentIsReported(t *testing.T) {
	t.Setenv("LANES_LEVEL", "sse9")
	_, err := New()
	require.ErrorContains(t, err, `unknown level "sse9"`)
	require.PanicsWithError(t, err.Error(), func() { new(lazy[float32]).get() })
}
