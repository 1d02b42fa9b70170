package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func names(t *testing.T, dir string) (all []string) {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func requireContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

func TestWriteReplacesFilesAlone(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(in("file"), []byte("old"), 0o666))
	require.NoError(t, os.Mkdir(in("folder"), 0o777))
	for name, target := range map[string]string{"link": "file", "lost": "nothing", "bent": "folder"} {
		if err := os.Symlink(target, in(name)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	before, err := os.ReadDir(dir)
	require.NoError(t, err)

	require.NoError(t, Write(in("link"), text("new")))
	requireContent(t, in("file"), "new")
	for _, name := range []string{"folder", "bent"} {
		require.EqualError(t, Write(in(name), text("")), "write "+in("folder")+": not a regular file")
	}
	require.Error(t, Write(filepath.Join(in("file"), "below"), text("")))

	after, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Equal(t, before, after) // the links are links, and nothing temporary is left
}

func TestWriteThatFailsLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, Write(path, text("old")))
	failure := errors.New("half way")
	require.Equal(t, failure, Write(path, func(w io.Writer) error {
		require.NoError(t, text("new")(w))
		return failure
	}))
	requireContent(t, path, "old")
	require.Equal(t, []string{"file"}, names(t, filepath.Dir(path)))
}

func TestWriteNamesTheFileInItsErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "file")
	require.EqualError(t, Write(path, text("")), "write "+path+": no such file or directory")
	path = filepath.Join(t.TempDir(), "file")
	err := Write(path, func(w io.Writer) error { return os.Mkdir(path, 0o777) }) // in the way of the rename
	require.Error(t, err)
	err = Write(path+"2", func(io.Writer) error { return os.MkdirAll(filepath.Join(path+"2", "x"), 0o777) })
	require.ErrorContains(t, err, "write "+path+"2: ")
	require.NotContains(t, err.Error(), ".tmp")
}

func TestSweepRemovesOurTemporariesAlone(t *testing.T) {
	dir := t.TempDir()
	others := []string{".notes.tmp", ".vimrc.tmp", ".lanes-00000000.tmp", ".a.lanes-0000000g.tmp", ".a.lanes-000000000.tmp",
		"a.lanes-00000000.tmp", ".a.lanes-00000000.tmp~", ".config.toml.1234.tmp"}
	for _, name := range others {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o666))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".folder.lanes-00000000.tmp", "x"), 0o777))
	f, err := create(filepath.Join(dir, "last.safetensors"), 0o666) // as a crash leaves it
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.NoError(t, Sweep(dir))
	require.ElementsMatch(t, append(others, ".folder.lanes-00000000.tmp"), names(t, dir))
}

func TestSweepFoldersRemovesThoseWithThePrefixAlone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".new-1", "x"), 0o777))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".old-1", "x"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".new-2"), nil, 0o666))
	require.NoError(t, SweepFolders(dir, ".new-"))
	require.Equal(t, []string{".new-2", ".old-1"}, names(t, dir))
	require.Error(t, SweepFolders(filepath.Join(dir, "none"), ".new-"))
}

func TestStrangerIsWhatIsNeitherOursNorTemporary(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"ours", ".ours.lanes-00000000.tmp"} {
		require.NoError(t, WriteFile(filepath.Join(dir, name), []byte(name)))
	}
	other, err := Stranger(dir, "ours")
	require.NoError(t, err)
	require.Empty(t, other)
	other, err = Stranger(dir)
	require.NoError(t, err)
	require.Equal(t, "ours", other)
	_, err = Stranger(filepath.Join(dir, "none"))
	require.Error(t, err)
}
