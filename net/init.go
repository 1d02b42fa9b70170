package net

import (
	"math"
	"math/rand/v2"
)

// Init draws one weight of a layer with fanIn inputs.
type Init func(fanIn int, rng *rand.Rand) float64

// Normal draws weights from a normal distribution with mean 0 and that standard
// deviation.
func Normal(std float64) Init {
	return func(_ int, rng *rand.Rand) float64 { return std * rng.NormFloat64() }
}

// Zero makes weights 0. Hidden units then stay at 0 in training.
func Zero(int, *rand.Rand) float64 { return 0 }

// He draws weights from a normal distribution with mean 0 and standard deviation
// √(2/fanIn), which keeps the size of signals through layers with ReLU (He,
// Zhang, Ren, Sun, Delving Deep into Rectifiers, arXiv:1502.01852, §2.2).
func He(fanIn int, rng *rand.Rand) float64 {
	return math.Sqrt(2/float64(fanIn)) * rng.NormFloat64()
}

// Init draws the weights of W1, then W2, …, each row by row, and sets biases
// to 0. Weights are drawn in float64 and then rounded, so that networks of
// float32 and float64 with one seed are the same network.
func (n *Network[T]) Init(init Init, rng *rand.Rand) {
	for _, d := range n.layers {
		for i := range d.w.Data {
			d.w.Data[i] = T(init(d.w.Rows, rng))
		}
		clear(d.b.Data)
	}
}
