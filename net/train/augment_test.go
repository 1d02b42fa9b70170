package train

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

func TestScoresAreOfExamplesAsTheyAre(t *testing.T) {
	c, set := imagesConfig(5), randomImages(30, 11, 7)
	c.Init = "he"
	plain := newRun[float32](t, c, set)
	c.Augment, c.LabelSmoothing = everyChange, 0.2
	r := newRun[float32](t, c, set)
	_, truth := r.drawTraining([]int{1, 2, 3}, 0)
	require.Len(t, truth.Shares, 3)
	require.Equal(t, float32(0.2), truth.Smoothing)
	for name, parts := range map[string][2]Examples[float32]{
		"train": {plain.Train, r.Train}, "val": {plain.Val, r.Val}, "test": {plain.Test, r.Test},
	} {
		require.Equal(t, ScoreOn(plain.Network, parts[0]), ScoreOn(r.Network, parts[1]), name)
	}
}

func TestFlipsMakeLogitsTheMeanOfAnImageAndItsMirrorImage(t *testing.T) {
	c, set := imagesConfig(5), randomImages(20, ScoreBatch+9, 7)
	c.Init = "he"
	logits := func(flips bool, s data.Split) kernels.Mat[float64] {
		c.TestFlips = flips
		r := newRun[float64](t, c, set)
		z, err := r.Predictor(r.engine).Logits(s)
		require.NoError(t, err)
		return z
	}
	mirrored := data.Split{Pixels: slices.Clone(set.Val.Pixels), Labels: set.Val.Labels}
	for row := range slices.Chunk(mirrored.Pixels, data.Side) {
		slices.Reverse(row)
	}
	plain, other, mean := logits(false, set.Val), logits(false, mirrored), logits(true, set.Val)
	for i, z := range mean.Data {
		require.Equal(t, (plain.Data[i]+other.Data[i])/2, z)
	}
	c.TestFlips = true
	r := newRun[float64](t, c, set)
	require.InDelta(t, r.Network.LossAt(mean, net.Truth[float64]{Labels: set.Val.Labels}), ScoreOn(r.Network, r.Val).Loss, 1e-12)
}

func TestAugmentationNeedsWhatItChanges(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"flip: a program's own examples are taken as they are":       func(c *Config) { c.Augment.Flip = true },
		"test-flips: a program's own examples are taken as they are": func(c *Config) { c.TestFlips = true },
		"mixup: the toy problem's data is fixed": func(c *Config) {
			*c = presetOf(t, "toy")
			c.Augment.Mixup = 0.1
		},
		"shift is 4097, want 0 to 4096": func(c *Config) { c.Dataset, c.Augment.Shift = "synthetic", 4097 },
	} {
		c := imagesConfig(5)
		c.Dataset = Own
		c.Normalize = "none"
		change(&c)
		require.EqualError(t, c.Validate(), name)
	}
	c := imagesConfig(5)
	c.Augment.Shift = 32
	_, err := New(newEngine[float32](t), c, randomImages(5, 0, 0))
	require.EqualError(t, err, "shift is 32, want less than 32, the side of an image")
}
