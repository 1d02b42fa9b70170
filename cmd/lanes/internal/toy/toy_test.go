package toy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestToyProblemIsTheExercises(t *testing.T) {
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	p, err := New(engine)
	require.NoError(t, err)
	require.Equal(t, []int{5, 4}, []int{p.X.Rows, p.X.Cols})
	require.Equal(t, []int32{0, 1, 2, 2, 1}, p.Labels)
	require.InDelta(t, 1.30378789133, p.Network.Loss(p.X, p.Labels, Regularisation).Total(), 1e-11) // as the exercise gives it
	errors := p.CheckGradients()
	require.Len(t, errors, 4)
	for _, e := range errors {
		require.Less(t, e.Max, 1e-8, e.Name)
	}
}
