package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// leave puts a partial file with the content b into dir.
func leave(t *testing.T, dir string, b []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "set.tar.gz.part"), b, 0o666))
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
			<-r.Context().Done()
		}
		return n == 1
	}
	f := newFetcher(archiveOf(content), dir, func(e Event) {
		if e.Done == 12_345 {
			cancel(errors.New("the user said so"))
		}
	})
	_, err := f.fetch(stop, []string{s.address(), "http://127.0.0.1:1/not/asked"})
	require.EqualError(t, err, fmt.Sprintf("12345 of %d bytes are there: the user said so", len(content)))
	require.Equal(t, []string{"set.tar.gz.part", "set.tar.gz.part.json"}, names(t, dir))

	events, folder, err := try(t.Context(), dir, content, s.address())
	require.NoError(t, err)
	checkFetched(t, dir, folder)
	require.Equal(t, "bytes=12345-", s.requests[1].Header.Get("Range"))
	require.Equal(t, s.tag(), s.requests[1].Header.Get("If-Range"))
	require.Equal(t, int64(12_345), events[0].Done)
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
