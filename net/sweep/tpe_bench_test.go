package sweep

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
)

// The task on which TPE must beat random search: small networks are trained for 60 steps on
// the built-in synthetic pictures, and each search has 30 trials to find a learning rate, a
// momentum, a penalty, a width and initial weights. The search whose best trial has the
// higher validation accuracy wins, of equal ones that with the lower validation loss. Both
// begin with the same ten trials. Ten repeats differ in the seed of the draws and in that of
// the networks; TPE must win eight.
const (
	duelTrials  = 30
	duelRepeats = 10
	duelWins    = 8
)

func duel(b *testing.B, seed uint64) Sweep {
	s, err := Preset("report")
	require.NoError(b, err)
	s.Base.Dataset, s.Base.Iters, s.Base.Batch, s.Base.Seed, s.RandomSeed = "synthetic", 60, 100, seed, seed
	s.Axes = []string{"lr=log:1e-6:1", "momentum=lin:0:0.99", "reg=log:1e-6:10", "hidden=4;8;16;32;64", "init=he,glorot,normal:1e-3"}
	return s
}

// BenchmarkTPEAgainstRandom takes some minutes:
//
//	go test -run '^$' -bench TPEAgainstRandom -benchtime 1x ./net/sweep
func BenchmarkTPEAgainstRandom(b *testing.B) {
	pictures, err := data.OpenNamed("synthetic", "")
	require.NoError(b, err)
	best := func(s Sweep) Result {
		f, err := Plan(b.TempDir(), s)
		require.NoError(b, err)
		results, err := f.Do(context.Background(), &Runner{Threads: 2, Jobs: 2, Data: func(string) (*data.Dataset, error) { return pictures, nil }})
		require.NoError(b, err)
		return results.Rows[0]
	}
	for b.Loop() {
		wins := 0
		for seed := range uint64(duelRepeats) {
			s := duel(b, seed)
			s.Random = duelTrials
			random := best(s)
			s.Random, s.TPE, s.Pending = 0, duelTrials, 1
			tpe := best(s)
			won := *tpe.ValAcc > *random.ValAcc || *tpe.ValAcc == *random.ValAcc && *tpe.ValLoss < *random.ValLoss
			b.Logf("repeat %d: TPE %.4f (loss %.4f), random %.4f (loss %.4f), TPE wins: %v", seed, *tpe.ValAcc, *tpe.ValLoss, *random.ValAcc, *random.ValLoss, won)
			if won {
				wins++
			}
		}
		b.ReportMetric(float64(wins), "wins")
		if wins < duelWins {
			b.Errorf("TPE won %d of %d repeats, want %d", wins, duelRepeats, duelWins)
		}
	}
}
