package net

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestNotFiniteNamesWhereItBegan(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		want   string
		damage func(n *Network[float64], x kernels.Mat[float64])
	}{
		{"", func(*Network[float64], kernels.Mat[float64]) {}},
		{"the input, which has -Inf", func(_ *Network[float64], x kernels.Mat[float64]) { x.Row(3)[1] = -inf }},
		{"W2 of layer 2 (dense 6→6), which has NaN", func(n *Network[float64], _ kernels.Mat[float64]) { n.dense[1].weight.Value.Data[5] = nan }},
		{"b4 of layer 4 (dense 5→3), which has Inf", func(n *Network[float64], _ kernels.Mat[float64]) {
			n.dense[3].bias.Value.Data[0], n.dense[0].weight.Value.Data[0] = inf, nan
		}},
		{"gamma1 of the normalisation after layer 1 (dense 4→6), which has NaN", func(n *Network[float64], _ kernels.Mat[float64]) { n.norms[0].gamma.Value.Data[2] = nan }},
		{"variance1 of the normalisation after layer 1 (dense 4→6), which has Inf", func(n *Network[float64], _ kernels.Mat[float64]) { n.norms[0].variance.Value.Data[2] = inf }},
		{"the output of layer 1 (dense 4→6), which has Inf", func(n *Network[float64], x kernels.Mat[float64]) {
			fill(n.dense[0].weight.Value.Data, 1e200)
			fill(x.Data, 1e200)
		}},
		{"the output of layer 3 (dense 6→5), which has -Inf", func(n *Network[float64], _ kernels.Mat[float64]) { // the negative slope is not 0
			fill(n.dense[1].bias.Value.Data, 1e200)
			fill(n.dense[2].weight.Value.Data, -1e200)
		}},
		{"the sum after layer 2 (dense 6→6), which has Inf", func(n *Network[float64], _ kernels.Mat[float64]) {
			fill(n.norms[0].beta.Value.Data, 1.7e308)
			fill(n.dense[1].weight.Value.Data, 0)
			fill(n.dense[1].bias.Value.Data, 1.7e308)
		}},
	} {
		n := Build(newEngine[float64](t), 4, Dense{6}, BatchNorm{}, LeakyReLU, Residual{Dense{6}, ReLU}, Dense{5}, LeakyReLU, Dense{3})
		rng := rand.New(rand.NewPCG(1, 2))
		n.Init(He, rng)
		x := kernels.NewMat[float64](7, 4, nil)
		for i := range x.Data {
			x.Data[i] = rng.NormFloat64()
		}
		c.damage(n, x)
		require.Equal(t, c.want, n.NotFinite(func() { n.TrainingLoss(x, Truth[float64]{Labels: make([]int32, 7)}, 0) }))
		require.Equal(t, c.want, n.NotFinite(func() { n.Logits(x) }))
		require.Nil(t, n.pass.watch)
	}
}
