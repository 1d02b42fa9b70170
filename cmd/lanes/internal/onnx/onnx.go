// Package onnx writes networks as ONNX models
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/protobuf"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/safetensors"
)

// The names of the graph's input and output.
const (
	Pixels     = "pixels"     // batch×Shape, 0 to 255
	Values     = "values"     // batch×Shape, of what are no bytes
	Output     = "logits"     // batch×classes
	Prediction = "prediction" // batch×1, of a regression
)

// Model is a network and what it does to pixels first,
//
//	x = (flat(pixels) - mean)·scale
//
// in one element type, F32 or F64. It infers: batch normalisation takes running statistics,
// and dropout does nothing.
type Model struct {
	Shape  []int // of an input, without the batch
	Pixels bool  // whether an input is pixels, which only changes its name
	// Features has what each of the network's inputs is made of, for a table's rows; else
	// it is nil.
	Features []Feature
	// Flips is whether outputs are the mean of those for an image and for its mirror image.
	Flips  bool
	Layers net.Layers
	Target *Target // of a regression, else nil
	// Tensors are input.mean (inputs), input.scale (1), then those of
	// [net.Architecture.Tensors].
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
	if err := m.check(); err != nil {
		return nil, err
	}
	element := types[m.Tensors[0].DType].number

	images := m.input()
	var nodes, constants []protobuf.Message
	if m.Flips {
		images = "both"
		nodes, constants = m.mirroredInput(element, images)
	}
	nodes = append(nodes,
		node("Flatten", []string{images}, "flat").Bytes(5, attribute("axis", 1)),
		node("Sub", []string{"flat", m.Tensors[0].Name}, "centred"),
		node("Mul", []string{"centred", m.Tensors[1].Name}, "input"))
	if m.Features != nil {
		nodes, constants = m.tableInput(element)
	}
	output := Output
	if m.Target != nil {
		output = Prediction
	}
	g := graph{model: m, element: element}
	nodes = append(nodes, g.network()...)
	if m.Flips {
		nodes = append(nodes, g.meanOutput()...)
	}
	constants = append(constants, g.constants...)
	if m.Target != nil {
		more, of := m.targetOutput(element, Output)
		nodes, constants = append(nodes, more...), append(constants, of...)
	}

	var whole protobuf.Message
	for _, n := range nodes {
		whole = whole.Bytes(1, n)
	}
	whole = whole.Text(2, "lanes")
	for _, t := range m.Tensors {
		whole = whole.Bytes(5, tensor(t))
	}
	for _, c := range constants {
		whole = whole.Bytes(5, c)
	}
	whole = whole.Bytes(11, value(m.input(), element, m.Shape))
	whole = whole.Bytes(12, value(output, element, []int{m.architecture().Outputs()}))

	file := protobuf.Message{}.
		Number(1, irVersion).
		Text(2, "lanes").
		Text(3, m.Version).
		Text(6, m.Doc).
		Bytes(7, whole).
		Bytes(8, protobuf.Message{}.Text(1, "").Number(2, opset))
	for _, p := range m.Metadata {
		file = file.Bytes(14, protobuf.Message{}.Text(1, p.Key).Text(2, p.Value))
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

// width returns the number of the network's inputs.
func (m Model) width() int {
	if m.Features != nil {
		return len(m.Features)
	}
	return elements(m.Shape)
}

func (m Model) architecture() net.Architecture {
	return net.Architecture{Inputs: m.width(), Layers: m.Layers}
}

// check holds the tensors to what [Model] says of them.
func (m Model) check() error {
	want := []safetensors.Tensor{{Name: "input.mean", Shape: []int{m.width()}}, {Name: "input.scale", Shape: []int{1}}}
	want = append(want, m.architecture().Tensors()...)
	if len(m.Tensors) != len(want) {
		return fmt.Errorf("onnx: %d tensors, want %d", len(m.Tensors), len(want))
	}
	if slices.Equal(m.Tensors[1].Shape, []int{m.width()}) {
		want[1].Shape = m.Tensors[1].Shape
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

func node(operator string, inputs []string, output string) protobuf.Message {
	var n protobuf.Message
	for _, name := range inputs {
		n = n.Text(1, name)
	}
	return n.Text(2, output).Text(4, operator)
}

func attribute(name string, i uint64) protobuf.Message {
	const kindInt = 2
	return protobuf.Message{}.Text(1, name).Number(3, i).Number(20, kindInt)
}

// value describes an input or an output of the graph, batch×shape.
func value(name string, element uint64, shape []int) protobuf.Message {
	dims := protobuf.Message{}.Bytes(1, protobuf.Message{}.Text(2, "batch"))
	for _, d := range shape {
		dims = dims.Bytes(1, protobuf.Message{}.Number(1, uint64(d)))
	}
	return protobuf.Message{}.Text(1, name).Bytes(2, protobuf.Message{}.Bytes(1, protobuf.Message{}.Number(1, element).Bytes(2, dims)))
}
