package onnx

import "github.com/lanes-ml/lanes/cmd/lanes/internal/protobuf"

// mirroredInput returns nodes that make a batch of the images and, after them, of their mirror
// images, and the constant that they take. A product with the matrix that has its ones from corner
// to corner reverses rows exactly, and runtimes have it that lack a Slice which goes backwards.
func (m Model) mirroredInput(element uint64, output string) (nodes, constants []protobuf.Message) {
	width := m.Shape[len(m.Shape)-1]
	exchange := make([]float64, width*width)
	for i := range width {
		exchange[i*width+width-1-i] = 1
	}
	return []protobuf.Message{
			node("MatMul", []string{m.input(), "exchange"}, "mirrored"),
			node("Concat", []string{m.input(), "mirrored"}, output).Bytes(5, attribute("axis", 0)),
		}, []protobuf.Message{
			m.constant(element, "exchange", []int{width, width}, exchange...),
		}
}

// meanOutput returns nodes that make the mean of the outputs for images and for their mirror images.
func (g *graph) meanOutput() []protobuf.Message {
	return []protobuf.Message{
		node("Split", []string{g.output()}, "direct.logits").Text(2, "mirrored.logits").Bytes(5, attribute("axis", 0)),
		node("Add", []string{"direct.logits", "mirrored.logits"}, "sum"),
		node("Mul", []string{"sum", g.number("half", 0.5)}, Output),
	}
}
