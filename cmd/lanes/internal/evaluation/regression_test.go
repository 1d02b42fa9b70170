package evaluation

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRegressionIsScoredInTheTargetsUnit(t *testing.T) {
	r := Score([]float64{1, 4, 5, 6}, []float32{2, 4, 6, 8})
	// Errors are -1, 0, -1, -2; the targets' variance is 5.
	require.Equal(t, 4, r.Examples)
	require.InDelta(t, 1.5, r.MSE, 1e-15)
	require.InDelta(t, 1.0, r.MAE, 1e-15)
	require.InDelta(t, 1.224744871391589, r.RMSE, 1e-15)
	require.InDelta(t, 0.7, *r.R2, 1e-15)
	require.Nil(t, Score([]float64{1, 2}, []float32{3, 3}).R2)
}
