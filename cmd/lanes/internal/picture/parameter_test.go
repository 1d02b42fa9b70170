package picture

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
)

func TestValuesStandInTheOrderOfTheirNumbers(t *testing.T) {
	for _, c := range []struct{ values, want []string }{
		{[]string{"0.1", "1e-4", "0.01"}, []string{"1e-4", "0.01", "0.1"}},
		{[]string{"100", "75"}, []string{"75", "100"}},
		{[]string{"50,25,15", "1024", "100,25", "25,25"}, []string{"1024", "25,25", "100,25", "50,25,15"}},
		{[]string{"normal:1e-3", "he"}, []string{"he", "normal:1e-3"}},
	} {
		slices.SortStableFunc(c.values, byNumbers)
		require.Equal(t, c.want, c.values)
	}
}

// Numbers of many values lie along an axis, a row each would be a wall.
func TestPictureOfASettingGrowsWithItsValues(t *testing.T) {
	two, three := Parameter("a", []Trial{{"x", 0.1}, {"y", 0.2}}), Parameter("a", []Trial{{"x", 0.1}, {"y", 0.2}, {"z", 0.3}})
	require.Greater(t, three.Height, two.Height)
	require.Equal(t, chartHeight, Parameter("lr", manyTrials(1e-4)).Height)
}

func TestMarksOfEqualTrialsStandApart(t *testing.T) {
	accuracies := []float64{0.5, 0.5, 0.5, 0.6, 0.5001}
	places := swarm(accuracies, func(a float64) vg.Point { return vg.Point{X: vg.Length(a) * 1000} })
	for i, p := range places {
		require.InDelta(t, accuracies[i]*1000, float64(p.X), 1e-9)
		for _, q := range places[:i] {
			d := p.Sub(q)
			require.GreaterOrEqual(t, float64(d.Dot(d)), float64(4*markRadius*markRadius))
		}
	}
	require.Zero(t, places[0].Y)
	require.Zero(t, places[3].Y)
}
