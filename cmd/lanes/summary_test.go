package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/train"
)

func summaryOf(t *testing.T, args ...string) outline {
	t.Helper()
	code, out, talk := lanes(append(append([]string{"summary"}, args...), "--json")...)
	require.Equal(t, 0, code, talk)
	var o outline
	require.NoError(t, json.Unmarshal([]byte(out), &o))
	return o
}

func TestSummaryCountsWhatTheNetworkHas(t *testing.T) {
	engine, err := kernels.New[float32]()
	require.NoError(t, err)
	for hidden, sizes := range map[string][]int{"75": {3072, 75, 10}, "20,30,7": {3072, 20, 30, 7, 10}} {
		n := net.New(engine, sizes...)
		o := summaryOf(t, "--hidden", hidden, "--batch", "40")
		require.EqualValues(t, n.NumParams(), o.Parameters)
		require.EqualValues(t, n.Architecture().StepFLOPs(40), o.StepFLOPs)
		require.Equal(t, o.Weights+o.Biases, o.Parameters)
		require.Len(t, o.Layers, len(sizes)-1)
		for l, layer := range o.Layers {
			require.Equal(t, sizes[l], layer.Inputs)
			require.Equal(t, sizes[l+1], layer.Outputs)
			require.Equal(t, l < len(sizes)-2, layer.Activation == "relu")
		}
	}
}

func TestSummaryCountsWhitening(t *testing.T) {
	plain := summaryOf(t, "--hidden", "20", "--batch", "40")
	for kind, input := range map[string]layerOutline{
		"pca": {Name: "input", Type: "pca", Inputs: 3072, Outputs: 100, layerCosts: layerCosts{ForwardFLOPs: 2 * 100 * 3072}},
		"zca": {Name: "input", Type: "zca", Inputs: 3072, Outputs: 3072, layerCosts: layerCosts{ForwardFLOPs: 4 * 100 * 3072}},
	} {
		o := summaryOf(t, "--hidden", "20", "--batch", "40", "--normalize", kind, "--components", "100")
		require.Equal(t, input, o.Layers[0])
		require.EqualValues(t, input.ForwardFLOPs+2*20*(int64(input.Outputs)+10), o.ForwardFLOPs)
		require.EqualValues(t, 40*(input.ForwardFLOPs+4*20*int64(input.Outputs)+6*20*10), o.StepFLOPs)
		require.Len(t, o.Layers, len(plain.Layers)+1)
	}
}

// The report misprints two counts of its table.
func TestSummaryHasTheReportsParameterCounts(t *testing.T) {
	for hidden, want := range map[string]int64{"1000,500,250,125": 3_731_385, "100,50,25": 313_885, "75": 231_235} {
		require.Equal(t, want, summaryOf(t, "--hidden", hidden).Parameters)
	}
}

func TestSummaryCountsMemory(t *testing.T) {
	params := int64(3072*100 + 100 + 100*50 + 50 + 50*10 + 10)
	rows := int64(2000 * (3072 + 2*100 + 2*50 + 2*10))
	for args, want := range map[string]memory{
		"":                                    {4 * params, 4 * params, 0, 4 * rows, 4 * (2*params + rows)},
		"--momentum 0.9":                      {4 * params, 4 * params, 4 * params, 4 * rows, 4 * (3*params + rows)},
		"--optimizer adam":                    {4 * params, 4 * params, 8 * params, 4 * rows, 4 * (4*params + rows)},
		"--optimizer adam --dtype float64":    {8 * params, 8 * params, 16 * params, 8 * rows, 8 * (4*params + rows)},
		"--batch 1 --dtype float64":           {8 * params, 8 * params, 0, 4 * rows, 16*params + 4*rows}, // scores take 1000 rows
		"--batch 1000000":                     {4 * params, 4 * params, 0, 4 * rows / 2000 * 49_000, 8*params + 4*rows/2000*49_000},
		"--preset report-mlp --dtype float32": {4 * params, 4 * params, 8 * params, 4 * rows, 4 * (4*params + rows)},
	} {
		require.Equal(t, want, summaryOf(t, append([]string{"--hidden", "100,50", "--batch", "2000"}, strings.Fields(args)...)...).Memory, args)
	}
}

func TestSummaryOfARunIsThatOfItsSettings(t *testing.T) {
	config, err := train.Preset("report-mlp")
	require.NoError(t, err)
	config.Hidden, config.Batch, config.DType = []int{12, 9}, 50, "float64"
	run := t.TempDir()
	_, err = train.Create(run, config)
	require.NoError(t, err)
	require.Equal(t, summaryOf(t, "--preset", "report-mlp", "--hidden", "12,9", "--dtype", "float64", "--batch", "50"), summaryOf(t, run))
	require.EqualValues(t, 83, summaryOf(t, "--preset", "toy").Parameters)
}

func TestSummaryOfATablesRunHasItsColumnsAndClasses(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("t.csv", []byte("a,b,c,class\n"+strings.Repeat("1,2,3,x\n4,5,7,y\n2,9,1,z\n", 20)), 0o666))
	code, _, talk := lanes("train", "--data", "t.csv", "--hidden", "5", "--epochs", "1", "--out", "run")
	require.Zero(t, code, talk)
	o := summaryOf(t, "run")
	require.EqualValues(t, 3*5+5+5*3+3, o.Parameters)
	require.EqualValues(t, 2*(3*5+5*3), o.ForwardFLOPs)
	code, _, talk = lanes("summary", "--preset", "tabular")
	require.Equal(t, exitUsage, code)
	require.Contains(t, talk, "give a run that was trained on them")
}

func TestSummaryPrintsATable(t *testing.T) {
	code, out, talk := lanes("summary")
	require.Equal(t, 0, code, talk)
	require.Equal(t, `layer       type        inputs outputs     weights  biases  parameters  FLOPs forward
layers.0    dense         3072      75      230400      75      230475         460800
layers.1    dense           75      10         750      10         760           1500
all                                         231150      85      231235         462300

dense 75, relu, dense 10
0.4623 MFLOPs for an image, 0.2778 GFLOPs for a training step on 300

memory of training with sgd in float32
parameters        0.9 MB
gradients         0.9 MB
optimizer         0.0 MB
batch            13.0 MB
all              14.8 MB
`, out)
}

func TestSummaryOfNonsenseIsALineAndAnExitCode(t *testing.T) {
	run := t.TempDir()
	for _, c := range []struct {
		args    string
		code    int
		message string
	}{
		{"missing", exitData, "missing: no such file or directory"},
		{"a b", exitUsage, "accepts at most 1 arg(s), received 2"},
		{run + " --hidden 5", exitUsage, "a run has its own settings: give the run or the flags, not both"},
		{run + " --hidden 5 --json", exitUsage, "a run has its own settings: give the run or the flags, not both"},
		{"--hidden 0", exitUsage, "--hidden has a layer of 0 units"},
		{"--hidden a", exitUsage, `"a" for "--hidden" flag: invalid syntax`},
		{"--hidden 1000000000,1000000000,1000000000", exitUsage, "GB of memory, want at most 4"},
		{"--preset big", exitUsage, `--preset "big", want report, toy, report-mlp, quick, modern, large, files or tabular`},
		{"--optimizer rmsprop", exitUsage, `--optimizer "rmsprop", want sgd, adam, adamw or lion`},
	} {
		code, out, talk := lanes(append([]string{"summary"}, strings.Fields(c.args)...)...)
		require.Equal(t, c.code, code, talk)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: .*\n$`, talk)
		require.Contains(t, talk, c.message)
	}
}

func TestSummaryShowsLayersOfBlocks(t *testing.T) {
	o := summaryOf(t, "--hidden", "8,8", "--activation", "gelu", "--norm", "batch", "--dropout", "0.1", "--residual")
	var rows []string
	for _, l := range o.Layers {
		rows = append(rows, fmt.Sprint(l.Name, " ", l.Type, " ", l.Parameters, " ", l.Activation, " ", l.Dropout, " ", l.Residual))
	}
	require.Equal(t, []string{
		"layers.0 dense 24584  0 false", "layers.1 batch-norm 16 gelu 0.1 false",
		"layers.2 dense 72  0 true", "layers.3 batch-norm 16 gelu 0.1 true", "layers.4 dense 90  0 false",
	}, rows)
	require.EqualValues(t, 24584+16+72+16+90, o.Parameters)
	require.EqualValues(t, 2*(3072*8+8*8+8*10), o.ForwardFLOPs)
	require.Equal(t, "dense 8, batch-norm, gelu, dropout 0.1, x + (dense 8, batch-norm, gelu, dropout 0.1), dense 10", o.Architecture.Layers.String())
}
