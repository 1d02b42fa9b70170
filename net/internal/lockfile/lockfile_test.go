//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows

package lockfile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLockKeepsOthersOutUntilItsFileIsClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		require.NoError(t, err)
		t.Cleanup(func() { f.Close() })
		return f
	}
	locked := func() bool {
		f := open()
		defer f.Close()
		held, err := Locked(f)
		require.NoError(t, err)
		return held
	}
	require.False(t, locked())
	first, second := open(), open()
	require.NoError(t, Lock(first))
	require.True(t, locked())
	require.Equal(t, ErrLocked, Lock(second))
	_, err := second.WriteString("all the same") // a lock hinders no writer
	require.NoError(t, err)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "all the same", string(content))
	require.NoError(t, first.Close())
	require.False(t, locked())
	require.NoError(t, Lock(second))
}

func TestLockOfAClosedFileIsAnError(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Error(t, Lock(f))
	_, err = Locked(f)
	require.Error(t, err)
}
