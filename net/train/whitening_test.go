package train

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
)

// smallImages are of 1×8×8, so that their covariance takes no time.
func smallImages() *data.Dataset {
	rng := rand.New(rand.NewPCG(1, 1))
	part := func(n int) data.Split {
		s := data.Split{Pixels: make([]uint8, 64*n), Labels: make([]int32, n)}
		for i := range s.Pixels {
			s.Pixels[i] = uint8(rng.IntN(256))
		}
		for i := range s.Labels {
			s.Labels[i] = int32(i % 3)
		}
		return s
	}
	return &data.Dataset{
		Name: "small", Shape: data.Shape{Channels: 1, Height: 8, Width: 8}, Classes: []string{"a", "b", "c"},
		Train: part(50), Val: part(10), Test: part(10),
	}
}

func whiteningConfig(t *testing.T, kind string) Config {
	c := presetOf(t, data.Files)
	c.Hidden, c.Normalize, c.Components, c.Batch, c.Epochs, c.Init = []int{5}, kind, 8, 7, 3, "he"
	c.Augment = data.Augmentation{Flip: true, Shift: 1}
	return c
}

func TestWhitenedRunsResumeToTheSameBits(t *testing.T) {
	set := smallImages()
	for _, kind := range []string{data.PCA, data.ZCA} {
		c := whiteningConfig(t, kind)
		want := do(t, newRun[float32](t, c, set)).WeightsSHA256
		dir := filepath.Join(t.TempDir(), "run")
		stopAfter(t, kept[float32](t, dir, c, set, 2), 5)
		require.Equal(t, want, do(t, resumed[float32](t, dir, set, 3, nil)).WeightsSHA256, kind)
	}
}

func TestOperationsOfARunIncludeWhitening(t *testing.T) {
	for kind, image := range map[string]int{data.PCA: 2*8*64 + 4*8*5 + 6*5*3, data.ZCA: 4*8*64 + 4*64*5 + 6*5*3} {
		r := kept[float32](t, filepath.Join(t.TempDir(), "run"), whiteningConfig(t, kind), smallImages(), 1)
		do(t, r)
		flops, err := r.Folder.FLOPs()
		require.NoError(t, err)
		found := r.Input.Whitening.FLOPs
		require.Greater(t, found, 2.*50*64*64)
		require.Equal(t, found+float64(r.state.Images*image), flops)
	}
}

// Examples that have their means and their labels, but not their covariance, stand for what a
// computation anew would find.
func TestResumedRunsReadWhitening(t *testing.T) {
	for _, kind := range []string{data.PCA, data.ZCA} {
		set, dir := smallImages(), filepath.Join(t.TempDir(), "run")
		r := kept[float32](t, dir, whiteningConfig(t, kind), set, 1)
		stopAfter(t, r, 5)
		for j := range 32 {
			a, b := &set.Train.Pixels[j], &set.Train.Pixels[64+j]
			*a, *b = *b, *a
		}
		require.Equal(t, r.Input, resumed[float32](t, dir, set, 1, nil).Input)
		anew := newRun[float32](t, r.Config, set)
		require.Equal(t, r.Data, anew.Data)
		require.NotEqual(t, r.Input, anew.Input)

		set.Train.Pixels[0]++
		_, err := Resume(r.engine, r.Folder, r.Config, set)
		require.ErrorIs(t, err, ErrOtherData)
	}
}

func TestWhitenedModelsTakeImagesAsTheyCome(t *testing.T) {
	set := smallImages()
	for i, kind := range []string{data.PCA, data.ZCA, data.PCA, data.ZCA} {
		c, inputs := whiteningConfig(t, kind), map[string]int{data.PCA: 8, data.ZCA: 64}[kind]
		c.DType = "float64"
		if i >= 2 {
			c.Hidden, c.Residual, c.Norm = []int{inputs}, true, "batch" // so that no first layer is dense
		}
		r := kept[float64](t, filepath.Join(t.TempDir(), "run"), c, set, 2)
		require.Equal(t, inputs, r.Network.Architecture().Inputs)
		do(t, r)
		m, err := OpenModel(r.engine, r.Folder.Checkpoint("last"))
		require.NoError(t, err)
		require.Equal(t, r.Input, m.Input)
		want, err := r.Predictor(r.engine).Logits(set.Test)
		require.NoError(t, err)
		got, err := m.Predictor(r.engine).Logits(set.Test)
		require.NoError(t, err)
		require.Equal(t, want.Data, got.Data)

		plain := m.Unwhitened(r.engine)
		require.Equal(t, 64, plain.Network.Architecture().Inputs)
		got, err = plain.Predictor(r.engine).Logits(set.Test)
		require.NoError(t, err)
		require.InDeltaSlice(t, want.Data, got.Data, 1e-10, kind)
		if !c.Residual {
			folded := plain.Network.Params()[0].Value
			require.Equal(t, folded, r.FirstWeights(folded.Cols+1))
			for i := range folded.Rows {
				require.Equal(t, folded.Row(i)[:2], r.FirstWeights(2).Row(i))
			}
		}
		for _, tensor := range plain.Tensors() {
			require.NotEqual(t, whitenTensor, tensor.Name)
		}
	}
}

func TestWhiteningThatDoesNotFitIsRefused(t *testing.T) {
	c := whiteningConfig(t, data.PCA)
	r := newRun[float32](t, c, smallImages())
	for name, change := range map[string]func(c *checkpoint){
		"no tensor input.whiten": func(c *checkpoint) { c.tensors = append(c.tensors[:2:2], c.tensors[3:]...) },
		`input: whitening "pca" with a tensor input.whiten of [4 128], for 64 means`: func(c *checkpoint) { c.tensors[2].Shape = []int{4, 128} },
	} {
		checkpoint, err := r.model(nil, values(saved(r.Network)))
		require.NoError(t, err)
		checkpoint.hold()
		change(checkpoint)
		_, err = decodeModel(r.engine, checkpoint)
		require.EqualError(t, err, name)
	}
	c.Components = 1025
	require.EqualError(t, c.Validate(), "components is 1025, want 1 to 1024")
}
