package console

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

// Bar shows on a terminal how far a task is, with text after it. A nil bar shows nothing.
type Bar struct {
	*mpb.Bar
	Above *mpb.Progress // a writer of text above the bar
	out   io.Writer
}

const (
	MaxLines = 20 // that a task prints if there is no bar
	maxBar   = 24 // columns
	MinBar   = 7
)

// NewBar returns a bar of so many parts, or nil if out is not a terminal. describe returns
// the text after it, which is at most width wide.
func NewBar(out io.Writer, parts int64, describe func(width int) string) *Bar {
	if !IsTerminal(out) {
		return nil
	}
	all := NewBars(out)
	return &Bar{all.AddBar(parts, mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
		return describe(s.AvailableWidth - MinBar - 2) // a space on either side of the bar
	}))), all, out}
}

// NewBars returns a container that draws bars on a terminal.
func NewBars(out io.Writer) *mpb.Progress {
	return mpb.New(mpb.WithConsoleWriter(&screen{out: out.(*os.File)}), mpb.WithWidth(maxBar), mpb.WithRefreshRate(100*time.Millisecond))
}

// screen is a terminal on which bars are drawn again and again. It erases their lines one
// by one: if the first is the top line of the screen, as after clear, to erase everything
// below it is to erase the screen, and tmux and others then scroll the screen into their
// history each time.
type screen struct {
	bytes.Buffer
	out *os.File
}

func (*screen) IsTerminal() bool { return true }

func (s *screen) GetTermSize() (width, height int, err error) { return term.GetSize(int(s.out.Fd())) }

// Flush shows what was written. What is written next first erases so many lines.
func (s *screen) Flush(lines int) error {
	_, err := s.WriteTo(s.out)
	for range lines {
		s.WriteString("\x1b[A\x1b[2K") // up, erase the line
	}
	return err
}

// IsTerminal reports whether out is a terminal of known size on which lines can be redrawn.
func IsTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	return err == nil && columns > 0
}

// End leaves the last state of the bar on the screen.
func (b *Bar) End() {
	if b == nil {
		return
	}
	if !b.Completed() {
		fmt.Fprint(b.out, "\r") // over the ^C of a terminal's user
		b.Abort(false)
	}
	b.Above.Wait()
}

// Fitted returns the line followed by as many of the fields as fit into width.
func Fitted(width int, line string, fields ...string) string {
	for _, f := range fields {
		if len(line)+2+len(f) > width {
			break
		}
		line += "  " + f
	}
	return line
}
