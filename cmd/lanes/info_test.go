package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
blocking   float32: kc 256, mc 128, nc 4096, slab 1048576, loose 65536 \(fixed\)
           float64: kc 256, mc 128, nc 4096, slab 1048576, loose 65536 \(fixed\)
tuning     (none; 'lanes tune' measures|ignored: .*|/.*)
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
	require.Contains(t, o, "tuning")
	blockings := o["blockings"].([]any)
	require.Len(t, blockings, 2)
	for i, dtype := range []string{"float32", "float64"} {
		b := blockings[i].(map[string]any)
		require.Equal(t, dtype, b["dtype"])
		require.Contains(t, []any{"model", "file", "fixed"}, b["origin"])
		require.Positive(t, b["kc"])
	}
}

// anotherProcess returns what the command prints in a process of its own.
func anotherProcess(t *testing.T, args ...string) string {
	self, err := os.Executable()
	require.NoError(t, err)
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), asCommand+"=1")
	out, err := c.Output()
	require.NoError(t, err)
	return string(out)
}

// What a process reads when it starts: no file, a good one, one that is off, a bad one.
func TestInfoTellsOfTheTuning(t *testing.T) {
	if kernels.Best() == kernels.Generic {
		t.Skip("no level to tune")
	}
	hideCIFAR10(t)
	t.Setenv("LANES_TUNING", "")
	t.Setenv("LANES_LEVEL", "avx2")
	info := func(args ...string) string { return anotherProcess(t, append([]string{"info"}, args...)...) }
	require.Regexp(t, `(?m)^blocking   float32: kc \d+.* \(model\)
           float64: .* \(model\)
tuning     none; 'lanes tune' measures$`, info())

	path, err := kernels.TuningFile()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
	text, err := json.Marshal(kernels.Tuning{Processor: kernels.ThisProcessor(), Blockings: map[string]kernels.Blocking{
		"avx2/float32": {KC: 200, MC: 60, NC: 2048, Slab: 100000, Loose: 77},
	}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o666))
	require.Regexp(t, `(?m)^blocking   float32: kc 200, mc 60, nc 2048, slab 100000, loose 77 \(file\)
           float64: .* \(model\)
tuning     `+regexp.QuoteMeta(path)+`$`, info())
	o := decode(t, info("--json"))
	require.Equal(t, path, o["tuning"])
	require.Equal(t, "", o["tuning_ignored"])
	require.Equal(t, 200.0, o["blockings"].([]any)[0].(map[string]any)["kc"])

	t.Setenv("LANES_TUNING", "off")
	require.Regexp(t, `(?m)^blocking .* \(model\)$(?s:.*)^tuning     ignored: LANES_TUNING is off$`, info())

	t.Setenv("LANES_TUNING", "")
	require.NoError(t, os.WriteFile(path, text[:40], 0o666))
	require.Regexp(t, `(?m)^blocking .* \(model\)$(?s:.*)^tuning     ignored: `+regexp.QuoteMeta(path)+`: unexpected EOF$`, info())
	o = decode(t, info("--json"))
	require.Nil(t, o["tuning"])
	require.Contains(t, o["tuning_ignored"], "unexpected EOF")
}

func TestInfoTellsProcessorsOfOneNameApart(t *testing.T) {
	require.Equal(t, "AMD EPYC, family 25 model 17", machine{CPU: "AMD EPYC", Family: 25, Model: 17}.processor())
	require.Equal(t, "unknown", machine{CPU: "unknown"}.processor())
}

func TestKilobytesOfAnUnknownCache(t *testing.T) {
	require.Equal(t, "48 KB", cacheSize(48<<10))
	require.Equal(t, "unknown", cacheSize(0))
}
