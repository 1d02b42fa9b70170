package data

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMeanIsTheExactSumOfTheTrainingPartDividedOnce(t *testing.T) {
	const n = 301
	rng := rand.New(rand.NewPCG(1, 2))
	d := &Dataset{Shape: cifarShape, Train: makeImages(n, cifarShape), Val: makeImages(5, cifarShape)}
	for i := range d.Train.Pixels {
		d.Train.Pixels[i] = uint8(rng.Uint32())
	}
	for i := range d.Val.Pixels {
		d.Val.Pixels[i] = 255
	}
	for i := range n {
		d.Train.image(i)[7] = 255
	}
	mean := d.Mean()
	require.Len(t, mean, ImageSize)
	for j, m := range mean {
		sum := 0
		for i := range n {
			sum += int(d.Train.Pixels[i*ImageSize+j])
		}
		require.Equal(t, float64(sum)/n, m, "pixel %d", j)
	}
	require.Equal(t, 255.0, mean[7])
}

func BenchmarkMean(b *testing.B) {
	d := &Dataset{Shape: cifarShape, Train: makeImages(9_000, cifarShape)}
	b.SetBytes(int64(len(d.Train.Pixels)))
	for b.Loop() {
		d.Mean()
	}
}
