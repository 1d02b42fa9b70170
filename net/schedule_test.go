package net

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/testdata"
)

func TestSchedulesAreThoseOfPyTorch(t *testing.T) {
	var golden struct {
		Peak          float64
		Steps, Warmup int
		Rates         map[string][]float64
	}
	require.NoError(t, json.Unmarshal(testdata.Schedules, &golden))
	all := map[string]Schedule{
		"constant":          {Fall: Constant},
		"constant, warm-up": {Fall: Constant, Warmup: golden.Warmup},
		"step":              {Fall: ByStep, Decay: 0.9, Every: 7},
		"step, warm-up":     {Fall: ByStep, Decay: 0.9, Every: 7, Warmup: golden.Warmup},
		"cosine":            {Fall: Cosine},
		"cosine, warm-up":   {Fall: Cosine, Final: 0.1, Warmup: golden.Warmup},
		"one-cycle":         {Fall: OneCycle, Final: 1.0 / 25 / 1e4, Warmup: 29},
	}
	require.Len(t, golden.Rates, len(all))
	for name, s := range all {
		s.Peak, s.Steps = golden.Peak, golden.Steps
		for step, want := range golden.Rates[name] {
			require.InDelta(t, want, s.Rate(step), 1e-9*want, "%s: step %d", name, step)
		}
	}
}

func TestRateDecaysStepByStep(t *testing.T) {
	s := Schedule{Fall: ByStep, Peak: 1e-3, Decay: 0.95, Every: 3}
	want := 1e-3
	for step := range 1000 {
		if step > 0 && step%3 == 0 {
			want *= 0.95 // in this order, for the same bits
		}
		require.Equal(t, want, s.Rate(step))
	}
	require.Less(t, s.Rate(math.MaxInt), 1e-300)
	s.Decay = 1
	require.Equal(t, 1e-3, s.Rate(math.MaxInt))
}

func TestHalfWaveIsThatOfTheCosine(t *testing.T) {
	const n = 12345
	for step := range n + 1 {
		sine := math.Sin(math.Pi / 2 * (1 - float64(step)/n))
		require.InEpsilon(t, 1+sine*sine, 1+halfWave(step, n), 1e-15)
		if step < n {
			require.InEpsilon(t, sine*sine, halfWave(step, n), 1e-14)
		}
	}
	require.Zero(t, halfWave(n+1, n))
}

func TestWarmUpEndsAtThePeak(t *testing.T) {
	for _, fall := range []Fall{Constant, Cosine, OneCycle} {
		for warmup := 1; warmup < 5; warmup++ {
			s := Schedule{Fall: fall, Peak: 3, Steps: 20, Warmup: warmup}
			require.Equal(t, 3.0, s.Rate(warmup-1), "%s after %d steps", fall, warmup)
			for step := 1; step < warmup; step++ {
				require.Less(t, s.Rate(step-1), s.Rate(step))
			}
		}
	}
}
