package data

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestColumnsAreStandardisedOrOneHotByTheTrainingPartAlone(t *testing.T) {
	nan := float32(math.NaN())
	d := &Dataset{
		Shape: Row(3), Classes: []string{"a"},
		Columns: []Column{{Name: "x"}, {Name: "colour", Categories: []string{"red", "green"}}, {Name: "constant"}},
		Train:   Split{Values: []float32{1, 0, 0.1, 3, 1, 0.1, nan, nan, 0.1}, Labels: make([]int32, 3)},
		Test:    Split{Values: []float32{7, 1, 5}, Labels: make([]int32, 1)},
	}
	require.NoError(t, d.Check())
	p, err := NewPreprocessing(d, "standard")
	require.NoError(t, err)
	require.Equal(t, 4, p.Inputs())
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	b := NewBatch(engine, 3, p)
	b.Draw(d.Train, []int{0, 1, 2})
	// The mean of 1 and 3 is 2, their deviation 1.
	require.Equal(t, []float64{-1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0}, b.X.Data)
	b.Draw(d.Test, []int{0})
	require.Equal(t, []float64{5, 0, 1, 0}, b.X.Row(0))

	p, err = NewPreprocessing(d, "none")
	require.NoError(t, err)
	b = NewBatch(engine, 3, p)
	b.Draw(d.Test, []int{0})
	require.Equal(t, []float64{7, 0, 1, 5}, b.X.Row(0))
}

func TestDatasetsThatDoNotFitTogetherAreNamed(t *testing.T) {
	for message, change := range map[string]func(*Dataset){
		"part train: 29 values for 10 examples of 3":                             func(d *Dataset) { d.Train.Values = d.Train.Values[1:] },
		"part train: example 1 has label 2, want 0 to 1":                         func(d *Dataset) { d.Train.Labels[1] = 2 },
		"part train: example 2 has category 2 of column \"colour\", want 0 to 1": func(d *Dataset) { d.Train.Values[8] = 2 },
		"part train: example 0 has weight -1, want 0 to 1e+06":                   func(d *Dataset) { d.Train.Weights = make([]float32, 10); d.Train.Weights[0] = -1 },
		"part test: labels in one part, and targets in another":                  func(d *Dataset) { d.Test = Split{Values: make([]float32, 3), Targets: make([]float32, 1)} },
		"2 columns for rows of 3 values":                                         func(d *Dataset) { d.Columns = d.Columns[1:] },
		"there are no classes":                                                   func(d *Dataset) { d.Classes = nil },
		"there are no examples to train on":                                      func(d *Dataset) { d.Train = Split{} },
	} {
		d := rowsOf(10)
		change(d)
		require.EqualError(t, d.Check(), message)
	}
	require.NoError(t, rowsOf(10).Check())
}
