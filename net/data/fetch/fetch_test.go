package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
)

// entry is one of a tar file's.
type entry struct {
	name, content string
	kind          byte // a file if 0
	link          string
	size          int64 // that the header claims, if not the content's
}

// good are the entries of an archive as it should be.
var good = []entry{
	{name: "set/", kind: tar.TypeDir},
	{name: "set/one", content: noise(30_000)},
	{name: "set/readme.html", content: "<p>hello"},
	{name: "set/two", content: noise(20_000)},
}

// noise does not compress.
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

// server serves an archive, well or badly. It keeps the requests.
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

// breakOff sends the archive's length and ends after n bytes of it.
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

// try fetches without pauses and returns the stages, too.
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

// names lists what is in dir, but for the lock.
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

func TestFetchContinuesABrokenTransfer(t *testing.T) {
	content := pack(t, good)
	s := serve(t, content)
	s.answer = func(w http.ResponseWriter, _ *http.Request, n int) bool { return n == 1 && s.breakOff(w, 20_000) }
	dir := t.TempDir()
	events, folder, err := try(t.Context(), dir, content, s.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.Len(t, s.requests, 2)
	require.Equal(t, "bytes=20000-", s.requests[1].Header.Get("Range"))
	require.Equal(t, s.tag(), s.requests[1].Header.Get("If-Range"))
	var failed, connected []Event
	for _, e := range events {
		switch e.Stage {
		case Failed:
			failed = append(failed, e)
		case Connected:
			connected = append(connected, e)
		}
	}
	require.Len(t, failed, 1)
	require.EqualError(t, failed[0].Err, fmt.Sprintf("%s: the transfer broke off after 20000 of %d bytes: unexpected EOF", s.address(), len(content)))
	require.Equal(t, []Event{{Stage: Connected, URL: s.address()}, {Stage: Connected, URL: s.address(), Done: 20_000}}, connected)
}

func TestFetchContinuesWhereAnotherStopped(t *testing.T) {
	content := pack(t, good)
	dir := t.TempDir()
	stop, cancel := context.WithCancelCause(t.Context())
	s := serve(t, content)
	s.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if n == 1 {
			s.breakOff(w, 12_345)
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond) // for the bytes to arrive
			cancel(errors.New("the user said so"))
			<-r.Context().Done()
		}
		return n == 1
	}
	_, _, err := try(stop, dir, content, s.address(), "http://127.0.0.1:1/not/asked")
	require.EqualError(t, err, fmt.Sprintf("12345 of %d bytes are there: the user said so", len(content)))
	require.Equal(t, []string{"set.tar.gz.part", "set.tar.gz.part.json"}, names(t, dir))

	events, folder, err := try(t.Context(), dir, content, s.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.Equal(t, "bytes=12345-", s.requests[1].Header.Get("Range"))
	require.Equal(t, s.tag(), s.requests[1].Header.Get("If-Range"))
	require.Equal(t, int64(12_345), events[0].Done)
}

// leave puts a partial file into dir.
func leave(t *testing.T, dir string, b []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "set.tar.gz.part"), b, 0o666))
}

func TestFetchContinuesFromAnotherAddress(t *testing.T) {
	content := pack(t, good)
	broken, mirror := serve(t, content), serve(t, content)
	broken.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if n == 1 {
			return broken.breakOff(w, 30_000)
		}
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	dir := t.TempDir()
	_, folder, err := try(t.Context(), dir, content, broken.address(), mirror.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.Len(t, broken.requests, maxTries)
	require.Equal(t, "bytes=30000-", mirror.requests[0].Header.Get("Range"))
	require.Empty(t, mirror.requests[0].Header.Get("If-Range"), "its tags are its own")
}

func TestFetchStartsAgainWhere(t *testing.T) {
	content := pack(t, good)
	for name, c := range map[string]struct {
		part     []byte
		answer   func(s *server) func(w http.ResponseWriter, r *http.Request, n int) bool
		requests int
	}{
		"the server ignores ranges": {content[:10_000], func(s *server) func(http.ResponseWriter, *http.Request, int) bool {
			return func(w http.ResponseWriter, _ *http.Request, _ int) bool { return s.breakOff(w, len(s.content)) }
		}, 1},
		"the part is of something else": {[]byte("<html>please log in"), nil, 2},
		"the part is as long but wrong": {make([]byte, len(content)), nil, 1},
		"the part is longer":            {make([]byte, len(content)+1), nil, 1},
		"the server knows no such range": {content[:10_000], func(s *server) func(http.ResponseWriter, *http.Request, int) bool {
			return func(w http.ResponseWriter, r *http.Request, _ int) bool {
				ranged := r.Header.Get("Range") != ""
				if ranged {
					w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				}
				return ranged
			}
		}, 2},
		"the server sends another range": {content[:10_000], func(s *server) func(http.ResponseWriter, *http.Request, int) bool {
			return func(w http.ResponseWriter, r *http.Request, _ int) bool {
				ranged := r.Header.Get("Range") != ""
				if ranged {
					w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-99/%d", len(s.content)))
					w.WriteHeader(http.StatusPartialContent)
					w.Write(s.content[:100])
				}
				return ranged
			}
		}, 2},
		"the server sends a range of its own making": {content[:10_000], func(s *server) func(http.ResponseWriter, *http.Request, int) bool {
			return func(w http.ResponseWriter, r *http.Request, _ int) bool {
				ranged := r.Header.Get("Range") != ""
				if ranged {
					w.Header().Set("Content-Range", "the rest")
					w.WriteHeader(http.StatusPartialContent)
				}
				return ranged
			}
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, content)
			if c.answer != nil {
				s.answer = c.answer(s)
			}
			dir := t.TempDir()
			leave(t, dir, c.part)
			_, folder, err := try(t.Context(), dir, content, s.address())
			require.NoError(t, err)
			checkFetched(t, dir, folder)
			require.Len(t, s.requests, c.requests)
		})
	}
}

func TestFetchStartsAgainWhenTheServersFileHasChanged(t *testing.T) {
	old, content := []byte(noise(40_000)), pack(t, good)
	s := serve(t, content)
	s.answer = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		if n == 1 {
			w.Header().Set("ETag", `"old"`)
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			w.Write(old[:20_000])
		}
		return n == 1
	}
	dir := t.TempDir()
	_, folder, err := try(t.Context(), dir, content, s.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.Equal(t, `"old"`, s.requests[1].Header.Get("If-Range"))
	require.Len(t, s.requests, 2)
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

func TestFetchContinuesAStreamThatEndsEarly(t *testing.T) {
	content := pack(t, good)
	s := serve(t, content)
	s.answer = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		if n == 1 {
			w.(http.Flusher).Flush() // without a length, so that nothing seems amiss
			w.Write(content[:9000])
		}
		return n == 1
	}
	dir := t.TempDir()
	_, folder, err := try(t.Context(), dir, content, s.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.Equal(t, "bytes=9000-", s.requests[1].Header.Get("Range"))
}

func TestFetchWaitsForASlowServer(t *testing.T) {
	content := pack(t, good)
	s := serve(t, content)
	const pieces, pause = 5, 200 * time.Millisecond
	s.answer = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		for i := range pieces {
			w.Write(content[i*len(content)/pieces : (i+1)*len(content)/pieces])
			w.(http.Flusher).Flush()
			time.Sleep(pause)
		}
		return true
	}
	dir := t.TempDir()
	f := newFetcher(archiveOf(content), dir, func(Event) {})
	f.idle = (pieces - 1) * pause
	folder, err := f.fetch(t.Context(), []string{s.address()})
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.Len(t, s.requests, 1)
}

func TestFetchFollowsRedirectsWithTheRange(t *testing.T) {
	content := pack(t, good)
	s := serve(t, content)
	s.answer = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if r.URL.Path == "/moved" {
			return false
		}
		http.Redirect(w, r, "/moved", http.StatusFound)
		return true
	}
	dir := t.TempDir()
	leave(t, dir, content[:7])
	_, folder, err := try(t.Context(), dir, content, s.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.Equal(t, "bytes=7-", s.requests[1].Header.Get("Range"))
}

func TestFetchRefusesWhatIsNotTheArchive(t *testing.T) {
	content := pack(t, good)
	size := len(content)
	other := []byte(noise(size))
	for name, c := range map[string]struct {
		content  []byte
		chunked  bool
		want     string
		requests int
	}{
		"a shorter file":          {[]byte("<html>"), false, fmt.Sprintf("6 bytes, want %d", size), 1},
		"a longer file":           {append(other, 0), false, fmt.Sprintf("%d bytes, want %d", size+1, size), 1},
		"another of that length":  {other, false, fmt.Sprintf("SHA-256 is %s, want %s", sum(other), sum(content)), 1},
		"more than was promised":  {append(other, 0), true, fmt.Sprintf("more than %d bytes", size), 1},
		"a stream without an end": {[]byte(noise(5 * size)), true, fmt.Sprintf("more than %d bytes", size), 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.content)
			s.answer = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				if c.chunked {
					w.(http.Flusher).Flush()
					w.Write(c.content)
				}
				return c.chunked
			}
			dir := t.TempDir()
			_, _, err := try(t.Context(), dir, content, s.address())
			require.ErrorIs(t, err, ErrWrong)
			require.EqualError(t, err, s.address()+": not the published archive: "+c.want)
			require.Empty(t, names(t, dir), "nothing of it is kept")
			require.Len(t, s.requests, c.requests)

			mirror := serve(t, content)
			_, folder, err := try(t.Context(), dir, content, s.address(), mirror.address())
			require.NoError(t, err)
			checkFetched(t, dir, folder)
		})
	}
}

func TestFetchKeepsAPartThatAWrongFileCannotContinue(t *testing.T) {
	content := pack(t, good)
	dir := t.TempDir()
	leave(t, dir, content[:5000])
	for _, wrong := range [][]byte{[]byte("<html>"), []byte(noise(2 * len(content)))} {
		_, _, err := try(t.Context(), dir, content, serve(t, wrong).address())
		require.Error(t, err)
	}
	s := serve(t, content)
	_, folder, err := try(t.Context(), dir, content, s.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.Equal(t, "bytes=5000-", s.requests[0].Header.Get("Range"))
}

func TestFetchGivesUpAnAddress(t *testing.T) {
	content := pack(t, good)
	for name, c := range map[string]struct {
		status   int
		requests int
		want     string
	}{
		"that lacks the file at once": {http.StatusNotFound, 1, "404 Not Found"},
		"that forbids it at once":     {http.StatusForbidden, 1, "403 Forbidden"},
		"that fails after some tries": {http.StatusServiceUnavailable, maxTries, "503 Service Unavailable"},
		"that is busy, after some":    {http.StatusTooManyRequests, maxTries, "429 Too Many Requests"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, content)
			s.answer = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				w.WriteHeader(c.status)
				return true
			}
			dir := t.TempDir()
			_, _, err := try(t.Context(), dir, content, s.address())
			require.NotErrorIs(t, err, ErrWrong)
			require.EqualError(t, err, s.address()+": "+c.want)
			require.Len(t, s.requests, c.requests)
			require.Empty(t, names(t, dir))
		})
	}
}

func TestFetchGivesUpAConnectionThatNeverGetsFurther(t *testing.T) {
	content := pack(t, good)
	s := serve(t, content)
	// Without ranges every try starts again, and ends a little earlier.
	s.answer = func(w http.ResponseWriter, _ *http.Request, n int) bool { return s.breakOff(w, 40_000-n) }
	dir := t.TempDir()
	_, _, err := try(t.Context(), dir, content, s.address())
	require.ErrorContains(t, err, fmt.Sprintf("%s: the transfer broke off after 39997 of %d bytes", s.address(), len(content)))
	require.Len(t, s.requests, maxTries)
}

func TestFetchNamesAllAddressesThatFailed(t *testing.T) {
	content := pack(t, good)
	missing, gone := serve(t, content), serve(t, []byte("no"))
	missing.answer = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		http.NotFound(w, r)
		return true
	}
	events, _, err := try(t.Context(), t.TempDir(), content, missing.address(), gone.address())
	require.EqualError(t, err, fmt.Sprintf("%s: 404 Not Found; %s: not the published archive: 2 bytes, want %d",
		missing.address(), gone.address(), len(content)))
	require.ErrorIs(t, err, ErrWrong)
	require.Len(t, events, 1)
	require.Equal(t, Failed, events[0].Stage)
}

func TestFetchGivesUpASilentServer(t *testing.T) {
	content := pack(t, good)
	s := serve(t, content)
	s.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if n%2 == 0 {
			s.breakOff(w, 100)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		return true
	}
	f := newFetcher(archiveOf(content), t.TempDir(), func(Event) {})
	f.pause, f.idle = 0, 20*time.Millisecond
	_, err := f.fetch(t.Context(), []string{s.address()})
	require.EqualError(t, err, s.address()+": no answer for 20ms")
	s.Close() // requests may still be on their way
	require.Len(t, s.requests, maxTries)
}

func TestFetchSaysThatItWaits(t *testing.T) {
	content := pack(t, good)
	s := serve(t, content)
	release := make(chan bool)
	s.answer = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		s.breakOff(w, 100)
		w.(http.Flusher).Flush()
		<-release
		w.Write(content[100:])
		return true
	}
	dir := t.TempDir()
	var waits []Event
	f := newFetcher(archiveOf(content), dir, func(e Event) {
		if e.Stage == Waiting {
			if waits = append(waits, e); len(waits) == 1 {
				close(release)
			}
		}
	})
	f.quiet, f.idle = 20*time.Millisecond, time.Hour
	folder, err := f.fetch(t.Context(), []string{s.address()})
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.EqualError(t, waits[0].Err, s.address()+": nothing has come for 20ms; the try ends after 1h0m0s")
}

// What a link leads to is somebody else's.
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

func TestFetchOfAnUnreachableServerNamesTheAddressOnce(t *testing.T) {
	s := serve(t, nil)
	s.Close()
	content := pack(t, good)
	_, _, err := try(t.Context(), t.TempDir(), content, strings.Replace(s.address(), "http://", "http://me:secret@", 1))
	require.ErrorContains(t, err, strings.Replace(s.address(), "http://", "http://me:xxxxx@", 1)+": dial tcp ")
	require.NotContains(t, err.Error(), "secret")
	require.Equal(t, 1, strings.Count(err.Error(), "http"))
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

func TestParseContentRange(t *testing.T) {
	for s, want := range map[string][2]int64{
		"bytes 5-99/100":                      {5, 100},
		"bytes 0-0/1":                         {0, 1},
		"bytes 170000000-170052170/170052171": {170000000, 170052171},
		"bytes 5-99/*":                        {5, -1},
	} {
		first, total, err := parseContentRange(s)
		require.NoError(t, err)
		require.Equal(t, want, [2]int64{first, total})
	}
	for _, s := range []string{"", "bytes", "bytes */100", "bytes 5/100", "items 5-9/10"} {
		_, _, err := parseContentRange(s)
		require.Error(t, err, s)
	}
}
