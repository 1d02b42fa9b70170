package net

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// Layer describes a layer of a network: [Dense], [Activation], [BatchNorm], [LayerNorm],
// [Dropout], [Residual], or [Layers], a list of them. Descriptions are plain values, from
// which [Build] makes a network.
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

// The activations of [kernels.Activation], which has their formulas.
const (
	ReLU      = Activation(kernels.ReLU)
	LeakyReLU = Activation(kernels.LeakyReLU)
	GELU      = Activation(kernels.GELU)
	SiLU      = Activation(kernels.SiLU)
)

func (a Activation) outputs(in int) (int, error) {
	if a < ReLU || a > SiLU {
		return 0, fmt.Errorf("activation %d, want %d to %d", int(a), int(ReLU), int(SiLU))
	}
	return in, nil
}

// BatchNorm gives each column the mean β and the deviation γ, which are parameters,
//
//	y[i,j] = γ[j]·(x[i,j] - μ[j])/√(v[j]+ε) + β[j],   ε = 1e-5
//
// where μ and v are the mean and the variance of the column over the batch in training, and
// running ones in inference. Each step of training moves those a tenth of the way towards the
// batch's mean and its unbiased variance, as PyTorch does. They start as 0 and 1 (Ioffe,
// Szegedy, Batch Normalization, arXiv:1502.03167, algorithms 1 and 2).
type BatchNorm struct{}

func (BatchNorm) outputs(in int) (int, error) { return in, nil }

// LayerNorm is [BatchNorm] by rows: μ and v are those of the row, in training and in inference
// (Ba, Kiros, Hinton, Layer Normalization, arXiv:1607.06450, equation 4).
type LayerNorm struct{}

func (LayerNorm) outputs(in int) (int, error) { return in, nil }

// Dropout sets each element to 0 with probability Rate in training, and divides the others by
// 1 - Rate. In inference it does nothing (Srivastava, Hinton, Krizhevsky, Sutskever,
// Salakhutdinov, Dropout, Journal of Machine Learning Research 15, 2014, section 10). Which
// elements are dropped depends on what [Network.Seed] was given and on the layer alone.
type Dropout struct{ Rate float64 }

func (d Dropout) outputs(in int) (int, error) {
	if !(d.Rate >= 0 && d.Rate < 1) {
		return 0, fmt.Errorf("a dropout rate of %v, want at least 0 and below 1", d.Rate)
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
