package net

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lanes-ml/lanes/kernels"
)

// RandomProblem returns a network with that many layers and a batch of labelled rows
// to check gradients with. The seed determines shapes, parameters and rows. Weights
// are drawn as by [He], rows and biases from normal distributions; biases are drawn
// again until no input of a ReLU is within 0.1 of 0. It panics if layers is below 1.
func RandomProblem(engine *kernels.Engine[float64], seed uint64, layers int) (*Network[float64], kernels.Mat[float64], []int32) {
	if layers < 1 {
		panic(fmt.Sprintf("net: RandomProblem: %d layers, want at least 1", layers))
	}
	rng := rand.New(rand.NewPCG(seed, uint64(layers)))
	sizes := make([]int, layers+1)
	for i := range sizes {
		sizes[i] = 3 + rng.IntN(8)
	}
	n := New(engine, sizes...)
	n.Init(He, rng)
	x := kernels.NewMat[float64](5, sizes[0], nil)
	for i := range x.Data {
		x.Data[i] = rng.NormFloat64()
	}
	labels := make([]int32, x.Rows)
	for i := range labels {
		labels[i] = int32(rng.IntN(sizes[layers]))
	}
	in := x
	for _, d := range n.dense {
		z := kernels.NewMat[float64](x.Rows, d.weight.Value.Cols, nil)
		engine.Gemm(z, 1, in, d.weight.Value, 0)
		for j := range d.bias.Value.Data {
			bias := rng.NormFloat64() / 2
			for i := 0; i < z.Rows; i++ {
				if math.Abs(z.At(i, j)+bias) < 0.1 {
					bias, i = rng.NormFloat64()/2, -1 // again from the first row
				}
			}
			d.bias.Value.Data[j] = bias
		}
		in = d.forward(in, &n.pass)
	}
	return n, x, labels
}

// CheckComposition is [CheckGradients] for a network of layers of all types, nested in blocks,
// which the seed determines as it does sizes, parameters and the batch.
//
// A parameter that a normalisation undoes has a gradient of 0, which its numerical one misses
// by 1e-14, because the loss is rounded. So errors of gradients below 1e-7 are relative to that.
func CheckComposition(engine *kernels.Engine[float64], seed uint64) []GradError {
	n, x, labels := randomComposition(engine, seed)
	truth := Truth[float64]{Labels: labels}
	n.gradients(x, truth, compositionReg)
	return compareGradients(n, x, truth, compositionReg, 1e-7)
}

// CheckArchitecture is [CheckComposition] for a network of the layers of a, which should be
// small.
func CheckArchitecture(engine *kernels.Engine[float64], a Architecture, seed uint64) []GradError {
	n := build(engine, a)
	x, labels := randomise(n, rand.New(rand.NewPCG(seed, compositionStream)), seed)
	truth := Truth[float64]{Labels: labels}
	n.gradients(x, truth, compositionReg)
	return compareGradients(n, x, truth, compositionReg, 1e-7)
}

const (
	// compositionReg is λ. It is small, so that the loss is about 1 and is rounded little.
	compositionReg = 1e-3
	// compositionStream is the random stream of compositions; those of [RandomProblem] are
	// numbers of layers.
	compositionStream = 1 << 32
)

// randomComposition returns a network of layers of all types, and a batch.
func randomComposition(engine *kernels.Engine[float64], seed uint64) (*Network[float64], kernels.Mat[float64], []int32) {
	rng := rand.New(rand.NewPCG(seed, compositionStream))
	in, classes := 3+rng.IntN(5), 2+rng.IntN(4)
	list, _ := randomLayers(rng, in, 2)
	n := Build(engine, in, append(list, Dense{classes})...)
	x, labels := randomise(n, rng, seed)
	return n, x, labels
}

// randomise draws the parameters of a network, and a batch for it.
func randomise(n *Network[float64], rng *rand.Rand, seed uint64) (kernels.Mat[float64], []int32) {
	n.Init(He, rng)
	for _, p := range n.Params() {
		for i := range p.Value.Data {
			p.Value.Data[i] += normal(rng) / 4 // exact; so that no bias is 0
		}
	}
	last := n.dense[len(n.dense)-1].weight.Value
	n.engine.Scal(1./8, kernels.NewVec(last.Data)) // for a small loss
	n.Seed(seed, rng.IntN(1000))
	x := kernels.NewMat[float64](7, n.architecture.Inputs, nil)
	for i := range x.Data {
		x.Data[i] = normal(rng)
	}
	labels := make([]int32, x.Rows)
	for i := range labels {
		labels[i] = int32(rng.IntN(n.architecture.Outputs()))
	}
	return x, labels
}

// randomLayers draws a list of layers, in which blocks are nested up to depth times, and
// returns the columns of its outputs.
func randomLayers(rng *rand.Rand, in, depth int) (Layers, int) {
	var list Layers
	for range 2 + rng.IntN(4) {
		switch rng.IntN(7) {
		case 0, 1:
			in = 3 + rng.IntN(5)
			list = append(list, Dense{in})
		case 2:
			list = append(list, ReLU+Activation(rng.IntN(4)))
		case 3:
			list = append(list, BatchNorm{})
		case 4:
			list = append(list, LayerNorm{})
		case 5:
			list = append(list, Dropout{float64(rng.IntN(4)) / 8})
		case 6:
			if depth == 0 {
				continue
			}
			f, out := randomLayers(rng, in, depth-1)
			if out != in {
				f = append(f, Dense{in})
			}
			list = append(list, Residual(f))
		}
	}
	return list, in
}
