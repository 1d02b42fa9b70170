package main

import (
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/data/fetch"
)

// transfer shows a download: as a bar on a terminal, as lines elsewhere.
type transfer struct {
	out   io.Writer
	total int64
	lines int64        // printed so far, of console.MaxLines for the whole archive
	bar   *console.Bar // nil if not on a terminal, or nothing has come yet

	mu      sync.Mutex // the bar is drawn beside the download
	done    int64
	first   int64 // bytes that were on disk when the address answered
	started time.Time
}

func newTransfer(out io.Writer, total int64) *transfer {
	return &transfer{out: out, total: total}
}

func (t *transfer) event(e fetch.Event) {
	switch e.Stage {
	case fetch.Connected:
		t.mu.Lock()
		t.done, t.first, t.started = e.Done, e.Done, time.Now()
		t.mu.Unlock()
		t.lines = e.Done * console.MaxLines / t.total
		what := "fetching"
		if e.Done > 0 {
			what = fmt.Sprintf("continuing after %s of", number.MB(float64(e.Done)))
		}
		fmt.Fprintf(t.out, "%s %s, %s MB\n", what, console.Plain(e.URL), number.MB(float64(t.total)))
		if t.bar = console.NewBar(t.out, t.total, t.describe); t.bar != nil {
			t.bar.SetCurrent(e.Done)
		}
	case fetch.Receiving:
		t.mu.Lock()
		t.done = e.Done
		t.mu.Unlock()
		if t.bar != nil {
			t.bar.SetCurrent(e.Done)
		} else if n := e.Done * console.MaxLines / t.total; n > t.lines {
			t.lines = n
			fmt.Fprintln(t.out, t.describe(math.MaxInt))
		}
	case fetch.Waiting:
		out := t.out
		if t.bar != nil {
			out = t.bar.Above
		}
		fmt.Fprintln(out, console.OneLine(e.Err))
	case fetch.Failed:
		t.end()
		fmt.Fprintf(t.out, "%s; trying again\n", console.OneLine(e.Err))
	case fetch.Verifying:
		t.end()
		fmt.Fprintln(t.out, "comparing size and SHA-256")
	case fetch.Unpacking:
		fmt.Fprintln(t.out, "unpacking")
	}
}

// describe says how much has been received, how fast, and how long the rest will take:
// what fits into width.
func (t *transfer) describe(width int) string {
	t.mu.Lock()
	done, came, passed := t.done, t.done-t.first, time.Since(t.started)
	t.mu.Unlock()
	rate := float64(came) / passed.Seconds()
	line := fmt.Sprintf("%5s of %s MB", number.MB(float64(done)), number.MB(float64(t.total)))
	fields := []string{fmt.Sprintf("%3d%%", number.Percent(done, t.total)), fmt.Sprintf("%5s MB/s", number.MB(rate))}
	if left := number.Left(passed, float64(came), float64(t.total-done)); left != "" {
		fields = append(fields, fmt.Sprintf("%12s", left))
	}
	return console.Fitted(width, line, fields...)
}

// end removes the bar, until an address answers again.
func (t *transfer) end() {
	t.bar.End()
	t.bar = nil
}
