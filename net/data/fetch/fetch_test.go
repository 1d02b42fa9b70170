package fetch

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
)

func TestPublishedArchivesAreTheOnesThatAreKnown(t *testing.T) {
	b, p := Published(data.Binary), Published(data.Python)
	require.Equal(t, int64(170_052_171), b.Size)
	require.Equal(t, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", b.SHA256)
	require.Equal(t, "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", b.URL)
	require.Equal(t, "cifar-10-batches-bin", b.Folder)
	require.Equal(t, int64(170_498_071), p.Size)
	require.Equal(t, "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce", p.SHA256)
	require.Equal(t, "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz", p.URL)
	require.Equal(t, "cifar-10-python.tar.gz", p.name())
}

func TestFetchDownloadsChecksAndUnpacks(t *testing.T) {
	content := pack(t, good)
	s := serve(t, content)
	dir := filepath.Join(t.TempDir(), "made", "on the way")
	events, folder, err := try(t.Context(), dir, content, s.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)

	size := int64(len(content))
	require.Equal(t, Event{Stage: Connected, URL: s.address()}, events[0])
	last := len(events) - 3
	require.Equal(t, Event{Stage: Receiving, URL: s.address(), Done: size}, events[last])
	require.Equal(t, Event{Stage: Verifying, URL: s.address(), Done: size}, events[last+1])
	require.Equal(t, Event{Stage: Unpacking, Done: size}, events[last+2])
	require.Empty(t, s.requests[0].Header.Get("Range"))
	require.Equal(t, "identity", s.requests[0].Header.Get("Accept-Encoding"))
}

func TestFetchNeedsNoLength(t *testing.T) {
	content := pack(t, good)
	s := serve(t, content)
	s.answer = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.Write(content[:1000])
		w.(http.Flusher).Flush() // from here on in chunks
		w.Write(content[1000:])
		return true
	}
	dir := t.TempDir()
	_, folder, err := try(t.Context(), dir, content, s.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)
}
