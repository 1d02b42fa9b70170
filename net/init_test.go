package net

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestInitHasMeanAndDeviation(t *testing.T) {
	for _, c := range []struct {
		name string
		init Init
		std  func(fanIn, fanOut int) float64
	}{
		{"normal", Normal(1e-4), func(_, _ int) float64 { return 1e-4 }},
		{"he", He, func(fanIn, _ int) float64 { return math.Sqrt(2 / float64(fanIn)) }},
		{"glorot", Glorot, func(fanIn, fanOut int) float64 { return math.Sqrt(2 / float64(fanIn+fanOut)) }},
		{"zero", Zero, func(_, _ int) float64 { return 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := New(newEngine[float64](t), 400, 200, 100)
			n.Params()[1].Value.Data[7] = 3 // Init must clear it
			n.Init(c.init, newRand(5))
			for _, p := range n.Params() {
				if !p.Weight {
					require.Equal(t, make([]float64, len(p.Value.Data)), p.Value.Data, p.Name)
					continue
				}
				var sum, squares float64
				for _, w := range p.Value.Data {
					sum += w
					squares += w * w
				}
				count := float64(len(p.Value.Data))
				std := c.std(p.Value.Rows, p.Value.Cols)
				// Five standard errors of the mean and of the deviation.
				require.InDelta(t, 0, sum/count, 5*std/math.Sqrt(count), p.Name)
				require.InDelta(t, std, math.Sqrt(squares/count), 5*std/math.Sqrt(2*count), p.Name)
			}
		})
	}
}

func TestFloat32NetworkIsFloat64NetworkRounded(t *testing.T) {
	for _, init := range []Init{Normal(1e-4), He, Glorot} {
		wide, narrow := New(newEngine[float64](t), 40, 20, 10), New(newEngine[float32](t), 40, 20, 10)
		wide.Init(init, newRand(5))
		narrow.Init(init, newRand(5))
		for i, p := range wide.Params() {
			for k, w := range p.Value.Data {
				require.Equal(t, float32(w), narrow.Params()[i].Value.Data[k], "%s[%d]", p.Name, k)
			}
		}
	}
}

func TestInitDrawsInParameterOrder(t *testing.T) {
	n := New(newEngine[float64](t), 3, 2, 4)
	n.Init(Normal(0.5), newRand(5))
	rng := newRand(5)
	for _, w := range []kernels.Mat[float64]{n.Params()[0].Value, n.Params()[2].Value} {
		for i := range w.Rows {
			for j := range w.Cols {
				require.Equal(t, 0.5*rng.NormFloat64(), w.At(i, j))
			}
		}
	}
}
