package net

import (
	"math"
	"math/rand/v2"
)

// Init draws one weight of a layer that has fanIn inputs and fanOut outputs.
type Init func(fanIn, fanOut int, rng *rand.Rand) float64

// Normal draws weights from a normal distribution with mean 0 and standard
// deviation std.
func Normal(std float64) Init {
	return func(_, _ int, rng *rand.Rand) float64 { return std * normal(rng) }
}

// Zero sets weights to 0. Training then leaves all hidden units at 0.
func Zero(int, int, *rand.Rand) float64 { return 0 }

// He draws weights from a normal distribution with mean 0 and standard deviation
// √(2/fanIn), with which signals keep their size from layer to layer with ReLU (He,
// Zhang, Ren, Sun, Delving Deep into Rectifiers, arXiv:1502.01852, §2.2).
func He(fanIn, _ int, rng *rand.Rand) float64 {
	return math.Sqrt(2/float64(fanIn)) * normal(rng)
}

// Glorot draws weights evenly from ±√(6/(fanIn+fanOut)), with which a layer whose units are
// near linear keeps the size of signals and of gradients alike, as far as it can (Glorot,
// Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks,
// AISTATS 2010, equation 16). With few inputs its weights are smaller than [He]'s.
func Glorot(fanIn, fanOut int, rng *rand.Rand) float64 {
	return math.Sqrt(6/float64(fanIn+fanOut)) * (2*rng.Float64() - 1) // exact
}

// Init draws the weights of W1, then of W2, and so on, each row by row, and sets other
// parameters to what they are in a new network: biases to 0. Weights are drawn in float64 and
// then rounded, so that one seed gives the same network in float32 and float64, but for
// rounding.
func (n *Network[T]) Init(init Init, rng *rand.Rand) {
	for _, p := range n.params {
		if !p.Weight {
			fill(p.Value.Data, p.start)
			continue
		}
		for i := range p.Value.Data {
			p.Value.Data[i] = T(init(p.Value.Rows, p.Value.Cols, rng))
		}
	}
}
