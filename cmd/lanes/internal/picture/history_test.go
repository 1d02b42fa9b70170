package picture

import (
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMovingMeanIsThatOfThePointsAround(t *testing.T) {
	require.Equal(t, curve(1, 5, 3), movingMean(curve(1, 5, 3), 1))
	require.Equal(t, curve(3, 3, 5, 5, 6), movingMean(curve(1, 5, 3, 7, 5), 3))
	require.Nil(t, movingMean(nil, 1))
}

func TestMovingMeanOfALongRunIsShortAndReachesItsEnds(t *testing.T) {
	var ys []float64
	for i := range 100_000 {
		ys = append(ys, float64(i+1))
	}
	means := movingMean(curve(ys...), 1000)
	require.Less(t, len(means), 1100)
	require.Equal(t, 1.0, means[0].X)
	require.Equal(t, 100_000.0, means[len(means)-1].X)
	require.InDelta(t, means[500].X, means[500].Y, 1)
}

// A run that diverged has a gap where the loss is not a number, and a point
// between two gaps is a dot.
func TestWhatIsNotFiniteIsLeftOut(t *testing.T) {
	finite := shown(t, Loss(Run{Loss: curve(2, 2, 2, 2, 2)}), Light)
	gap := shown(t, Loss(Run{Loss: curve(2, math.NaN(), 2, math.Inf(1), 2)}), Light)
	count := pixels(gap, Light.line(0))
	require.NotZero(t, count)
	require.Less(t, count, pixels(finite, Light.line(0))/2)
}

func TestSeveralRunsHaveTheirColours(t *testing.T) {
	runs := []Run{
		{"a", curve(2, 1), curve(0.1, 0.2), curve(0.1, 0.15)},
		{"b", curve(2.1, 1.1), curve(0.2, 0.3), curve(0.2, 0.25)},
	}
	for _, p := range []Picture{Loss(runs...), Accuracy(runs...)} {
		m := shown(t, p, Dark)
		require.NotZero(t, pixels(m, Dark.line(0)))
		require.NotZero(t, pixels(m, Dark.line(1)))
		require.Zero(t, pixels(m, Dark.line(2)))
	}
}

func TestLongNamesAreCutToTheirRoom(t *testing.T) {
	s := style(labelSize, Light.ink)
	require.Equal(t, "a name", fitted("a name", s, 100*px))
	cut := fitted("a name λλλλλλλλλλλλλλλλλλλλ", s, 100*px)
	require.LessOrEqual(t, s.Width(cut), 100*px)
	require.Greater(t, s.Width(cut), 80*px)
	require.Regexp(t, "^a name λ+…$", cut)
}

// A legend names what is drawn, and no more.
func TestLegendsNameTheCurvesThatAreThere(t *testing.T) {
	nan := math.NaN()
	long := make([]float64, 200)
	full, noVal := Run{"a", curve(2, 1), curve(0.1), curve(0.2)}, Run{"b", curve(2, 1), curve(0.1, 0.2), nil}
	for _, c := range []struct {
		name           string
		runs           []Run
		loss, accuracy []string
	}{
		{"one", []Run{{"a", curve(long...), curve(0.1), curve(0.2)}}, []string{"batch", "mean of 3 batches"}, []string{"training", "validation"}},
		{"short", []Run{full}, []string{"batch"}, []string{"training", "validation"}},
		{"without validation", []Run{noVal}, []string{"batch"}, []string{"training"}},
		{"of nothing", []Run{{Name: "a"}}, nil, nil},
		{"diverged", []Run{{"a", curve(nan), curve(nan), curve(nan)}}, nil, nil},
		{"two", []Run{full, full}, []string{"a", "a"}, []string{"a", "a", "training"}},
		{"two, one without validation", []Run{full, noVal}, []string{"a", "b"}, []string{"a", "b", "training"}},
		{"two without validation", []Run{noVal, noVal}, []string{"b", "b"}, []string{"b", "b"}},
		{"two, one of nothing", []Run{{Name: "c"}, full}, []string{"a"}, []string{"a", "training"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, x := range []struct {
				chart
				want []string
			}{{lossChart(c.runs), c.loss}, {accuracyChart(c.runs), c.accuracy}} {
				var names []string
				for _, e := range x.legend {
					names = append(names, e.name)
				}
				require.Equal(t, x.want, names, x.title)
			}
		})
	}
}

// Runs of the same batches and almost the same settings have curves that lie over
// each other.
func TestCurvesThatLieOverEachOtherAreAllSeen(t *testing.T) {
	run := Run{"a", curve(2, 1.5, 1.2), nil, curve(0.2, 0.3, 0.35)}
	for name, p := range map[string]Picture{"loss": Loss(run, run, run, run), "accuracy": Accuracy(run, run, run, run)} {
		m := shown(t, p, Light)
		for i := range 4 {
			require.Greater(t, pixels(m, Light.line(i)), 400, "curve %d of the %s", i, name)
		}
	}
}

// A run of a million steps is drawn as fast as one of two thousand, and looks as it
// is: its lowest and highest losses are there, and so are its gaps.
func TestCurvesOfManyPointsAreThinned(t *testing.T) {
	ys := make([]float64, 1_000_000)
	for i := range ys {
		ys[i] = 2 + math.Mod(float64(i)*0.618, 1)
	}
	ys[123_456], ys[654_321], ys[999_999] = -3, 9, math.NaN()
	points := curve(ys...)
	kept := thinned(points, 2000)
	require.LessOrEqual(t, len(kept), 2000)
	require.Greater(t, len(kept), 1900)
	require.Contains(t, kept, points[123_456])
	require.Contains(t, kept, points[654_321])
	require.True(t, math.IsNaN(kept[len(kept)-1].Y))
	for i := range kept[1:] {
		require.Less(t, kept[i].X, kept[i+1].X)
	}
	require.Equal(t, curve(1, 2, 3), thinned(curve(1, 2, 3), 3))
	require.Equal(t, []Point{{1, 3}, {2, 1}, {3, 5}, {4, 0}}, thinned(curve(3, 1, 5, 0), 4))
	require.Equal(t, []Point{{1, 3}, {2, 1}, {4, 5}, {6, 0}}, thinned(curve(3, 1, 2, 5, 4, 0), 4)[:4])

	require.NotZero(t, pixels(Loss(Run{Loss: points}).render(Light).(*image.RGBA), Light.line(0)))
}
