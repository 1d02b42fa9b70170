package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// bar shows on a terminal how far a task is, with words behind it. A nil bar shows
// nothing.
type bar struct {
	*mpb.Bar
	above *mpb.Progress // what is written there stands above the bar
	out   io.Writer
}

const (
	maxLines = 20 // that a task prints where there is no bar
	maxBar   = 24 // columns
	minBar   = 7
)

// newBar returns a bar of so many parts, nil if out is not a terminal. Describe
// returns the words behind it, of a width at most.
func newBar(out io.Writer, parts int64, describe func(width int) string) *bar {
	if !isTerminal(out) {
		return nil
	}
	all := newBars(out)
	return &bar{all.AddBar(parts, mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
		return describe(s.AvailableWidth - minBar - 2) // a space on either side of the bar
	}))), all, out}
}

// newBars returns what draws bars on a terminal.
func newBars(out io.Writer) *mpb.Progress {
	return mpb.New(mpb.WithConsoleWriter(&screen{out: out.(*os.File)}), mpb.WithWidth(maxBar), mpb.WithRefreshRate(100*time.Millisecond))
}

// screen is a terminal that bars are drawn on, over and over. It erases their lines
// one by one: where the first is the top of the screen, as after clear, erasing all
// that is below would be to erase the screen, which tmux and others do by scrolling
// it into their history each time.
type screen struct {
	bytes.Buffer
	out *os.File
}

func (*screen) IsTerminal() bool { return true }

func (s *screen) GetTermSize() (width, height int, err error) { return term.GetSize(int(s.out.Fd())) }

// Flush shows what was written, and begins what is next by erasing so many lines.
func (s *screen) Flush(lines int) error {
	_, err := s.WriteTo(s.out)
	for range lines {
		s.WriteString("\x1b[A\x1b[2K") // up, erase the line
	}
	return err
}

// isTerminal tells whether out is a terminal, of known size, that lines may be
// redrawn on.
func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	return err == nil && columns > 0
}

// end leaves the last state of the bar on the screen.
func (b *bar) end() {
	if b == nil {
		return
	}
	if !b.Completed() {
		fmt.Fprint(b.out, "\r") // over the ^C of a terminal's user
		b.Abort(false)
	}
	b.above.Wait()
}

// fitted returns the line with as many of the fields behind it as a width has
// room for.
func fitted(width int, line string, fields ...string) string {
	for _, f := range fields {
		if len(line)+2+len(f) > width {
			break
		}
		line += "  " + f
	}
	return line
}
