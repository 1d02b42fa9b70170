package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"
	"time"

	"github.com/lanes-ml/lanes/net/train"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows a run: as a bar on a terminal, as lines elsewhere.
type progress struct {
	out     io.Writer
	steps   int
	batch   int
	flops   int64 // of a step
	last    atomic.Pointer[train.Step]
	lines   int // printed so far
	bars    *mpb.Progress
	bar     *mpb.Bar // nil if not on a terminal
	started time.Time
}

const (
	maxLines = 20 // that a run prints
	maxBar   = 24 // columns
	minBar   = 7
)

func newProgress(out io.Writer, steps, batch int, flops int64) *progress {
	p := &progress{out: out, steps: steps, batch: batch, flops: flops, started: time.Now()}
	f, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return p
	}
	if columns, _, err := term.GetSize(int(f.Fd())); err != nil || columns == 0 {
		return p // not a terminal, or one of unknown size
	}
	p.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(maxBar), mpb.WithRefreshRate(100*time.Millisecond))
	p.bar = p.bars.AddBar(int64(steps), mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
		return p.describe(s.AvailableWidth - minBar - 2) // a space on either side of the bar
	})))
	return p
}

func (p *progress) step(s train.Step) {
	if last := p.last.Load(); s.Val == nil && last != nil {
		s.Val = last.Val
	}
	p.last.Store(&s)
	done := s.Step + 1
	if p.bar != nil {
		p.bar.SetCurrent(int64(done))
	} else if n := done * maxLines / p.steps; n > p.lines {
		p.lines = n
		fmt.Fprintln(p.out, p.describe(math.MaxInt))
	}
}

// describe says where the run is, how well it does and how fast, the more the
// wider it may be.
func (p *progress) describe(width int) string {
	s := p.last.Load()
	if s == nil {
		return ""
	}
	done := s.Step + 1
	rate := float64(done) / s.Elapsed.Seconds()
	passed := time.Since(p.started)
	clock := fmt.Sprint("in ", passed.Round(time.Second))
	if done < p.steps {
		left := time.Duration(float64(passed) * float64(p.steps-done) / float64(done))
		clock = fmt.Sprint(left.Round(time.Second), " left")
	}
	line := fmt.Sprintf("%*d/%d", len(fmt.Sprint(p.steps)), done, p.steps)
	fields := []string{
		fmt.Sprintf("loss %#6.4g", s.Loss.Total()),
		fmt.Sprintf("acc %.3f", s.Accuracy),
		fmt.Sprintf("%7s", clock),
		fmt.Sprintf("%4s img/s", thousands(rate*float64(p.batch))),
		fmt.Sprintf("%3.0f GFLOP/s", rate*float64(p.flops)/1e9),
		fmt.Sprintf("epoch %d", s.Epoch+1),
	}
	if s.Val != nil {
		fields = append(fields, fmt.Sprintf("val acc %.3f", s.Val.Accuracy))
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
func (p *progress) end() {
	if p.bar == nil {
		return
	}
	if !p.bar.Completed() {
		fmt.Fprint(p.out, "\r") // over the ^C of a terminal's user
		p.bar.Abort(false)
	}
	p.bars.Wait()
}

func thousands(x float64) string {
	if x < 10_000 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.0fk", x/1000)
}
