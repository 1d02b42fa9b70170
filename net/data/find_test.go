package data

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// setCache sets the user's cache folder, on every system, and returns the folder in it
// where Find looks.
func setCache(t *testing.T, dir string) string {
	t.Helper()
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
		t.Setenv(name, dir)
	}
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	return filepath.Join(cache, "lanes")
}

func makeData(t *testing.T, elem ...string) string {
	t.Helper()
	dir := filepath.Join(elem...)
	require.NoError(t, os.MkdirAll(dir, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data_batch_1.bin"), nil, 0o666))
	return dir
}

func TestFindPrefersTheNamedFolderThenLanesDataThenTheCache(t *testing.T) {
	named, env := t.TempDir(), t.TempDir()
	inNamed := makeData(t, named, "cifar-10-batches-bin")
	inEnv := makeData(t, env, "cifar-10-batches-bin")
	inCache := makeData(t, setCache(t, t.TempDir()), "cifar-10-batches-bin")
	t.Setenv("LANES_DATA", env)

	found, err := Find(named)
	require.NoError(t, err)
	require.Equal(t, inNamed, found)

	found, err = Find("")
	require.NoError(t, err)
	require.Equal(t, inEnv, found)

	t.Setenv("LANES_DATA", "")
	found, err = Find("")
	require.NoError(t, err)
	require.Equal(t, inCache, found)
}

func TestFindTakesTheFolderItself(t *testing.T) {
	dir := makeData(t, t.TempDir())
	found, err := Find(dir)
	require.NoError(t, err)
	require.Equal(t, dir, found)

	t.Setenv("LANES_DATA", dir)
	found, err = Find("")
	require.NoError(t, err)
	require.Equal(t, dir, found)
}

// A file with the name of the folder, such as a broken link, hides nothing.
func TestFindWantsAFolder(t *testing.T) {
	dir := makeData(t, t.TempDir())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cifar-10-batches-bin"), nil, 0o666))
	found, err := Find(dir)
	require.NoError(t, err)
	require.Equal(t, dir, found)
}

func TestFindTakesTheBinaryVersionBeforeThePythonVersion(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "data_batch_1")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	for _, want := range []string{dir, filepath.Join(dir, "cifar-10-batches-py"), filepath.Join(dir, "cifar-10-batches-bin")} {
		require.NoError(t, os.MkdirAll(want, 0o777))
		found, err := Find(dir)
		require.NoError(t, err)
		require.Equal(t, want, found)
	}
}

func TestPlaceIsWhereFindLooks(t *testing.T) {
	cache := setCache(t, t.TempDir())
	for _, c := range []struct{ dir, env, want string }{
		{"named", "env", "named"},
		{"", "env", "env"},
		{"", "", cache},
	} {
		t.Setenv("LANES_DATA", c.env)
		place, err := Place(c.dir)
		require.NoError(t, err)
		require.Equal(t, c.want, place)
	}
}

// If half of the data is missing, reading it must fail; Find must not continue without it.
func TestFindTakesAFolderThatLacksFiles(t *testing.T) {
	t.Setenv("LANES_DATA", "")
	dir := filepath.Join(setCache(t, t.TempDir()), "cifar-10-batches-bin")
	require.NoError(t, os.MkdirAll(dir, 0o777))
	found, err := Find("")
	require.NoError(t, err)
	require.Equal(t, dir, found)
}

func TestFindNeverFallsBackFromANamedPlace(t *testing.T) {
	makeData(t, setCache(t, t.TempDir()), "cifar-10-batches-bin")
	empty := t.TempDir()
	missing := filepath.Join(empty, "missing")
	file := filepath.Join(makeData(t, t.TempDir()), "data_batch_1.bin")
	for _, bad := range []string{empty, missing, file} {
		t.Setenv("LANES_DATA", makeData(t, t.TempDir()))
		_, err := Find(bad)
		require.ErrorContains(t, err, bad+": no folder cifar-10-batches-bin or cifar-10-batches-py, and ")
		require.NotErrorIs(t, err, ErrNotFound)

		t.Setenv("LANES_DATA", bad)
		_, err = Find("")
		require.ErrorContains(t, err, "LANES_DATA: "+bad+": no folder cifar-10-batches-bin or cifar-10-batches-py, and ")
		require.NotErrorIs(t, err, ErrNotFound)
	}
	_, err := Find(missing)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestFindSaysThatTheCacheHasNothing(t *testing.T) {
	t.Setenv("LANES_DATA", "")
	cache := setCache(t, t.TempDir())
	_, err := Find("")
	require.ErrorIs(t, err, ErrNotFound)
	require.EqualError(t, err, "no CIFAR-10 found in "+cache+", and LANES_DATA names no other folder")
	_, err = Find("", "/nowhere", "")
	require.EqualError(t, err, "no CIFAR-10 found in /nowhere or "+cache+", and LANES_DATA names no other folder")

	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
		t.Setenv(name, "")
	}
	_, err = Find("")
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorContains(t, err, "no CIFAR-10 found: LANES_DATA names no folder, and ")
}

func TestFindLooksWhereTheDataWasAfterTheNamedPlaces(t *testing.T) {
	inCache := makeData(t, setCache(t, t.TempDir()), "cifar-10-batches-bin")
	named, env, once := makeData(t, t.TempDir()), makeData(t, t.TempDir()), makeData(t, t.TempDir())
	for _, c := range []struct{ dir, env, once, want string }{
		{named, env, once, named},
		{"", env, once, env},
		{"", "", once, once},
		{"", "", filepath.Join(once, "gone"), inCache},
		{"", "", "", inCache},
	} {
		t.Setenv("LANES_DATA", c.env)
		found, err := Find(c.dir, c.once)
		require.NoError(t, err)
		require.Equal(t, c.want, found)
	}
}

func TestVersionIsFoundInItsFolderOrWhereItsFilesAre(t *testing.T) {
	dir := t.TempDir()
	require.Empty(t, Python.FindIn(dir))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data_batch_1"), nil, 0o666))
	require.Equal(t, dir, Python.FindIn(dir))
	require.Empty(t, Binary.FindIn(dir))
	sub := filepath.Join(dir, "cifar-10-batches-py")
	require.NoError(t, os.Mkdir(sub, 0o777))
	require.Equal(t, sub, Python.FindIn(dir))
}
