package onnx

import (
	"fmt"
	"math"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/protobuf"
	"github.com/lanes-ml/lanes/net"
)

// graph makes nodes of layers. All operators are of [opset], so that GELU, SiLU and layer
// normalisation, which it lacks, are made of others.
type graph struct {
	model     Model
	element   uint64
	ops       []op
	constants []protobuf.Message
	named     map[string]bool // of the constants
	layers    int             // with tensors, so far
}

// op is an operator with what it takes and makes.
type op struct {
	operator   string
	inputs     []string
	output     string
	attributes []protobuf.Message
}

// output returns the name of the network's output.
func (g *graph) output() string {
	if g.model.Flips {
		return "both.logits"
	}
	return Output
}

// network returns the nodes of the network, from "input" to its output.
func (g *graph) network() []protobuf.Message {
	g.list(g.model.Layers, "input")
	g.ops[len(g.ops)-1].output = g.output()
	var nodes []protobuf.Message
	for _, o := range g.ops {
		n := node(o.operator, o.inputs, o.output)
		for _, a := range o.attributes {
			n = n.Bytes(5, a)
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// add adds an operator and returns the name of its output.
func (g *graph) add(operator, output string, inputs ...string) string {
	g.ops = append(g.ops, op{operator: operator, inputs: inputs, output: output})
	return output
}

// with gives the last operator an attribute.
func (g *graph) with(attribute protobuf.Message) {
	last := &g.ops[len(g.ops)-1]
	last.attributes = append(last.attributes, attribute)
}

// list adds layers after x, and returns the name of their output.
func (g *graph) list(layers []net.Layer, x string) string {
	for _, l := range layers {
		x = g.layer(l, x)
	}
	return x
}

func (g *graph) layer(l net.Layer, x string) string {
	switch l := l.(type) {
	case net.Layers:
		return g.list(l, x)
	case net.Residual:
		f := g.list(l, x)
		return g.add("Add", f+".sum", x, f)
	case net.Activation:
		return g.activation(l, x)
	case net.Dense:
		name := g.next()
		y := g.add("Gemm", name, x, name+".weight", name+".bias")
		g.with(attribute("transB", 1))
		return y
	case net.BatchNorm:
		name := g.next()
		y := g.add("BatchNormalization", name, x, name+".weight", name+".bias", name+".running_mean", name+".running_var")
		g.with(floatAttribute("epsilon", net.NormEpsilon))
		return y
	case net.LayerNorm:
		return g.layerNorm(g.next(), x)
	}
	return x // of dropout
}

// next returns the name of the next layer with tensors.
func (g *graph) next() string {
	g.layers++
	return fmt.Sprint("layers.", g.layers-1)
}

func (g *graph) activation(a net.Activation, x string) string {
	switch a {
	case net.LeakyReLU: // whose operator has a slope of 32 bits
		return g.add("Max", x+".leaky", x, g.add("Mul", x+".leak", x, g.number("leak", 0.01)))
	case net.SiLU: // x·σ(x)
		return g.add("Mul", x+".silu", x, g.add("Sigmoid", x+".sigmoid", x))
	case net.GELU: // x·σ(x·(linear + cubic·x²))
		const linear, cubic = 2 * math.Sqrt2 / math.SqrtPi, 2 * math.Sqrt2 / math.SqrtPi * 0.044715
		square := g.add("Mul", x+".square", x, x)
		slope := g.add("Add", x+".slope", g.add("Mul", x+".cubic", square, g.number("gelu.cubic", cubic)), g.number("gelu.linear", linear))
		return g.add("Mul", x+".gelu", x, g.add("Sigmoid", x+".sigmoid", g.add("Mul", x+".argument", x, slope)))
	}
	return g.add("Relu", x+".relu", x)
}

// layerNorm adds (x - μ)/√(v+ε)·γ + β, where μ and v are those of the row.
func (g *graph) layerNorm(name, x string) string {
	mean := func(of, output string) string {
		y := g.add("ReduceMean", name+output, of)
		g.with(listAttribute("axes", 1))
		return y
	}
	centred := g.add("Sub", name+".centred", x, mean(x, ".mean"))
	variance := mean(g.add("Mul", name+".square", centred, centred), ".variance")
	deviation := g.add("Sqrt", name+".deviation", g.add("Add", name+".margin", variance, g.number("norm.epsilon", net.NormEpsilon)))
	scaled := g.add("Mul", name+".scaled", g.add("Div", name+".standard", centred, deviation), name+".weight")
	return g.add("Add", name, scaled, name+".bias")
}

// number returns the name of a constant.
func (g *graph) number(name string, v float64) string {
	if !g.named[name] {
		if g.named == nil {
			g.named = map[string]bool{}
		}
		g.named[name] = true
		g.constants = append(g.constants, g.model.constant(g.element, name, nil, v))
	}
	return name
}

func floatAttribute(name string, v float64) protobuf.Message {
	const kindFloat = 1
	return protobuf.Message{}.Text(1, name).Float(2, float32(v)).Number(20, kindFloat)
}

func listAttribute(name string, i uint64) protobuf.Message {
	const kindInts = 7
	return protobuf.Message{}.Text(1, name).Number(8, i).Number(20, kindInts)
}
