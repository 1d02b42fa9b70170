package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// naiveScore computes a score in float64 from the network's parameters alone.
// Input j of example i is input(i, j).
func naiveScore[T kernels.Float](n *net.Network[T], labels []int32, input func(i, j int) float64) Score {
	var score Score
	params := n.Params()
	for i, label := range labels {
		x := make([]float64, params[0].Value.Rows)
		for j := range x {
			x[j] = input(i, j)
		}
		for l := 0; l < len(params); l += 2 {
			w, b := params[l].Value, params[l+1].Value.Data
			y := make([]float64, w.Cols)
			for k := range y {
				y[k] = float64(b[k])
				for j, v := range x {
					y[k] += v * float64(w.Row(j)[k])
				}
				if l+2 < len(params) {
					y[k] = max(y[k], 0)
				}
			}
			x = y
		}
		var sum float64
		best := 0
		for k, z := range x {
			sum += math.Exp(z - x[label])
			if z > x[best] {
				best = k
			}
		}
		score.Loss += math.Log(sum) / float64(len(labels))
		if best == int(label) {
			score.Accuracy += 1 / float64(len(labels))
		}
	}
	return score
}

func naivePointScore(n *net.Network[float64], p *points[float64]) Score {
	return naiveScore(n, p.labels, func(i, j int) float64 { return p.x.Row(i)[j] })
}

func requireScore(t *testing.T, want Score, loss, accuracy float64) {
	t.Helper()
	require.InDelta(t, want.Loss, loss, 1e-12)
	require.InDelta(t, want.Accuracy, accuracy, 1e-12)
}

func TestScoresAreTheNaiveOnes(t *testing.T) {
	r := pointsRun(t, 2*ScoreBatch+345, 3)
	val, test := randomPoints[float64](ScoreBatch, 6), randomPoints[float64](1, 7)
	r.Val, r.Test = val, test
	result := do(t, r)
	requireScore(t, naivePointScore(r.Network, r.Train.(*points[float64])), result.TrainLoss, result.TrainAcc)
	requireScore(t, naivePointScore(r.Network, val), *result.ValLoss, *result.ValAcc)
	require.InDelta(t, naivePointScore(r.Network, test).Accuracy, *result.TestAcc, 1e-12)
}

func TestImagesAreNormalized(t *testing.T) {
	set := randomImages(30, 11, 7)
	mean := set.Mean()
	for normalize, of := range map[string]func(pixel, mean float64) float64{
		"mean":      func(p, m float64) float64 { return p - m },
		"symmetric": func(p, _ float64) float64 { return p/127.5 - 1 },
		"none":      func(p, _ float64) float64 { return p },
	} {
		t.Run(normalize, func(t *testing.T) {
			c := imagesConfig(5)
			c.LR, c.Iters, c.Batch, c.Seed, c.Normalize = 1e-4, 2, 30, 1, normalize
			r := newRun[float64](t, c, set)
			require.Equal(t, []int{30, 11, 7}, []int{r.Train.Len(), r.Val.Len(), r.Test.Len()})
			result := do(t, r)
			naive := func(s data.Split) Score {
				return naiveScore(r.Network, s.Labels, func(i, j int) float64 { return of(float64(s.Pixels[i*data.ImageSize+j]), mean[j]) })
			}
			on := naive(set.Train)
			require.InEpsilon(t, on.Loss, result.TrainLoss, 1e-9)
			require.InDelta(t, on.Accuracy, result.TrainAcc, 1e-12)
			on = naive(set.Val)
			require.InEpsilon(t, on.Loss, *result.ValLoss, 1e-9)
			require.InDelta(t, on.Accuracy, *result.ValAcc, 1e-12)
			require.InDelta(t, naive(set.Test).Accuracy, *result.TestAcc, 1e-12)
		})
	}
}
