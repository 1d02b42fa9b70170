package train

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWriteFileReplacesFilesAlone(t *testing.T) {
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

	require.NoError(t, WriteFile(in("link"), []byte("new")))
	content, err := os.ReadFile(in("file"))
	require.NoError(t, err)
	require.Equal(t, "new", string(content))
	for _, name := range []string{"folder", "bent"} {
		require.EqualError(t, WriteFile(in(name), nil), "write "+in(name)+": what is there is not a file")
	}
	require.Error(t, WriteFile(filepath.Join(in("file"), "below"), nil))

	after, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Equal(t, before, after) // the links are links, and nothing temporary is left
}
