package main

import (
	"context"
	"errors"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// The speed of training is measured between these steps: those before the first find the
// caches cold.
const (
	firstTimed = 10
	lastTimed  = 60
)

// trainingRate returns the floating-point operations per second of the runner's threads,
// each training a trial, measured on the report's best network.
func trainingRate(ctx context.Context, runner *sweep.Runner, set *data.Dataset) (float64, error) {
	engine, err := kernels.New[float32](append(runner.Options[:len(runner.Options):len(runner.Options)], kernels.WithThreads(1))...)
	if err != nil {
		return 0, failure{exitUsage, err}
	}
	config, err := train.Preset("report")
	if err != nil {
		return 0, failure{exitFailed, err}
	}
	config.Dataset = set.Name
	run, err := train.New(engine, config, set)
	if err != nil {
		return 0, failure{exitFailed, err}
	}
	timed, stop := context.WithCancel(ctx)
	defer stop()
	var from, to float64
	run.OnStep = func(s train.StepRecord) {
		switch s.Step {
		case firstTimed:
			from = s.Seconds
		case lastTimed:
			to = s.Seconds
			stop()
		}
	}
	if _, err := run.Do(timed); !errors.Is(err, context.Canceled) {
		return 0, failure{exitFailed, err}
	}
	flops := float64(lastTimed-firstTimed) * config.Network().StepFLOPs(config.BatchSize())
	return flops / (to - from) * float64(min(runner.Threads, max(1, runner.Jobs))), nil
}
