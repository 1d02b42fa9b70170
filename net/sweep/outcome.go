package sweep

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/internal/regular"
)

// outcome is the content of trial.json: the scores of a trial at each rung that it has
// reached. The results and the decisions of halving depend on it.
type outcome struct {
	SHA256 string   `json:"sha256"` // of the trial's settings and its rungs
	Rungs  []Scores `json:"rungs"`
}

// scores reads the scores of a trial at each rung that it has reached. The file must be,
// to the last byte, as writeScores writes it.
func (f *Folder) scores(index int) ([]Scores, error) {
	path := filepath.Join(f.Trial(index), outcomeFile)
	file, err := regular.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	rungs, err := f.Trials[index].decode(file)
	if err == nil && len(rungs) > f.rungs() {
		err = fmt.Errorf("it has %d rungs, the sweep has %d", len(rungs), f.rungs())
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w; if %s is removed, the trial is trained anew", ErrUnusable, path, err, f.Trial(index))
	}
	return rungs, nil
}

func (f *Folder) writeScores(index int, rungs []Scores) error {
	file, err := f.Trials[index].encode(rungs)
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(f.Trial(index), outcomeFile), file)
}

// encode returns the content of trial.json.
func (t Trial) encode(rungs []Scores) ([]byte, error) {
	text, err := json.Marshal(rungs)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	for _, s := range t.Config.Settings() {
		switch value := s.String(); value {
		case "", "0", "false": // such a setting may be newer than the file
		default:
			fmt.Fprintf(h, "%s=%s\n", s.Name, value)
		}
	}
	h.Write(text)
	file, err := json.MarshalIndent(outcome{hex.EncodeToString(h.Sum(nil)), rungs}, "", "  ")
	return append(file, '\n'), err
}

// decode returns the scores in a file that encode made.
func (t Trial) decode(file []byte) ([]Scores, error) {
	var o outcome
	if bytes.HasPrefix(file, []byte("[")) {
		return nil, errors.New("it is a list, without a hash of its content: damaged, or of an earlier version of Lanes")
	}
	if err := json.Unmarshal(file, &o); err != nil {
		return nil, err
	}
	for i, s := range o.Rungs {
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("rung %d: %w", i+1, err)
		}
		if s.Status == Diverged && i+1 < len(o.Rungs) {
			return nil, fmt.Errorf("rung %d: %s, and yet there is another", i+1, s.Status)
		}
	}
	if len(o.Rungs) == 0 {
		return nil, errors.New("it has no rung")
	}
	written, err := t.encode(o.Rungs)
	if err == nil && !bytes.Equal(file, written) {
		err = errors.New("its hash does not match its content and the trial's settings")
	}
	return o.Rungs, err
}

// check returns an error if no trial can have such scores.
func (s Scores) check() error {
	switch done := s.Status == Done; {
	case !done && s.Status != Diverged:
		return fmt.Errorf("status %q, want %s or %s", s.Status, Done, Diverged)
	case done != (s.TrainLoss != nil) || done != (s.TrainAcc != nil):
		return fmt.Errorf("status %s, and train_loss and train_acc disagree", s.Status)
	case (s.ValLoss != nil) != (s.ValAcc != nil) || (s.ValAcc != nil || s.TestAcc != nil) && !done:
		return fmt.Errorf("status %s, and val_loss, val_acc and test_acc disagree", s.Status)
	case done != isSHA256(s.WeightsSHA256) || !done && s.WeightsSHA256 != "":
		return fmt.Errorf("status %s, and weights_sha256 is %q", s.Status, s.WeightsSHA256)
	}
	for _, x := range []struct {
		name  string
		value *float64
		most  float64
	}{
		{"train_loss", s.TrainLoss, math.MaxFloat64}, {"train_acc", s.TrainAcc, 1},
		{"val_loss", s.ValLoss, math.MaxFloat64}, {"val_acc", s.ValAcc, 1}, {"test_acc", s.TestAcc, 1},
		{"seconds", &s.Seconds, math.MaxFloat64},
	} {
		if x.value != nil && !(*x.value >= 0 && *x.value <= x.most) {
			return fmt.Errorf("%s is %g, want 0 to %g", x.name, *x.value, x.most)
		}
	}
	for _, n := range []struct {
		name        string
		value, from int
	}{{"params", s.Params, 1}, {"val_classes", s.ValClasses, 0}, {"epochs_run", s.EpochsRun, 0}} {
		if n.value < n.from {
			return fmt.Errorf("%s is %d, want at least %d", n.name, n.value, n.from)
		}
	}
	return nil
}

func isSHA256(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size
}
