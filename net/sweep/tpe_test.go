package sweep

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/train"
)

func parsed(t *testing.T, texts ...string) []axis {
	t.Helper()
	axes, err := Sweep{Axes: texts}.axes()
	require.NoError(t, err)
	return axes
}

// chosenByTPE is a sweep of small trials on an axis of each kind.
func chosenByTPE(t *testing.T) Sweep {
	s := small(t)
	s.Axes = []string{"lr=log:1e-6:1e-2", "momentum=lin:0:0.9", "batch=log:10:30", "lr-decay=lin:0.5:1:6", "hidden=3;5,4", "init=he,glorot"}
	s.Rows = []string{"reg=0", "reg=1e-3 normalize=mean"}
	s.Base.Iters = 9
	s.TPE = 20
	return s
}

func TestDensitiesOfTPEIntegrateToOne(t *testing.T) {
	axes := parsed(t, "lr=log:1e-6:1e-2", "init=he,glorot,zero")
	m := newMixture(axes, []tried{{point: []float64{0, 2}}, {point: []float64{0.3, 0}}, {point: []float64{1, 0}}})
	sum := 0.0
	const steps = 1000
	for i := range steps {
		for c := range 3 {
			sum += m.density([]float64{(float64(i) + 0.5) / steps, float64(c)}) / steps
		}
	}
	require.InDelta(t, 1, sum, 1e-5)
	// What it draws lies where it is dense.
	rng := rand.New(rand.NewPCG(1, 2))
	low, first := 0, 0
	for range 10_000 {
		x := m.draw(rng)
		require.True(t, x[0] > -1e-6 && x[0] < 1+1e-6)
		if x[0] < 0.15 {
			low++
		}
		if x[1] == 0 {
			first++
		}
	}
	want := 0.0
	for i := range steps {
		for c := range 3 {
			want += m.density([]float64{0.15 * (float64(i) + 0.5) / steps, float64(c)}) * 0.15 / steps
		}
	}
	require.InDelta(t, want, float64(low)/10_000, 0.02)
	want = 0
	for i := range steps {
		want += m.density([]float64{(float64(i) + 0.5) / steps, 0}) / steps
	}
	require.InDelta(t, want, float64(first)/10_000, 0.02)
}

func TestPointsOfTPEAreThoseOfTheirConfigurations(t *testing.T) {
	s := chosenByTPE(t)
	axes, err := s.axes()
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		x := uniform(axes, rng)
		config, err := s.at(axes, x)
		require.NoError(t, err)
		require.Equal(t, x, s.point(axes, config))
	}
}

func TestTPEFindsTheBestOfASmoothFunction(t *testing.T) {
	axes := parsed(t, "lr=log:1e-6:1e-2", "momentum=lin:0:0.9", "init=he,glorot,zero")
	accuracy := func(x []float64) float64 {
		return -math.Abs(x[0]-0.7) - math.Abs(x[1]-0.2) - 0.1*x[2]
	}
	free := func([]float64) bool { return true }
	better := 0
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 0))
		random := math.Inf(-1)
		var trials []tried
		for range 30 {
			x := uniform(axes, rng)
			random = max(random, accuracy(x))
			if len(trials) >= tpeRandom {
				x = propose(axes, trials, rng, free)
			}
			trials = append(trials, tried{x, accuracy(x)})
		}
		best := math.Inf(-1)
		for _, x := range trials {
			best = max(best, x.accuracy)
		}
		if best > random {
			better++
		}
	}
	require.GreaterOrEqual(t, better, 16, "of 20")
}

func TestTPEKeepsAwayFromPendingTrialsAndFromPointsThatWereTried(t *testing.T) {
	axes := parsed(t, "lr=log:1e-6:1e-2", "init=he,glorot")
	trials := []tried{{[]float64{0.5, 0}, 0.9}}
	for i := range 9 {
		trials = append(trials, tried{[]float64{float64(i) / 8, 1}, 0.1})
	}
	free := func([]float64) bool { return true }
	near := func(trials []tried) (n int) {
		for seed := range uint64(50) {
			if x := propose(axes, trials, rand.New(rand.NewPCG(seed, 0)), free); x[1] == 0 && math.Abs(x[0]-0.55) < 0.05 {
				n++
			}
		}
		return n
	}
	pending := trials
	for range 5 {
		pending = append(pending, tried{[]float64{0.55, 0}, Scores{}.accuracy()})
	}
	require.Less(t, near(pending), near(trials)/2)

	axes = parsed(t, "init=he,glorot,zero", "momentum=lin:0:0.9:3")
	trials = nil
	for i := range 8 {
		trials = append(trials, tried{[]float64{float64(i % 3), float64(i/3) / 2}, float64(i)})
	}
	require.Equal(t, []float64{2, 1}, propose(axes, trials, rand.New(rand.NewPCG(1, 2)), free), "the only one that is left")
	require.Len(t, propose(axes, append(trials, tried{[]float64{2, 1}, 0}), rand.New(rand.NewPCG(1, 2)), free), 2)
}

func TestTPEBeginsWithRandomTrialsAndChoosesOthers(t *testing.T) {
	s := chosenByTPE(t)
	f := planned(t, s)
	require.Len(t, f.Trials, 20)
	require.Equal(t, tpeRandom, f.Known())
	_, err := f.Do(context.Background(), runner(2))
	require.NoError(t, err)
	require.Equal(t, 20, f.Known())
	s.TPE, s.Random = 0, 20
	random, err := s.Trials()
	require.NoError(t, err)
	require.Equal(t, random[:tpeRandom], f.Trials[:tpeRandom])
	for i := tpeRandom; i < 20; i++ {
		require.NotEqual(t, random[i], f.Trials[i])
	}
	again, err := Open(f.Dir)
	require.NoError(t, err)
	require.Equal(t, f, again)
	status, err := again.Status()
	require.NoError(t, err)
	require.Len(t, status.Done, 20)
}

func TestTPEDependsOnNeitherJobsNorInterruptionsNorProcesses(t *testing.T) {
	s := chosenByTPE(t)
	s.Pending = 2
	want := planned(t, s)
	_, err := want.Do(context.Background(), runner(1))
	require.NoError(t, err)
	wanted := read(t, want.path(choicesFile))

	f := planned(t, s)
	_, err = f.Do(context.Background(), runner(5))
	require.NoError(t, err)
	require.Equal(t, table(t, want), table(t, f))
	require.Equal(t, wanted, read(t, f.path(choicesFile)))
	require.Equal(t, read(t, want.path(trialsFile)), read(t, f.path(trialsFile)))

	f = planned(t, s)
	for i := 1; ; i += 40 {
		ctx, cancel := context.WithCancel(context.Background())
		r, steps := runner(2), 0
		r.OnStep = func(Trial, train.StepRecord) {
			if steps++; steps == i {
				cancel()
			}
		}
		if f, err = Open(f.Dir); err == nil {
			_, err = f.Do(ctx, r)
		}
		cancel()
		if err == nil {
			break
		}
		require.ErrorIs(t, err, context.Canceled)
	}
	require.Equal(t, table(t, want), table(t, f))
	require.Equal(t, wanted, read(t, f.path(choicesFile)))

	one := planned(t, s)
	for i := range 20 {
		if i == 15 {
			require.ErrorIs(t, one.Run(context.Background(), 19, runner(1)), ErrWaits)
			status, err := one.Status()
			require.NoError(t, err)
			require.Equal(t, []int{18, 19}, status.Waiting, "trial 17 does not need the results of 15 and 16")
		}
		f, err := Open(one.Dir)
		require.NoError(t, err)
		require.NoError(t, f.Run(context.Background(), i, runner(1)))
		require.NoError(t, f.Run(context.Background(), i, runner(1)), "it does nothing")
	}
	_, err = one.Collect()
	require.NoError(t, err)
	require.Equal(t, table(t, want), table(t, one))
}

func TestMoreTrialsOfTPEFollowThoseThatThereAre(t *testing.T) {
	s := chosenByTPE(t)
	want := planned(t, s)
	_, err := want.Do(context.Background(), runner(1))
	require.NoError(t, err)
	s.TPE = 13
	f := planned(t, s)
	_, err = f.Do(context.Background(), runner(1))
	require.NoError(t, err)
	s.TPE = 20
	f, err = Plan(f.Dir, s)
	require.NoError(t, err)
	require.Equal(t, 13, f.Known())
	_, err = f.Do(context.Background(), runner(1))
	require.NoError(t, err)
	require.Equal(t, table(t, want), table(t, f))
	s.TPE = 13
	_, err = Plan(f.Dir, s)
	require.ErrorIs(t, err, ErrOther)
}

func TestDamagedChoicesAreUnusable(t *testing.T) {
	s := chosenByTPE(t)
	s.TPE = 12
	f := planned(t, s)
	_, err := f.Do(context.Background(), runner(1))
	require.NoError(t, err)
	path := filepath.Join(f.Dir, choicesFile)
	file := read(t, path)
	for name, content := range map[string][]byte{"a flipped bit": append([]byte{file[0] ^ 1}, file[1:]...), "cut": file[:len(file)/2], "empty": {}} {
		require.NoError(t, os.WriteFile(path, content, 0o666))
		_, err = Open(f.Dir)
		require.ErrorIs(t, err, ErrUnusable, name)
	}
	require.NoError(t, writeRecord(path, []chosen{{Trial: 11}}))
	_, err = Open(f.Dir)
	require.ErrorContains(t, err, "it has trial 11 in place of 10 of 12")
	require.NoError(t, writeRecord(path, []chosen{{Trial: 10, Settings: []string{"rate=3"}}}))
	_, err = Open(f.Dir)
	require.ErrorContains(t, err, `trial 10: unknown setting "rate"`)
}
