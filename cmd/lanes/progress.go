package main

import (
	"fmt"
	"io"
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
	out             io.Writer
	steps, perEpoch int
	batch           int
	flops           int64 // of a step
	last            atomic.Pointer[status]

	lines   int // printed so far
	bars    *mpb.Progress
	bar     *mpb.Bar
	started time.Time
}

// status is the latest step and the latest validation accuracy.
type status struct {
	train.Step
	val string
}

// maxLines is how many lines a run prints.
const maxLines = 20

func newProgress(out io.Writer, steps, perEpoch, batch int, flops int64) *progress {
	p := &progress{out: out, steps: steps, perEpoch: perEpoch, batch: batch, flops: flops, started: time.Now()}
	p.last.Store(&status{})
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(24), mpb.WithRefreshRate(100*time.Millisecond))
	p.bar = p.bars.AddBar(int64(steps), mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.describe() })))
	return p
}

func (p *progress) step(s train.Step) {
	now := &status{s, p.last.Load().val}
	if s.Val != nil {
		now.val = fmt.Sprintf("  val %.3f", s.Val.Accuracy)
	}
	p.last.Store(now)
	switch done := s.Step + 1; {
	case p.bar != nil:
		p.bar.SetCurrent(int64(done))
	case done*maxLines/p.steps > p.lines || done == p.steps:
		p.lines = done * maxLines / p.steps
		fmt.Fprintln(p.out, p.describe())
	}
}

// describe says where the run is, how well it does and how fast.
func (p *progress) describe() string {
	s := p.last.Load()
	if s.Elapsed == 0 {
		return ""
	}
	done := s.Step.Step + 1
	rate := float64(done) / s.Elapsed.Seconds()
	left := time.Duration(float64(time.Since(p.started)) * float64(p.steps-done) / float64(done))
	return fmt.Sprintf(" %*d/%d  epoch %d  loss %.4f  acc %.3f%s  %s images/s  %.0f GFLOP/s  %s left",
		len(fmt.Sprint(p.steps)), done, p.steps, s.Epoch+1, s.Loss.Total(), s.Accuracy, s.val,
		thousands(rate*float64(p.batch)), rate*float64(p.flops)/1e9, left.Round(time.Second))
}

// end leaves the last state of the bar on the screen.
func (p *progress) end() {
	if p.bar == nil {
		return
	}
	if !p.bar.Completed() {
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
