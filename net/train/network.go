package train

import (
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// Network returns the architecture of the network. Its inputs and its outputs are 0 if the
// dataset is [Own] or [data.Files], whose examples determine them.
//
// Each hidden layer is a [net.Dense], then the normalisation, the activation and the dropout
// that are set. If blocks are residual and the layer has as many outputs as inputs, these are
// one [net.Residual]. The outputs are a [net.Dense] alone.
func (c Config) Network() net.Architecture {
	spec, _ := data.Lookup(c.Dataset)
	inputs := spec.Inputs
	if c.Normalize == data.PCA {
		inputs = min(inputs, c.Components)
	}
	return c.network(inputs, spec.Classes)
}

func (c Config) network(inputs, outputs int) net.Architecture {
	a := net.Architecture{Inputs: inputs}
	in := inputs
	for _, units := range c.Hidden {
		if block := c.block(units); c.Residual && units == in {
			a.Layers = append(a.Layers, net.Residual(block))
		} else {
			a.Layers = append(a.Layers, block...)
		}
		in = units
	}
	a.Layers = append(a.Layers, net.Dense{Units: outputs})
	return a
}

// block returns the layers of a hidden layer.
func (c Config) block(units int) net.Layers {
	list := net.Layers{net.Dense{Units: units}}
	switch c.Norm {
	case "batch":
		list = append(list, net.BatchNorm{})
	case "layer":
		list = append(list, net.LayerNorm{})
	}
	act, err := net.ActivationOf(c.Activation)
	if err != nil {
		act = net.ReLU // which validation refuses
	}
	list = append(list, act)
	if c.Dropout > 0 {
		list = append(list, net.Dropout{Rate: c.Dropout})
	}
	return list
}

// saved returns the parameters and then the buffers of n: what a checkpoint has of it.
func saved[T kernels.Float](n *net.Network[T]) []net.Param[T] {
	return append(n.Params()[:len(n.Params()):len(n.Params())], n.Buffers()...)
}

// values returns the values of parameters.
func values[T kernels.Float](params []net.Param[T]) []kernels.Mat[T] {
	var all []kernels.Mat[T]
	for _, p := range params {
		all = append(all, p.Value)
	}
	return all
}
