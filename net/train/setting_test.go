package train

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEverySeedIsReadFromItsRunsFolder(t *testing.T) {
	for _, seed := range []uint64{0, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64} {
		c := presetOf(t, "toy")
		c.Seed = seed
		r := kept[float32](t, filepath.Join(t.TempDir(), "run"), c, nil, 1)
		do(t, r)
		f, err := Open(r.Folder.Dir)
		require.NoError(t, err)
		require.Equal(t, c, f.Config)
		m, err := OpenModel(newEngine[float32](t), f.Checkpoint("last"))
		require.NoError(t, err)
		require.Equal(t, seed, m.Config.Seed)
	}
}
