package onnx

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/protobuf"
	"github.com/lanes-ml/lanes/net/safetensors"
)

// Feature is what an input of the network is made of: a column of numbers, or one category
// of a column of categories.
type Feature struct {
	Column   int
	Category int // -1 for numbers
}

// Target is what the output of a regression's network stands for: Mean + output/Scale.
type Target struct{ Mean, Scale float64 }

// names of element types in TensorProto.DataType.
const (
	typeInt64 = 7
	typeBool  = 9
)

// tableInput returns nodes that make the network's input of a row, and the constants that
// they take. A number that is missing, which is NaN, gives 0, as its mean does. A category
// is the number of one; NaN or a number beyond them is none of them.
func (m Model) tableInput(element uint64) (nodes, constants []protobuf.Message) {
	mean, scale := m.Tensors[0].Name, m.Tensors[1].Name
	values := m.input()
	categories := slices.ContainsFunc(m.Features, func(f Feature) bool { return f.Category >= 0 })
	filled := "input"
	if categories {
		filled = "numbers"
		values = "features"
		nodes = append(nodes, node("Gather", []string{m.input(), "input.column"}, values).Bytes(5, attribute("axis", 1)))
	}
	nodes = append(nodes,
		node("IsNaN", []string{values}, "missing"),
		node("Sub", []string{values, mean}, "centred"),
		node("Mul", []string{"centred", scale}, "scaled"),
		node("Where", []string{"missing", "zero", "scaled"}, filled))
	constants = append(constants, m.constant(element, "zero", nil, 0))
	if !categories {
		return nodes, constants
	}
	const kindInt = 2
	cast := protobuf.Message{}.Text(1, "to").Number(3, element).Number(20, kindInt)
	nodes = append(nodes,
		node("Equal", []string{values, "input.category"}, "is"),
		node("Cast", []string{"is"}, "one").Bytes(5, cast),
		node("Where", []string{"input.categorical", "one", filled}, "input"))
	var columns, flags []byte
	var wanted []float64
	for _, f := range m.Features {
		columns = binary.LittleEndian.AppendUint64(columns, uint64(f.Column))
		wanted = append(wanted, float64(f.Category))
		flag := byte(0)
		if f.Category >= 0 {
			flag = 1
		}
		flags = append(flags, flag)
	}
	shape := []int{len(m.Features)}
	return nodes, append(constants,
		rawTensor("input.column", typeInt64, shape, columns),
		rawTensor("input.categorical", typeBool, shape, flags),
		m.constant(element, "input.category", shape, wanted...))
}

// targetOutput returns nodes that make the number of a regression of the network's output.
func (m Model) targetOutput(element uint64, output string) (nodes, constants []protobuf.Message) {
	return []protobuf.Message{
			node("Div", []string{output, "target.scale"}, "deviation"),
			node("Add", []string{"deviation", "target.mean"}, Prediction),
		}, []protobuf.Message{
			m.constant(element, "target.scale", []int{1}, m.Target.Scale),
			m.constant(element, "target.mean", []int{1}, m.Target.Mean),
		}
}

// constant returns a tensor of the model's element type.
func (m Model) constant(element uint64, name string, shape []int, values ...float64) protobuf.Message {
	var data []byte
	for _, v := range values {
		if m.Tensors[0].DType == "F32" {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(v)))
		} else {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
		}
	}
	return rawTensor(name, element, shape, data)
}

func tensor(t safetensors.Tensor) protobuf.Message {
	return rawTensor(t.Name, types[t.DType].number, t.Shape, t.Data)
}

func rawTensor(name string, element uint64, shape []int, data []byte) protobuf.Message {
	var m protobuf.Message
	for _, d := range shape {
		m = m.Number(1, uint64(d))
	}
	return m.Number(2, element).Text(8, name).Bytes(9, data)
}
