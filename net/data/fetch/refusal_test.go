package fetch

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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

func TestFetchOfAnUnreachableServerNamesTheAddressOnce(t *testing.T) {
	s := serve(t, nil)
	s.Close()
	content := pack(t, good)
	_, _, err := try(t.Context(), t.TempDir(), content, strings.Replace(s.address(), "http://", "http://me:secret@", 1))
	require.ErrorContains(t, err, strings.Replace(s.address(), "http://", "http://me:xxxxx@", 1)+": dial tcp ")
	require.NotContains(t, err.Error(), "secret")
	require.Equal(t, 1, strings.Count(err.Error(), "http"))
}
