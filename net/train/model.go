package train

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/safetensors"
)

// Model is a trained network with what else it takes to classify an example: Input makes
// the network's input of it, and the largest logit is that of the class. In a regression
// there are no classes, and Input.Target tells what the only output stands for.
type Model[T kernels.Float] struct {
	Network *net.Network[T]
	Input   data.Preprocessing // with statistics that are rounded to T
	Classes []string
	Dataset string // its name
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
	m.Dataset, m.Data = cmp.Or(c.metadata["dataset"], m.Config.Dataset), c.metadata["data"]
	if err := m.readInput(c); err != nil {
		return nil, err
	}
	if len(m.Classes) == 0 && m.Input.Target == nil {
		return nil, errors.New("there are no classes")
	}
	a := m.architecture()
	if err := m.Config.fits(a); err != nil {
		return nil, err
	}
	m.Network = net.Build(engine, a.Inputs, a.Layers...)
	all := saved(m.Network)
	if err := readParams(c, "", all, values(all)); err != nil {
		return nil, err
	}
	return &m, nil
}

// architecture returns that of the model's network, which has one output in a regression.
func (m *Model[T]) architecture() net.Architecture {
	return m.Config.network(m.Input.Inputs(), max(1, len(m.Classes)))
}

// readInput reads how examples become inputs. Checkpoints of earlier versions do not say
// what shape an example has: it is that of the configuration's dataset.
func (m *Model[T]) readInput(c *checkpoint) error {
	inputs, err := c.inputs()
	if err != nil {
		return err
	}
	spec, known := data.Lookup(m.Config.Dataset)
	m.Input.Shape = data.Row(inputs)
	if known {
		m.Input.Shape = spec.Shape
	}
	if text, ok := c.metadata["input"]; ok {
		m.Input.Shape = data.Shape{}
		if err := json.Unmarshal([]byte(text), &m.Input); err != nil {
			return fmt.Errorf("input: %w", err)
		}
	}
	if m.Input.Centred() != inputs || m.Input.Columns != nil && len(m.Input.Columns) != m.Input.Shape.Size() {
		return fmt.Errorf("input: %s with %d columns, and %d means", m.Input.Shape, len(m.Input.Columns), inputs)
	}
	mean := kernels.NewMat[T](1, inputs, nil)
	if err := readTensor(c, "input.mean", []int{inputs}, mean); err != nil {
		return err
	}
	scales := 1
	if t, err := c.tensor("input.scale"); err == nil && len(t.Shape) == 1 && t.Shape[0] == inputs {
		scales = inputs
	}
	scale := kernels.NewMat[T](1, scales, nil)
	if err := readTensor(c, "input.scale", []int{scales}, scale); err != nil {
		return err
	}
	m.Input.Mean, m.Input.Scale = convert[float64](mean.Data), convert[float64](scale.Data)
	return m.readWhitening(c)
}

func convert[To, From kernels.Float](list []From) []To {
	out := make([]To, len(list))
	for i, v := range list {
		out[i] = To(v)
	}
	return out
}

// Batch returns a batch for up to size examples, of which it makes inputs of the network.
func (m *Model[T]) Batch(engine *kernels.Engine[T], size int) *data.Batch[T] {
	return data.NewBatch(engine, size, &m.Input)
}

// Tensors returns input.mean, input.scale, input.whiten if inputs are whitened, and then the
// parameters (layers.0.weight, layers.0.bias and so on) and the buffers as a checkpoint has them.
func (m *Model[T]) Tensors() []safetensors.Tensor {
	var c checkpoint
	m.addTo(&c, values(saved(m.Network)))
	c.hold()
	return c.tensors
}

// addTo adds the tensors of [Model.Tensors] to c, with these values of the parameters and
// the buffers, without a copy of their data.
func (m *Model[T]) addTo(c *checkpoint, all []kernels.Mat[T]) {
	mean, scale := convert[T](m.Input.Mean), convert[T](m.Input.Scale)
	addTensor(c, "input.mean", []int{len(mean)}, kernels.NewMat(1, len(mean), mean))
	addTensor(c, "input.scale", []int{len(scale)}, kernels.NewMat(1, len(scale), scale))
	if w := m.Input.Whitening; w != nil {
		shape := []int{w.Components.Rows, w.Components.Cols}
		addTensor(c, whitenTensor, shape, kernels.NewMat(shape[0], shape[1], convert[T](w.Components.Data)))
	}
	addParams(c, "", saved(m.Network), all)
}
