package onnx

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/testdata/export"
)

func tinyModel(tiny export.Tiny, dtype string) Model {
	return Model{
		Shape: tiny.Shape, Pixels: true, Layers: net.Plain(12, 5, 4, 3).Layers, Tensors: tiny.As(dtype), Version: "v0", Doc: tiny.Doc,
		Metadata: []Property{{"classes", tiny.Metadata["classes"]}, {"step", tiny.Metadata["step"]}},
	}
}

func TestBytesAreThoseOfThePythonPackage(t *testing.T) {
	tiny := export.Read()
	for dtype, name := range map[string]string{"F32": "tiny.float32.onnx", "F64": "tiny.float64.onnx"} {
		got, err := Encode(tinyModel(tiny, dtype))
		require.NoError(t, err)
		require.Equal(t, export.File(name), got, name)
	}
}

func TestTensorsThatAreNoNetworkAreRefused(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(m *Model)
		message string
	}{
		{"none", func(m *Model) { m.Tensors = nil }, "onnx: 0 tensors, want 8"},
		{"no layer", func(m *Model) { m.Tensors = m.Tensors[:2] }, "onnx: 2 tensors"},
		{"a bias missing", func(m *Model) { m.Tensors = m.Tensors[:7] }, "onnx: 7 tensors"},
		{"order", func(m *Model) { m.Tensors[0], m.Tensors[1] = m.Tensors[1], m.Tensors[0] }, "onnx: tensor 0 is input.scale [1], want input.mean [12]"},
		{"another input", func(m *Model) { m.Shape = []int{3, 2, 3} }, "onnx: tensor 0 is input.mean [12], want input.mean [18]"},
		{"transposed", func(m *Model) { m.Tensors[2].Shape = []int{12, 5} }, "onnx: tensor 2 is layers.0.weight [12 5], want layers.0.weight [5 12]"},
		{"a matrix as bias", func(m *Model) { m.Tensors[3].Shape = []int{1, 5} }, "onnx: tensor 3 is layers.0.bias [1 5], want layers.0.bias [5]"},
		{"halves", func(m *Model) { m.Tensors[4].DType = "F16" }, "onnx: input.mean is F32 and layers.1.weight F16, want F32 or F64 throughout"},
		{"two types", func(m *Model) { m.Tensors[4].DType = "F64" }, "onnx: input.mean is F32 and layers.1.weight F64, want"},
	} {
		m := tinyModel(export.Read(), "F32")
		c.change(&m)
		_, err := Encode(m)
		require.ErrorContains(t, err, c.message, c.name)
	}
}

func TestParametersBeyondWhatAFileHoldsAreRefused(t *testing.T) {
	m := tinyModel(export.Read(), "F64")
	m.Tensors[2].Shape, m.Tensors[3].Shape = []int{20_000_000, 12}, []int{20_000_000}
	m.Tensors[4].Shape = []int{4, 20_000_000}
	m.Layers = net.Plain(12, 20_000_000, 4, 3).Layers
	_, err := Encode(m)
	require.ErrorContains(t, err, "onnx: the parameters are 2720000256 bytes, an ONNX file holds at most 2146435071")
}
