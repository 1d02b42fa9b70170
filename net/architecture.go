package net

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Architecture describes a network: the columns of its input, and its layers. As JSON it is
//
//	{"inputs":3072,"layers":[{"dense":75},"batch-norm","relu",{"dropout":0.1},{"residual":[…]},{"dense":10}]}
type Architecture struct {
	Inputs int    `json:"inputs"`
	Layers Layers `json:"layers"`
}

// Plain returns the architecture of dense layers with [ReLU] between them. Sizes are the
// columns of the input, of each hidden layer and of the logits: 3072, 75, 10 has one hidden
// layer of 75.
func Plain(sizes ...int) Architecture {
	a := Architecture{Inputs: sizes[0]}
	for i, size := range sizes[1:] {
		if i > 0 {
			a.Layers = append(a.Layers, ReLU)
		}
		a.Layers = append(a.Layers, Dense{size})
	}
	return a
}

// Check returns an error if a layer is not as its type demands, or if none is dense.
func (a Architecture) Check() error {
	if a.Inputs < 1 {
		return fmt.Errorf("%d inputs, want at least 1", a.Inputs)
	}
	if _, err := a.Layers.outputs(a.Inputs); err != nil {
		return err
	}
	if a.Weights() == 0 {
		return errors.New("no dense layer")
	}
	return nil
}

// Outputs returns the columns of what the last layer makes, the logits.
func (a Architecture) Outputs() int {
	out, _ := a.Layers.outputs(a.Inputs)
	return out
}

// activationNames are the activations from [ReLU] on, in files and on command lines.
var activationNames = []string{"relu", "leaky-relu", "gelu", "silu"}

// Activations returns the names of the activations.
func Activations() []string { return slices.Clone(activationNames) }

// ActivationOf returns the activation of that name, which is one of [Activations].
func ActivationOf(name string) (Activation, error) {
	i := slices.Index(activationNames, name)
	if i < 0 {
		return 0, fmt.Errorf("activation %q, want one of %q", name, activationNames)
	}
	return ReLU + Activation(i), nil
}

// String returns the name of the activation.
func (a Activation) String() string {
	if a < ReLU || a > SiLU {
		return fmt.Sprint("activation ", int(a))
	}
	return activationNames[a-ReLU]
}

// String returns the layers in a line, as in "dense 75, relu, x + (dense 75, relu), dense 10".
func (list Layers) String() string {
	var all []string
	for _, l := range flat(list) {
		text := TypeName(l)
		switch l := l.(type) {
		case Dense:
			text += fmt.Sprint(" ", l.Units)
		case Dropout:
			text += fmt.Sprint(" ", l.Rate)
		case Residual:
			text = fmt.Sprintf("x + (%v)", Layers(l))
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// TypeName returns the name of a layer's type in files, which of an activation is its own.
func TypeName(l Layer) string {
	switch l := l.(type) {
	case Dense:
		return "dense"
	case Dropout:
		return "dropout"
	case Residual:
		return "residual"
	case BatchNorm:
		return "batch-norm"
	case LayerNorm:
		return "layer-norm"
	case Activation:
		return l.String()
	}
	return ""
}

// described is a layer that takes more than its name to describe.
type described struct {
	Dense    *int     `json:"dense,omitempty"`
	Dropout  *float64 `json:"dropout,omitempty"`
	Residual *Layers  `json:"residual,omitempty"`
}

// MarshalJSON returns a list of the layers, into which lists among them are spliced.
func (list Layers) MarshalJSON() ([]byte, error) {
	all := []any{}
	for _, l := range flat(list) {
		switch l := l.(type) {
		case Dense:
			all = append(all, described{Dense: &l.Units})
		case Dropout:
			all = append(all, described{Dropout: &l.Rate})
		case Residual:
			inner := Layers(l)
			all = append(all, described{Residual: &inner})
		default:
			all = append(all, TypeName(l))
		}
	}
	return json.Marshal(all)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (list *Layers) UnmarshalJSON(text []byte) error {
	var all []json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	*list = nil
	for _, one := range all {
		l, err := layerOf(one)
		if err != nil {
			return err
		}
		*list = append(*list, l)
	}
	return nil
}

// layerOf returns the layer that JSON describes.
func layerOf(text json.RawMessage) (Layer, error) {
	var name string
	if json.Unmarshal(text, &name) == nil {
		switch name {
		case TypeName(BatchNorm{}):
			return BatchNorm{}, nil
		case TypeName(LayerNorm{}):
			return LayerNorm{}, nil
		}
		return ActivationOf(name)
	}
	var d described
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, err
	}
	switch {
	case d.Dense != nil:
		return Dense{*d.Dense}, nil
	case d.Dropout != nil:
		return Dropout{*d.Dropout}, nil
	case d.Residual != nil:
		return Residual(*d.Residual), nil
	}
	return nil, fmt.Errorf("no layer: %s", text)
}
