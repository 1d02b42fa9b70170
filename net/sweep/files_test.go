package sweep

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSweepIsMadeInNoFolderThatHoldsOtherThings(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".notes"), nil, 0o666))
	_, err := Plan(dir, small(t))
	require.EqualError(t, err, dir+` holds other things than a sweep, such as ".notes"`)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)

	dir = t.TempDir() // as a crash leaves it
	require.NoError(t, os.Mkdir(filepath.Join(dir, trialsFolder), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, trialsFile), nil, 0o666))
	_, err = Plan(dir, small(t))
	require.NoError(t, err)
}

func TestWhitespaceInAxesSurvivesTheSweepsFile(t *testing.T) {
	s := small(t)
	s.Axes = []string{"lr=1e-3,\v1e-2", "hidden=3;\u00a05,4"}
	f := planned(t, s)
	again, err := Open(f.Dir)
	require.NoError(t, err)
	require.Equal(t, f.Trials, again.Trials)
}

func TestEveryFileOfASweepIsKnownAsSuch(t *testing.T) {
	f := toys(t)
	entries, err := os.ReadDir(f.Dir)
	require.NoError(t, err)
	for _, e := range entries {
		require.Equal(t, !e.IsDir(), InSweep(filepath.Join(f.Dir, e.Name())), e.Name())
		require.False(t, InSweep(filepath.Join(filepath.Dir(f.Dir), e.Name())), e.Name())
	}
	require.True(t, InSweep(filepath.Join(f.Trial(0), outcomeFile)))
	for _, name := range []string{"SWEEP.toml", choicesFile, promotionsFile} {
		require.True(t, InSweep(filepath.Join(f.Dir, name)))
	}
	require.False(t, InSweep(filepath.Join(f.Dir, "report.html")))
	require.False(t, InSweep(filepath.Join(f.Dir, outcomeFile)))
}
