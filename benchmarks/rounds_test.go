package benchmarks

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestRoundsRunEveryLevelAndContendersTakeTurns(t *testing.T) {
	run := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=Gemm/dtype=float64/.*/threads=1/shape=NN-16x16x16/.*(Lanes|gonum)", "-test.benchtime=1x", "-test.count=2")
	run.Env = append(os.Environ(), "LANES_LEVEL=")
	out, err := run.CombinedOutput()
	require.NoError(t, err, "%s", out)
	var got, want []string
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); strings.HasPrefix(line, "Benchmark") && len(fields) > 1 {
			require.Contains(t, fields, "GFLOP/s")
			got = append(got, strings.TrimSuffix(fields[0], fmt.Sprintf("-%d", runtime.GOMAXPROCS(0))))
		}
	}
	for range 2 {
		for _, l := range kernels.Levels() {
			for _, impl := range []string{"Lanes", "gonum"} {
				want = append(want, fmt.Sprintf("BenchmarkGemm/dtype=float64/level=%v/threads=1/shape=NN-16x16x16/impl=%s", l, impl))
			}
		}
	}
	require.Equal(t, want, got)
}

func TestAWrongLevelIsReported(t *testing.T) {
	run := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=NoSuchBenchmark")
	run.Env = append(os.Environ(), "LANES_LEVEL=sse9")
	out, err := run.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), `unknown level "sse9"`)
}
