package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// sweepProgress shows a sweep: a line for each trial that reaches the end of its round, and
// on a terminal bars below, for all trials and for those that are being trained.
type sweepProgress struct {
	out     io.Writer
	folder  *sweep.Folder
	images  int // of the training part
	started time.Time

	round       sweep.Rung
	done        int             // trials
	total, left float64         // work
	passed      float64         // work that was done since the start
	drawn       float64         // images since the start
	shares      map[int]float64 // of trials in training
	best        *sweep.Result

	live   *mpb.Progress // nil if not on a terminal
	all    *liveBar
	trials map[int]*liveBar
}

// liveBar is a bar with words after it.
type liveBar struct {
	*mpb.Bar
	words atomic.Pointer[[]string] // a line, and fields where there is room
}

// barParts is the number of parts of a bar.
const barParts = 1000

func newSweepProgress(out io.Writer, folder *sweep.Folder, images int) *sweepProgress {
	p := &sweepProgress{out: out, folder: folder, images: images, started: time.Now(), shares: map[int]float64{}, trials: map[int]*liveBar{}}
	if console.IsTerminal(out) {
		p.live = console.NewBars(out)
		p.out = p.live // above the bars
	}
	return p
}

// follow makes the runner report to p.
func (p *sweepProgress) follow(r *sweep.Runner) {
	r.OnRung, r.OnStep, r.OnResult, r.OnBusy = p.rung, p.step, p.result, p.busy
}

// addBar adds a bar. That of all trials has the highest priority, and stands below the others.
func (p *sweepProgress) addBar(priority int) *liveBar {
	b := new(liveBar)
	b.words.Store(&[]string{""})
	b.Bar = p.live.AddBar(barParts, mpb.BarPriority(priority), mpb.BarRemoveOnComplete(), mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
		words := *b.words.Load()
		return console.Fitted(s.AvailableWidth-console.MinBar-2, words[0], words[1:]...) // a space on either side of the bar
	})))
	return b
}

func (b *liveBar) show(share float64, words ...string) {
	b.words.Store(&words)
	b.SetCurrent(int64(share * (barParts - 1))) // a bar that is complete disappears
}

// rung begins a comparison.
func (p *sweepProgress) rung(r sweep.Rung) {
	p.round, p.done, p.total = r, 0, 0
	p.best = nil
	for _, t := range r.Trials {
		p.total += t.Work(p.images)
	}
	p.left = p.total
	if p.live != nil && p.all == nil {
		p.all = p.addBar(math.MaxInt)
	}
	switch {
	case r.Rungs > 1 && r.Number == 0:
		fmt.Fprintf(p.out, "asynchronous halving: %d rungs, about %s\n", r.Rungs, number.Count(len(r.Trials), "result"))
	case r.Rungs > 1:
		fmt.Fprintf(p.out, "comparison %d of %d: %s\n", r.Number, r.Rungs, number.Count(len(r.Trials), "trial"))
	}
}

// count returns the number of results of the round: as many as were expected, or more that
// there are.
func (p *sweepProgress) count() int { return max(p.done, len(p.round.Trials)) }

// step shows a step of a trial.
func (p *sweepProgress) step(t sweep.Trial, s train.StepRecord) {
	steps := float64(t.Config.Iters)
	if t.Config.Epochs > 0 {
		steps = float64(t.Config.Epochs) * float64(max(p.images, t.Config.Batch)) / float64(t.Config.Batch)
	}
	share := min(1, float64(s.Step)/steps)
	before, seen := p.shares[t.Index]
	if !seen {
		before = share - 1/steps // what an earlier process did
		p.left -= before * t.Work(p.images)
	}
	p.shares[t.Index] = share
	p.left -= (share - before) * t.Work(p.images)
	p.passed += (share - before) * t.Work(p.images)
	p.drawn += float64(t.Config.BatchSize())
	if p.live == nil {
		return
	}
	if p.trials[t.Index] == nil {
		p.trials[t.Index] = p.addBar(t.Index)
	}
	p.trials[t.Index].show(share, append(describeTrial(p.folder, t.Index), "loss "+number.Fixed(s.Loss, 3))...)
	p.showAll()
}

// showAll brings the bar of all trials up to date.
func (p *sweepProgress) showAll() {
	p.all.show(1-p.left/p.total, append([]string{fmt.Sprintf("%d/%d", p.done, p.count())}, p.describe()...)...)
}

// result shows a trial that reached the end of the round.
func (p *sweepProgress) result(r sweep.Result) {
	p.done++
	p.left -= (1 - p.shares[r.Index]) * r.Work(p.images)
	delete(p.shares, r.Index)
	if p.best == nil || r.ValAcc != nil && (p.best.ValAcc == nil || *r.ValAcc > *p.best.ValAcc) {
		p.best = &r
	}
	if bar := p.trials[r.Index]; bar != nil {
		bar.Abort(true)
		delete(p.trials, r.Index)
	}
	if p.live != nil {
		p.showAll()
	}
	result := describeResult(p.folder, r)
	if p.round.Rungs > 1 && p.round.Number == 0 {
		result += fmt.Sprintf("  rung %d of %d", r.Rungs, p.round.Rungs)
	}
	fmt.Fprintf(p.out, "%*d/%d  %s  %s\n", len(fmt.Sprint(p.count())), p.done, p.count(), result, strings.Join(p.describe(), "  "))
}

// busy names the trials that the sweep waits for.
func (p *sweepProgress) busy(trials []int) {
	fmt.Fprintln(p.out, "waiting for other processes to train "+thoseTrials(trials))
}

// describe says how well the trials do, how fast they are and how long the rest
// will take.
func (p *sweepProgress) describe() (fields []string) {
	if p.best != nil && p.best.ValAcc != nil {
		fields = append(fields, fmt.Sprintf("best %s (trial %d)", number.Figure(p.best.ValAcc), p.best.Index))
	}
	elapsed := time.Since(p.started)
	fields = append(fields, fmt.Sprintf("%4s img/s", number.Rate(p.drawn/elapsed.Seconds())))
	if left := number.Left(elapsed, p.passed, p.left); left != "" && p.done < p.count() {
		fields = append(fields, left)
	}
	return fields
}

// end removes the bars from the screen.
func (p *sweepProgress) end() {
	if p.live == nil {
		return
	}
	for _, bar := range p.trials {
		bar.Abort(true)
	}
	if p.all != nil {
		p.all.Abort(true)
	}
	p.live.Wait()
}

// describeTrial names a trial, and the settings in which it differs from others.
func describeTrial(folder *sweep.Folder, index int) []string {
	words := []string{fmt.Sprintf("trial %d", index)}
	names := folder.Sweep.Columns()
	for i, text := range folder.Trials[index].Texts(names) {
		words = append(words, names[i]+" "+text)
	}
	return words
}

// describeResult names a trial and its result.
func describeResult(folder *sweep.Folder, r sweep.Result) string {
	trial := strings.Join(describeTrial(folder, r.Index), "  ")
	if r.Status == sweep.Diverged {
		return trial + "  diverged"
	}
	return trial + "  val acc " + number.Figure(r.ValAcc) + "  " + number.Seconds(r.Seconds, 1)
}
