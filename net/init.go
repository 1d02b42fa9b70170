package net

import (
	"math"
	"math/rand/v2"
)

// Init draws one weight of a layer that has fanIn inputs.
type Init func(fanIn int, rng *rand.Rand) float64

// Normal draws weights from a normal distribution with mean 0 and standard
// deviation std.
func Normal(std float64) Init {
	return func(_ int, rng *rand.Rand) float64 { return std * rng.NormFloat64() }
}

// Zero sets weights to 0. Training then leaves all hidden units at 0.
func Zero(int, *rand.Rand) float64 { return 0 }

// He draws weights from a normal distribution with mean 0 and standard deviation
// √(2/fanIn), with which signals keep their size from layer to layer with ReLU (He,
// Zhang, Ren, Sun, Delving Deep into Rectifiers, arXiv:1502.01852, §2.2).
func He(fanIn int, rng *rand.Rand) float64 {
	return math.Sqrt(2/float64(fanIn)) * rng.NormFloat64()
}

// Init draws the weights of W1, then of W2, and so on, each row by row, and sets
// biases to 0. Weights are drawn in float64 and then rounded, so that one seed gives
// the same network in float32 and float64, but for rounding.
func (n *Network[T]) Init(init Init, rng *rand.Rand) {
	for _, d := range n.layers {
		for i := range d.w.Data {
			d.w.Data[i] = T(init(d.w.Rows, rng))
		}
		clear(d.b.Data)
	}
}
