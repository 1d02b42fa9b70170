package train

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestEndOfARunCompetesForBest(t *testing.T) {
	set := randomImages(50, 10, 10)
	within := 0
	for steps := 2; steps <= 30; steps += 3 {
		c := stopConfigs()["adam"] // 8 steps an epoch
		c.Iters = steps
		r := kept[float32](t, filepath.Join(t.TempDir(), "run"), c, set, 1)
		var scored []EpochRecord
		r.OnEpoch = func(e EpochRecord) { scored = append(scored, e) }
		result := do(t, r)
		require.Equal(t, steps, scored[len(scored)-1].Step)
		require.Equal(t, *result.ValAcc, *scored[len(scored)-1].ValAcc)
		best := scored[0]
		for _, e := range scored {
			if *e.ValAcc > *best.ValAcc {
				best = e
			}
		}
		require.Equal(t, []any{*best.ValAcc, best.Epoch, best.Step}, []any{*result.BestValAcc, result.BestEpoch, result.BestStep})
		m, err := OpenModel(newEngine[float32](t), r.Folder.Checkpoint("best"))
		require.NoError(t, err)
		require.Equal(t, best.Step, m.Step)
		if best.Part > 0 && len(scored) > 1 {
			within++
		}
	}
	require.NotZero(t, within, "runs whose end is better than their epochs")
}

func TestEndWithinAnEpochDoesNotCountForPatience(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["adam"]
	c.Iters, c.Patience = 90, 2
	want := do(t, newRun[float32](t, c, set))
	require.True(t, want.StoppedEarly)
	for short := 3; short < want.Steps; short += 5 {
		dir := filepath.Join(t.TempDir(), "run")
		first := c
		first.Iters = short
		do(t, kept[float32](t, dir, first, set, 1))
		got := do(t, resumed[float32](t, dir, set, 1, func(c *Config) { c.Iters = 90 }))
		require.Equal(t, []any{want.Steps, want.WeightsSHA256}, []any{got.Steps, got.WeightsSHA256}, "after %d steps", short)
	}
}

func TestBestModelIsKeptHoweverTheRunEnds(t *testing.T) {
	c := stopConfigs()["sgd"]
	r := kept[float32](t, filepath.Join(t.TempDir(), "run"), c, randomImages(50, 10, 10), 1)
	best := 0
	r.OnEpoch = func(e EpochRecord) {
		best = r.top.Step
		if e.Epoch == 4 {
			r.Config.LR = 1e30
		}
	}
	_, err := r.Do(context.Background())
	require.ErrorIs(t, err, ErrDiverged)
	m, err := OpenModel(newEngine[float32](t), r.Folder.Checkpoint("best"))
	require.NoError(t, err)
	require.Equal(t, best, m.Step)
}

// watched are examples that tell when they are drawn.
type watched[T kernels.Float] struct {
	Examples[T]
	drawn func()
}

func (w watched[T]) Draw(rows []int) (kernels.Mat[T], []int32) {
	w.drawn()
	return w.Examples.Draw(rows)
}

func TestRunThatIsStoppedWhileItIsScoredLosesNothing(t *testing.T) {
	set := randomImages(50, 2*ScoreBatch, 10)
	for name, c := range map[string]struct {
		iters, stop int
		part        func(r *Run[float32]) *Examples[float32]
	}{
		"an epoch":                    {20, 8, func(r *Run[float32]) *Examples[float32] { return &r.Val }},
		"the last epoch":              {16, 16, func(r *Run[float32]) *Examples[float32] { return &r.Val }},
		"the end within an epoch":     {20, 20, func(r *Run[float32]) *Examples[float32] { return &r.Val }},
		"the training part":           {20, 20, func(r *Run[float32]) *Examples[float32] { return &r.Train }},
		"the test part":               {16, 16, func(r *Run[float32]) *Examples[float32] { return &r.Test }},
		"the training part, complete": {16, 16, func(r *Run[float32]) *Examples[float32] { return &r.Train }},
	} {
		t.Run(name, func(t *testing.T) {
			config := stopConfigs()["adam"] // 8 steps an epoch
			config.Iters = c.iters
			whole, dir := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "run")
			want := do(t, kept[float32](t, whole, config, set, 1))

			r := kept[float32](t, dir, config, set, 1)
			r.CheckpointEvery = 1000
			ctx, cancel := context.WithCancelCause(context.Background())
			drawn := 0
			part := c.part(r)
			steps := 0
			r.OnStep = func(s StepRecord) { steps = s.Step }
			*part = watched[float32]{*part, func() {
				if steps == c.stop {
					cancel(errStop)
					drawn++
				}
			}}
			_, err := r.Do(ctx)
			require.ErrorIs(t, err, errStop)
			require.Equal(t, 1, drawn, "batches that were scored after the run was to stop")
			last, err := OpenModel(newEngine[float32](t), r.Folder.Checkpoint("last"))
			require.NoError(t, err)
			require.Equal(t, c.stop, last.Step)

			got := do(t, resumed[float32](t, dir, set, 1, nil))
			got.Run, got.Seconds, got.ImagesPerSecond = want.Run, want.Seconds, want.ImagesPerSecond
			require.Equal(t, want, got)
			require.Equal(t, untimed(t, whole), untimed(t, dir))
			a, err := os.ReadFile(filepath.Join(whole, "best.safetensors"))
			require.NoError(t, err)
			b, err := os.ReadFile(filepath.Join(dir, "best.safetensors"))
			require.NoError(t, err)
			require.Equal(t, a, b)
		})
	}
}

func TestCheckpointIsWrittenBeforeTheEndIsScored(t *testing.T) {
	c := stopConfigs()["adam"]
	c.Iters = 20
	r := kept[float32](t, filepath.Join(t.TempDir(), "run"), c, randomImages(50, 10, 10), 1)
	looked := false
	r.Test = watched[float32]{r.Test, func() {
		m, err := OpenModel(newEngine[float32](t), r.Folder.Checkpoint("last"))
		require.NoError(t, err)
		require.Equal(t, 20, m.Step)
		looked = true
	}}
	do(t, r)
	require.True(t, looked)
}
