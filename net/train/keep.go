package train

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/internal/regular"
)

// saveInterval is the least time between checkpoints at ends of epochs: where an
// epoch takes less, a crash loses at most what this took.
const saveInterval = time.Second

// maxHeld is the largest model, in bytes, of which a copy is kept till the next
// checkpoint where it is the best so far. A larger one is written at once, so that
// keeping a run needs no memory to speak of.
const maxHeld = 16 << 20

// keeper writes a run's folder.
type keeper struct {
	history, csv *journal
	saved        time.Time // when the last checkpoint was written
	unsaved      bool      // the run is no longer where that is
}

// ErrBusy says that another process trains the run.
var ErrBusy = errors.New("another process is at work on this run")

// Busy tells whether a process trains the run now.
func (f *Folder) Busy() (bool, error) {
	file, err := regular.Open(f.path(historyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close() // and with it the lock
	return locked(file)
}

// ErrHistory says that the run cannot go on, because its history lacks steps or it
// has lost its checkpoint.
var ErrHistory = errors.New("damaged history")

// open makes the folder ready for what comes after the run's step.
func (r *Run[T]) open() error {
	if r.Folder == nil {
		return nil
	}
	k := &keeper{saved: time.Now()}
	var err error
	if k.history, err = openJournal(r.Folder.path(historyFile)); err != nil {
		return err
	}
	if err := lock(k.history.file); err != nil {
		return cmp.Or(fmt.Errorf("%s: %w", r.Folder.Dir, err), k.history.file.Close())
	}
	if k.csv, err = openJournal(r.Folder.path(csvFile)); err != nil {
		return cmp.Or(err, k.history.file.Close())
	}
	r.keeper = k
	if err := r.prepare(); err != nil {
		return cmp.Or(err, r.close())
	}
	return nil
}

// prepare removes what a crash may have left: temporary files, and the lines of
// steps after the run's. It writes the first checkpoint, so that a run without one
// has lost it.
func (r *Run[T]) prepare() error {
	if err := atomicfile.Sweep(r.Folder.Dir); err != nil {
		return err
	}
	if err := cmp.Or(r.Folder.writeConfig(), r.Folder.rememberData(r.folder)); err != nil {
		return err
	}
	k := r.keeper
	steps, end := 0, -1
	k.csv.buf = append(k.csv.buf, csvHeader...)
	size, err := scanHistory(k.history.file, r.Step, func(StepRecord) { steps++ }, func(e EpochRecord, before int) {
		if e.Step == r.Step && (r.state.Unscored || e.Part > 0 && r.Step == r.Steps()) { // it is to be scored now
			end = before
			return
		}
		r.rank(e)
		k.csv.buf = e.appendCSV(k.csv.buf)
	})
	if err == nil && steps != r.Step {
		err = fmt.Errorf("%w: %s has %d steps, the checkpoint is of step %d", ErrHistory, k.history.file.Name(), steps, r.Step)
	}
	if err != nil {
		k.csv.buf = k.csv.buf[:0]
		return err
	}
	if end >= 0 {
		size = end
	}
	if r.Step < r.Steps() { // the result of a run that now goes on is no longer its result
		if err := os.Remove(r.Folder.path(resultFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := cmp.Or(k.history.cut(size), k.csv.cut(0)); err != nil {
		return err
	}
	if _, err := os.Stat(r.Folder.Checkpoint("last")); r.Step == 0 && errors.Is(err, fs.ErrNotExist) {
		k.unsaved = true
	}
	return r.save()
}

func (r *Run[T]) close() error {
	if r.keeper == nil {
		return nil
	}
	k := r.keeper
	r.keeper = nil
	return cmp.Or(k.history.close(), k.csv.close())
}

// keep takes the end of an epoch, or of the run within one, into the folder. The
// model is the best one so far if better is set.
func (r *Run[T]) keep(e EpochRecord, better bool) error {
	if r.keeper == nil {
		return nil
	}
	k := r.keeper
	k.unsaved = k.unsaved || e.Part == 0
	k.history.buf = e.appendLine(k.history.buf)
	k.csv.buf = e.appendCSV(k.csv.buf)
	if err := cmp.Or(k.history.drain(), k.csv.drain()); err != nil {
		return err
	}
	model := r.KeepEpochs > 0 && e.Part == 0
	if !better && !model {
		return nil
	}
	c, err := r.Model.checkpoint(r.Step/r.StepsPerEpoch(), e.ValAcc)
	if err != nil {
		return err
	}
	if better {
		if r.best = c; c.size() > maxHeld {
			err = r.saveBest()
		} else {
			c.hold()
		}
	}
	if err != nil || !model {
		return err
	}
	if err := c.write(r.Folder.Checkpoint(epochName(e.Epoch))); err != nil {
		return err
	}
	return r.Folder.dropEpochs(r.KeepEpochs)
}

// dropEpochs removes the models of all but the last n epochs.
func (f *Folder) dropEpochs(n int) error {
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return err
	}
	var epochs []int
	for _, e := range entries {
		var epoch int
		if fmt.Sscanf(e.Name(), "epoch-%d", &epoch); epoch > 0 && e.Name() == epochName(epoch)+checkpointSuffix {
			epochs = append(epochs, epoch)
		}
	}
	slices.Sort(epochs)
	for _, epoch := range epochs[:max(0, len(epochs)-n)] {
		if err := os.Remove(f.Checkpoint(epochName(epoch))); err != nil {
			return err
		}
	}
	return nil
}

// epochName names the checkpoint of an epoch that is kept.
func epochName(epoch int) string { return fmt.Sprintf("epoch-%04d", epoch) }

// due says whether it is time for a checkpoint.
func (r *Run[T]) due(endOfEpoch bool) bool {
	switch {
	case r.keeper == nil:
		return false
	case r.CheckpointEvery > 0:
		return r.Step%r.CheckpointEvery == 0
	}
	return endOfEpoch && time.Since(r.keeper.saved) >= saveInterval
}

// save writes the checkpoint, after what it must agree with: history, which may
// be longer but not shorter, and the best model.
func (r *Run[T]) save() error {
	if r.keeper == nil || !r.keeper.unsaved {
		return nil
	}
	if err := cmp.Or(r.keeper.flush(), r.saveBest()); err != nil {
		return err
	}
	c, err := r.snapshot()
	if err != nil {
		return err
	}
	if err := c.write(r.Folder.Checkpoint("last")); err != nil {
		return err
	}
	r.keeper.saved, r.keeper.unsaved = time.Now(), false
	return nil
}

func (k *keeper) flush() error { return cmp.Or(k.history.flush(), k.csv.flush()) }

// saveBest writes the best model, after the history that tells of it.
func (r *Run[T]) saveBest() error {
	if r.keeper == nil || r.best == nil {
		return nil
	}
	if err := r.keeper.history.flush(); err != nil {
		return err
	}
	if err := r.best.write(r.Folder.Checkpoint("best")); err != nil {
		return err
	}
	r.best = nil
	return nil
}

// finish writes what a run that is done leaves. Where there is no validation part,
// the last model is the best one.
func (r *Run[T]) finish(result *Result) error {
	if r.keeper == nil {
		return nil
	}
	if r.Val == nil {
		c, err := r.Model.checkpoint(r.Step/r.StepsPerEpoch(), nil)
		if err != nil {
			return err
		}
		r.best = c
	}
	if err := cmp.Or(r.saveBest(), r.keeper.flush()); err != nil {
		return err
	}
	return r.Folder.writeResult(result)
}

// checkpoint returns the model as a file. Epoch is how many epochs are over,
// valAcc the validation accuracy if there is one.
func (m *Model[T]) checkpoint(epoch int, valAcc *float64) (*checkpoint, error) {
	c := new(checkpoint)
	if err := c.describe(m.Classes, m.Config); err != nil {
		return nil, err
	}
	c.metadata["step"], c.metadata["epoch"], c.metadata["data"] = strconv.Itoa(m.Step), strconv.Itoa(epoch), m.Data
	if valAcc != nil {
		c.metadata["val_acc"] = strconv.FormatFloat(*valAcc, 'g', -1, 64)
	}
	m.addTo(c)
	return c, nil
}
