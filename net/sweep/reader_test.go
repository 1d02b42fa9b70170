package sweep

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
)

func TestFolderOfASweepLeadsToItsRunsAndItsImages(t *testing.T) {
	f := planned(t, small(t))
	require.True(t, Is(f.Dir))
	require.False(t, Is(t.TempDir()))
	once, err := f.DataFolder()
	require.NoError(t, err)
	require.Empty(t, once)

	r, dir := runner(1), t.TempDir()
	r.Data = func(string) (*data.Dataset, error) {
		set := *images()
		set.Path = dir
		return &set, nil
	}
	require.NoError(t, f.Run(t.Context(), 3, r))
	once, err = f.DataFolder()
	require.NoError(t, err)
	require.Equal(t, dir, once)
	results, err := f.Results()
	require.NoError(t, err)
	require.Len(t, results.Rows, 1)
	run, err := results.Run(results.Rows[0])
	require.NoError(t, err)
	require.Equal(t, f.Trials[3].Config, run.Config)
	history, err := run.History()
	require.NoError(t, err)
	require.Len(t, history.Steps, run.Config.Iters)
}

func TestHistoryOfAStoppedTrialEndsWhereItCameTo(t *testing.T) {
	f := planned(t, halved(t))
	results, err := f.Do(t.Context(), runner(2))
	require.NoError(t, err)
	stopped := 0
	for _, x := range results.Rows {
		run, err := results.Run(x)
		require.NoError(t, err)
		require.Equal(t, x.Config, run.Config)
		history, err := run.History()
		require.NoError(t, err)
		require.Len(t, history.Steps, f.upTo(x.Trial, x.Rungs-1).Iters)
		if x.Status == Stopped {
			stopped++
			require.Less(t, len(history.Steps), run.Config.Iters)
		}
	}
	require.NotZero(t, stopped)
}

// The rates of a trial that goes on are those of one that was never stopped.
func TestHalvingLeavesSchedulesThatHangOnTheLengthAsTheyAre(t *testing.T) {
	s := halved(t)
	s.Base.Schedule = "one-cycle"
	f := planned(t, s)
	results, err := f.Do(t.Context(), runner(2))
	require.NoError(t, err)
	s.Halving = 0
	whole := planned(t, s)
	for _, x := range results.Rows {
		if x.Status != Done {
			continue
		}
		require.NoError(t, whole.Run(t.Context(), x.Index, runner(1)))
		alone, err := whole.Collect()
		require.NoError(t, err)
		require.Equal(t, alone.Rows[0].WeightsSHA256, x.WeightsSHA256)
		return
	}
	require.Fail(t, "no trial was trained in full")
}
