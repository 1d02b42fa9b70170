package train

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"strconv"

	"github.com/lanes-ml/lanes/kernels"
)

// open makes the folder, if there is one, ready for what follows the run's step.
func (r *Run[T]) open() error {
	if r.Folder == nil {
		return nil
	}
	var err error
	if r.keeper, err = openKeeper(r.Folder); err != nil {
		return err
	}
	if err := r.prepare(); err != nil {
		return cmp.Or(err, r.close())
	}
	return nil
}

// prepare removes what a crash may have left: temporary files, and the records of steps
// after the run's. It writes the first checkpoint, so that a run that has trained and
// has none is known to have lost it.
func (r *Run[T]) prepare() error {
	if err := r.keeper.tidy(r.path); err != nil {
		return err
	}
	steps := r.Steps()
	size, err := r.keeper.read(r.Step, func(e EpochRecord) bool {
		if e.Step == r.Step && (r.state.Unscored || e.Part > 0 && r.Step == steps) {
			return false // it is to be scored now
		}
		r.rank(e)
		return true
	})
	if err != nil {
		return err
	}
	if r.Step < steps { // a result from an earlier, shorter run no longer holds
		if err := os.Remove(r.Folder.path(resultFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := r.keeper.cut(size); err != nil {
		return err
	}
	return r.save()
}

func (r *Run[T]) close() error {
	k := r.keeper
	r.keeper = nil
	return k.close()
}

// keep takes the end of an epoch, or of the run within one, into the folder. If better
// is set, the model is the best one so far.
func (r *Run[T]) keep(e EpochRecord, better bool) error {
	if err := r.keeper.epoch(e); err != nil {
		return err
	}
	model := r.KeepEpochs > 0 && e.Part == 0
	if r.keeper == nil || !better && !model {
		return nil
	}
	c, err := r.model(e.ValAcc, values(saved(r.Network)))
	if err != nil {
		return err
	}
	if better {
		if err := r.keeper.setBest(c); err != nil {
			return err
		}
	}
	if !model {
		return nil
	}
	return r.keeper.saveEpoch(c, e.Epoch, r.KeepEpochs)
}

// save writes a checkpoint if the run is ahead of the last one.
func (r *Run[T]) save() error { return r.keeper.save(r.snapshot) }

// finish writes what a run that is done leaves. Where there is no validation part, the
// last model counts as the best one.
func (r *Run[T]) finish(result *Result) error {
	if r.keeper == nil {
		return nil
	}
	if r.Val == nil {
		c, err := r.model(nil, values(saved(r.Network)))
		if err != nil {
			return err
		}
		if err := r.keeper.setBest(c); err != nil {
			return err
		}
	}
	return r.keeper.finish(result)
}

// model returns the model with these values of the parameters and the buffers as a
// checkpoint, with its validation accuracy if it has one.
func (r *Run[T]) model(valAcc *float64, all []kernels.Mat[T]) (*checkpoint, error) {
	c := new(checkpoint)
	if err := c.describe(&r.Input, r.Classes, r.Config); err != nil {
		return nil, err
	}
	c.metadata["step"], c.metadata["epoch"], c.metadata["data"] = strconv.Itoa(r.Step), strconv.Itoa(r.Step/r.StepsPerEpoch()), r.Data
	if valAcc != nil {
		c.metadata["val_acc"] = strconv.FormatFloat(*valAcc, 'g', -1, 64)
	}
	c.metadata["dataset"] = r.Dataset
	r.addTo(c, all)
	return c, nil
}
