package train

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
)

// separable returns rows of four normal numbers, whose class is whether the first is positive.
func separable() *data.Dataset {
	rng := rand.New(rand.NewPCG(1, 1))
	rows := func(n int) (s data.Split) {
		for range n {
			for range 4 {
				s.Values = append(s.Values, float32(rng.NormFloat64()))
			}
			label := int32(0)
			if s.Values[len(s.Values)-4] > 0 {
				label = 1
			}
			s.Labels = append(s.Labels, label)
		}
		return s
	}
	return &data.Dataset{Name: "separable", Shape: data.Row(4), Classes: []string{"no", "yes"}, Train: rows(400), Val: rows(50), Test: rows(50)}
}

func TestEachSicknessIsFoundAndTheHealthyAreWell(t *testing.T) {
	for _, c := range []struct {
		check string // which is wrong; empty if none is
		sick  func(*Config, *data.Dataset)
	}{
		{"", func(*Config, *data.Dataset) {}},
		{"", func(c *Config, _ *data.Dataset) {
			c.Norm, c.Activation, c.Dropout, c.Residual = "batch", "gelu", 0.1, true
		}},
		{"inputs", func(_ *Config, d *data.Dataset) { scale(d.Train.Values, 100) }},
		{"inputs", func(_ *Config, d *data.Dataset) { scale(d.Train.Values, 1e-3) }},
		{"balance", func(_ *Config, d *data.Dataset) {
			for i := range d.Train.Labels {
				d.Train.Labels[i] = 0
			}
			d.Train.Labels[7] = 1
		}},
		{"leaks", func(_ *Config, d *data.Dataset) { copy(d.Test.Values, d.Train.Values[:40]) }},
		{"leaks", func(_ *Config, d *data.Dataset) { copy(d.Val.Values, d.Train.Values[:40]) }},
		{"signals", func(c *Config, _ *data.Dataset) { c.Init = "normal:1e-3" }},
		{"signals", func(c *Config, _ *data.Dataset) { c.Init = "normal:30" }},
		{"backward", func(c *Config, _ *data.Dataset) { c.Init = "zero" }},
		{"dead-units", func(c *Config, _ *data.Dataset) { c.Init = "zero" }},
		{"saturation", func(c *Config, _ *data.Dataset) { c.Init = "normal:30" }},
		{"overfit", func(c *Config, _ *data.Dataset) { c.LR = 1e-9 }},
		{"learning-rate", func(c *Config, _ *data.Dataset) { c.LR = 1e-9 }},
		{"learning-rate", func(c *Config, _ *data.Dataset) { c.LR = 1e3 }},
	} {
		engine, err := kernels.New[float32]()
		require.NoError(t, err)
		config, err := Preset(data.Files)
		require.NoError(t, err)
		config.Hidden, config.Init, config.Normalize, config.LR, config.Batch = []int{16, 16}, "he", "none", 0.01, 64
		set := separable()
		c.sick(&config, set)
		r, err := New(engine, config, set)
		require.NoError(t, err)
		findings, err := r.Examine(t.Context(), set)
		require.NoError(t, err)
		wrong := map[string]bool{}
		for _, f := range findings {
			require.Equal(t, f.Wrong, f.Change != "", f)
			require.NotEmpty(t, f.Says)
			if f.Wrong {
				wrong[f.Check] = true
			}
		}
		if c.check == "" {
			require.Empty(t, wrong, "%+v", findings)
		} else {
			require.True(t, wrong[c.check], "%s: %+v", c.check, findings)
		}
	}
}

func scale(values []float32, by float32) {
	for i := range values {
		values[i] *= by
	}
}
