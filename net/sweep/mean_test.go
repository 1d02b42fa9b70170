package sweep

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMeansAreOfTheSeedsOfAConfiguration(t *testing.T) {
	s := small(t)
	s.Axes, s.Seeds = []string{"lr=1e-3,1e-4,1e-5"}, 3
	trials, err := s.Trials()
	require.NoError(t, err)
	acc := func(x float64) *float64 { return &x }
	r := &Results{}
	for i, a := range []*float64{acc(.3), acc(.5), nil, acc(.6), acc(.7), nil, nil, acc(.3)} { // the last is not finished
		r.Rows = append(r.Rows, Result{trials[i], Scores{ValAcc: a}})
	}
	r.Rows[0], r.Rows[7] = r.Rows[7], r.Rows[0] // in any order
	means := r.Means()
	require.Len(t, means, 3)
	require.Equal(t, []int{1, 0, 2}, []int{means[0].Index, means[1].Index, means[2].Index})
	require.Equal(t, []int{3, 2, 0}, []int{means[0].Seeds, means[1].Seeds, means[2].Seeds}, "those that diverged have no accuracy")
	require.InDelta(t, .5, *means[0].ValAcc, 1e-15)
	require.InDelta(t, .2, *means[0].Deviation, 1e-15)
	require.InDelta(t, .45, *means[1].ValAcc, 1e-15)
	require.InDelta(t, .3/math.Sqrt2, *means[1].Deviation, 1e-15)
	require.Nil(t, means[2].ValAcc)
	require.Nil(t, means[2].Deviation)
	r.Rows = r.Rows[:1]
	require.Nil(t, r.Means()[0].Deviation, "one has none")
	require.Empty(t, (&Results{}).Means())
}
