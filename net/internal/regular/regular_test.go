package regular

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyFilesAreOpened(t *testing.T) {
	dir := t.TempDir()
	file, link, nowhere := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "nowhere")
	require.NoError(t, os.WriteFile(file, []byte("text"), 0o666))
	require.NoError(t, os.Symlink(file, link))
	require.NoError(t, os.Symlink(filepath.Join(dir, "missing"), nowhere))
	for _, path := range []string{file, link} {
		b, err := ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "text", string(b))
		f, err := Open(path)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	_, err := ReadFile(dir)
	require.EqualError(t, err, "open "+dir+": a folder, not a file")
	_, err = Open(os.DevNull)
	require.EqualError(t, err, "open "+os.DevNull+": a device, not a file")
	for _, path := range []string{filepath.Join(dir, "missing"), nowhere} {
		_, err = Open(path)
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.NoError(t, Check(path))
	}
	require.NoError(t, CheckNotLinked(file))
	for _, path := range []string{link, nowhere} {
		require.EqualError(t, CheckNotLinked(path), "open "+path+": a link, not a file")
	}
}
