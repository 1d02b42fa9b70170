package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// entry is an entry of a tar file.
type entry struct {
	name, content string
	kind          byte // a file if 0
	link          string
	size          int64 // what the header claims, if not the size of the content
}

// good has the entries of a valid archive.
var good = []entry{
	{name: "set/", kind: tar.TypeDir},
	{name: "set/one", content: noise(30_000)},
	{name: "set/readme.html", content: "<p>hello"},
	{name: "set/two", content: noise(20_000)},
}

// noise returns n bytes that do not compress.
func noise(n int) string {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return string(b)
}

func pack(t *testing.T, entries []entry) []byte {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	w := tar.NewWriter(zip)
	for _, e := range entries {
		h := tar.Header{Name: e.name, Typeflag: e.kind, Linkname: e.link, Mode: 0o644, Size: int64(len(e.content))}
		if e.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if e.size > 0 {
			h.Size = e.size
		}
		require.NoError(t, w.WriteHeader(&h))
		_, err := w.Write([]byte(e.content))
		require.NoError(t, err)
	}
	if err := w.Close(); err != nil {
		require.ErrorContains(t, err, "missed writing") // a header that claims too much
	}
	require.NoError(t, zip.Close())
	return out.Bytes()
}

// server serves an archive, or fails to, and keeps the requests.
type server struct {
	*httptest.Server
	content  []byte
	mu       sync.Mutex
	requests []*http.Request
	// answer handles request number n, from 1 on, unless it returns false.
	answer func(w http.ResponseWriter, r *http.Request, n int) bool
}

func serve(t *testing.T, content []byte) *server {
	s := &server{content: content}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r)
		n := len(s.requests)
		s.mu.Unlock()
		if s.answer != nil && s.answer(w, r, n) {
			return
		}
		w.Header().Set("ETag", s.tag())
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.content))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) tag() string { return strconv.Quote(sum(s.content)[:8]) }

func (s *server) address() string { return s.URL + "/mirror/set.tar.gz" }

// breakOff sends the length of the archive, and then only its first n bytes.
func (s *server) breakOff(w http.ResponseWriter, n int) bool {
	w.Header().Set("ETag", s.tag())
	w.Header().Set("Content-Length", strconv.Itoa(len(s.content)))
	w.Write(s.content[:n])
	return true
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func archiveOf(content []byte) Archive {
	return Archive{
		URL: "https://example.org/set.tar.gz", Size: int64(len(content)), SHA256: sum(content),
		Folder: "set", Files: []string{"one", "two"},
	}
}

// try fetches without pauses, and returns the events too.
func try(ctx context.Context, dir string, content []byte, addresses ...string) (events []Event, folder string, err error) {
	f := newFetcher(archiveOf(content), dir, func(e Event) { events = append(events, e) })
	f.pause = 0
	folder, err = f.fetch(ctx, addresses)
	return events, folder, err
}

// checkFetched checks that dir has the good archive's files and nothing else.
func checkFetched(t *testing.T, dir, folder string) {
	t.Helper()
	require.Equal(t, filepath.Join(dir, "set"), folder)
	for _, e := range good[1:] {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(e.name)))
		require.NoError(t, err)
		require.Equal(t, e.content, string(b))
	}
	require.Equal(t, []string{"set"}, names(t, dir))
	require.Equal(t, []string{"one", "readme.html", "two"}, names(t, folder))
}

// names lists the content of dir without the lock.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		if e.Name() != lockName {
			names = append(names, e.Name())
		}
	}
	return names
}
