// Package toy is the report's toy problem as its exercise checks it: a network of
// given weights on five given examples, in float64.
package toy

import (
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/train"
)

// Regularisation is λ of the exercise's loss.
const Regularisation = 0.05

// Problem is the network with its examples, a row of X and a label each.
type Problem struct {
	Network *net.Network[float64]
	X       kernels.Mat[float64]
	Labels  []int32
}

// New returns the problem.
func New(engine *kernels.Engine[float64]) (*Problem, error) {
	config, err := train.Preset("toy")
	if err != nil {
		return nil, err
	}
	config.DType = "float64"
	run, err := train.New(engine, config, nil)
	if err != nil {
		return nil, err
	}
	rows := make([]int, run.Train.Len())
	for i := range rows {
		rows[i] = i
	}
	x, labels := run.Train.Draw(rows)
	return &Problem{run.Network, x, labels}, nil
}

// CheckGradients compares the gradients of every parameter with numerical ones.
func (p *Problem) CheckGradients() []net.GradError {
	return net.CheckGradients(p.Network, p.X, p.Labels, Regularisation)
}
