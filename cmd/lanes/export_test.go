package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/safetensors"
	"github.com/lanes-ml/lanes/net/train"
	"github.com/lanes-ml/lanes/testdata/export"
)

// exported runs export and returns the file's path.
func exported(t *testing.T, args ...string) string {
	t.Helper()
	code, out, talk := lanes(append([]string{"export"}, args...)...)
	require.Equal(t, 0, code, talk)
	require.Empty(t, talk)
	return strings.TrimSuffix(out, "\n")
}

// tool computes logits from exports, by a script of testdata/export.
type tool struct {
	name    string
	format  string
	script  string
	doubles bool     // asked for float64 too; OpenCV has none, PyTorch starts slowly
	probe   []string // a command that succeeds where the tool is
}

var tools = []tool{
	{"numpy", "npz", "numpy_logits.py", true, []string{"python3", "-c", "import numpy"}},
	{"PyTorch", "safetensors", "torch_logits.py", false, []string{"python3", "-c", "import torch"}},
	{"OpenCV", "onnx", "opencv_logits.py", false, []string{"python3", "-c", "import cv2, numpy"}},
	{"onnxruntime", "onnx", "onnxruntime_logits.js", true, []string{"node", "-e", `require("onnxruntime-node")`}},
}

// find returns the program of a command that succeeds, the system's where the
// first one on the path does not: that may be a Python without packages.
func find(command []string) (program string, err error) {
	for _, program := range []string{command[0], "/usr/bin/" + command[0]} {
		if err = exec.Command(program, command[1:]...).Run(); err == nil {
			return program, nil
		}
	}
	return "", err
}

// logitsBy returns what a script prints for the images.
func logitsBy(t *testing.T, program, name, model string, images data.Split) [][]float64 {
	t.Helper()
	dir := t.TempDir()
	script, pixels := filepath.Join(dir, name), filepath.Join(dir, "pixels.bin")
	require.NoError(t, os.WriteFile(script, export.File(name), 0o666))
	require.NoError(t, os.WriteFile(pixels, images.Pixels, 0o666))
	command := exec.Command(program, script, model, pixels)
	var talk bytes.Buffer
	command.Stderr = &talk
	out, err := command.Output()
	require.NoError(t, err, talk.String())
	var all [][]float64
	for line := range strings.Lines(string(out)) {
		var row []float64
		for _, field := range strings.Fields(line) {
			v, err := strconv.ParseFloat(field, 64)
			require.NoError(t, err)
			row = append(row, v)
		}
		all = append(all, row)
	}
	return all
}

// requireLogits fails unless the tool's logits are within bound of those that are wanted.
func (tool tool) requireLogits(t *testing.T, want kernels.Mat[float64], bound float64, model string, images data.Split) {
	program, err := find(tool.probe)
	if err != nil {
		t.Skipf("%s is not on this machine: %v", tool.name, err)
	}
	got := logitsBy(t, program, tool.script, model, images)
	require.Len(t, got, want.Rows)
	difference, largest := 0.0, 0.0
	for i, row := range got {
		require.Len(t, row, want.Cols)
		for j, z := range row {
			difference = max(difference, math.Abs(z-want.At(i, j)))
			largest = max(largest, math.Abs(z))
		}
	}
	t.Logf("logits up to %.3g differ by at most %.2g", largest, difference)
	require.LessOrEqual(t, difference, bound)
}

// thousand returns images to compare logits on: those of CIFAR-10's test part
// where that is, else synthetic ones.
func thousand(t *testing.T) data.Split {
	test := synthetic().Test
	if found, err := data.Find(""); err == nil {
		set, err := data.ReadCIFAR10(found)
		require.NoError(t, err)
		test = set.Test
	}
	return data.Split{Pixels: test.Pixels[:1000*data.ImageSize], Labels: test.Labels[:1000]}
}

// In float32 the programs' sums, each in an order of its own, round by some
// millionths of logits such as these; in float64 there is next to nothing between
// them.
func TestOtherProgramsGiveTheSameLogits(t *testing.T) {
	if testing.Short() {
		t.Skip("other programs start slowly")
	}
	images := thousand(t)
	dir := newRun(t, unchanged)
	run, checkpoint, err := openRun(dir, "")
	require.NoError(t, err)
	c, err := openClassifier(run, checkpoint)
	require.NoError(t, err)
	want, err := c.predictor.Logits(images)
	require.NoError(t, err)
	for dtype, bound := range map[string]float64{"float32": 1e-5, "float64": 1e-12} {
		for _, tool := range tools {
			if dtype == "float64" && !tool.doubles {
				continue
			}
			t.Run(tool.name+"/"+dtype, func(t *testing.T) {
				tool.requireLogits(t, want, bound, exported(t, dir, "--format", tool.format, "--dtype", dtype), images)
			})
		}
	}
}

// Every layer in every format, and nested, whitening before such a block, and test-time flips:
// ONNX by its operators' definitions, and by OpenCV, which has no layer normalisation of a batch.
func TestOtherProgramsGiveTheSameLogitsOfEveryLayer(t *testing.T) {
	if testing.Short() {
		t.Skip("other programs start slowly")
	}
	images := thousand(t)
	images.Pixels, images.Labels = images.Pixels[:50*data.ImageSize], images.Labels[:50]
	operators := tool{"ONNX", "onnx", "onnx_logits.py", true, []string{"python3", "-c", "import onnx, numpy"}}
	for settings, programs := range map[string][]tool{
		"activation=gelu norm=batch dropout=0.2": {tools[0], operators, tools[2], tools[3]},
		"activation=silu norm=layer":             {tools[0], operators, tools[3]},
		"activation=leaky-relu":                  {tools[0], operators, tools[3]},
		"normalize=pca components=12 norm=batch": {tools[0], operators, tools[2], tools[3]},
		"test-flips=true norm=batch":             {operators, tools[2], tools[3]},
	} {
		dir := newRun(t, func(c *train.Config) {
			for _, s := range strings.Fields(settings) {
				name, value, _ := strings.Cut(s, "=")
				require.NoError(t, c.Set(name, value))
			}
			c.Hidden, c.Residual, c.DType = []int{12, 12, 9}, true, "float64"
		})
		run, checkpoint, err := openRun(dir, "")
		require.NoError(t, err)
		c, err := openClassifier(run, checkpoint)
		require.NoError(t, err)
		want, err := c.predictor.Logits(images)
		require.NoError(t, err)
		for _, tool := range programs {
			t.Run(settings+"/"+tool.name, func(t *testing.T) {
				dtype, bound := "float64", 1e-11 // ONNX has ε of 32 bits
				if !tool.doubles {
					dtype, bound = "float32", 1e-5
				}
				tool.requireLogits(t, want, bound, exported(t, dir, "--format", tool.format, "--dtype", dtype), images)
			})
		}
	}
}

func TestCheckerAcceptsTheONNXFile(t *testing.T) {
	python, err := find([]string{"python3", "-c", "import onnx"})
	if err != nil {
		t.Skip("python3-onnx is not on this machine:", err)
	}
	model := exported(t, newRun(t, unchanged), "--format", "onnx")
	out, err := exec.Command(python, "-c", `
import json, sys, onnx
m = onnx.load(sys.argv[1])
onnx.checker.check_model(m, full_check=True)
onnx.shape_inference.infer_shapes(m, strict_mode=True)
print(m.opset_import[0].version, *json.loads({p.key: p.value for p in m.metadata_props}["classes"]))
`, model).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "13 "+strings.Join(synthetic().Classes, " ")+"\n", string(out))
}

// The tiny network of testdata/export, whose logits PyTorch computed: what export
// makes of a model is read back, and put through a network.
func TestTensorsAreThoseOfPyTorch(t *testing.T) {
	tiny := export.Read()
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	model := &train.Model[float64]{Network: net.New(engine, 12, 5, 4, 3), Classes: tiny.Classes}
	// PyTorch's weights are out×in, those of a network in×out.
	for i, p := range model.Network.Params() {
		from := tiny.Tensors[2+i]
		m := p.Value
		if p.Weight {
			m = m.T()
		}
		for k, v := range from.Data {
			m.Data[k/m.Cols*m.RowStride+k%m.Cols*m.ColStride] = v
		}
	}
	model.Input = data.Preprocessing{Shape: data.Row(12), Mean: tiny.Tensors[0].Data, Scale: tiny.Tensors[1].Data[:1]}
	require.Equal(t, tiny.As("F64"), model.Tensors())

	x := kernels.NewMat[float64](len(tiny.Pixels), 12, nil)
	for i, row := range tiny.Pixels {
		for j, p := range row {
			x.Row(i)[j] = (float64(p) - model.Input.Mean[j]) * model.Input.Scale[0]
		}
	}
	logits := model.Network.Logits(x)
	for i, row := range tiny.Logits {
		require.InDeltaSlice(t, row, logits.Row(i), 1e-13)
	}
}

func TestFormatIsNamedOrTheExtension(t *testing.T) {
	run := newRun(t, unchanged)
	dir := t.TempDir()
	for args, file := range map[string]string{
		"--format npz":                             filepath.Join(run, "model.npz"),
		"--format onnx -o " + dir + "/a":           dir + "/a",
		"-o " + dir + "/b.safetensors":             dir + "/b.safetensors",
		"-o " + dir + "/c.npz --checkpoint last":   dir + "/c.npz",
		"-o " + dir + "/d.onnx --dtype float64":    dir + "/d.onnx",
		"--format npz --output " + dir + "/e.onnx": dir + "/e.onnx",
	} {
		require.Equal(t, file, exported(t, append([]string{run}, strings.Fields(args)...)...))
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		size := 4 * (3072*12 + 12 + 12*9 + 9 + 9*10 + 10 + 3072 + 1)
		if strings.Contains(args, "float64") {
			size *= 2
		}
		require.InDelta(t, size, len(b), 4000, args)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 5) // and nothing temporary
}

func TestExportKeepsTheElementTypeOfTheRun(t *testing.T) {
	b, err := os.ReadFile(exported(t, newRun(t, func(c *train.Config) { c.DType = "float64" }), "--format", "safetensors"))
	require.NoError(t, err)
	tensors, _, err := safetensors.Read(b)
	require.NoError(t, err)
	for _, v := range tensors {
		require.Equal(t, "F64", v.DType, v.Name)
	}
}

func TestSafetensorsHoldWeightsAlone(t *testing.T) {
	b, err := os.ReadFile(exported(t, newRun(t, func(c *train.Config) { c.Optimizer = "adam" }), "--format", "safetensors", "--checkpoint", "last"))
	require.NoError(t, err)
	tensors, metadata, err := safetensors.Read(b)
	require.NoError(t, err)
	var names []string
	for _, v := range tensors {
		names = append(names, fmt.Sprint(v.Name, v.Shape))
	}
	require.Equal(t, []string{
		"input.mean[3072]", "input.scale[1]", "layers.0.weight[12 3072]", "layers.0.bias[12]",
		"layers.1.weight[9 12]", "layers.1.bias[9]", "layers.2.weight[10 9]", "layers.2.bias[10]",
	}, names)
	require.Equal(t, "pt", metadata["format"])
}

func TestExportTakesTheCheckpointThatIsNamed(t *testing.T) {
	run := newRun(t, func(c *train.Config) { c.Iters = 33 })
	step := func(args ...string) string {
		b, err := os.ReadFile(exported(t, append([]string{run, "--format", "safetensors"}, args...)...))
		require.NoError(t, err)
		_, metadata, err := safetensors.Read(b)
		require.NoError(t, err)
		return metadata["step"]
	}
	require.Equal(t, "30", step()) // the end of the only epoch is better than that of the run
	require.Equal(t, "30", step("--checkpoint", "best"))
	require.Equal(t, "33", step("--checkpoint", "last"))
	require.NoError(t, os.Remove(filepath.Join(run, "best.safetensors")))
	require.Equal(t, "33", step())
}

func TestExportOfNonsenseIsALineAndAnExitCode(t *testing.T) {
	run := newRun(t, unchanged)
	best, err := os.ReadFile(filepath.Join(run, "best.safetensors"))
	require.NoError(t, err)
	missing := filepath.Join(run, "missing")
	for _, c := range []struct {
		args    string
		code    int
		message string
	}{
		{"export", exitUsage, "accepts 1 arg(s), received 0"},
		{"export RUN", exitUsage, "no --format, want safetensors, npz or onnx"},
		{"export RUN -o model.pt", exitUsage, "no --format, want safetensors, npz or onnx"},
		{"export RUN --format h5", exitUsage, `--format "h5", want safetensors, npz or onnx`},
		{"export RUN --format npz --dtype float16", exitUsage, `--dtype "float16", want float32 or float64`},
		{"export RUN -o " + missing + "/a.npz", exitFailed, "missing/a.npz: no such file or directory"},
		{"export RUN --format npz -o RUN", exitFailed, run},
		{"export RUN -o RUN/best.safetensors", exitUsage, "best.safetensors is a file of a run"},
		{"export RUN -o RUN/../run/last.safetensors", exitUsage, "last.safetensors is a file of a run"},
		{"export RUN -o RUN/config.toml --format npz", exitUsage, "config.toml is a file of a run"},
		{"report RUN -o RUN/last.safetensors", exitUsage, "last.safetensors is a file of a run"},
	} {
		code, out, talk := lanes(strings.Fields(strings.ReplaceAll(c.args, "RUN", run))...)
		require.Equal(t, c.code, code, talk)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: .*\n$`, talk)
		require.Contains(t, talk, c.message)
	}
	after, err := os.ReadFile(filepath.Join(run, "best.safetensors"))
	require.NoError(t, err)
	require.Equal(t, best, after)
	left, err := filepath.Glob(filepath.Join(run, ".*"))
	require.NoError(t, err)
	require.Empty(t, left)
}
