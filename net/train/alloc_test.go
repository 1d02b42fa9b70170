//go:build !race

package train

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// The race detector makes sync.Pool drop memory at random.
func TestStepOfARunThatIsKeptDoesNotAllocate(t *testing.T) {
	for _, name := range []string{"sgd", "adam", "nesterov", "lion", "augmented"} {
		c := stopConfigs()[name]
		c.Hidden, c.Batch = []int{2}, 2
		r := newRun[float32](t, c, randomImages(50, 10, 10), kernels.WithThreads(1))
		var err error
		r.Folder, err = Create(filepath.Join(t.TempDir(), "run"), c)
		require.NoError(t, err)
		require.NoError(t, r.open())
		sampler := r.sampler()
		// More than a piece of the history.
		require.Zero(t, testing.AllocsPerRun(600, func() {
			if err := r.step(sampler.At(r.Step), 1); err != nil {
				t.Fatal(err)
			}
		}))
		require.NoError(t, r.close())
	}
}
