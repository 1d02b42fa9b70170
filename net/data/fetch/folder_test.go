package fetch

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFetchLeavesAFolderThatIsThere(t *testing.T) {
	content := pack(t, good)
	s := serve(t, content)
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "set"), 0o777))
	_, _, err := try(t.Context(), dir, content, s.address())
	require.ErrorIs(t, err, fs.ErrExist)
	require.ErrorContains(t, err, filepath.Join(dir, "set"))
	require.Empty(t, s.requests)
	require.Equal(t, []string{"set"}, names(t, dir))
}

// The target of a link belongs to somebody else.
func TestFetchWritesThroughNoLink(t *testing.T) {
	content := pack(t, good)
	for _, name := range []string{"set.tar.gz.part", "set.tar.gz.part.json", ".fetch.lock"} {
		dir := t.TempDir()
		mine := filepath.Join(t.TempDir(), "mine")
		for _, there := range []bool{true, false} {
			if there {
				require.NoError(t, os.WriteFile(mine, []byte("precious"), 0o666))
				require.NoError(t, os.Symlink(mine, filepath.Join(dir, name)))
			} else {
				require.NoError(t, os.Remove(mine))
			}
			_, _, err := try(t.Context(), dir, content, serve(t, content).address())
			require.ErrorContains(t, err, filepath.Join(dir, name)+": a link, not a file")
			if there {
				b, err := os.ReadFile(mine)
				require.NoError(t, err)
				require.Equal(t, "precious", string(b))
			} else {
				require.NoFileExists(t, mine)
			}
		}
	}
}

func TestFetchReportsAFolderThatCannotBeWritten(t *testing.T) {
	content := pack(t, good)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	_, _, err := try(t.Context(), filepath.Join(file, "dir"), content, "http://127.0.0.1:1/")
	require.ErrorContains(t, err, file)
}

func TestFetchSweepsWhatACrashLeft(t *testing.T) {
	content := pack(t, good)
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, temporary+"123", "set"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, temporary+"note"), nil, 0o666))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".unpack-mine"), 0o777)) // of another program
	_, _, err := try(t.Context(), dir, content, serve(t, content).address())
	require.NoError(t, err)
	require.Equal(t, []string{temporary + "note", ".unpack-mine", "set"}, names(t, dir))
}

func TestFetchLeavesTheFolderToAnotherThatIsAtWork(t *testing.T) {
	content := pack(t, good)
	dir := t.TempDir()
	s := serve(t, content)
	var second error
	s.answer = func(http.ResponseWriter, *http.Request, int) bool {
		_, _, second = try(t.Context(), dir, content, s.address())
		return false
	}
	_, folder, err := try(t.Context(), dir, content, s.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.EqualError(t, second, dir+": another fetch is at work there")
	require.Len(t, s.requests, 1)
}
