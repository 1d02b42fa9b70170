package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

func TestBenchTrainPrintsAStepAndItsParts(t *testing.T) {
	for _, optimizer := range []string{"sgd", "adam"} {
		code, out, talk := lanes("bench", "train", "--hidden", "20,10", "--batch", "64", "--optimizer", optimizer, "--threads", "1", "--dtype", "float64", "--time", "0.01", "--json")
		require.Zero(t, code, talk)
		require.Equal(t, 1, strings.Count(out, "\n"))
		var s stepTimes
		require.NoError(t, json.Unmarshal([]byte(out), &s))
		require.Equal(t, []int{20, 10}, s.Hidden)
		require.Equal(t, []any{64, optimizer, 1, "float64"}, []any{s.Batch, s.Optimizer, s.Threads, s.DType})
		require.GreaterOrEqual(t, s.Steps, 5)
		require.Positive(t, s.Best)
		require.LessOrEqual(t, s.Best, s.MS)
		require.InEpsilon(t, 64/(s.MS/1e3), s.Images, 1e-9)
		require.InEpsilon(t, net.Plain(3072, 20, 10, 10).StepFLOPs(64)/(s.MS/1e3)/1e9, s.GFLOPS, 1e-9)
		require.InEpsilon(t, 100*s.GFLOPS/s.Peak, s.OfPeak, 1e-9)
		require.InEpsilon(t, 100, s.Products+s.Draw+s.Loss+s.Update, 1e-9)
		require.Positive(t, s.Draw)
		require.Equal(t, optimizer != "sgd", s.Update > 0) // plain descent steps while the gradient is computed
	}
}

func TestBenchTrainPrintsATable(t *testing.T) {
	code, out, talk := lanes("bench", "train", "--hidden", "4", "--batch", "10", "--threads", "1", "--level", "generic", "--time", "0.001")
	require.Zero(t, code, talk)
	require.Regexp(t, `^generic, 1 thread, float32, sgd, peak \d+ GFLOP/s
hidden  +batch  +ms  +best  +images/s  +GFLOP/s +of peak  +products  +draw  +loss +update
4  +10  +[\d.]+  +[\d.]+  +\d+k?  +[\d.]+  +[\d.]+%  +-?[\d.]+%  +[\d.]+%  +[\d.]+%  +[\d.]+%
$`, out)
}

func TestBenchTrainRefusesWhatCannotBeTrained(t *testing.T) {
	for args, message := range map[string]string{
		"--hidden 0":             "hidden",
		"--batch 0":              "batch",
		"--hidden 10000000":      "memory",
		"--time 0":               "--time is 0",
		"--threads 0":            "--threads is 0",
		"--dtype float16":        `--dtype "float16"`,
		"--level sse9":           `unknown level "sse9"`,
		"--optimizer newton":     "optimizer",
		"--hidden 4 --reg 1e-3 ": "unknown flag",
	} {
		code, out, talk := lanes(append([]string{"bench", "train"}, strings.Fields(args)...)...)
		require.Equal(t, exitUsage, code, args)
		require.Empty(t, out, args)
		require.Contains(t, talk, message)
	}
}

// What is measured is a run of the trainer: it draws the rows of the sampler, and its
// parameters move.
func TestBenchTrainMeasuresRunsOfTheTrainer(t *testing.T) {
	engine, err := kernels.New[float32](kernels.WithThreads(1))
	require.NoError(t, err)
	config, err := train.Preset(defaultPreset)
	require.NoError(t, err)
	config.Hidden, config.Batch, config.Iters = []int{3}, 7, 1000
	set := &data.Dataset{Name: config.Dataset, Shape: data.Shape{Channels: 3, Height: 32, Width: 32}, Classes: make([]string, 10), Train: data.Split{Pixels: make([]uint8, 20*data.ImageSize), Labels: make([]int32, 20)}}
	s, err := measureStep(t.Context(), engine, config, set, 1e-9)
	require.NoError(t, err)
	require.Equal(t, 5, s.Steps)
	require.Equal(t, 7, s.Batch)
	config.Batch = 100
	s, err = measureStep(t.Context(), engine, config, set, 1e-9)
	require.NoError(t, err)
	require.Equal(t, 20, s.Batch, "all that there are")
}
