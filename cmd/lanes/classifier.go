package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// checkpointUsage is what --help says of --checkpoint.
const checkpointUsage = "`weights`: best, by validation accuracy, or last (default best if there is one)"

// openRun opens a run's folder, and returns it with the name of the checkpoint: if none is
// given, best if the run has one, else last. Its errors carry their exit code.
func openRun(dir, checkpoint string) (*train.Folder, string, error) {
	if !slices.Contains([]string{"", "best", "last"}, checkpoint) {
		return nil, "", failure{exitUsage, fmt.Errorf("--checkpoint %q, want best or last", checkpoint)}
	}
	run, err := train.Open(dir)
	if err != nil {
		return nil, "", failure{exitData, err}
	}
	if run.Config.Dataset == train.Own {
		return nil, "", failure{exitData, fmt.Errorf("%s was trained by a program on its own examples, which only that program has", dir)}
	}
	if checkpoint == "" {
		checkpoint = "best"
		if !run.Has(checkpoint) {
			checkpoint = "last"
		}
	}
	return run, checkpoint, nil
}

// openModel reads a checkpoint of a run. It returns an error unless the checkpoint is
// whole and the run's configuration gives its network. Its errors carry their exit code.
func openModel[T kernels.Float](run *train.Folder, checkpoint string) (*kernels.Engine[T], *train.Model[T], error) {
	engine, err := newEngine[T]("", 0)
	if err != nil {
		return nil, nil, failure{exitUsage, err}
	}
	model, err := train.OpenModel(engine, run.Checkpoint(checkpoint))
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s has no %s checkpoint", run.Dir, checkpoint)
	}
	if err == nil {
		if err = train.SameWeights(model.Config, run.Config); err == nil {
			err = sameClasses(len(model.Classes), run.Config)
		}
		if err != nil {
			err = fmt.Errorf("%s does not belong to the run: %w", run.Checkpoint(checkpoint), err)
		}
	}
	if err != nil {
		return nil, nil, failure{exitData, err}
	}
	return engine, model, nil
}

// sameClasses returns an error unless the configuration's dataset has n classes.
func sameClasses(n int, config train.Config) error {
	if config.Dataset == data.Files {
		return nil
	}
	if want := config.Network().Outputs(); n != want {
		return fmt.Errorf("it names %d classes, %s has %d", n, config.Dataset, want)
	}
	return nil
}

// classifies reports whether a run is on a dataset that can be scored: the toy problem
// has nothing but a training part.
func classifies(config train.Config) bool {
	spec, _ := data.Lookup(config.Dataset)
	return !spec.Fixed
}

// classifier is a trained network. It computes in float64, whatever the run was
// trained in, so that its logits are a reference for those of float32 networks and of
// exports, which differ by about 1e-5.
type classifier struct {
	*train.Model[float64]
	engine    *kernels.Engine[float64]
	predictor *train.Predictor[float64]
}

// openClassifier reads a checkpoint of a run. Its errors carry their exit code.
func openClassifier(run *train.Folder, checkpoint string) (*classifier, error) {
	if !classifies(run.Config) {
		spec, _ := data.Lookup(run.Config.Dataset)
		return nil, failure{exitData, fmt.Errorf("%s is a run on %s, which has no test part", run.Dir, spec.Title)}
	}
	engine, model, err := openModel[float64](run, checkpoint)
	if err != nil {
		return nil, err
	}
	return &classifier{model, engine, model.Predictor(engine)}, nil
}
