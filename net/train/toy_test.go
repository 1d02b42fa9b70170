package train

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/testdata"
)

// toyCurve returns the loss before each of the report's 100 updates.
func toyCurve(t *testing.T) []float64 {
	var toy struct{ Training struct{ Loss []float64 } }
	require.NoError(t, json.Unmarshal(testdata.Toy, &toy))
	require.Len(t, toy.Training.Loss, 100)
	return toy.Training.Loss
}

// toyRun trains as section 5 of the report does, and returns the loss of each
// step besides the result.
func toyRun[T kernels.Float](t *testing.T, level kernels.Level) ([]float64, *Result) {
	engine, err := kernels.New[T](kernels.WithLevel(level))
	require.NoError(t, err)
	config, err := Preset("toy")
	require.NoError(t, err)
	config.DType = dtype[T]()
	r, err := New(engine, config, nil)
	require.NoError(t, err)
	var losses []float64
	r.OnStep = func(s StepRecord) { losses = append(losses, s.Loss+s.RegLoss) }
	result, err := r.Do(context.Background())
	require.NoError(t, err)
	return losses, result
}

func TestToyRunIsTheReports(t *testing.T) {
	for _, level := range kernels.Levels() {
		t.Run(fmt.Sprint(level), func(t *testing.T) {
			testToy[float64](t, level, 1e-12)
			testToy[float32](t, level, 1e-5)
		})
	}
}

func testToy[T kernels.Float](t *testing.T, level kernels.Level, tolerance float64) {
	losses, result := toyRun[T](t, level)
	require.InDeltaSlice(t, toyCurve(t), losses, tolerance)
	require.InDelta(t, 1.2658608452019746, result.FirstLoss, tolerance)
	require.InDelta(t, 0.015634987611856756, result.FinalLoss, tolerance)
	require.Equal(t, 1.0, result.TrainAcc)
	require.Nil(t, result.ValAcc)
	require.Nil(t, result.TestAcc)
}
