package fetch

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// slowAddress is the address of a server without a network. These tests run on the clock
// of synctest, which moves only while every goroutine waits.
const slowAddress = "http://example.org/set.tar.gz"

// transport answers requests.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// streamed returns a response of that length, whose body write writes until the request
// ends.
func streamed(r *http.Request, length int, write func(w io.Writer)) *http.Response {
	body, w := io.Pipe()
	stop := context.AfterFunc(r.Context(), func() { w.CloseWithError(r.Context().Err()) })
	go func() {
		defer stop()
		write(w)
		w.Close()
	}()
	return &http.Response{StatusCode: http.StatusOK, ContentLength: int64(length), Body: body}
}

func TestFetchWaitsForASlowServer(t *testing.T) {
	content := pack(t, good)
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		f := newFetcher(archiveOf(content), dir, func(Event) {})
		const pieces = 5
		f.client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			return streamed(r, len(content), func(w io.Writer) {
				for i := range pieces {
					time.Sleep(f.idle - time.Nanosecond)
					w.Write(content[i*len(content)/pieces : (i+1)*len(content)/pieces])
				}
			}), nil
		})}
		start := time.Now()
		folder, err := f.fetch(t.Context(), []string{slowAddress})
		require.NoError(t, err)
		checkFetched(t, dir, folder)
		require.Equal(t, pieces*(f.idle-time.Nanosecond), time.Since(start), "in one try")
	})
}

func TestFetchGivesUpASilentServer(t *testing.T) {
	content := pack(t, good)
	synctest.Test(t, func(t *testing.T) {
		f := newFetcher(archiveOf(content), t.TempDir(), func(Event) {})
		requests := 0
		f.client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			if requests++; requests%2 == 1 {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return streamed(r, len(content), func(w io.Writer) {
				w.Write(content[:100])
				<-r.Context().Done()
			}), nil
		})}
		start := time.Now()
		_, err := f.fetch(t.Context(), []string{slowAddress})
		require.EqualError(t, err, slowAddress+": no answer for 15s")
		require.Equal(t, maxTries, requests)
		require.Equal(t, maxTries*15*time.Second+f.pause+2*f.pause, time.Since(start))
	})
}

func TestFetchSaysThatItWaits(t *testing.T) {
	content := pack(t, good)
	synctest.Test(t, func(t *testing.T) {
		var waits []Event
		var after []time.Duration
		start := time.Now()
		dir := t.TempDir()
		f := newFetcher(archiveOf(content), dir, func(e Event) {
			if e.Stage == Waiting {
				waits, after = append(waits, e), append(after, time.Since(start))
			}
		})
		f.client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			time.Sleep(6 * time.Second)
			return streamed(r, len(content), func(w io.Writer) {
				w.Write(content[:100])
				time.Sleep(7 * time.Second)
				w.Write(content[100:])
			}), nil
		})}
		folder, err := f.fetch(t.Context(), []string{slowAddress})
		require.NoError(t, err)
		checkFetched(t, dir, folder)
		require.Equal(t, []time.Duration{5 * time.Second, 11 * time.Second}, after)
		require.EqualError(t, waits[0].Err, slowAddress+": nothing has come for 5s; the try ends after 15s")
	})
}
