package sweep

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/train"
)

// base is a sweep of the report's network, one trial of each configuration.
func base(t *testing.T) Sweep {
	t.Helper()
	s, err := Preset("report")
	require.NoError(t, err)
	return s
}

// listed returns the trials of a sweep, each by the settings that are varied.
func listed(t *testing.T, s Sweep) []string {
	t.Helper()
	trials, err := s.Trials()
	require.NoError(t, err)
	var all []string
	for i, trial := range trials {
		require.Equal(t, i, trial.Index)
		all = append(all, strings.Join(trial.Texts(s.Columns()), " "))
	}
	return all
}

func TestAxesAreCombinedTheLastChangingFirst(t *testing.T) {
	s := base(t)
	s.Axes = []string{"hidden=75;100,50", "lr=1e-3, 0.01"}
	require.Equal(t, []string{"75 0.001 0", "75 0.01 0", "100,50 0.001 0", "100,50 0.01 0"}, listed(t, s))
	require.Equal(t, []string{"hidden", "lr", "seed"}, s.Columns())
	s.Rows = []string{"reg=0 batch=10", "reg=1 momentum=0.5"}
	s.Axes = s.Axes[1:]
	s.Seeds, s.Base.Seed = 2, 7
	require.Equal(t, []string{
		"0 10 0 0.001 7", "0 10 0 0.01 7", "1 300 0.5 0.001 7", "1 300 0.5 0.01 7",
		"0 10 0 0.001 8", "0 10 0 0.01 8", "1 300 0.5 0.001 8", "1 300 0.5 0.01 8",
	}, listed(t, s))
}

func TestRangesHaveTheirEndsAndEqualSteps(t *testing.T) {
	for axis, want := range map[string][]string{
		"lr=log:1e-4:1e-1:4":  {"0.0001 0", "0.001 0", "0.01 0", "0.1 0"},
		"momentum=lin:0:.9:4": {"0 0", "0.3 0", "0.6 0", "0.9 0"},
		"batch=log:16:256:5":  {"16 0", "32 0", "64 0", "128 0", "256 0"},
		"seed=lin:0:3:4":      {"0", "1", "2", "3"},
		"epochs=1,2":          {"1 0", "2 0"},
		"keep-last=true,0":    {"true 0", "false 0"},
		"init=normal:1e-4,he": {"normal:1e-4 0", "he 0"},
	} {
		s := base(t)
		s.Axes = []string{axis}
		require.Equal(t, want, listed(t, s), axis)
	}
	s := base(t)
	s.Axes = []string{"epochs=1,2"}
	trials, err := s.Trials()
	require.NoError(t, err)
	require.Zero(t, trials[0].Config.Iters) // one of the two lengths is 0
}

func TestRandomTrialsLieWithinAndDoNotDependOnTheirNumber(t *testing.T) {
	s := base(t)
	s.Axes = []string{"lr=log:1e-4:1e-1", "batch=lin:10:20", "hidden=75;100"}
	s.Random = 200
	many := listed(t, s)
	require.Len(t, many, 200)
	s.Random = 20
	require.Equal(t, many[:20], listed(t, s))
	s.RandomSeed = 1
	require.NotEqual(t, many[:20], listed(t, s))
	below, seen := 0, map[string]bool{}
	for _, line := range many {
		var lr float64
		var batch, hidden, seed int
		_, err := fmt.Sscan(line, &lr, &batch, &hidden, &seed)
		require.NoError(t, err)
		require.True(t, lr >= 1e-4 && lr <= 1e-1 && batch >= 10 && batch <= 20, line)
		if lr < math.Sqrt(1e-4*1e-1) {
			below++
		}
		seen[fmt.Sprint("batch ", batch)], seen[fmt.Sprint("hidden ", hidden)] = true, true
	}
	require.InDelta(t, 100, below, 30, "half of a log range lies below the geometric mean")
	require.Len(t, seen, 11+2)
}

func TestWrongSweepsAreErrorsThatNameWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		change  func(*Sweep)
		message string
	}{
		{func(s *Sweep) { s.Axes = []string{"lr"} }, `axis "lr", want a setting and its values`},
		{func(s *Sweep) { s.Axes = []string{"rate=1,2"} }, `unknown setting "rate"`},
		{func(s *Sweep) { s.Axes = []string{"lr=1,x"} }, `lr "x": invalid syntax`},
		{func(s *Sweep) { s.Axes = []string{"lr="} }, `lr "": invalid syntax`},
		{func(s *Sweep) { s.Axes = []string{"lr=1,-2"} }, "lr is -2, want a finite number, at least 0"},
		{func(s *Sweep) { s.Axes = []string{"lr=1,1.0"} }, "lr=1,1.0: 1 occurs twice"},
		{func(s *Sweep) { s.Axes = []string{"batch=lin:1:3:9"} }, "batch=lin:1:3:9: 1 occurs twice"},
		{func(s *Sweep) { s.Axes = []string{"lr=1,2", "reg=1,2", "lr=3,4"} }, "lr is in two axes"},
		{func(s *Sweep) { s.Axes, s.Rows = []string{"lr=1,2"}, []string{"reg=1 lr=3"} }, "lr is in two axes"},
		{func(s *Sweep) { s.Axes = []string{"lr=log:0:1:3"} }, "lr=log:0:1:3: a log range begins above 0, not with 0"},
		{func(s *Sweep) { s.Axes = []string{"lr=lin:2:1:3"} }, "lr=lin:2:1:3: it begins with 2 and ends with 1"},
		{func(s *Sweep) { s.Axes = []string{"lr=lin:nan:1:3"} }, `"nan" is not a number`},
		{func(s *Sweep) { s.Axes = []string{"lr=lin:0:1:1"} }, `"1" values, want 2 to 100000`},
		{func(s *Sweep) { s.Axes = []string{"lr=lin:0"} }, "want lin:LOW:HIGH:COUNT"},
		{func(s *Sweep) { s.Axes = []string{"init=lin:0:1:2"} }, "init is not a number"},
		{func(s *Sweep) { s.Axes = []string{"lr=log:1e-4:1"} }, "lr=log:0.0001:1 has no number of values, as in lr=log:0.0001:1:7"},
		{func(s *Sweep) { s.Rows = []string{"lr"} }, `row "lr": "lr", want a setting and its value`},
		{func(s *Sweep) { s.Rows = []string{" "} }, `row " " is empty`},
		{func(s *Sweep) { s.Rows = []string{"lr=1 lr=2"} }, `row "lr=1 lr=2": lr occurs twice`},
		{func(s *Sweep) { s.Rows = []string{"lr=1 rate=2"} }, `row "lr=1 rate=2": unknown setting "rate"`},
		{func(s *Sweep) { s.Seeds = 0 }, "seeds is 0, want 1 to 100000"},
		{func(s *Sweep) { s.Seeds, s.Axes = 2, []string{"seed=1,2"} }, "seed is an axis, and seeds is 2, want 1"},
		{func(s *Sweep) { s.Random = -1 }, "random is -1, want 0 to 100000"},
		{func(s *Sweep) { s.Random = 3 }, "random is 3, and there is no axis to draw from"},
		{func(s *Sweep) { s.TPE = 3 }, "tpe is 3, and there is no axis to draw from"},
		{func(s *Sweep) { s.TPE, s.Halving = 3, 2 }, "tpe is 3, random is 0 and halving is 2: TPE goes with neither of the others"},
		{func(s *Sweep) { s.TPE, s.Seeds = 3, 2 }, "tpe is 3 and seeds is 2, want 1"},
		{func(s *Sweep) { s.TPE = 2001 }, "tpe is 2001, want 0 to 2000"},
		{func(s *Sweep) { s.Pending = 3 }, "pending is 3 and tpe is 0: it goes with TPE"},
		{func(s *Sweep) { s.Async = true }, "async is true and halving is 0, want 2 or more"},
		{func(s *Sweep) { s.Base.Dataset = "own" }, "dataset is own, which is for programs with examples of their own"},
		{func(s *Sweep) { s.Base.LR = -1 }, "lr is -1, want a finite number, at least 0"},
		{func(s *Sweep) { s.Halving = 1 }, "halving is 1, want 2 or more, or 0 for none"},
		{func(s *Sweep) { s.Seeds, s.Axes = 1001, []string{"lr=lin:1:2:100"} }, "more than 100000 trials"},
		{func(s *Sweep) {
			s.Axes = []string{"lr=lin:1:2:1000", "reg=lin:1:2:1000", "lr-decay=lin:0:1:1000", "momentum=lin:0:0.9:1000", "beta1=lin:0:0.9:1000", "beta2=lin:0:0.9:1000", "epsilon=lin:1:2:1000"}
		}, "more than 100000 trials"},
	} {
		s := base(t)
		c.change(&s)
		_, err := s.Trials()
		require.ErrorContains(t, err, c.message)
	}
	toy, err := Preset("toy")
	require.NoError(t, err)
	toy.Halving = 2
	_, err = toy.Trials()
	require.EqualError(t, err, "halving is 2, and the toy problem has no validation part")
	toy.Halving, toy.TPE, toy.Axes = 0, 3, []string{"lr=1,2"}
	_, err = toy.Trials()
	require.EqualError(t, err, "tpe is 3, and the toy problem has no validation part")
	_, err = Preset("big")
	require.EqualError(t, err, `preset "big", want report-grid, report-depth, quick-ablation, quick-depth, report, toy, report-mlp, quick, modern, large, files or tabular`)
}

func TestVaryingASettingReplacesItsAxisOrSetsTheBase(t *testing.T) {
	s, err := Preset("report-grid")
	require.NoError(t, err)
	require.NoError(t, s.Vary("reg=0"))
	require.NoError(t, s.Vary("batch=100,200,300"))
	require.NoError(t, s.Vary("lr=0.1,0.2"))
	require.Equal(t, []string{"hidden=75;100", "iters=2000,3000", "batch=100,200,300", "lr=0.1,0.2"}, s.Axes)
	require.Zero(t, s.Base.Reg)
	require.ErrorContains(t, s.Vary("rate=2"), `unknown setting "rate"`)
	s, err = Preset("report-depth")
	require.NoError(t, err)
	require.EqualError(t, s.Vary("lr=1"), "lr is set by the rows")
}

func TestFileGivesTheSameSweep(t *testing.T) {
	s := base(t)
	s.Axes, s.Rows = []string{"hidden=75;100,50", "init=normal:1e-3,he"}, []string{"lr=0.1 reg=0", "lr=0.2"}
	s.Random, s.RandomSeed, s.Seeds, s.Halving, s.Async, s.TPE, s.Pending, s.Test = 3, 4, 5, 6, true, 7, 8, true
	file, err := s.TOML()
	require.NoError(t, err)
	var again Sweep
	require.NoError(t, again.SetTOML(file))
	require.Equal(t, s, again)
	require.Contains(t, string(file), "axes = [\n  \"hidden=75;100,50\",\n  \"init=normal:1e-3,he\",\n]\n")

	var bad Sweep
	require.ErrorContains(t, bad.SetTOML([]byte("axis = [\"lr=1,2\"]")), `unknown setting "axis", did you mean "axes"?`)
	require.ErrorContains(t, bad.SetTOML([]byte("preset = \"big\"")), `preset "big", want report`)
	require.ErrorContains(t, bad.SetTOML([]byte("axes = 3")), "axes: ")
	require.NoError(t, bad.SetTOML([]byte("lr = 0.5\npreset = \"toy\"")))
	toy, err := train.Preset("toy")
	require.NoError(t, err)
	toy.LR = 0.5
	require.Equal(t, toy, bad.Base)
}

// published reads a table of the report, of those that the command compares with.
func published(t *testing.T, name string) (rows []map[string]string) {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "cmd", "lanes", "internal", "report", "published", name))
	require.NoError(t, err)
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	for _, r := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = r[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return x
}

func TestReportGridHasItsConfigurationsAndTheRowsOfItsTable(t *testing.T) {
	s, err := Preset("report-grid")
	require.NoError(t, err)
	trials, err := s.Trials()
	require.NoError(t, err)
	require.Len(t, trials, 32)
	same := map[string]int{}
	for _, trial := range trials {
		c := trial.Config
		for i, row := range published(t, "grid.csv") {
			if fmt.Sprint(c.Hidden) == "["+row["hidden_size"]+"]" && float64(c.Iters) == number(t, row["num_iters"]) &&
				float64(c.Batch) == number(t, row["batch_size"]) && c.LR == number(t, row["learning_rate"]) && c.Reg == number(t, row["reg"]) {
				same[fmt.Sprint("row ", i)]++
			}
		}
		same[fmt.Sprint(c)]++
		c.Hidden, c.Iters, c.Batch, c.Reg = []int{75}, 3000, 300, 0.001
		want, err := base(t).Base.Resolve()
		require.NoError(t, err)
		require.Equal(t, want, c)
	}
	require.Len(t, same, 32+15)
	for what, n := range same {
		require.Equal(t, 1, n, what)
	}
}

func TestInputsOfATrialFollowItsInitialWeights(t *testing.T) {
	s := base(t)
	s.Axes = []string{"init=normal:1e-4,he", "normalize=auto,mean"}
	trials, err := s.Trials()
	require.NoError(t, err)
	var got []string
	for _, trial := range trials {
		got = append(got, trial.Config.Init+" "+trial.Config.Normalize)
	}
	require.Equal(t, []string{"normal:1e-4 mean", "normal:1e-4 mean", "he symmetric", "he mean"}, got)
}

func TestReportDepthHasTheRowsOfItsTableFromBothInitialWeights(t *testing.T) {
	s, err := Preset("report-depth")
	require.NoError(t, err)
	trials, err := s.Trials()
	require.NoError(t, err)
	require.Len(t, trials, 54)
	mlp, err := train.Preset("report-mlp")
	require.NoError(t, err)
	for i, row := range published(t, "depth.csv") {
		for k, init := range []string{"normal:1e-3", "he"} {
			want := mlp
			want.Init = init
			require.NoError(t, want.Set("hidden", strings.Trim(row["hidden"], "[]")))
			for name, column := range map[string]string{
				"epochs": "num_epochs", "batch": "batch_size", "lr": "learning_rate", "lr-decay": "lr_decay", "weight-decay": "reg",
			} {
				require.NoError(t, want.Set(name, row[column]))
			}
			require.Equal(t, want, trials[2*i+k].Config)
		}
	}
}
