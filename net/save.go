package net

import (
	"errors"
	"fmt"
	"io"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/safetensors"
)

// Layout returns the tensor that value is in a file, where value has the shape of the
// parameter: layers.0.weight, which is out×in as in other tools, or layers.0.bias.
// The matrix m is a view of value.
func (p Param[T]) Layout(value kernels.Mat[T]) (name string, shape []int, m kernels.Mat[T]) {
	name = fmt.Sprintf("layers.%d.%s", p.layer, p.tensor)
	if p.Weight {
		return name, []int{value.Cols, value.Rows}, value.T()
	}
	return name, []int{value.Cols}, value
}

// Save writes the network's parameters in the safetensors format, with the names that
// [Param.Layout] gives them. The file has their shapes and their element type, so
// that [Load] needs nothing else.
func (n *Network[T]) Save(w io.Writer) error {
	var tensors []safetensors.Tensor
	for _, p := range n.params {
		tensors = append(tensors, safetensors.Stream(p.Layout(p.Value)))
	}
	return safetensors.Write(w, tensors, nil)
}

// Load reads a network that [Network.Save] wrote with either element type, and rounds
// its values to T. An error says what is wrong with the file, or which tensor does not
// belong to such a network.
func Load[T kernels.Float](engine *kernels.Engine[T], r io.Reader) (*Network[T], error) {
	file, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	list, _, err := safetensors.Read(file)
	if err != nil {
		return nil, fmt.Errorf("not a safetensors file: %w", err)
	}
	tensors := make(map[string]safetensors.Tensor, len(list))
	for _, t := range list {
		tensors[t.Name] = t
	}
	sizes, err := sizesOf(tensors)
	if err != nil {
		return nil, err
	}
	n := New(engine, sizes...)
	for _, p := range n.params {
		name, shape, m := p.Layout(p.Value)
		t, ok := tensors[name]
		if !ok {
			return nil, fmt.Errorf("no tensor %s", name)
		}
		if err := safetensors.Decode(t, shape, m); err != nil {
			return nil, err
		}
		delete(tensors, name)
	}
	for name := range tensors {
		return nil, fmt.Errorf("tensor %s does not belong to a network of %d layers", name, len(n.dense))
	}
	return n, nil
}

// sizesOf returns the sizes of the network whose weights are among tensors.
func sizesOf(tensors map[string]safetensors.Tensor) ([]int, error) {
	var sizes []int
	for l := 0; ; l++ {
		t, ok := tensors[fmt.Sprintf("layers.%d.weight", l)]
		switch {
		case !ok && l == 0:
			return nil, errors.New("no tensor layers.0.weight")
		case !ok:
			return sizes, nil
		case len(t.Shape) != 2 || t.Shape[0] < 1 || t.Shape[1] < 1:
			return nil, fmt.Errorf("tensor %s is %v, want outputs and inputs", t.Name, t.Shape)
		case l == 0:
			sizes = []int{t.Shape[1]}
		case t.Shape[1] != sizes[l]:
			return nil, fmt.Errorf("tensor %s is %v, the layer before has %d outputs", t.Name, t.Shape, sizes[l])
		}
		sizes = append(sizes, t.Shape[0])
	}
}
