package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestInfoPrintsWhatIsInUse(t *testing.T) {
	hideCIFAR10(t)
	t.Setenv("LANES_LEVEL", "generic")
	t.Setenv("LANES_THREADS", "1")
	code, out, talk := lanes("info")
	require.Equal(t, 0, code, talk)
	require.Empty(t, talk)
	require.Regexp(t, `^processor  \S.*, \d+ logical cores?, `+runtime.GOOS+"/"+runtime.GOARCH+`
caches     L1d (\d+ KB|unknown), L2 (\d+ KB|unknown), L3 (\d+ KB|unknown)
levels     generic.*
in use     generic, 1 thread
CIFAR-10   no CIFAR-10 found in .*
$`, out)
}

func TestInfoFindsCIFAR10(t *testing.T) {
	hideCIFAR10(t)
	dir := filepath.Join(t.TempDir(), "cifar-10-batches-bin")
	require.NoError(t, os.Mkdir(dir, 0o777))
	_, out, _ := lanes("info", "--data", filepath.Dir(dir))
	require.Contains(t, out, "CIFAR-10   "+dir+"\n")

	_, out, _ = lanes("info", "--json", "--data", dir)
	require.Nil(t, decode(t, out)["cifar10"], "the folder has no files and no folder")

	t.Setenv("LANES_DATA", filepath.Dir(dir))
	_, out, _ = lanes("info", "--json")
	require.Equal(t, dir, decode(t, out)["cifar10"])
}

func TestInfoPrintsJSON(t *testing.T) {
	hideCIFAR10(t)
	t.Setenv("LANES_LEVEL", "")
	t.Setenv("LANES_THREADS", "3")
	code, out, talk := lanes("info", "--json")
	require.Equal(t, 0, code, talk)
	o := decode(t, out)
	require.Equal(t, kernels.Best().String(), o["level"])
	require.Equal(t, 3.0, o["threads"])
	require.Equal(t, runtime.GOOS, o["os"])
	require.Equal(t, runtime.GOARCH, o["arch"])
	require.Equal(t, float64(runtime.NumCPU()), o["logical_cores"])
	require.Len(t, o["levels"], len(kernels.Levels()))
	require.Contains(t, o, "cifar10")
	require.Nil(t, o["cifar10"])
	for _, name := range []string{"l1d_bytes", "l2_bytes", "l3_bytes"} {
		require.GreaterOrEqual(t, o[name], 0.0)
	}
	require.NotEmpty(t, o["cpu"])
}

func TestKilobytesOfAnUnknownCache(t *testing.T) {
	require.Equal(t, "48 KB", cacheSize(48<<10))
	require.Equal(t, "unknown", cacheSize(0))
}
