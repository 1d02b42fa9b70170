package train

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/internal/lockfile"
)

// saveInterval is the least time between checkpoints at ends of epochs. Where epochs
// are shorter, a crash loses at most this much training.
const saveInterval = time.Second

// maxHeld is the size in bytes of the largest best model whose copy waits in memory for
// the next checkpoint. A larger one is written at once, so that keeping a run needs
// little memory.
const maxHeld = 16 << 20

// keeper writes the folder of a run, which it locks. A nil keeper keeps nothing.
type keeper struct {
	folder       *Folder
	history, csv *journal
	best         *checkpoint // the best model, if it is not in the folder yet
	saved        time.Time   // when the last checkpoint was written
	unsaved      bool        // the run is ahead of that checkpoint, or there is none
}

// openKeeper locks the folder and opens its history. The error is [ErrBusy] if another
// process has the lock.
func openKeeper(folder *Folder) (*keeper, error) {
	history, err := openJournal(folder.path(historyFile))
	if err != nil {
		return nil, err
	}
	if err := lockfile.Lock(history.file); err != nil {
		if errors.Is(err, lockfile.ErrLocked) {
			err = ErrBusy
		}
		return nil, cmp.Or(fmt.Errorf("%s: %w", folder.Dir, err), history.file.Close())
	}
	csv, err := openJournal(folder.path(csvFile))
	if err != nil {
		return nil, cmp.Or(err, history.file.Close())
	}
	return &keeper{folder: folder, history: history, csv: csv, saved: time.Now()}, nil
}

// tidy removes the temporary files that a crash may have left, and writes down the
// configuration and the folder of the images.
func (k *keeper) tidy(images string) error {
	if _, err := os.Stat(k.folder.Checkpoint("last")); errors.Is(err, fs.ErrNotExist) {
		k.unsaved = true
	}
	if err := atomicfile.Sweep(k.folder.Dir); err != nil {
		return err
	}
	return cmp.Or(k.folder.writeConfig(), k.folder.rememberData(images))
}

// read reads the history up to a step, the one that the run is at, and begins the table
// of epochs anew. It tells each record of an epoch to epoch, which returns false if the
// run is going to make that record again. It returns the size of what is to stay of the
// history. If steps are missing there, the error is [ErrHistory].
func (k *keeper) read(step int, epoch func(EpochRecord) bool) (size int, err error) {
	table := []byte(csvHeader)
	steps, end := 0, -1
	size, err = scanHistory(k.history.file, step, func(StepRecord) { steps++ }, func(e EpochRecord, before int) {
		if epoch(e) {
			table = e.appendCSV(table)
		} else {
			end = before
		}
	})
	if err != nil {
		return 0, err
	}
	if steps != step {
		return 0, fmt.Errorf("%w: %s has %d steps, the checkpoint is of step %d", ErrHistory, k.history.file.Name(), steps, step)
	}
	k.csv.buf = append(k.csv.buf, table...)
	if end >= 0 {
		size = end
	}
	return size, nil
}

// cut drops what the history has beyond size, and the old table of epochs.
func (k *keeper) cut(size int) error { return cmp.Or(k.history.cut(size), k.csv.cut(0)) }

// step adds a step to the history.
func (k *keeper) step(s StepRecord) error {
	if k == nil {
		return nil
	}
	k.unsaved = true
	k.history.buf = s.appendLine(k.history.buf)
	return k.history.drain()
}

// epoch adds the end of an epoch, or of the run within one, to the history.
func (k *keeper) epoch(e EpochRecord) error {
	if k == nil {
		return nil
	}
	k.unsaved = k.unsaved || e.Part == 0
	k.history.buf = e.appendLine(k.history.buf)
	k.csv.buf = e.appendCSV(k.csv.buf)
	return cmp.Or(k.history.drain(), k.csv.drain())
}

// due reports whether a checkpoint is to be written, every so many steps or, if that is
// 0, by the clock.
func (k *keeper) due(step, every int, endOfEpoch bool) bool {
	switch {
	case k == nil:
		return false
	case every > 0:
		return step%every == 0
	}
	return endOfEpoch && time.Since(k.saved) >= saveInterval
}

// save writes the checkpoint that snapshot returns, unless the last one still stands. What
// it must agree with comes first: the history, which may be longer than the checkpoint
// but not shorter, and the best model.
func (k *keeper) save(snapshot func() (*checkpoint, error)) error {
	if k == nil || !k.unsaved {
		return nil
	}
	if err := cmp.Or(k.flush(), k.saveBest()); err != nil {
		return err
	}
	c, err := snapshot()
	if err != nil {
		return err
	}
	if err := c.write(k.folder.Checkpoint("last")); err != nil {
		return err
	}
	k.saved, k.unsaved = time.Now(), false
	return nil
}

// setBest makes c the best model, which is written now or with the next checkpoint.
func (k *keeper) setBest(c *checkpoint) error {
	if k.best = c; c.size() > maxHeld {
		return k.saveBest()
	}
	c.hold()
	return nil
}

// saveBest writes the best model, after the history that tells of it.
func (k *keeper) saveBest() error {
	if k.best == nil {
		return nil
	}
	if err := k.history.flush(); err != nil {
		return err
	}
	if err := k.best.write(k.folder.Checkpoint("best")); err != nil {
		return err
	}
	k.best = nil
	return nil
}

// saveEpoch writes the model of an epoch, and removes those of all but the last n.
func (k *keeper) saveEpoch(c *checkpoint, epoch, n int) error {
	if err := c.write(k.folder.Checkpoint(epochName(epoch))); err != nil {
		return err
	}
	return k.folder.dropEpochs(n)
}

// finish writes the result of a run that is done, after all that it tells of.
func (k *keeper) finish(result *Result) error {
	if err := cmp.Or(k.saveBest(), k.flush()); err != nil {
		return err
	}
	return k.folder.writeResult(result)
}

func (k *keeper) flush() error { return cmp.Or(k.history.flush(), k.csv.flush()) }

// close writes what waits in memory, and unlocks the folder.
func (k *keeper) close() error {
	if k == nil {
		return nil
	}
	return cmp.Or(k.saveBest(), k.history.close(), k.csv.close())
}
