package sweep

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// images are so few that a trial takes a moment, and learnable.
func images() *data.Dataset {
	rng := rand.New(rand.NewPCG(3, 4))
	split := func(n int) data.Split {
		s := data.Split{Pixels: make([]uint8, n*data.ImageSize), Labels: make([]int32, n)}
		for i := range s.Labels {
			s.Labels[i] = int32(rng.IntN(3))
			for j := range data.ImageSize {
				s.Pixels[i*data.ImageSize+j] = uint8(rng.IntN(200)) + 25*uint8(s.Labels[i])*uint8(j%2)
			}
		}
		return s
	}
	return &data.Dataset{Name: "synthetic", Shape: data.Shape{Channels: 3, Height: 32, Width: 32}, Classes: []string{"a", "b", "c"}, Train: split(60), Val: split(40), Test: split(10)}
}

// runner returns a runner of that many trials at a time.
func runner(jobs int) *Runner {
	return &Runner{Threads: jobs, Jobs: jobs, Data: func(dataset string) (*data.Dataset, error) {
		if dataset == "toy" {
			return nil, nil
		}
		return images(), nil
	}}
}

// small is a sweep of six short trials.
func small(t *testing.T) Sweep {
	t.Helper()
	s := base(t)
	s.Base.Dataset, s.Base.Hidden, s.Base.Batch, s.Base.Iters = "synthetic", []int{4}, 20, 18
	s.Axes = []string{"lr=log:1e-5:1e-3:3", "hidden=3;5,4"}
	return s
}

func planned(t *testing.T, s Sweep) *Folder {
	t.Helper()
	f, err := Plan(filepath.Join(t.TempDir(), "sweep"), s)
	require.NoError(t, err)
	return f
}

// table returns results.json without what may differ from one time to the next.
func table(t *testing.T, f *Folder) []map[string]any {
	t.Helper()
	file, err := os.ReadFile(f.path(jsonFile))
	require.NoError(t, err)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal(file, &rows))
	for _, row := range rows {
		require.Contains(t, row, "seconds")
		delete(row, "seconds")
	}
	return rows
}

func TestResultsAreSortedAndAreThoseOfTheRuns(t *testing.T) {
	s := small(t)
	s.Test = true
	f := planned(t, s)
	results, err := f.Do(context.Background(), runner(2))
	require.NoError(t, err)
	require.Len(t, results.Rows, 6)
	rows := table(t, f)
	require.Len(t, rows, 6)
	last := 1.0
	for i, row := range rows {
		x := results.Rows[i]
		require.EqualValues(t, x.Index, row["index"])
		require.LessOrEqual(t, row["val_acc"], last)
		last = row["val_acc"].(float64)
		require.Equal(t, Done, row["status"])
		require.Equal(t, false, row["stopped_early"])
		require.EqualValues(t, 6, row["epochs_run"])
		require.InDelta(t, x.Config.LR, row["lr"], 0)
		require.Len(t, row["hidden"], len(x.Config.Hidden))

		run, err := train.Open(f.Trial(x.Index))
		require.NoError(t, err)
		require.Equal(t, x.Config, run.Config)
		file, err := os.ReadFile(filepath.Join(run.Dir, "result.json"))
		require.NoError(t, err)
		var result map[string]any
		require.NoError(t, json.Unmarshal(file, &result))
		for _, name := range []string{"train_loss", "train_acc", "val_loss", "val_acc", "test_acc", "params", "weights_sha256"} {
			require.NotNil(t, result[name])
			require.Equal(t, result[name], row[name], name)
		}
	}
	require.Greater(t, rows[0]["val_acc"], 0.5, "the images can be told apart")
	require.EqualValues(t, 3, rows[0]["val_classes"])

	file, err := os.Open(f.path(csvFile))
	require.NoError(t, err)
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Equal(t, strings.Split("index,lr,hidden,seed,train_loss,train_acc,val_loss,val_acc,test_acc,val_classes,seconds,params,weights_sha256,epochs_run,stopped_early,status,rungs,seeds,mean_val_acc,deviation", ","), records[0])
	for i, x := range results.Rows {
		require.Equal(t, fmt.Sprint(x.Index), records[i+1][0])
		require.Equal(t, x.WeightsSHA256, records[i+1][12])
	}
	listed, err := os.ReadFile(f.path(trialsFile))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(listed), "index,lr,hidden,seed\n0,1e-05,3,0\n1,1e-05,\"5,4\",0\n"), string(listed))
}

func TestTrialsAreNotScoredOnTheTestPartUnlessAsked(t *testing.T) {
	f := planned(t, small(t))
	_, err := f.Do(context.Background(), runner(1))
	require.NoError(t, err)
	for _, row := range table(t, f) {
		require.Nil(t, row["test_acc"])
	}
}

func TestTableDependsOnNeitherJobsNorOrderNorWhoTrained(t *testing.T) {
	s := small(t)
	one, three, apart := planned(t, s), planned(t, s), planned(t, s)
	_, err := one.Do(context.Background(), runner(1))
	require.NoError(t, err)
	_, err = three.Do(context.Background(), runner(3))
	require.NoError(t, err)
	for _, i := range []int{4, 0, 5, 2, 1, 3, 3} {
		other, err := Open(apart.Dir) // as another process would
		require.NoError(t, err)
		require.NoError(t, other.Run(context.Background(), i, runner(1)))
	}
	_, err = apart.Collect()
	require.NoError(t, err)
	require.Equal(t, table(t, one), table(t, three))
	require.Equal(t, table(t, one), table(t, apart))
}

func TestTrialsShareTheSpectraOfWhitening(t *testing.T) {
	s := small(t)
	s.Base.Normalize, s.Base.Components, s.Base.Hidden = data.PCA, 4, []int{4}
	s.Axes = []string{"whiten-epsilon=0.1,1"}
	together, apart := planned(t, s), planned(t, s)
	r := runner(2)
	_, err := together.Do(context.Background(), r)
	require.NoError(t, err)
	shared, err := r.Images("synthetic")
	require.NoError(t, err)
	require.NotNil(t, shared.Spectra)
	for i := range 2 {
		require.NoError(t, apart.Run(context.Background(), i, runner(1)))
	}
	_, err = apart.Collect()
	require.NoError(t, err)
	require.Equal(t, table(t, apart), table(t, together))
}

func TestFinishedTrialsAreNotTrainedAgain(t *testing.T) {
	f := planned(t, small(t))
	require.NoError(t, f.Run(context.Background(), 2, runner(1)))
	half, err := f.Collect()
	require.NoError(t, err)
	require.Len(t, half.Rows, 1)
	require.Equal(t, []int{0, 1, 3, 4, 5}, half.Unfinished)
	r := runner(2)
	var trained []int
	r.OnResult = func(x Result) { trained = append(trained, x.Index) }
	r.OnStep = func(x Trial, _ train.StepRecord) { require.NotEqual(t, 2, x.Index) }
	var told []Rung
	r.OnRung = func(x Rung) { told = append(told, x) }
	_, err = f.Do(context.Background(), r)
	require.NoError(t, err)
	require.ElementsMatch(t, []int{0, 1, 3, 4, 5}, trained)
	require.Len(t, told, 1)
	require.Len(t, told[0].Trials, 5)
	_, err = f.Do(context.Background(), &Runner{}) // has nothing to do, and no data
	require.NoError(t, err)
}

func TestLongestTrialsAreTrainedFirst(t *testing.T) {
	s := small(t)
	s.Axes = []string{"iters=2,9,4"}
	r := runner(1)
	var trained []int
	r.OnResult = func(x Result) { trained = append(trained, x.Index) }
	_, err := planned(t, s).Do(context.Background(), r)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 0}, trained)
}

func TestInterruptedSweepGoesOnToTheSameTable(t *testing.T) {
	s := small(t)
	want := planned(t, s)
	_, err := want.Do(context.Background(), runner(2))
	require.NoError(t, err)
	f := planned(t, s)
	for step := 1; ; step += 7 {
		ctx, cancel := context.WithCancelCause(context.Background())
		stop := errors.New("enough")
		r, steps := runner(2), 0
		r.OnStep = func(Trial, train.StepRecord) {
			if steps++; steps == step {
				cancel(stop)
			}
		}
		results, err := f.Do(ctx, r)
		cancel(nil)
		if err == nil {
			break
		}
		require.ErrorIs(t, err, stop)
		require.Less(t, len(results.Rows), 6)
	}
	require.Equal(t, table(t, want), table(t, f))
}

func TestDivergedTrialIsFinishedAndLast(t *testing.T) {
	s := small(t)
	s.Axes = []string{"lr=1e30,1e-4"}
	f := planned(t, s)
	_, err := f.Do(context.Background(), runner(1))
	require.NoError(t, err)
	rows := table(t, f)
	require.EqualValues(t, 1, rows[0]["index"])
	require.Equal(t, Diverged, rows[1]["status"])
	for _, name := range []string{"train_loss", "val_acc"} {
		require.Contains(t, rows[1], name)
		require.Nil(t, rows[1][name])
	}
	require.Empty(t, rows[1]["weights_sha256"])
	require.Equal(t, rows[0]["params"], rows[1]["params"])
	require.NoError(t, f.Run(context.Background(), 0, &Runner{}), "it is finished")
}

func TestErrorOfATrialStopsTheSweepAndNamesIt(t *testing.T) {
	f := planned(t, small(t))
	require.NoError(t, os.WriteFile(f.Trial(3), nil, 0o666)) // where its folder should be
	_, err := f.Do(context.Background(), runner(1))
	require.ErrorContains(t, err, "0003")
	require.NoError(t, os.Remove(f.Trial(3)))
	results, err := f.Do(context.Background(), runner(1))
	require.NoError(t, err)
	require.Len(t, results.Rows, 6)

	noData := runner(1)
	noData.Data = func(string) (*data.Dataset, error) { return nil, errors.New("no images") }
	_, err = planned(t, small(t)).Do(context.Background(), noData)
	require.ErrorContains(t, err, "no images")
	require.ErrorContains(t, f.Run(context.Background(), 6, noData), "index is 6, want 0 to 5")
}

func TestFolderHoldsOneSweep(t *testing.T) {
	s := small(t)
	f := planned(t, s)
	again, err := Plan(f.Dir, s)
	require.NoError(t, err)
	require.Equal(t, f, again)
	again, err = Open(f.Dir)
	require.NoError(t, err)
	require.Equal(t, f.Trials, again.Trials)

	s.Base.Batch = 5
	_, err = Plan(f.Dir, s)
	require.ErrorIs(t, err, ErrOther)
	require.EqualError(t, err, f.Dir+": it holds another sweep, with batch 20 instead of 5")
	s.Seeds, s.Axes = 0, nil
	_, err = Plan(f.Dir, s)
	require.EqualError(t, err, "seeds is 0, want 1 to 100000")

	_, err = Open(filepath.Dir(f.Dir))
	require.EqualError(t, err, filepath.Dir(f.Dir)+" holds no sweep: it has no sweep.toml")
	_, err = Open(filepath.Join(f.Dir, "missing"))
	require.ErrorContains(t, err, "missing")
	require.NoError(t, os.WriteFile(f.path(sweepFile), []byte("lr = 1\nseeds = 0"), 0o666))
	_, err = Open(f.Dir)
	require.ErrorContains(t, err, "sweep.toml: ")
	require.NoError(t, os.MkdirAll(f.Trial(0), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(f.Trial(0), outcomeFile), []byte("{"), 0o666))
	_, err = f.Collect()
	require.ErrorIs(t, err, ErrUnusable)
	require.ErrorContains(t, err, "trial.json: unexpected end of JSON input")
}

func TestSeedsAreAddedAndNoTrialIsLost(t *testing.T) {
	s := small(t)
	f := planned(t, s)
	for i := range 4 {
		require.NoError(t, f.Run(context.Background(), i, runner(1)))
	}
	before, err := f.Collect()
	require.NoError(t, err)
	s.Seeds = 3
	more, err := Plan(f.Dir, s)
	require.NoError(t, err)
	require.Len(t, more.Trials, 18)
	opened, err := Open(f.Dir)
	require.NoError(t, err)
	require.Equal(t, more.Trials, opened.Trials)
	require.Equal(t, 19, strings.Count(string(read(t, f.path(trialsFile))), "\n"))
	after, err := more.Collect()
	require.NoError(t, err)
	require.Equal(t, before.Rows, after.Rows)
	r := runner(2)
	var trained []int
	r.OnResult = func(x Result) { trained = append(trained, x.Index) }
	_, err = more.Do(context.Background(), r)
	require.NoError(t, err)
	require.ElementsMatch(t, []int{4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}, trained)
	whole := planned(t, s)
	_, err = whole.Do(context.Background(), runner(2))
	require.NoError(t, err)
	require.Equal(t, table(t, whole), table(t, more), "as if there had been three from the start")

	s.Seeds = 2
	_, err = Plan(f.Dir, s)
	require.EqualError(t, err, f.Dir+": it holds another sweep, with seeds 3 instead of 2")
	h := halved(t)
	f = planned(t, h)
	h.Seeds = 2 // would change who goes on
	_, err = Plan(f.Dir, h)
	require.EqualError(t, err, f.Dir+": it holds another sweep, with seeds 1 instead of 2")
}

func TestBothElementTypesMayBeInASweep(t *testing.T) {
	s, err := Preset("toy")
	require.NoError(t, err)
	s.Axes = []string{"dtype=float32,float64"}
	f := planned(t, s)
	_, err = f.Do(context.Background(), runner(2))
	require.NoError(t, err)
	rows := table(t, f)
	require.InDelta(t, rows[0]["train_loss"], rows[1]["train_loss"], 1e-5)
	require.NotEqual(t, rows[0]["weights_sha256"], rows[1]["weights_sha256"])
	require.Nil(t, rows[0]["val_acc"])
}

// withStatus returns the indices of the rows with that status.
func withStatus(rows []map[string]any, status string) (all []int) {
	for _, row := range rows {
		if row["status"] == status {
			all = append(all, int(row["index"].(float64)))
		}
	}
	slices.Sort(all)
	return all
}

func TestSweepOverTheLargestSeedsIsOpenedAndDone(t *testing.T) {
	s := base(t)
	var err error
	s.Base, err = train.Preset("toy")
	require.NoError(t, err)
	s.Base.Seed, s.Base.Iters, s.RandomSeed = math.MaxUint64-1, 3, math.MaxUint64
	s.Rows = []string{"seed=18446744073709551615 hidden=10", "seed=9223372036854775808"}
	f := planned(t, s)
	again, err := Open(f.Dir)
	require.NoError(t, err)
	require.Equal(t, f.Trials, again.Trials)
	require.Equal(t, uint64(math.MaxUint64), again.Trials[0].Config.Seed)
	for i := range again.Trials {
		require.NoError(t, again.Run(t.Context(), i, runner(1)))
	}
	results, err := again.Collect()
	require.NoError(t, err)
	require.Len(t, results.Rows, 2)
}
