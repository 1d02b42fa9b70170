package net

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// Layer describes a layer of a network: [Dense], [Activation], [Residual], or [Layers], a
// list of them. Descriptions are plain values, from which [Build] makes a network.
type Layer interface {
	// outputs returns the columns of what the layer makes of in columns, or an error that
	// says what is wrong with it.
	outputs(in int) (int, error)
}

// Dense maps N rows x to x·W + b, N×Units, where W has a row for each column of x.
type Dense struct{ Units int }

func (d Dense) outputs(int) (int, error) {
	if d.Units < 1 {
		return 0, fmt.Errorf("a dense layer of %d units, want at least 1", d.Units)
	}
	return d.Units, nil
}

// Activation applies a function to each element.
type Activation kernels.Activation

// ReLU is max(·, 0).
const ReLU = Activation(kernels.ReLU)

func (a Activation) outputs(in int) (int, error) {
	if a != ReLU {
		return 0, fmt.Errorf("activation %d, want ReLU", int(a))
	}
	return in, nil
}

// Layers is a list of layers, each of which takes what the one before makes.
type Layers []Layer

func (list Layers) outputs(in int) (int, error) {
	for i, l := range list {
		if l == nil {
			return 0, fmt.Errorf("layer %d is nil", i)
		}
		var err error
		if in, err = l.outputs(in); err != nil {
			return 0, err
		}
	}
	return in, nil
}

// Residual maps x to x + f(x), where f is a list of layers (He, Zhang, Ren, Sun, Identity
// Mappings in Deep Residual Networks, arXiv:1603.05027, equation 1). f(x) has the columns
// of x.
type Residual []Layer

func (r Residual) outputs(in int) (int, error) {
	out, err := Layers(r).outputs(in)
	if err == nil && out != in {
		err = fmt.Errorf("a residual block from %d to %d columns, want as many", in, out)
	}
	return out, err
}

// flat returns the list with the lists in it spliced in.
func flat(list []Layer) []Layer {
	var all []Layer
	for _, l := range list {
		if inner, ok := l.(Layers); ok {
			all = append(all, flat(inner)...)
		} else {
			all = append(all, l)
		}
	}
	return all
}

// Architecture describes a network: the columns of its input, and its layers.
type Architecture struct {
	Inputs int
	Layers Layers
}

// Plain returns the architecture of dense layers with [ReLU] between them. Sizes are the
// columns of the input, of each hidden layer and of the logits: 3072, 75, 10 has one hidden
// layer of 75.
func Plain(sizes ...int) Architecture {
	var a Architecture
	for i, size := range sizes {
		switch {
		case i == 0:
			a.Inputs = size
			continue
		case i > 1:
			a.Layers = append(a.Layers, ReLU)
		}
		a.Layers = append(a.Layers, Dense{size})
	}
	return a
}

// Check returns an error if a layer is not as its type demands, or if none has weights.
func (a Architecture) Check() error {
	if a.Inputs < 1 {
		return fmt.Errorf("%d inputs, want at least 1", a.Inputs)
	}
	_, err := a.Layers.outputs(a.Inputs)
	if err == nil && a.Weights() == 0 {
		err = fmt.Errorf("no dense layer")
	}
	return err
}

// Outputs returns the columns of what the last layer makes, the logits.
func (a Architecture) Outputs() int {
	out, _ := a.Layers.outputs(a.Inputs)
	return out
}
