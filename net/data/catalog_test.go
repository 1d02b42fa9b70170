package data

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/testdata"
)

func TestCatalogSaysWhatTheDatasetsAre(t *testing.T) {
	require.Equal(t, []string{"cifar10", "synthetic", "toy"}, Names())
	for _, name := range []string{"synthetic", "toy"} {
		s, ok := Lookup(name)
		require.True(t, ok)
		d, err := OpenNamed(name, "")
		require.NoError(t, err)
		require.Equal(t, name, d.Name)
		require.Equal(t, s.Shape, d.Shape)
		require.NoError(t, d.Check())
		require.Equal(t, s.Fixed, d.Weights != nil)
		require.Equal(t, []int{s.Inputs, s.Classes, s.Training, s.Validation},
			[]int{d.Shape.Size(), len(d.Classes), d.Train.Len(), d.Val.Len()})
	}
	cifar10, _ := Lookup("cifar10")
	require.Equal(t, []int{3072, 10, 49_000, 1_000}, []int{cifar10.Inputs, cifar10.Classes, cifar10.Training, cifar10.Validation})
	_, ok := Lookup("mnist")
	require.False(t, ok)
	_, err := OpenNamed("mnist", "")
	require.EqualError(t, err, `there is no dataset "mnist"`)
}

func TestOpenLooksForCIFAR10(t *testing.T) {
	dir := filepath.Join("testdata", "cifar-10-batches-bin")
	_, err := OpenNamed("cifar10", dir) // the files there are shorter than the published ones
	require.ErrorContains(t, err, filepath.Join(dir, "data_batch_1.bin")+": 6146 bytes, want 30730000")
	t.Setenv("LANES_DATA", "")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	_, err = OpenNamed("cifar10", "", "nowhere")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestToyProblemIsTheOneWhoseValuesAreKnown(t *testing.T) {
	type problem struct {
		X      [][]float64
		Y      []int
		Params map[string]any
	}
	var ours, known problem
	require.NoError(t, json.Unmarshal(toyFile, &ours))
	require.NoError(t, json.Unmarshal(testdata.Toy, &known))
	require.Equal(t, known, ours)
	toy := toy()
	require.Equal(t, known.X, toy.Train.Points)
	require.Len(t, toy.Weights, len(known.Params))
	for name, value := range known.Params {
		text, err := json.Marshal(toy.Weights[name])
		require.NoError(t, err)
		want, err := json.Marshal(value)
		require.NoError(t, err)
		require.Contains(t, []string{string(want), "[" + string(want) + "]"}, string(text), name) // a bias is one row
	}
}
