package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"

	"github.com/lanes-ml/lanes/net/data/fetch"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// transfer shows a download: as a bar on a terminal, as lines elsewhere.
type transfer struct {
	out   io.Writer
	total int64
	lines int64 // printed so far, of maxLines for the whole archive
	bars  *mpb.Progress
	bar   *mpb.Bar // nil if not on a terminal, or nothing has come yet

	mu      sync.Mutex // the bar is drawn beside the download
	done    int64
	first   int64 // bytes that were there when the address answered
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
		t.lines = e.Done * maxLines / t.total
		what := "fetching"
		if e.Done > 0 {
			what = fmt.Sprintf("continuing after %s of", inMB(e.Done))
		}
		fmt.Fprintf(t.out, "%s %s, %s MB\n", what, e.URL, inMB(t.total))
		t.draw()
	case fetch.Receiving:
		t.mu.Lock()
		t.done = e.Done
		t.mu.Unlock()
		if t.bar != nil {
			t.bar.SetCurrent(e.Done)
		} else if n := e.Done * maxLines / t.total; n > t.lines {
			t.lines = n
			fmt.Fprintln(t.out, t.describe(math.MaxInt))
		}
	case fetch.Failed:
		t.end()
		fmt.Fprintf(t.out, "%v; another try follows\n", e.Err)
	case fetch.Verifying:
		t.end()
		fmt.Fprintln(t.out, "comparing size and SHA-256")
	case fetch.Unpacking:
		fmt.Fprintln(t.out, "unpacking")
	}
}

// draw starts a bar if out is a terminal.
func (t *transfer) draw() {
	f, ok := t.out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return
	}
	if columns, _, err := term.GetSize(int(f.Fd())); err != nil || columns == 0 {
		return // not a terminal, or one of unknown size
	}
	t.bars = mpb.New(mpb.WithOutput(t.out), mpb.WithWidth(maxBar), mpb.WithRefreshRate(100*time.Millisecond))
	t.bar = t.bars.AddBar(t.total, mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
		return t.describe(s.AvailableWidth - minBar - 2) // a space on either side of the bar
	})))
	t.bar.SetCurrent(t.done)
}

// describe says how much has come, how fast and for how long, the more the wider
// it may be.
func (t *transfer) describe(width int) string {
	t.mu.Lock()
	done, came, passed := t.done, t.done-t.first, time.Since(t.started)
	t.mu.Unlock()
	rate := float64(came) / passed.Seconds()
	line := fmt.Sprintf("%5s of %s MB", inMB(done), inMB(t.total))
	fields := []string{fmt.Sprintf("%3d%%", done*100/t.total), fmt.Sprintf("%5.1f MB/s", rate/1e6)}
	if came > 0 && done < t.total {
		left := time.Duration(float64(t.total-done) / rate * float64(time.Second))
		fields = append(fields, fmt.Sprintf("%7s left", left.Round(time.Second)))
	}
	for _, f := range fields {
		if len(line)+2+len(f) > width {
			break
		}
		line += "  " + f
	}
	return line
}

// end leaves the last state of the bar on the screen.
func (t *transfer) end() {
	if t.bar == nil {
		return
	}
	if !t.bar.Completed() {
		fmt.Fprint(t.out, "\r") // over the ^C of a terminal's user
		t.bar.Abort(false)
	}
	t.bars.Wait()
	t.bar, t.bars = nil, nil
}

// inMB writes a number of bytes in millions, as networks count.
func inMB(n int64) string { return fmt.Sprintf("%.1f", float64(n)/1e6) }
