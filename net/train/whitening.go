package train

import (
	"fmt"
	"runtime"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/safetensors"
)

// preprocessing returns how examples of set become inputs, with statistics rounded to T. Last is
// as in [Run.setDataset]: if it is of the same data, whitening is read from it.
func (r *Run[T]) preprocessing(set *data.Dataset, normalization string, last *checkpoint) (p *data.Preprocessing, err error) {
	if normalization == data.PCA || normalization == data.ZCA {
		if last != nil && last.metadata["data"] == r.Data {
			m := Model[T]{Config: r.Config}
			if err := m.readInput(last); err != nil || m.Input.Whitening != nil {
				return &m.Input, err
			}
		}
		runtime.GC() // so that memory of reading the examples is used again for whitening,
		p, err = data.NewWhitening(r.engine, set, normalization, r.Config.Components, r.Config.WhitenEpsilon)
		runtime.GC() // and that of whitening for the network
	} else {
		p, err = data.NewPreprocessing(set, normalization)
	}
	if err != nil {
		return nil, fmt.Errorf("normalize: %w", err)
	}
	data.Round[T](p)
	return p, nil
}

// InputFLOPs returns the floating-point operations of the matrix products that make inputs of
// so many examples, [data.WhiteningFLOPs], as far as the dataset's name tells the size of one.
func (c Config) InputFLOPs(rows int) float64 {
	spec, _ := data.Lookup(c.Dataset)
	return data.WhiteningFLOPs(c.Normalize, spec.Inputs, c.Components, rows)
}

// readWhitening reads the components of whitening, if there is any.
func (m *Model[T]) readWhitening(c *checkpoint) error {
	w := m.Input.Whitening
	if w == nil {
		return nil
	}
	t, err := c.tensor(whitenTensor)
	if err != nil {
		return err
	}
	if w.Kind != data.PCA && w.Kind != data.ZCA || len(t.Shape) != 2 || t.Shape[0] < 1 || t.Shape[1] != len(m.Input.Mean) {
		return fmt.Errorf("input: whitening %q with a tensor %s of %v, for %d means", w.Kind, whitenTensor, t.Shape, len(m.Input.Mean))
	}
	components := kernels.NewMat[T](t.Shape[0], t.Shape[1], nil)
	if err := safetensors.Decode(t, t.Shape, components); err != nil {
		return err
	}
	w.Components = kernels.NewMat(t.Shape[0], t.Shape[1], convert[float64](components.Data))
	return nil
}

// whitenTensor is the name of the components of whitening.
const whitenTensor = "input.whiten"

// FirstWeights returns the weights of the first units of the first layer, at most so many, for
// the values of an example: with whitening folded into them.
func (r *Run[T]) FirstWeights(most int) kernels.Mat[T] {
	w := r.Network.Params()[0].Value
	return data.Fold(r.engine, &r.Input, w.Slice(0, w.Rows, 0, min(most, w.Cols)))
}

// Unwhitened returns the model with whitening folded into the weights of its first layer, so
// that the network's inputs are (value - Mean)·Scale. If the first layer is not dense, as that of
// a residual block, a dense layer before it whitens. Other than the network, the model is shared.
func (m *Model[T]) Unwhitened(engine *kernels.Engine[T]) *Model[T] {
	if m.Input.Whitening == nil {
		return m
	}
	a, own := m.Network.Architecture(), values(saved(m.Network))
	if _, ok := a.Layers[0].(net.Dense); !ok {
		unit := kernels.NewMat[T](a.Inputs, a.Inputs, nil)
		for i := range a.Inputs {
			unit.Row(i)[i] = 1
		}
		own = append([]kernels.Mat[T]{unit, kernels.NewMat[T](1, a.Inputs, nil)}, own...)
		a.Layers = append(net.Layers{net.Dense{Units: a.Inputs}}, a.Layers...)
	}
	folded := *m
	folded.Network = net.Build(engine, m.Input.Centred(), a.Layers...)
	own[0] = data.Fold(engine, &m.Input, own[0])
	for i, p := range saved(folded.Network) {
		copy(p.Value.Data, own[i].Data)
	}
	folded.Input.Whitening = nil
	return &folded
}
