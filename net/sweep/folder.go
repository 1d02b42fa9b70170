package sweep

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// The files of a sweep's folder.
const (
	sweepFile    = "sweep.toml"
	trialsFile   = "trials.csv"
	trialsFolder = "trials"
	outcomeFile  = "trial.json" // in a trial's folder
	csvFile      = "results.csv"
	jsonFile     = "results.json"

	choicesFile    = "choices.json"    // with TPE
	promotionsFile = "promotions.json" // with asynchronous halving
)

// Folder is where a sweep is kept. Of the trials whose configurations TPE has not chosen
// yet, Trials has the base.
type Folder struct {
	Dir    string
	Sweep  Sweep
	Trials []Trial

	known int // the first trials, which have their configurations
}

// newFolder returns the folder with the trials that the sweep itself determines.
func newFolder(dir string, s Sweep) (*Folder, error) {
	trials, err := s.Trials()
	if err != nil {
		return nil, err
	}
	f := &Folder{dir, s, trials, len(trials)}
	for i := len(trials); i < s.TPE; i++ {
		f.Trials = append(f.Trials, Trial{i, s.Base})
	}
	return f, nil
}

// Known returns the number of trials whose configurations are known, which are the first:
// all, but for those that TPE has not chosen yet.
func (f *Folder) Known() int { return f.known }

var (
	// ErrOther says that a folder holds a sweep other than the one to plan.
	ErrOther = errors.New("it holds another sweep")
	// ErrUnusable says that a file of the sweep is damaged, or that a trial was trained on
	// other data.
	ErrUnusable = errors.New("unusable folder")
)

// Plan makes the folder of a sweep and lists its trials there. If dir holds the same sweep
// already, Plan opens it. If that has fewer seeds, or fewer trials of TPE, Plan adds the
// others, unless the sweep uses halving, which compares trials. If dir holds another sweep, the
// error is [ErrOther] and names a setting that differs. If it holds anything else, Plan
// returns an error and writes nothing.
func Plan(dir string, s Sweep) (*Folder, error) {
	f, err := newFolder(dir, s)
	if err != nil {
		return nil, err
	}
	file, err := s.TOML()
	if err != nil {
		return nil, err
	}
	switch _, err := os.Lstat(f.path(sweepFile)); {
	case err == nil:
		was, err := Open(dir)
		if err != nil {
			return nil, err
		}
		more := (s.Seeds > was.Sweep.Seeds || s.TPE > was.Sweep.TPE && was.Sweep.TPE > 0) && s.Halving == 0
		if more {
			was.Sweep.Seeds, was.Sweep.TPE = s.Seeds, s.TPE // the new trials follow the old ones
		}
		if err := cmp.Or(sameSweep(dir, was.Sweep, s), f.remember()); err != nil || !more {
			return f, err
		}
	case errors.Is(err, fs.ErrNotExist):
		other, err := atomicfile.Stranger(dir, trialsFile, trialsFolder) // which a crash may leave without the sweep
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if other != "" {
			return nil, fmt.Errorf("%s holds other things than a sweep, such as %q", dir, other)
		}
	default:
		return nil, err
	}
	if err := os.MkdirAll(f.path(trialsFolder), 0o777); err != nil {
		return nil, err
	}
	if err := atomicfile.WriteFile(f.path(trialsFile), f.listing()); err != nil {
		return nil, err
	}
	return f, atomicfile.WriteFile(f.path(sweepFile), sealed(file)) // last, since it makes the folder that of a sweep
}

// seal begins the first line of sweep.toml, which ends with the SHA-256 of the rest.
const seal = "# sha256 of what is below: "

// sealed returns the file with the line of its hash above it. Without the hash, a flipped
// bit could make it the file of another sweep.
func sealed(file []byte) []byte { return fmt.Appendf(nil, "%s%x\n%s", seal, sha256.Sum256(file), file) }

// sameSweep returns an error if was, the sweep in dir, differs from s.
func sameSweep(dir string, was, s Sweep) error {
	now := s.Settings()
	for i, old := range was.Settings() {
		if before, after := old.String(), now[i].String(); before != after {
			return fmt.Errorf("%s: %w, with %s %s instead of %s", dir, ErrOther, old.Name, before, after)
		}
	}
	return nil
}

// Open returns the folder of a sweep. Its error names what is missing or wrong.
func Open(dir string) (*Folder, error) {
	path := filepath.Join(dir, sweepFile)
	file, err := setting.ReadRegularFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(dir); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s holds no sweep: it has no %s", dir, sweepFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	if _, content, _ := bytes.Cut(file, []byte("\n")); !bytes.Equal(file, sealed(content)) {
		return nil, fmt.Errorf("%w: %s: its content does not match the hash in its first line: damaged, edited, or of an earlier version of Lanes", ErrUnusable, path)
	}
	var s Sweep
	var f *Folder
	if err = s.SetTOML(file); err == nil {
		f, err = newFolder(dir, s)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnusable, path, err)
	}
	return f, f.remember()
}

// Is reports whether the folder is that of a sweep, complete or damaged.
func Is(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, sweepFile))
	return err == nil
}

// InSweep reports whether path names a file that belongs to a sweep, whether it exists or
// not. Only the sweep may write it.
func InSweep(path string) bool {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir, name := filepath.Split(path)
	name = strings.ToLower(name) // some file systems ignore case
	if name == outcomeFile {     // of a trial
		dir = filepath.Join(dir, "..", "..")
	}
	return Is(dir) && slices.Contains([]string{sweepFile, trialsFile, choicesFile, promotionsFile, csvFile, jsonFile, outcomeFile}, name)
}

// Trial returns the folder of a trial's run.
func (f *Folder) Trial(index int) string {
	return filepath.Join(f.Dir, trialsFolder, fmt.Sprintf("%04d", index))
}

// DataFolder returns the folder from which the first trial that has begun read its images.
// It is empty if there is none.
func (f *Folder) DataFolder() (string, error) {
	for _, t := range f.Trials {
		if once, err := f.run(t.Index).DataFolder(); err != nil || once != "" {
			return once, err
		}
	}
	return "", nil
}

// run returns the trial as a run.
func (f *Folder) run(index int) *train.Folder {
	return &train.Folder{Dir: f.Trial(index), Config: f.Trials[index].Config}
}

func (f *Folder) path(name string) string { return filepath.Join(f.Dir, name) }

// listing returns the content of trials.csv.
func (f *Folder) listing() []byte {
	names := f.Sweep.Columns()
	var b bytes.Buffer
	for i, t := range f.Trials[:f.known] {
		if i == 0 {
			writeCSV(&b, append([]string{"index"}, names...))
		}
		writeCSV(&b, append([]string{strconv.Itoa(t.Index)}, t.Texts(names)...))
	}
	return b.Bytes()
}
