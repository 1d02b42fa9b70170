package train

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/internal/lockfile"
	"github.com/lanes-ml/lanes/net/internal/regular"
	"github.com/lanes-ml/lanes/net/setting"
)

// The files of a run's folder, besides the checkpoints.
const (
	configFile  = "config.toml"
	historyFile = "history.jsonl"
	csvFile     = "history.csv"
	resultFile  = "result.json"
	dataFile    = "data.json"
)

// Folder is where a run is kept: its configuration, its history, its checkpoints and its
// result.
//
//	config.toml         the configuration, with every setting
//	data.json           the folder of its images, if they were read
//	history.jsonl       a line for every step and every epoch
//	history.csv         a row for every epoch
//	last.safetensors    the last checkpoint, with all that the run needs to continue
//	best.safetensors    the model with the best validation accuracy
//	epoch-0007.…        the model after that epoch, if [Run.KeepEpochs] asks for it
//	result.json         a [Result], when the run is done
//
// Whenever the machine stops, each file is complete, and the history has all steps up to
// the last checkpoint.
type Folder struct {
	Dir    string
	Config Config
}

// Create makes the folder dir for a run. If there is one that is not empty, it returns an
// error and writes nothing.
func Create(dir string, config Config) (*Folder, error) {
	config, err := config.Resolve()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	f := &Folder{dir, config}
	if _, err := os.Lstat(f.path(configFile)); err == nil {
		return nil, fmt.Errorf("%s holds a run already", dir)
	}
	if other, err := atomicfile.Stranger(dir); err != nil || other != "" {
		return nil, cmp.Or(err, fmt.Errorf("%s holds other things than a run, such as %q", dir, other))
	}
	return f, f.writeConfig()
}

// CreateNext makes a folder for a run in parent. Its name is name with the first free
// number, counted from 1. Runs that start at the same time get different folders.
func CreateNext(parent, name string, config Config) (*Folder, error) {
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		dir := filepath.Join(parent, name+"-"+strconv.Itoa(n))
		err := os.Mkdir(dir, 0o777)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return Create(dir, config)
	}
}

// Open returns the folder of a run. Its error names what is missing or wrong.
func Open(dir string) (*Folder, error) {
	path := filepath.Join(dir, configFile)
	file, err := setting.ReadRegularFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(dir); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s holds no run: it has no %s", dir, configFile)
	}
	if err != nil {
		return nil, err
	}
	config, err := parseConfig(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Folder{dir, config}, nil
}

// parseConfig reads a file that [Config.TOML] wrote. A setting that the file lacks, as
// one of an earlier version may, has its value in the first preset.
func parseConfig(file []byte) (Config, error) {
	c, err := Preset(presets[0].name)
	if err != nil {
		return Config{}, err
	}
	if _, err := c.SetTOML(file); err != nil {
		return Config{}, err
	}
	return c.Resolve()
}

// History returns what the run has logged so far.
func (f *Folder) History() (History, error) {
	file, err := regular.Open(f.path(historyFile))
	if err != nil {
		return History{}, err
	}
	defer file.Close()
	var h History
	_, err = scanHistory(file, setting.MaxCount, func(s StepRecord) { h.Steps = append(h.Steps, s) }, func(e EpochRecord, _ int) { h.Epochs = append(h.Epochs, e) })
	return h, err
}

// ErrBusy says that another process trains the run.
var ErrBusy = errors.New("another process is at work on this run")

// Busy reports whether a process trains the run now.
func (f *Folder) Busy() (bool, error) {
	file, err := regular.Open(f.path(historyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	return lockfile.Locked(file)
}

// InRun reports whether path names a file that belongs to a run, whether it exists or
// not. Only the run may write it.
func InRun(path string) bool {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if !Is(filepath.Dir(path)) {
		return false
	}
	name := strings.ToLower(filepath.Base(path)) // some file systems ignore case
	var epoch int
	switch strings.TrimSuffix(name, checkpointSuffix) {
	case configFile, historyFile, csvFile, resultFile, dataFile:
		return true
	case "last", "best":
		return strings.HasSuffix(name, checkpointSuffix)
	}
	_, err := fmt.Sscanf(name, "epoch-%d"+checkpointSuffix, &epoch)
	return err == nil
}

// Is reports whether the folder is that of a run, complete or damaged.
func Is(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, configFile))
	return err == nil
}

// Has reports whether the run has the checkpoint of that name, complete or damaged.
func (f *Folder) Has(checkpoint string) bool {
	_, err := os.Stat(f.Checkpoint(checkpoint))
	return !errors.Is(err, fs.ErrNotExist)
}

// Checkpoint returns the path of a checkpoint: "last", "best" or, for a kept epoch, a
// name such as "epoch-0007".
func (f *Folder) Checkpoint(name string) string { return f.path(name + checkpointSuffix) }

func (f *Folder) path(name string) string { return filepath.Join(f.Dir, name) }

func (f *Folder) writeConfig() error {
	text, err := f.Config.TOML()
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(f.path(configFile), text)
}

// dropEpochs removes the kept models of all but the last n epochs.
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

// epochName returns the name of the checkpoint of an epoch.
func epochName(epoch int) string { return fmt.Sprintf("epoch-%04d", epoch) }
