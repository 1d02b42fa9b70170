package main

import (
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/train"
)

const (
	// worthPeak is the length of a run, in seconds, from which on the peak is measured.
	worthPeak = 2
	// beforePeak is the time, in seconds of steps, after which the length is estimated.
	beforePeak = 0.1
)

// peakOfRun measures the peak of a run's engine once, between two of its first steps, if
// the run is going to be long.
type peakOfRun struct {
	measure func() float64
	first   train.StepRecord // of this process, which is not timed: it finds the caches cold
	decided bool
	rate    float64 // 0 if it is not measured
}

// step takes the record of each step of a run that has so many steps in this process.
func (p *peakOfRun) step(s train.StepRecord, steps int) {
	if p.first.Step == 0 {
		p.first = s
		return
	}
	passed := s.Seconds - p.first.Seconds
	if p.decided || passed < beforePeak {
		return
	}
	p.decided = true
	if passed/float64(s.Step-p.first.Step)*float64(steps) >= worthPeak {
		p.rate = p.measure()
	}
}

// percent returns a rate as a percentage of the peak, or nil if the peak is not known.
func (p *peakOfRun) percent(rate float64) *float64 {
	if p.rate == 0 {
		return nil
	}
	return new(100 * rate / p.rate)
}

func percentOfPeak(percent float64) string { return number.Fixed(percent, 0) + "% of peak" }
