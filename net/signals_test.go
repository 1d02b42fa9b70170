package net

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestSignalsAreTheDeviationsOfOutputsAndGradients(t *testing.T) {
	engine := newEngine[float64](t)
	n := New(engine, 3, 2, 10)
	n.Init(He, newRand(1))
	x, labels := randomBatch[float64](newRand(2), 20, 3, 3)
	s := n.Signals(x, labels)
	require.Len(t, s.Activations, 2)
	require.Len(t, s.Weights, 2)
	require.Len(t, s.Gradients, 2)

	n.Gradients(x, labels, 0)
	naive := func(values []float64) float64 {
		var sum, squares float64
		for _, v := range values {
			sum, squares = sum+v, squares+v*v
		}
		m := float64(len(values))
		return math.Sqrt(squares/m - sum/m*sum/m)
	}
	hidden := kernels.NewMat[float64](20, 2, nil)
	engine.Linear(hidden, x, n.Params()[0].Value, n.Params()[1].Value.Data, kernels.ReLU)
	columns := func(m kernels.Mat[float64]) float64 {
		var squares float64
		for j := range m.Cols {
			var column []float64
			for i := range m.Rows {
				column = append(column, m.Row(i)[j])
			}
			squares += naive(column) * naive(column) / float64(m.Cols)
		}
		return math.Sqrt(squares)
	}
	require.InDelta(t, columns(hidden), s.Activations[0], 1e-12)
	require.InDelta(t, columns(n.Logits(x)), s.Activations[1], 1e-12)
	require.InDelta(t, naive(n.Params()[0].Value.Data), s.Weights[0], 1e-12)
	require.InDelta(t, naive(n.Params()[2].Value.Data), s.Weights[1], 1e-12)
	require.InDelta(t, naive(n.Params()[0].Grad.Data), s.Gradients[0], 1e-12)
	require.InDelta(t, naive(n.Params()[2].Grad.Data), s.Gradients[1], 1e-12)
}

// Weights of standard deviation σ multiply a signal by about σ·√(fanIn/2) for each
// layer with ReLU; He's σ makes that 1.
func TestSignalsShrinkAsTheInitialisationSays(t *testing.T) {
	engine := newEngine[float64](t)
	const width = 200
	signals := func(init Init) Signals {
		n := New(engine, width, width, width, width, 10)
		n.Init(init, newRand(3))
		x, labels := randomBatch[float64](newRand(4), 100, width, 10)
		return n.Signals(x, labels)
	}
	small, he := signals(Normal(1e-3)), signals(He)
	for l := 1; l < 3; l++ {
		require.InEpsilon(t, 1e-3*math.Sqrt(width/2.), small.Activations[l]/small.Activations[l-1], 0.25)
		require.InEpsilon(t, 1, he.Activations[l]/he.Activations[l-1], 0.25)
	}
	require.Less(t, small.Gradients[0], 1e-5*he.Gradients[0])
}

// A layer is dead if it gives the same for every row, namely what its biases give.
func TestBiasesAreNoSignal(t *testing.T) {
	n := New(newEngine[float32](t), 3, 4, 10)
	for _, p := range n.Params() {
		if !p.Weight {
			for i := range p.Value.Data {
				p.Value.Data[i] = 0.1 * float32(i+1)
			}
		}
	}
	x, labels := randomBatch[float32](newRand(2), 10, 3, 3)
	require.Equal(t, []float64{0, 0}, n.Signals(x, labels).Activations)
}

func TestSignalsOfADeadNetworkAreZero(t *testing.T) {
	n := New(newEngine[float64](t), 3, 4, 10)
	x, labels := randomBatch[float64](newRand(2), 10, 3, 3)
	dead := []float64{0, 0}
	require.Equal(t, Signals{dead, dead, dead}, n.Signals(x, labels))
}
