package sweep

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
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
		r.Rows = append(r.Rows, Result{Trial: trials[i], Scores: Scores{ValAcc: a}})
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
	requireMeansInFiles(t, r, means)
	r.Rows = r.Rows[:1]
	require.Nil(t, r.Means()[0].Deviation, "one has none")
	require.Empty(t, (&Results{}).Means())
}

// requireMeansInFiles fails unless every row of results.csv and results.json has the
// mean of its configuration, which is blank and null where there is none.
func requireMeansInFiles(t *testing.T, r *Results, means []Mean) {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(r.csv())).ReadAll()
	require.NoError(t, err)
	file, err := json.Marshal(r)
	require.NoError(t, err)
	var objects []struct {
		Seeds     int
		Mean      *float64 `json:"mean_val_acc"`
		Deviation *float64
	}
	require.NoError(t, json.Unmarshal(file, &objects))
	text := func(x *float64) string {
		if x == nil {
			return ""
		}
		return strconv.FormatFloat(*x, 'g', -1, 64)
	}
	for i, x := range r.Rows {
		of := means[map[float64]int{1e-4: 0, 1e-3: 1, 1e-5: 2}[x.Config.LR]]
		require.Equal(t, []string{strconv.Itoa(of.Seeds), text(of.ValAcc), text(of.Deviation)}, records[i+1][len(records[0])-3:])
		require.Equal(t, []any{of.Seeds, of.ValAcc, of.Deviation}, []any{objects[i].Seeds, objects[i].Mean, objects[i].Deviation})
	}
}
