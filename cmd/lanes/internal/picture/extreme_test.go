package picture

import (
	"image"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// extremes are series that runs have left or a damaged file may hold.
var extremes = map[string][]float64{
	"none":                     nil,
	"one":                      {2.3},
	"constant":                 {2.302585092994046, 2.302585092994046, 2.302585092994046},
	"constant but for an ulp":  {2.302585092994046, math.Nextafter(2.302585092994046, 3), 2.302585092994046},
	"constant but for 1e-12":   {2.302585092994, 2.302585092995},
	"zero":                     {0, math.Copysign(0, -1)},
	"across zero":              {-0.3, 0.3},
	"huge":                     {1e308, 1e308},
	"of both signs and huge":   {-1e308, 1e308},
	"the largest":              {-math.MaxFloat64, 0, math.MaxFloat64},
	"huge but for an ulp":      {math.MaxFloat64, math.Nextafter(math.MaxFloat64, 0)},
	"rising to huge":           {1, 1e30, 1e308},
	"tiny":                     {5e-324, 5e-324},
	"tiny and zero":            {0, 5e-324, 1e-310},
	"small":                    {1e-20, 3e-20},
	"tiny to huge":             {5e-324, 1e-300, 1, 1e300, math.MaxFloat64},
	"NaN":                      {math.NaN(), math.NaN()},
	"Inf":                      {math.Inf(1), math.Inf(-1)},
	"NaN and Inf among others": {1, math.NaN(), 2, math.Inf(1), 1.5, 1.6, math.Inf(-1)},
}

func anyFinite(values []float64) bool {
	for _, v := range values {
		if finite(v) {
			return true
		}
	}
	return false
}

func TestAxesOfAnySeriesAreShortAndTellValuesApart(t *testing.T) {
	for name, values := range extremes {
		for kind, a := range map[string]axis{
			"linear": linear("y", 7, values...), "counting": counting("x", 6, values...), "logarithmic": logarithmic("y", values...),
		} {
			t.Run(kind+" of "+name, func(t *testing.T) {
				require.True(t, finite(a.min) && finite(a.max) && a.min < a.max, "from %v to %v", a.min, a.max)
				named, seen := 0, map[string]bool{}
				for _, tick := range a.ticks {
					require.True(t, a.min <= tick.Value && tick.Value <= a.max, tick)
					if tick.Label == "" {
						continue
					}
					named++
					require.False(t, seen[tick.Label], "%s is there twice", tick.Label)
					require.LessOrEqual(t, len(tick.Label), 16)
					require.NotRegexp(t, `^-0(\.0*)?$`, tick.Label)
					v, err := strconv.ParseFloat(tick.Label, 64)
					require.NoError(t, err)
					require.InDelta(t, tick.Value/2, v/2, a.max/2000-a.min/2000, tick.Label)
					seen[tick.Label] = true
				}
				require.True(t, named >= 1 && named <= 24, a.ticks)
				if kind == "linear" {
					require.GreaterOrEqual(t, named, 2)
					for _, v := range values {
						require.True(t, !finite(v) || a.min <= v && v <= a.max, v)
					}
				}
			})
		}
	}
}

// No picture of them hangs or panics, and what is finite is drawn.
func TestPicturesOfAnySeriesAreDrawn(t *testing.T) {
	for name, values := range extremes {
		few, many := make([]Trial, len(values)), make([]Trial, 10)
		for i, v := range values {
			few[i] = Trial{strconv.Itoa(i), v}
		}
		for i := range many {
			many[i] = Trial{formatted(1 + float64(i)), math.NaN()}
			if i < len(values) {
				many[i].Accuracy = values[i]
			}
		}
		run := Run{Name: "a", Loss: curve(values...), TrainAccuracy: curve(values...), ValAccuracy: curve(values...)}
		drawn := map[string]Picture{
			"loss": Loss(run), "losses": Loss(run, run), "accuracy": Accuracy(run), "accuracies": Accuracy(run, run),
			"few values": Parameter("lr", few), "many values": Parameter("lr", many),
		}
		for kind, p := range drawn {
			t.Run(kind+" of "+name, func(t *testing.T) {
				m := p.render(Light).(*image.RGBA)
				require.Equal(t, anyFinite(values), pixels(m, Light.line(0)) > 0)
			})
		}
		t.Run("signals of "+name, func(t *testing.T) {
			var marks []Mark
			for _, v := range values {
				marks = append(marks, Mark{formatted(v), v})
			}
			Signals("Gradients", "deviation", []Signal{{"a", values, false}, {"b", values, true}}, marks...).render(Light)
		})
		if len(values) > 0 {
			t.Run("settings of "+name, func(t *testing.T) {
				var trials []Trial
				for i := range 10 {
					trials = append(trials, Trial{formatted(values[i%len(values)]) + map[bool]string{true: "1"}[i >= len(values)], 0.1 * float64(i)})
				}
				Parameter("lr", trials).render(Light)
			})
		}
		t.Run("weights of "+name, func(t *testing.T) {
			unit := make([]float32, 12)
			for i, v := range values {
				unit[i] = float32(v)
			}
			Weights([]int{3, 2, 2}, [][]float32{unit}).render(Light)
		})
	}
}

func TestNamesOfAnyLengthKeepPicturesSmall(t *testing.T) {
	long := strings.Repeat("m", 100_000)
	for _, p := range []Picture{
		Confusion([]string{long, "dog"}, [][]int{{1, 2}, {3, 4}}), Parameter("hidden", []Trial{{long, 0.4}}), Loss(Run{Name: long, Loss: curve(1, 2)}, Run{Name: "b"}),
	} {
		p.render(Light)
		require.Less(t, p.Width, 800)
	}
}
