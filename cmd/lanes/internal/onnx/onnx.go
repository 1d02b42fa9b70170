// Package onnx writes dense networks as ONNX models
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/lanes-ml/lanes/net/safetensors"
)

// The names of the graph's input and output.
const (
	Pixels     = "pixels"     // batch×Shape, 0 to 255
	Values     = "values"     // batch×Shape, of what are no bytes
	Output     = "logits"     // batch×classes
	Prediction = "prediction" // batch×1, of a regression
)

// Model is a dense network and what it does to pixels first,
//
//	x = (flat(pixels) - mean)·scale,   x ← max(x·Wᵀ + b, 0) for each layer, the last without max
//
// in one element type, F32 or F64.
type Model struct {
	Shape  []int // of an input, without the batch
	Pixels bool  // whether an input is pixels, which only changes its name
	// Features has what each of the network's inputs is made of, for a table's rows; else
	// it is nil.
	Features []Feature
	Target   *Target // of a regression, else nil
	// Tensors are input.mean (inputs), input.scale (1), then layers.0.weight
	// (out×in), layers.0.bias (out), layers.1.weight and so on.
	Tensors  []safetensors.Tensor
	Version  string // of the program
	Doc      string
	Metadata []Property
}

// Property is an entry of a model's metadata.
type Property struct{ Key, Value string }

const (
	irVersion = 7 // that of opset 13, which has all operators as they are used here
	opset     = 13
	// maxSize is how many bytes protocol buffers may have.
	maxSize = math.MaxInt32
)

// types are element types by name: their numbers in TensorProto.DataType and their
// sizes.
var types = map[string]struct {
	number uint64
	bytes  int
}{"F32": {1, 4}, "F64": {11, 8}}

// Encode returns the model as a file's bytes. The same model gives the same
// bytes. It is an error if the tensors are not those that [Model] lists, or are
// more than the 2 GiB that an ONNX file can hold.
func Encode(m Model) ([]byte, error) {
	layers := len(m.Tensors)/2 - 1
	if err := m.check(layers); err != nil {
		return nil, err
	}
	element := types[m.Tensors[0].DType].number

	nodes := []message{
		node("Flatten", []string{m.input()}, "flat").bytes(5, attribute("axis", 1)),
		node("Sub", []string{"flat", m.Tensors[0].Name}, "centred"),
		node("Mul", []string{"centred", m.Tensors[1].Name}, "input"),
	}
	var constants []message
	if m.Features != nil {
		nodes, constants = m.tableInput(element)
	}
	x, output := "input", Output
	if m.Target != nil {
		output = Prediction
	}
	for l := range layers {
		y := fmt.Sprint("layers.", l)
		if l == layers-1 {
			y = Output
		}
		weight, bias := m.Tensors[2+2*l], m.Tensors[3+2*l]
		nodes = append(nodes, node("Gemm", []string{x, weight.Name, bias.Name}, y).bytes(5, attribute("transB", 1)))
		if l < layers-1 {
			x = y + ".relu"
			nodes = append(nodes, node("Relu", []string{y}, x))
		}
	}
	if m.Target != nil {
		more, of := m.targetOutput(element, Output)
		nodes, constants = append(nodes, more...), append(constants, of...)
	}

	var graph message
	for _, n := range nodes {
		graph = graph.bytes(1, n)
	}
	graph = graph.text(2, "lanes")
	for _, t := range m.Tensors {
		graph = graph.bytes(5, tensor(t))
	}
	for _, c := range constants {
		graph = graph.bytes(5, c)
	}
	graph = graph.bytes(11, value(m.input(), element, m.Shape))
	graph = graph.bytes(12, value(output, element, m.Tensors[len(m.Tensors)-1].Shape))

	file := message{}.
		number(1, irVersion).
		text(2, "lanes").
		text(3, m.Version).
		text(6, m.Doc).
		bytes(7, graph).
		bytes(8, message{}.text(1, "").number(2, opset))
	for _, p := range m.Metadata {
		file = file.bytes(14, message{}.text(1, p.Key).text(2, p.Value))
	}
	return file, nil
}

// input returns the name of the graph's input.
func (m Model) input() string {
	if m.Pixels {
		return Pixels
	}
	return Values
}

// check holds the tensors to what [Model] says of them.
func (m Model) check(layers int) error {
	if layers < 1 || len(m.Tensors)%2 != 0 {
		return fmt.Errorf("onnx: %d tensors, want input.mean, input.scale, and two for each layer", len(m.Tensors))
	}
	width := elements(m.Shape)
	if m.Features != nil {
		width = len(m.Features)
	}
	scales := 1
	if slices.Equal(m.Tensors[1].Shape, []int{width}) {
		scales = width
	}
	want := []safetensors.Tensor{{Name: "input.mean", Shape: []int{width}}, {Name: "input.scale", Shape: []int{scales}}}
	for l := range layers {
		out := 0
		if shape := m.Tensors[3+2*l].Shape; len(shape) == 1 {
			out = shape[0]
		}
		want = append(want,
			safetensors.Tensor{Name: fmt.Sprintf("layers.%d.weight", l), Shape: []int{out, width}},
			safetensors.Tensor{Name: fmt.Sprintf("layers.%d.bias", l), Shape: []int{out}})
		width = out
	}
	size := 0
	for i, t := range m.Tensors {
		if w := want[i]; t.Name != w.Name || !slices.Equal(t.Shape, w.Shape) {
			return fmt.Errorf("onnx: tensor %d is %s %v, want %s %v", i, t.Name, t.Shape, w.Name, w.Shape)
		}
		if t.DType != m.Tensors[0].DType || types[t.DType].number == 0 {
			return fmt.Errorf("onnx: %s is %s and %s %s, want F32 or F64 throughout", m.Tensors[0].Name, m.Tensors[0].DType, t.Name, t.DType)
		}
		size += elements(t.Shape) * types[t.DType].bytes
	}
	const rest = 1 << 20 // far more than all else in the file
	if size > maxSize-rest {
		return fmt.Errorf("onnx: the parameters are %d bytes, an ONNX file holds at most %d", size, maxSize-rest)
	}
	return nil
}

func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func node(operator string, inputs []string, output string) message {
	var n message
	for _, name := range inputs {
		n = n.text(1, name)
	}
	return n.text(2, output).text(4, operator)
}

func attribute(name string, i uint64) message {
	const kindInt = 2
	return message{}.text(1, name).number(3, i).number(20, kindInt)
}

// value describes an input or an output of the graph, batch×shape.
func value(name string, element uint64, shape []int) message {
	dims := message{}.bytes(1, message{}.text(2, "batch"))
	for _, d := range shape {
		dims = dims.bytes(1, message{}.number(1, uint64(d)))
	}
	return message{}.text(1, name).bytes(2, message{}.bytes(1, message{}.number(1, element).bytes(2, dims)))
}

// message is a protocol buffer in the making; its methods append a field, which
// begins with its number and how its value is encoded: 0 as a number in groups of 7
// bits, the lowest first, 2 as bytes after their count.
//
// Source: https://protobuf.dev/programming-guides/encoding/.
type message []byte

func (m message) number(field, v uint64) message {
	return binary.AppendUvarint(binary.AppendUvarint(m, field<<3), v)
}

func (m message) text(field uint64, s string) message { return m.bytes(field, []byte(s)) }

func (m message) bytes(field uint64, b []byte) message {
	return append(binary.AppendUvarint(binary.AppendUvarint(m, field<<3|2), uint64(len(b))), b...)
}
