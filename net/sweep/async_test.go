package sweep

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/train"
)

// asynchronous is a sweep of nine trials that go on as results arrive.
func asynchronous(t *testing.T) Sweep {
	s := halved(t)
	s.Async = true
	return s
}

// promoted returns the promotions of a sweep without their times.
func promoted(t *testing.T, f *Folder) []Promotion {
	t.Helper()
	promotions, err := f.Promotions()
	require.NoError(t, err)
	for i := range promotions {
		require.NotEmpty(t, promotions[i].Time)
		promotions[i].Time = ""
	}
	return promotions
}

func TestTheBestThirdSoFarGoesOn(t *testing.T) {
	f := &Folder{Sweep: Sweep{Halving: 3, Async: true}, Trials: make([]Trial, 9), known: 9}
	for i := range f.Trials {
		f.Trials[i].Config.Epochs = 9
	}
	free := func(int) bool { return false }
	score := func(acc float64) Scores { return Scores{ValAcc: &acc, Status: Done} }
	scores := make([][]Scores, 9)
	levels := make([]int, 9)
	for _, c := range []struct {
		name       string
		reach      int // the trial that reaches its next rung
		score      Scores
		goes       int // the one that then goes on
		none, took bool
	}{
		{"one result", 0, score(.1), 0, true, false},
		{"two results", 1, score(.5), 0, true, false},
		{"the best of three", 2, score(.3), 1, false, false},
		{"that has gone on already", 3, score(.2), 0, true, false},
		{"a third of five is one", 4, score(.4), 0, true, false},
		{"the second of six", 5, Scores{Status: Diverged}, 4, false, false},
		{"one at the second rung", 1, score(.6), 0, true, false},
		{"two at the second rung", 4, score(.6), 0, true, false},
		{"the best of seven is new", 6, score(.7), 6, false, false},
		{"the first of three that are equal, at the higher rung", 6, score(.6), 1, false, false},
	} {
		scores[c.reach] = append(scores[c.reach], c.score)
		i, ok := f.promotable(scores, levels, free)
		require.Equal(t, !c.none, ok, c.name)
		if ok {
			require.Equal(t, c.goes, i, c.name)
			_, other := f.promotable(scores, levels, func(j int) bool { return j == i })
			require.False(t, other, c.name)
			levels[i]++
		}
	}
	for i := range scores {
		scores[i] = []Scores{{Status: Diverged}}
	}
	_, ok := f.promotable(scores, make([]int, 9), free)
	require.False(t, ok, "no trial that diverged goes on")
}

func TestAsynchronousHalvingWithOneJobDependsOnNoInterruption(t *testing.T) {
	want := planned(t, asynchronous(t))
	var order []int
	r := runner(1)
	r.OnResult = func(x Result) { order = append(order, x.Index) }
	results, err := want.Do(context.Background(), r)
	require.NoError(t, err)
	wanted := promoted(t, want)
	rows := table(t, want)
	require.Len(t, rows, 9)
	require.NotEmpty(t, withStatus(rows, Done), "at least one is trained in full")
	require.Len(t, withStatus(rows, Stopped), 9-len(withStatus(rows, Done)))
	require.Len(t, order, 9+len(wanted))
	for i, p := range wanted {
		require.GreaterOrEqual(t, p.Results[p.Rung-2], 3*(i/2/3), "a third goes on")
		require.Equal(t, 3, len(p.Results))
	}
	// One that was trained in full is the trial that it would be alone.
	full := halved(t)
	full.Halving = 0
	whole := planned(t, full)
	first := results.Rows[0]
	for _, x := range results.Rows {
		if x.Status == Done {
			first = x
		}
	}
	require.NoError(t, whole.Run(context.Background(), first.Index, runner(1)))
	alone, err := whole.Collect()
	require.NoError(t, err)
	require.Equal(t, alone.Rows[0].WeightsSHA256, first.WeightsSHA256)

	f := planned(t, asynchronous(t))
	for i := 1; ; i += 7 {
		ctx, cancel := context.WithCancel(context.Background())
		r, steps := runner(1), 0
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
	require.Equal(t, wanted, promoted(t, f))
}

func TestAsynchronousHalvingOfSeveralJobsEnds(t *testing.T) {
	f := planned(t, asynchronous(t))
	_, err := f.Do(context.Background(), runner(4))
	require.NoError(t, err)
	rows := table(t, f)
	require.NotEmpty(t, withStatus(rows, Done))
	require.Len(t, rows, 9)
	status, err := f.Status()
	require.NoError(t, err)
	require.Equal(t, Status{Done: []int{0, 1, 2, 3, 4, 5, 6, 7, 8}}, *status)
	before := promoted(t, f)
	_, err = f.Do(context.Background(), runner(4))
	require.NoError(t, err)
	require.Equal(t, before, promoted(t, f), "nothing is left to do")
	for i := range 9 {
		require.NoError(t, f.Run(context.Background(), i, runner(1)))
	}
}

func TestSingleTrialsGoOnWhenTheyMay(t *testing.T) {
	f := planned(t, asynchronous(t))
	for range 4 {
		for i := range 9 {
			if err := f.Run(context.Background(), i, runner(1)); err != nil {
				require.ErrorIs(t, err, ErrWaits)
			}
		}
	}
	results, err := f.Results()
	require.NoError(t, err)
	require.Empty(t, results.Unfinished)
}

func TestDamagedPromotionsAreUnusable(t *testing.T) {
	f := planned(t, asynchronous(t))
	for name, p := range map[string][]Promotion{
		"no such trial":  {{Trial: 9, Rung: 2}},
		"a rung skipped": {{Trial: 1, Rung: 3}},
		"twice":          {{Trial: 1, Rung: 2}, {Trial: 1, Rung: 2}},
		"above the last": {{Trial: 1, Rung: 2}, {Trial: 1, Rung: 3}, {Trial: 1, Rung: 4}},
	} {
		require.NoError(t, writeRecord(f.path(promotionsFile), p))
		_, err := f.Do(context.Background(), runner(1))
		require.ErrorIs(t, err, ErrUnusable, name)
		require.ErrorContains(t, err, "cannot go on to rung", name)
	}
}
