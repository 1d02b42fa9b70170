//go:build unix

package atomicfile

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWriteKeepsTheUmaskAndTheModeOfAFile(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	for _, umask := range []int{0o077, 0o022, 0o002, 0} {
		syscall.Umask(umask)
		path := filepath.Join(t.TempDir(), "file")
		require.NoError(t, Write(path, text("new")))
		requireMode(t, 0o666&^fs.FileMode(umask), path)
		for _, mode := range []fs.FileMode{0o600, 0o640, 0o666, 0o755, 0o444} {
			require.NoError(t, os.Chmod(path, mode))
			require.NoError(t, Write(path, func(w io.Writer) error {
				hidden, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*.tmp"))
				require.NoError(t, err)
				require.Len(t, hidden, 1)
				info, err := os.Stat(hidden[0])
				require.NoError(t, err)
				require.Zero(t, info.Mode().Perm()&0o077&^mode, "others see less of it than of the file")
				return text("over it")(w)
			}))
			requireMode(t, mode, path)
		}
	}
}

func requireMode(t *testing.T, want fs.FileMode, path string) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, want, info.Mode().Perm())
}
