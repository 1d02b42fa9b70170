package main

import (
	"time"

	"github.com/lanes-ml/lanes/net/train"
)

// watcher is told of what a run logs, in the goroutine that trains.
type watcher interface {
	Step(train.StepRecord)
	Epoch(train.EpochRecord)
}

// watch tells the watchers of all that the run logs.
func watch(onStep *func(train.StepRecord), onEpoch *func(train.EpochRecord), watchers ...watcher) {
	*onStep = func(s train.StepRecord) {
		for _, w := range watchers {
			w.Step(s)
		}
	}
	*onEpoch = func(e train.EpochRecord) {
		for _, w := range watchers {
			w.Epoch(e)
		}
	}
}

// replay tells a watcher of the history up to a step.
func replay(h train.History, step int, w watcher) {
	for _, s := range h.Steps {
		if s.Step > step {
			return
		}
		w.Step(s)
		for len(h.Epochs) > 0 && h.Epochs[0].Step <= s.Step {
			w.Epoch(h.Epochs[0])
			h.Epochs = h.Epochs[1:]
		}
	}
}

// share is how much of the time a seldom may take from the training.
const share = 0.005

// seldom does what would slow the training down if it were done at every turn: at most so
// often that it takes that share of the time.
type seldom struct{ next time.Time }

// do does it, if enough time has passed since the last time.
func (s *seldom) do(it func()) {
	began := time.Now()
	if began.Before(s.next) {
		return
	}
	it()
	now := time.Now()
	s.next = now.Add(time.Duration(float64(now.Sub(began)) / share))
}
