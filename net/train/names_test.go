package train

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoFoldersNameIsAPattern(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["sgd"]
	parent := t.TempDir()
	for _, neighbour := range []string{"a", "b"} {
		dir := filepath.Join(parent, neighbour)
		require.NoError(t, os.Mkdir(dir, 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "epoch-0001.safetensors"), nil, 0o666))
	}
	for _, name := range []string{"[ab]", "*", "lr=[", "?", `\a`, "{a,b}", "a b", "%d", "$HOME", "~"} {
		r := kept[float32](t, filepath.Join(parent, name), c, set, 1)
		r.KeepEpochs = 1
		do(t, r)
		require.FileExists(t, r.Folder.Checkpoint("epoch-0008"), name)
		require.NoFileExists(t, r.Folder.Checkpoint("epoch-0007"), name)
	}
	for _, neighbour := range []string{"a", "b"} {
		require.Equal(t, []string{"epoch-0001.safetensors"}, list(t, filepath.Join(parent, neighbour)))
	}
}

func TestOldModelsOfEpochsGoByNumberAndNothingElseDoes(t *testing.T) {
	f := &Folder{Dir: t.TempDir()}
	others := []string{"epoch-1.safetensors", "epoch-mine.safetensors", "epoch-0001.safetensors.old", "epoch-00002.safetensors"}
	for _, name := range append([]string{"epoch-0009.safetensors", "epoch-9999.safetensors", "epoch-10000.safetensors"}, others...) {
		require.NoError(t, os.WriteFile(f.path(name), nil, 0o666))
	}
	require.NoError(t, f.dropEpochs(2))
	require.ElementsMatch(t, append(others, "epoch-9999.safetensors", "epoch-10000.safetensors"), list(t, f.Dir))
	require.NoError(t, f.dropEpochs(2))
	require.NoError(t, f.dropEpochs(1))
	require.ElementsMatch(t, append(others, "epoch-10000.safetensors"), list(t, f.Dir))
}

func TestRunIsMadeInNoFolderThatHoldsOtherThings(t *testing.T) {
	c := presetOf(t, "toy")
	for _, name := range []string{"notes.txt", ".notes.tmp", ".vimrc.tmp", ".git", "last.safetensors"} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o666))
		_, err := Create(dir, c)
		require.EqualError(t, err, dir+` holds other things than a run, such as "`+name+`"`)
		require.Equal(t, []string{name}, list(t, dir))
	}
	dir := t.TempDir() // an empty one, but for what a crash left of making it
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".config.toml.lanes-01234567.tmp"), nil, 0o666))
	f, err := Create(dir, c)
	require.NoError(t, err)
	require.Contains(t, list(t, f.Dir), "config.toml")
}

func TestRunLeavesWhatOthersPutIntoItsFolder(t *testing.T) {
	set := randomImages(50, 10, 10)
	dir := filepath.Join(t.TempDir(), "run")
	stopAfter(t, kept[float32](t, dir, stopConfigs()["sgd"], set, 1), 20)
	mine := []string{".notes.tmp", ".vimrc.tmp", ".last.safetensors.tmp"}
	for _, name := range mine {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o666))
	}
	do(t, resumed[float32](t, dir, set, 1, nil))
	require.Subset(t, list(t, dir), mine)
}
