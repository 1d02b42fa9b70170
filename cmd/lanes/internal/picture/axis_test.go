package picture

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func formatted(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func labels(a axis) (names []string) {
	for _, t := range a.ticks {
		names = append(names, t.Label)
	}
	return names
}

func TestLinearTicksAreRound(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   []string
	}{
		{[]float64{0.35, 0.6}, []string{"0.35", "0.40", "0.45", "0.50", "0.55", "0.60"}},
		{[]float64{1.12, math.NaN(), 2.31}, []string{"1.2", "1.4", "1.6", "1.8", "2.0", "2.2"}},
		{[]float64{2.3024, 2.3029}, []string{"2.3024", "2.3025", "2.3026", "2.3027", "2.3028", "2.3029"}},
		{[]float64{-20, 100, math.Inf(1)}, []string{"-20", "0", "20", "40", "60", "80", "100"}},
		{[]float64{2}, []string{"1.7", "1.8", "1.9", "2.0", "2.1", "2.2", "2.3"}},
		{nil, []string{"-0.10", "-0.05", "0.00", "0.05", "0.10"}},
	} {
		a := linear("y", 6, c.values...)
		require.Equal(t, c.want, labels(a), c.values)
		for _, v := range c.values {
			if finite(v) {
				require.True(t, a.min < v && v < a.max, c.values)
			}
		}
	}
}

func TestCountingTicksAreWholeAndEndWithTheData(t *testing.T) {
	require.Equal(t, []string{"0", "500", "1000", "1500", "2000", "2500", "3000"}, labels(counting("step", 6, 1, 3000)))
	require.Equal(t, []string{"0", "1", "2"}, labels(counting("epoch", 8, 1, 2)))
	require.Equal(t, 18.0, counting("epoch", 8, 1, 18).max)
	require.Equal(t, []string{"0", "1"}, labels(counting("epoch", 8)))
}

func TestLogarithmicTicksArePowersOfTen(t *testing.T) {
	for _, c := range []struct {
		values   []float64
		min, max float64
		want     []string
	}{
		{[]float64{1e-4, 0.05}, 1e-4, 0.1, []string{"0.1", "0.01", "1e-3", "1e-4"}},
		{[]float64{0, 1e-20, -1, 3}, 1e-20, 10, []string{"", "1", "", "", "1e-3", "", "", "1e-6", "", "", "1e-9", "", "", "1e-12", "", "", "1e-15", "", "", "1e-18", "", ""}},
		{[]float64{1000}, 100, 1000, []string{"1000", "100"}},
		{nil, 0.1, 1, []string{"1", "0.1"}},
	} {
		a := logarithmic("y", c.values...)
		require.InEpsilon(t, c.min, a.min, 1e-9)
		require.InEpsilon(t, c.max, a.max, 1e-9)
		require.Equal(t, c.want, labels(a))
	}
}

// What is 0 has a tick of its own below all else.
func TestExtendedAxisHasAPlaceForZero(t *testing.T) {
	a := logarithmic("y", 1e-8, 1)
	zero := a.extend()
	require.Equal(t, "0", a.ticks[len(a.ticks)-1].Label)
	require.Equal(t, zero, a.min)
	require.Less(t, zero, 1e-8)
}
