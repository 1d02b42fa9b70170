package main

import (
	"fmt"
	"io"
	"math"
	"sync/atomic"
	"time"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/train"
)

// progress shows a run: as a bar on a terminal, as lines elsewhere. A run whose length is
// in epochs has a line for each, in the report's format.
type progress struct {
	out     io.Writer
	steps   int
	first   int // steps done before
	epochs  int // 0 if the length is in steps
	batch   int
	flops   float64 // of a step
	last    atomic.Pointer[shown]
	peak    peakOfRun
	lines   int          // printed so far
	bar     *console.Bar // nil if not on a terminal
	started time.Time
}

// shown is the state that a line shows.
type shown struct {
	train.StepRecord
	valAcc *float64
	peak   float64 // 0 if it is not known
}

// newProgress returns the progress of a run. peak measures the peak of its engine.
func newProgress(out io.Writer, steps, first, epochs, batch int, flops float64, peak func() float64) *progress {
	p := &progress{out: out, steps: steps, first: first, epochs: epochs, batch: batch, flops: flops, started: time.Now()}
	p.peak.measure = peak
	p.last.Store(new(shown))
	p.bar = console.NewBar(out, int64(steps), p.describe)
	return p
}

// Step shows a step.
func (p *progress) Step(s train.StepRecord) {
	p.peak.step(s, p.steps-p.first)
	p.last.Store(&shown{s, p.last.Load().valAcc, p.peak.rate})
	if p.bar != nil {
		p.bar.SetCurrent(int64(s.Step))
		return
	}
	if p.epochs == 0 && p.lineDue(s.Step, p.steps) {
		fmt.Fprintln(p.out, p.describe(math.MaxInt))
	}
}

// Epoch shows the end of an epoch.
func (p *progress) Epoch(e train.EpochRecord) {
	s := p.last.Load().StepRecord
	p.last.Store(&shown{s, e.ValAcc, p.peak.rate})
	if p.epochs == 0 || !p.lineDue(e.Epoch, p.epochs) {
		return
	}
	perEpoch := p.steps / p.epochs
	line := fmt.Sprintf("Epoch [%d/%d], Step [%d/%d], Loss: %s", e.Epoch, p.epochs, perEpoch, perEpoch, number.Fixed(s.Loss+s.RegLoss, number.Digits))
	if e.ValAcc != nil {
		line += " Validation accuracy is: " + number.Fixed(100**e.ValAcc, 1) + " %"
	}
	if p.bar != nil {
		fmt.Fprintln(p.bar.Above, line)
	} else {
		fmt.Fprintln(p.out, line)
	}
}

// lineDue reports whether a line is to be printed after done of all, so that there are
// [console.MaxLines] in total.
func (p *progress) lineDue(done, all int) bool {
	n := done * console.MaxLines / all
	if n <= p.lines {
		return false
	}
	p.lines = n
	return true
}

// describe says where the run is, how well it does and how fast: what fits into width,
// the most wanted first.
func (p *progress) describe(width int) string {
	s := p.last.Load()
	done := s.Step
	if done == 0 {
		return ""
	}
	rate := float64(done) / s.Seconds
	passed := time.Since(p.started)
	clock := "in " + number.Duration(passed)
	if done < p.steps {
		clock = number.Left(passed, float64(done-p.first), float64(p.steps-done))
	}
	line := fmt.Sprintf("%*d/%d", len(fmt.Sprint(p.steps)), done, p.steps)
	fields := []string{fmt.Sprintf("loss %6s", number.Padded(s.Loss+s.RegLoss, 4)), fmt.Sprintf("epoch %d", s.Epoch)}
	if s.valAcc != nil {
		fields = append(fields, "val acc "+number.Share(s.valAcc))
	}
	fields = append(fields,
		fmt.Sprintf("%7s", clock),
		"acc "+number.Share(&s.Acc),
		fmt.Sprintf("%4s img/s", number.Rate(rate*float64(p.batch))),
		fmt.Sprintf("%3s GFLOP/s", number.GFLOPS(rate*p.flops)))
	if s.peak > 0 {
		fields = append(fields, percentOfPeak(100*rate*p.flops/s.peak))
	}
	return console.Fitted(width, line, fields...)
}

func (p *progress) end() { p.bar.End() }
