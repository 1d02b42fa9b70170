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
const checkpointUsage = "`weights`: best, by validation accuracy, or last (default best, if there are)"

// openRun opens a run's folder, and returns with it the checkpoint: where none is
// named, best if the run has that and else last. Its errors carry their exit code.
func openRun(dir, checkpoint string) (*train.Folder, string, error) {
	if !slices.Contains([]string{"", "best", "last"}, checkpoint) {
		return nil, "", failure{exitUsage, fmt.Errorf("--checkpoint %q, want best or last", checkpoint)}
	}
	run, err := train.Open(dir)
	if err != nil {
		return nil, "", failure{exitData, err}
	}
	if run.Config.Dataset == train.Own {
		return nil, "", failure{exitData, fmt.Errorf("%s is a run on examples of a program's own, which that program has", dir)}
	}
	if checkpoint == "" {
		checkpoint = "best"
		if !run.Has(checkpoint) {
			checkpoint = "last"
		}
	}
	return run, checkpoint, nil
}

// openModel reads a checkpoint of a run: one that is whole, and of a network that
// the run's configuration gives. Its errors carry their exit code.
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

// sameClasses returns an error if a configuration's dataset has not that many
// classes.
func sameClasses(n int, config train.Config) error {
	sizes := config.Sizes()
	if want := sizes[len(sizes)-1]; n != want {
		return fmt.Errorf("it tells %d classes, %s has %d", n, config.Dataset, want)
	}
	return nil
}

// classifier is a trained network on images. It computes in float64 whatever the
// run was trained in, so that its logits are exact where those of a float32
// network, its exports' too, are to about 1e-5.
type classifier struct {
	*train.Model[float64]
	engine *kernels.Engine[float64]
	batch  *data.Batch[float64]
}

// openClassifier reads a checkpoint of a run on images. Its errors carry their
// exit code.
func openClassifier(run *train.Folder, checkpoint string) (*classifier, error) {
	if spec, _ := data.Lookup(run.Config.Dataset); !spec.Images {
		return nil, failure{exitData, fmt.Errorf("%s is a run on %s, which has no images", run.Dir, spec.Title)}
	}
	engine, model, err := openModel[float64](run, checkpoint)
	if err != nil {
		return nil, err
	}
	return &classifier{model, engine, model.Batch(engine, train.ScoreBatch)}, nil
}

// logits returns those of images i to j, which are at most train.ScoreBatch, a row
// each, until the next call.
func (c *classifier) logits(images data.Split, i, j int) kernels.Mat[float64] {
	rows := make([]int, j-i)
	for k := range rows {
		rows[k] = i + k
	}
	c.batch.Draw(images, rows)
	return c.Network.Logits(c.batch.X)
}
