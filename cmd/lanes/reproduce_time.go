package main

import (
	"context"
	"errors"
	"time"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// The speed of training is measured between these steps: those before the first find the
// caches cold. It ends earlier when the time is up.
const (
	firstTimed = 10
	lastTimed  = 60
	mostTimed  = 2 * time.Second
)

// trainingRate returns the floating-point operations per second of the runner's threads,
// each training a trial, measured on the report's best network.
func trainingRate(ctx context.Context, runner *sweep.Runner, set *data.Dataset) (float64, error) {
	config, err := train.Preset("report")
	if err != nil {
		return 0, failure{exitFailed, err}
	}
	config.Dataset = set.Name
	rate, err := stepRate[float32](ctx, runner.Options, 1, config, set)
	return rate * float64(min(runner.Threads, max(1, runner.Jobs))), err
}

// stepRate returns the floating-point operations per second of steps of a run.
func stepRate[T kernels.Float](ctx context.Context, options []kernels.Option, threads int, config train.Config, set *data.Dataset) (float64, error) {
	engine, err := kernels.New[T](append(options[:len(options):len(options)], kernels.WithThreads(threads))...)
	if err != nil {
		return 0, failure{exitUsage, err}
	}
	run, err := train.New(engine, config, set)
	if err != nil {
		return 0, failure{exitFailed, err}
	}
	timed, stop := context.WithTimeout(ctx, mostTimed)
	defer stop()
	first := min(firstTimed, run.Steps()/2)
	var from, to float64
	steps := 0
	run.OnStep = func(s train.StepRecord) {
		switch {
		case s.Step <= first:
			from = s.Seconds
		default:
			to, steps = s.Seconds, s.Step-first
		}
		if s.Step == lastTimed {
			stop()
		}
	}
	_, err = run.Do(timed)
	if ctx.Err() != nil {
		return 0, failure{exitInterrupted, context.Cause(ctx)}
	}
	if err != nil && timed.Err() == nil && !errors.Is(err, train.ErrDiverged) {
		return 0, failure{exitFailed, err}
	}
	if steps == 0 {
		return 0, failure{exitFailed, errors.New("a step takes too long to be measured")}
	}
	return float64(steps) * config.Network().StepFLOPs(config.BatchSize()) / (to - from), nil
}
