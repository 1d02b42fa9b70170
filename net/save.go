package net

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/safetensors"
)

// Layout returns the tensor that value is in a file, where value has the shape of the
// parameter: layers.0.weight, which is out×in as in other tools, or layers.0.bias. Those of
// normalisations are weight, bias, running_mean and running_var, as in PyTorch. Layers
// without any are not counted. The matrix m is a view of value.
func (p Param[T]) Layout(value kernels.Mat[T]) (name string, shape []int, m kernels.Mat[T]) {
	name = fmt.Sprintf("layers.%d.%s", p.layer, p.tensor)
	if p.Weight {
		return name, []int{value.Cols, value.Rows}, value.T()
	}
	return name, []int{value.Cols}, value
}

// architectureKey names the entry of a file's metadata that has the network's architecture, as
// JSON. Files of earlier versions lack it: they have plain networks.
const architectureKey = "architecture"

// Save writes the network's parameters and buffers in the safetensors format, with the names
// that [Param.Layout] gives them. The file has its [Architecture] and the element type, so
// that [Load] needs nothing else.
func (n *Network[T]) Save(w io.Writer) error {
	var tensors []safetensors.Tensor
	for _, p := range slices.Concat(n.params, n.buffers) {
		tensors = append(tensors, safetensors.Stream(p.Layout(p.Value)))
	}
	text, err := json.Marshal(n.architecture)
	if err != nil {
		return err
	}
	return safetensors.Write(w, tensors, map[string]string{architectureKey: string(text)})
}

// Load reads a network that [Network.Save] wrote with either element type, and rounds
// its values to T. An error says what is wrong with the file, or which tensor does not
// belong to such a network.
func Load[T kernels.Float](engine *kernels.Engine[T], r io.Reader) (*Network[T], error) {
	file, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	list, metadata, err := safetensors.Read(file)
	if err != nil {
		return nil, fmt.Errorf("not a safetensors file: %w", err)
	}
	tensors := make(map[string]safetensors.Tensor, len(list))
	for _, t := range list {
		tensors[t.Name] = t
	}
	a, err := architectureOf(tensors, metadata)
	if err != nil {
		return nil, err
	}
	if err := a.fits(tensors); err != nil {
		return nil, err
	}
	n := build(engine, a)
	for _, p := range slices.Concat(n.params, n.buffers) {
		name, shape, m := p.Layout(p.Value)
		if err := safetensors.Decode(tensors[name], shape, m); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// architectureOf returns the architecture of the network in a file.
func architectureOf(tensors map[string]safetensors.Tensor, metadata map[string]string) (a Architecture, err error) {
	text, ok := metadata[architectureKey]
	if !ok {
		sizes, err := sizesOf(tensors)
		if err != nil {
			return a, err
		}
		return Plain(sizes...), nil
	}
	if err = json.Unmarshal([]byte(text), &a); err == nil {
		err = a.Check()
	}
	if err != nil {
		return a, fmt.Errorf("%s: %w", architectureKey, err)
	}
	return a, nil
}

// fits returns an error unless tensors are those of such a network. It looks at their shapes
// before the network takes memory.
func (a Architecture) fits(tensors map[string]safetensors.Tensor) error {
	belong := map[string]bool{}
	for _, want := range a.Tensors() {
		t, ok := tensors[want.Name]
		if !ok {
			return fmt.Errorf("no tensor %s", want.Name)
		}
		if !slices.Equal(t.Shape, want.Shape) {
			return fmt.Errorf("tensor %s is %v, want %v", t.Name, t.Shape, want.Shape)
		}
		belong[t.Name] = true
	}
	for name := range tensors {
		if !belong[name] {
			return fmt.Errorf("tensor %s does not belong to the network", name)
		}
	}
	return nil
}

// Tensors returns the names and the shapes of what a file has of such a network, in the order
// of [Network.Params] and [Network.Buffers]. They have no data and no type.
func (a Architecture) Tensors() []safetensors.Tensor {
	b := &builder[float32]{mode: counting}
	b.network(a)
	var all []safetensors.Tensor
	for _, p := range slices.Concat(b.params, b.buffers) {
		name, shape, _ := p.Layout(p.Value)
		all = append(all, safetensors.Tensor{Name: name, Shape: shape})
	}
	return all
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
