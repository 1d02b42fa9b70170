package train

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// allocated returns how many bytes f allocates in all.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

func TestKeepingALargeModelNeedsUnderATwentiethOfIt(t *testing.T) {
	c := imagesConfig(maxHeld/4/3072 + 1)
	c.Optimizer, c.KeepLast, c.Batch = "adam", true, 10
	r := kept[float32](t, filepath.Join(t.TempDir(), "run"), c, randomImages(10, 5, 5), 1)
	r.KeepEpochs = 1
	require.NoError(t, r.open())
	defer r.close()
	model := 4 * r.Network.NumParams()
	require.Greater(t, model, maxHeld)
	r.Optimizer.State(r.Network.Params()) // which it then has
	acc := 0.5
	for name, f := range map[string]func(){
		"hash":     func() { weightsSHA256(r.Network) },
		"the best": func() { require.NoError(t, r.keep(EpochRecord{Epoch: 1, ValAcc: &acc}, true)) },
		"the last": func() { require.NoError(t, r.save()) },
		"the end":  func() { require.NoError(t, r.finish(&Result{})) },
	} {
		require.Less(t, allocated(f), model/20, name)
	}
	require.Nil(t, r.keeper.best)
	best, err := OpenModel(r.engine, r.Folder.Checkpoint("best"))
	require.NoError(t, err)
	require.Equal(t, weightsSHA256(r.Network), weightsSHA256(best.Network))
}

func TestBestModelIsThatOfItsEpochWhenItWaitsForACheckpoint(t *testing.T) {
	r := kept[float32](t, filepath.Join(t.TempDir(), "run"), imagesConfig(5), randomImages(10, 5, 5), 1)
	require.NoError(t, r.open())
	defer r.close()
	want := weightsSHA256(r.Network)
	acc := 0.5
	require.NoError(t, r.keep(EpochRecord{Epoch: 1, ValAcc: &acc}, true))
	r.Network.Params()[0].Value.Data[0]++ // it goes on
	require.NoError(t, r.save())
	best, err := OpenModel(r.engine, r.Folder.Checkpoint("best"))
	require.NoError(t, err)
	require.Equal(t, want, weightsSHA256(best.Network))
}
