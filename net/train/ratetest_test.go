package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// ratesOf tests the learning rates of the toy problem, as change makes it.
func ratesOf(t *testing.T, change func(*Config)) *RateTest {
	t.Helper()
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	config, err := Preset("toy")
	require.NoError(t, err)
	config.DType = "float64"
	change(&config)
	r, err := New(engine, config, nil)
	require.NoError(t, err)
	tested, err := r.TestRates(t.Context())
	require.NoError(t, err)
	return tested
}

func TestRatesThatTrainAreSuggestedForEveryOptimiserWhateverTheSchedule(t *testing.T) {
	for _, optimizer := range append([]string{"nesterov"}, optimizers...) {
		with := func(schedule string, warmup float64) *RateTest {
			return ratesOf(t, func(c *Config) {
				c.Optimizer, c.Schedule, c.Warmup = optimizer, schedule, warmup
				if optimizer == "nesterov" {
					c.Optimizer, c.Nesterov, c.Momentum = "sgd", true, 0.9
				}
			})
		}
		tested := with("constant", 0)
		rate := tested.Suggestion()
		require.Positive(t, rate, optimizer)
		require.LessOrEqual(t, rate, tested.Lowest)
		for i, p := range tested.Points {
			require.InEpsilon(t, 1e-7*math.Pow(10, float64(i)/20), p.LR, 1e-12)
		}
		for _, schedule := range schedules {
			require.Equal(t, tested, with(schedule, 2), "%s, %s with warm-up", optimizer, schedule)
		}
	}
}

func TestSuggestionIsFarFromDivergence(t *testing.T) {
	at := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		name     string
		test     RateTest
		suggests float64
	}{
		{"steepest far below divergence", RateTest{Steepest: 0.001, Diverged: at(0.1)}, 0.001},
		{"steepest just below divergence", RateTest{Steepest: 0.05, Diverged: at(0.1)}, 0.01},
		{"no divergence", RateTest{Steepest: 0.05}, 0.05},
		{"no fall", RateTest{Diverged: at(0.1)}, 0},
	} {
		require.InDelta(t, c.suggests, c.test.Suggestion(), 1e-15, c.name)
	}
}

func TestSlopesAreOfSmoothedLosses(t *testing.T) {
	var tested RateTest
	for i := range 100 {
		loss := 2 - 1/(1+math.Exp(float64(50-i)/4)) // steepest at step 50
		tested.Points = append(tested.Points, RatePoint{LR: float64(i + 1), Loss: loss + 0.02*float64(i%3-1)})
	}
	tested.judge()
	require.InDelta(t, 51, tested.Steepest, 2)
	require.Greater(t, tested.Lowest, 60.)

	flat := RateTest{Points: make([]RatePoint, 100)}
	for i := range flat.Points {
		flat.Points[i] = RatePoint{LR: 1, Loss: 1 + 0.001*float64(i%7)}
	}
	flat.judge()
	require.Zero(t, flat.Steepest)
	require.Zero(t, flat.Lowest)
}
