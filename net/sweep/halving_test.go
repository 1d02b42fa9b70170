package sweep

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/train"
)

// halved is a sweep of nine trials of which a third goes on, twice.
func halved(t *testing.T) Sweep {
	s := small(t)
	s.Axes = []string{"lr=log:1e-6:1e-2:9"}
	s.Halving = 3
	return s
}

func TestHalvingTrainsFewTrialsInFull(t *testing.T) {
	f := planned(t, halved(t))
	r := runner(2)
	var told []Rung
	r.OnRung = func(x Rung) { told = append(told, x) }
	results, err := f.Do(context.Background(), r)
	require.NoError(t, err)
	require.Len(t, told, 3)
	for i, want := range []struct{ trials, iters int }{{9, 2}, {3, 6}, {1, 18}} {
		require.Equal(t, i+1, told[i].Number)
		require.Equal(t, 3, told[i].Rungs)
		require.Len(t, told[i].Trials, want.trials)
		require.Equal(t, want.iters, told[i].Trials[0].Config.Iters)
	}
	rows := table(t, f)
	require.Len(t, rows, 9)
	require.Equal(t, []int{told[2].Trials[0].Index}, withStatus(rows, Done))
	require.Len(t, withStatus(rows, Stopped), 8)
	for _, x := range results.Rows {
		require.Equal(t, x.Status == Stopped, x.StoppedEarly)
	}
	// Those that went on had the highest validation accuracy of all nine.
	scores, err := f.allScores()
	require.NoError(t, err)
	for _, on := range told[1].Trials {
		better := 0
		for i := range scores {
			if *scores[i][0].ValAcc > *scores[on.Index][0].ValAcc {
				better++
			}
		}
		require.Less(t, better, 3)
	}
	// The one that was trained in full is the trial that it would be alone.
	full := halved(t)
	full.Halving = 0
	whole := planned(t, full)
	require.NoError(t, whole.Run(context.Background(), told[2].Trials[0].Index, runner(1)))
	alone, err := whole.Collect()
	require.NoError(t, err)
	done := results.Rows
	for _, x := range done {
		if x.Status == Done {
			require.Equal(t, alone.Rows[0].WeightsSHA256, x.WeightsSHA256)
			require.Equal(t, alone.Rows[0].ValAcc, x.ValAcc)
		}
	}
}

func TestHalvingDependsOnNeitherJobsNorOrderNorInterruptions(t *testing.T) {
	want := planned(t, halved(t))
	_, err := want.Do(context.Background(), runner(1))
	require.NoError(t, err)

	f := planned(t, halved(t))
	_, err = f.Do(context.Background(), runner(4))
	require.NoError(t, err)
	require.Equal(t, table(t, want), table(t, f))

	f = planned(t, halved(t))
	apart := 5
	if testing.Short() {
		apart = 25
	}
	for i := 1; ; i += apart {
		ctx, cancel := context.WithCancel(context.Background())
		r, steps := runner(2), 0
		r.OnStep = func(Trial, train.StepRecord) {
			if steps++; steps == i {
				cancel()
			}
		}
		_, err := f.Do(ctx, r)
		cancel()
		if err == nil {
			break
		}
		require.ErrorIs(t, err, context.Canceled)
	}
	require.Equal(t, table(t, want), table(t, f))

	f = planned(t, halved(t))
	waits := 0
	for round := 0; round < 3; round++ {
		for i := 8; i >= 0; i-- {
			if err := f.Run(context.Background(), i, runner(1)); err != nil {
				require.ErrorIs(t, err, ErrWaits)
				waits++
			}
			if round == 0 && i == 4 {
				require.ErrorIs(t, f.Run(context.Background(), 8, runner(1)), ErrWaits)
			}
		}
	}
	_, err = f.Collect()
	require.NoError(t, err)
	require.Equal(t, table(t, want), table(t, f))
}

func TestHalvingHasNoMoreComparisonsThanTrialsOrStepsAllow(t *testing.T) {
	for _, c := range []struct {
		trials, length, eta, rungs int
	}{{9, 18, 3, 3}, {8, 18, 3, 2}, {27, 5, 3, 2}, {27, 2, 3, 1}, {2, 100, 2, 2}, {64, 100, 2, 7}, {9, 18, 0, 1}} {
		f := &Folder{Sweep: Sweep{Halving: c.eta}, Trials: make([]Trial, c.trials)}
		for i := range f.Trials {
			f.Trials[i].Config.Epochs = c.length
		}
		require.Equal(t, c.rungs, f.rungs(), c)
		require.Equal(t, c.length, f.upTo(f.Trials[0], c.rungs-1).Epochs)
		last := 0
		for rung := range c.rungs {
			length := f.upTo(f.Trials[0], rung).Epochs
			require.Greater(t, length, last, c)
			last = length
		}
	}
}

func TestDivergedTrialDoesNotGoOnAndTiesGoToTheFirst(t *testing.T) {
	f := &Folder{Sweep: Sweep{Halving: 2}, Trials: make([]Trial, 6), known: 6}
	for i := range f.Trials {
		f.Trials[i].Config.Epochs = 8
	}
	score := func(acc float64) []Scores { return []Scores{{ValAcc: &acc, Status: Done}} }
	scores := [][]Scores{score(.1), score(.3), {{Status: Diverged}}, score(.3), score(.3), score(.3)}
	s := f.stand(scores)
	require.Equal(t, standing{rung: 1, waiting: []int{1, 3, 4}, stopped: []int{5, 0}}, s)
	for i := range scores {
		scores[i] = []Scores{{Status: Diverged}}
	}
	s = f.stand(scores)
	require.Empty(t, s.waiting)
	require.Empty(t, s.stopped)
}
