package train

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/safetensors"
)

// Model is a trained network with what else it takes to classify an example x: the input
// of the network is (x - Mean)·Scale, and the largest logit is that of the class.
type Model[T kernels.Float] struct {
	Network *net.Network[T]
	Mean    []T
	Scale   T
	Classes []string
	Data    string // [Fingerprint] of the training data; empty in checkpoints of earlier versions
	Config  Config
	Step    int // after which the network is as it is
}

// OpenModel reads a model from a checkpoint, and converts it from the element type that
// it was trained in. Errors name the file and what is wrong with it.
func OpenModel[T kernels.Float](engine *kernels.Engine[T], path string) (*Model[T], error) {
	c, err := readCheckpoint(path)
	if err != nil {
		return nil, err
	}
	m, err := decodeModel(engine, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func decodeModel[T kernels.Float](engine *kernels.Engine[T], c *checkpoint) (*Model[T], error) {
	var m Model[T]
	var err error
	if m.Config, err = parseConfig([]byte(c.metadata["config"])); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if m.Step, err = c.number("step"); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(c.metadata["classes"]), &m.Classes); err != nil {
		return nil, fmt.Errorf("classes: %w", err)
	}
	m.Data = c.metadata["data"]
	if len(m.Classes) == 0 {
		return nil, errors.New("there are no classes")
	}
	inputs := m.Config.Sizes()[0]
	if m.Config.Dataset == Own {
		if inputs, err = c.ownInputs(); err != nil {
			return nil, err
		}
		if err := m.Config.fits(m.Config.sizes(inputs, len(m.Classes))); err != nil {
			return nil, err
		}
	}
	m.Network = net.New(engine, m.Config.sizes(inputs, len(m.Classes))...)
	if err := readParams(c, "", m.Network.Params(), values(m.Network)); err != nil {
		return nil, err
	}
	m.Mean = make([]T, inputs)
	if err := readTensor(c, "input.mean", []int{len(m.Mean)}, kernels.NewMat(1, len(m.Mean), m.Mean)); err != nil {
		return nil, err
	}
	scale := kernels.NewMat[T](1, 1, nil)
	if err := readTensor(c, "input.scale", []int{1}, scale); err != nil {
		return nil, err
	}
	m.Scale = scale.Data[0]
	return &m, nil
}

// Batch returns a batch for up to size images, which it normalises as the network expects.
// It panics if the model does not take images.
func (m *Model[T]) Batch(engine *kernels.Engine[T], size int) *data.Batch[T] {
	mean := make([]float64, len(m.Mean))
	for j, v := range m.Mean {
		mean[j] = float64(v)
	}
	return data.NewBatch(engine, size, mean, float64(m.Scale))
}

// Tensors returns input.mean, input.scale and then the parameters (layers.0.weight,
// layers.0.bias and so on) as a checkpoint has them.
func (m *Model[T]) Tensors() []safetensors.Tensor {
	var c checkpoint
	m.addTo(&c)
	c.hold()
	return c.tensors
}

// addTo adds the tensors of [Model.Tensors] to c, without a copy of their data.
func (m *Model[T]) addTo(c *checkpoint) {
	addTensor(c, "input.mean", []int{len(m.Mean)}, kernels.NewMat(1, len(m.Mean), m.Mean))
	addTensor(c, "input.scale", []int{1}, kernels.NewMat(1, 1, []T{m.Scale}))
	addParams(c, "", m.Network.Params(), values(m.Network))
}

// values returns the values of the parameters of n.
func values[T kernels.Float](n *net.Network[T]) []kernels.Mat[T] {
	var all []kernels.Mat[T]
	for _, p := range n.Params() {
		all = append(all, p.Value)
	}
	return all
}
