package sweep

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
)

// toys is a sweep that is trained in a moment, and its folder when it is.
func toys(t *testing.T) *Folder {
	t.Helper()
	s, err := Preset("toy")
	require.NoError(t, err)
	s.Axes = []string{"lr=0.1,1e30"}
	f := planned(t, s)
	_, err = f.Do(context.Background(), runner(1))
	require.NoError(t, err)
	return f
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	return file
}

func TestAFlippedBitOfAnOutcomeAndOfASweepIsFound(t *testing.T) {
	f := toys(t)
	for _, path := range []string{filepath.Join(f.Trial(0), outcomeFile), filepath.Join(f.Trial(1), outcomeFile), f.path(sweepFile)} {
		whole := read(t, path)
		for i := range whole {
			bit := 8*i + i%8
			file := []byte(string(whole))
			file[bit/8] ^= 1 << (bit % 8)
			require.NoError(t, os.WriteFile(path, file, 0o666))
			damaged, err := Open(f.Dir)
			if err == nil {
				_, err = damaged.Collect()
			}
			require.ErrorIs(t, err, ErrUnusable, "%s, bit %d: %s", path, bit, file)
			require.ErrorContains(t, err, path)
		}
		require.NoError(t, os.WriteFile(path, whole, 0o666))
	}
	_, err := f.Collect()
	require.NoError(t, err)
}

func TestWhatIsNoOutcomeOfTheTrialIsRefused(t *testing.T) {
	f := toys(t)
	path := filepath.Join(f.Trial(0), outcomeFile)
	for content, message := range map[string]string{
		"":                       "unexpected end of JSON input",
		"null":                   "it has no rung",
		"{}":                     "it has no rung",
		"[null]":                 "it is a list, without a hash",
		"[{}]":                   "it is a list, without a hash",
		`{"rungs": [null]}`:      `rung 1: status "", want done or diverged`,
		`{"rungs": [{}, {}]}`:    `rung 1: status "", want done or diverged`,
		strings.Repeat("[", 1e6): "it is a list",
		string(read(t, filepath.Join(f.Trial(1), outcomeFile))): "its hash does not match its content and the trial's settings",
		string(read(t, path)) + "\n":                            "its hash does not match",
	} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o666))
		for _, err := range []error{
			f.Run(context.Background(), 1, runner(1)),
			func() error { _, err := f.Do(context.Background(), runner(1)); return err }(),
			func() error { _, err := f.Collect(); return err }(),
		} {
			require.ErrorIs(t, err, ErrUnusable)
			require.ErrorContains(t, err, path+": "+message)
			require.ErrorContains(t, err, "; if "+f.Trial(0)+" is removed, the trial is trained anew")
		}
	}
	require.NoError(t, os.RemoveAll(f.Trial(0)))
	results, err := f.Do(context.Background(), runner(1))
	require.NoError(t, err)
	require.Len(t, results.Rows, 2)
}

func TestOutcomesThatNoTrialHasAreRefused(t *testing.T) {
	f := toys(t)
	good, err := f.scores(0)
	require.NoError(t, err)
	half, two, less := 0.5, 2.0, -0.1
	for _, c := range []struct {
		message string
		change  func(s *Scores)
	}{
		{`status "stopped", want done or diverged`, func(s *Scores) { s.Status = Stopped }},
		{"status diverged, and train_loss and train_acc disagree", func(s *Scores) { s.Status = Diverged }},
		{"status done, and train_loss and train_acc disagree", func(s *Scores) { s.TrainAcc = nil }},
		{"status done, and val_loss, val_acc and test_acc disagree", func(s *Scores) { s.ValAcc = &half }},
		{"status diverged, and val_loss", func(s *Scores) { *s = Scores{Status: Diverged, TestAcc: &half} }},
		{`status done, and weights_sha256 is ""`, func(s *Scores) { s.WeightsSHA256 = "" }},
		{`status done, and weights_sha256 is "abc"`, func(s *Scores) { s.WeightsSHA256 = "abc" }},
		{"status diverged, and weights_sha256", func(s *Scores) { *s = Scores{Status: Diverged, WeightsSHA256: s.WeightsSHA256} }},
		{"train_loss is -0.1, want 0 to", func(s *Scores) { s.TrainLoss = &less }},
		{"train_acc is 2, want 0 to 1", func(s *Scores) { s.TrainAcc = &two }},
		{"val_loss is -0.1, want 0 to", func(s *Scores) { s.ValLoss, s.ValAcc = &less, &half }},
		{"val_acc is 2, want 0 to 1", func(s *Scores) { s.ValLoss, s.ValAcc = &half, &two }},
		{"test_acc is -0.1, want 0 to 1", func(s *Scores) { s.TestAcc = &less }},
		{"seconds is -0.1, want 0 to", func(s *Scores) { s.Seconds = less }},
		{"params is 0, want at least 1", func(s *Scores) { s.Params = 0 }},
		{"val_classes is -1, want at least 0", func(s *Scores) { s.ValClasses = -1 }},
		{"epochs_run is -1, want at least 0", func(s *Scores) { s.EpochsRun = -1 }},
	} {
		s := good[0]
		c.change(&s)
		require.NoError(t, f.writeScores(0, []Scores{s})) // with a hash that is right
		_, err := f.scores(0)
		require.ErrorIs(t, err, ErrUnusable)
		require.ErrorContains(t, err, "rung 1: "+c.message)
	}
	require.NoError(t, f.writeScores(0, []Scores{good[0], good[0]}))
	_, err = f.scores(0)
	require.ErrorContains(t, err, "it has 2 rungs, the sweep has 1")
	gone, err := f.scores(1)
	require.NoError(t, err)
	require.NoError(t, f.writeScores(1, []Scores{gone[0], gone[0]}))
	_, err = f.scores(1)
	require.ErrorContains(t, err, "rung 1: diverged, and yet there is another")
	require.NoError(t, f.writeScores(0, good))
	again, err := f.scores(0)
	require.NoError(t, err)
	require.Equal(t, good, again)
}

func TestSweepTellsWhereItsImagesWereAndItsRunsAre(t *testing.T) {
	f := planned(t, small(t))
	dir, err := f.DataFolder()
	require.NoError(t, err)
	require.Empty(t, dir) // nothing has begun
	r := runner(1)
	r.Data = func(string) (*data.Dataset, error) {
		set := images()
		set.Path = filepath.Join(f.Dir, "images")
		return set, nil
	}
	require.NoError(t, f.Run(context.Background(), 4, r))
	dir, err = f.DataFolder()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(f.Dir, "images"), dir)
	results, err := f.Results()
	require.NoError(t, err)
	require.Len(t, results.Rows, 1)
	run, err := results.Run(results.Rows[0])
	require.NoError(t, err)
	require.Equal(t, f.Trial(4), run.Dir)
	require.Equal(t, f.Trials[4].Config, run.Config)
}
