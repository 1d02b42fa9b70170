package train

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
)

// homes are rows of a number and a category; the number to be found depends on both.
func homes(n int, regression bool) *data.Dataset {
	rng := rand.New(rand.NewPCG(1, 2))
	d := &data.Dataset{
		Name: "homes", Shape: data.Row(2),
		Columns: []data.Column{{Name: "area"}, {Name: "town", Categories: []string{"A", "B"}}},
	}
	split := func(n int) (s data.Split) {
		for range n {
			area, town := rng.Float32()*100, float32(rng.IntN(2))
			s.Values = append(s.Values, area, town)
			if regression {
				s.Targets = append(s.Targets, 1000+float32(20*area)+float32(500*town))
			} else {
				s.Labels = append(s.Labels, int32(min(area/50+town/2, 1)))
			}
		}
		return s
	}
	d.Train, d.Val = split(n), split(n/4)
	if !regression {
		d.Classes = []string{"cheap", "dear"}
	}
	return d
}

func TestPredictorTakesRowsAsTheyComeInManyGoroutines(t *testing.T) {
	for _, regression := range []bool{false, true} {
		e := newEngine[float32](t)
		config := presetOf(t, "files")
		config.Epochs = 30
		set := homes(1500, regression)
		run, err := New(e, config, set)
		require.NoError(t, err)
		run.Folder, err = Create(filepath.Join(t.TempDir(), "run"), config)
		require.NoError(t, err)
		result, err := run.Do(context.Background())
		require.NoError(t, err)
		require.Greater(t, *result.ValAcc, 0.9)

		model, err := OpenModel(e, run.Folder.Checkpoint("last"))
		require.NoError(t, err)
		require.Equal(t, run.Input, model.Input)
		p := model.Predictor(e)
		want, err := p.Predict(data.Split{Values: set.Val.Values})
		require.NoError(t, err)
		require.Equal(t, set.Val.Len(), want.Rows)
		if regression {
			require.InDelta(t, set.Val.Targets[0], want.Data[0], 200)
		} else {
			require.InDelta(t, 1, want.At(0, 0)+want.At(0, 1), 1e-6)
		}
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				one, err := p.Predict(data.Split{Values: set.Val.Values[2*i:][:2]})
				if err != nil || one.Data[0] != want.Row(i)[0] {
					t.Errorf("row %d: %v and %v: %v", i, one.Data, want.Row(i), err)
				}
			})
		}
		all.Wait()
		_, err = p.Predict(data.Split{Values: make([]float32, 3)})
		require.EqualError(t, err, "3 values are no whole number of examples: the model takes rows of 2 values")
	}
}

func TestRunOnADatasetOfAProgramResumesToTheSameBits(t *testing.T) {
	e := newEngine[float32](t)
	config := presetOf(t, "files")
	config.Epochs, config.ClassWeights = 4, "balanced"
	set := homes(200, false)
	whole, err := New(e, config, set)
	require.NoError(t, err)
	want, err := whole.Do(context.Background())
	require.NoError(t, err)

	short := config
	short.Epochs = 2
	run, err := New(e, short, set)
	require.NoError(t, err)
	run.Folder, err = Create(filepath.Join(t.TempDir(), "run"), short)
	require.NoError(t, err)
	_, err = run.Do(context.Background())
	require.NoError(t, err)
	folder, err := Open(run.Folder.Dir)
	require.NoError(t, err)
	run, err = Resume(e, folder, config, set)
	require.NoError(t, err)
	got, err := run.Do(context.Background())
	require.NoError(t, err)
	require.Equal(t, want.WeightsSHA256, got.WeightsSHA256)
}

func TestModelOfImagesKeepsTheirShape(t *testing.T) {
	shape := data.Shape{Channels: 1, Height: 3, Width: 2}
	set := &data.Dataset{Name: "six", Shape: shape, Classes: []string{"a"}, Train: data.Split{Pixels: make([]uint8, 12), Labels: make([]int32, 2)}}
	run, err := New(newEngine[float32](t), presetOf(t, "files"), set)
	require.NoError(t, err)
	run.Folder, err = Create(filepath.Join(t.TempDir(), "run"), presetOf(t, "files"))
	require.NoError(t, err)
	_, err = run.Do(context.Background())
	require.NoError(t, err)
	model, err := OpenModel(newEngine[float64](t), run.Folder.Checkpoint("best"))
	require.NoError(t, err)
	require.Equal(t, shape, model.Input.Shape)
}

func TestBalancedClassesWeighTheSame(t *testing.T) {
	s := data.Split{Labels: []int32{0, 0, 0, 1}}
	require.Equal(t, []float32{4. / 6, 4. / 6, 4. / 6, 2}, balance(s, 3))
	s.Weights = []float32{1, 0, 3, 0.5}
	require.Equal(t, []float32{4. / 6, 0, 2, 1}, balance(s, 3))
}
