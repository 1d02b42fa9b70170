package net

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestArgmaxTakesLowestOfEqualsAndNeverNaN(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		row  []float64
		want int
	}{
		{[]float64{5}, 0},
		{[]float64{1, 3, 2}, 1},
		{[]float64{1, 3, 3}, 1},
		{[]float64{0, math.Copysign(0, -1)}, 0},
		{[]float64{math.Copysign(0, -1), 0}, 0},
		{[]float64{nan, 1, 2}, 2},
		{[]float64{1, nan, 0}, 0},
		{[]float64{nan, nan, -inf}, 2},
		{[]float64{-inf, nan}, 0},
		{[]float64{nan, nan}, 0},
		{[]float64{1, inf, inf}, 1},
	} {
		require.Equal(t, c.want, Argmax(c.row), "%v", c.row)
	}
}

func TestAccuracyCountsRowsAtTheirLabel(t *testing.T) {
	logits := kernels.NewMat(3, 2, []float32{1, 2, 2, 1, 0, 0})
	require.Equal(t, 2, Correct(logits, []int32{1, 1, 0}))
	require.InDelta(t, 2.0/3, Accuracy(logits, []int32{1, 1, 0}), 1e-15)
	require.Equal(t, 0, Correct(logits, []int32{0, 1, 200}))
	wide := kernels.NewMat[float32](1, 400, nil)
	wide.Data[300] = 1
	require.Equal(t, 1, Correct(wide, []int32{300}))
	require.Equal(t, 0, Correct(wide, []int32{300 - 256}))
	require.True(t, math.IsNaN(Accuracy(kernels.NewMat[float32](0, 2, nil), nil)))
}
