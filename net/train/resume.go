package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
)

// ErrOtherData says that a run was trained on other data.
var ErrOtherData = errors.New("the run was trained on other images")

// ErrHistory says that a run cannot be continued, because its history lacks steps or its
// checkpoint is lost.
var ErrHistory = errors.New("damaged history")

// resumeState is the state in the metadata of the last checkpoint: what a run needs to
// continue besides the tensors.
type resumeState struct {
	Progress  progress           `json:"progress"`
	Optimizer map[string]float64 `json:"optimizer"`
	Data      string             `json:"data"` // fingerprint

	// Fields of [Run]; 0 in checkpoints of earlier versions.
	CheckpointEvery int `json:"checkpoint_every,omitempty"`
	KeepEpochs      int `json:"keep_epochs,omitempty"`
}

// Resume returns the run in the folder at the step of its last checkpoint, or at its
// start if it has none. It continues to the same bits as a run that never stopped, and
// with the same CheckpointEvery and KeepEpochs. In config, which [Run.Do] writes into the
// folder, iters, epochs and patience may differ from what the run began with. Set is as
// in [New].
func Resume[T kernels.Float](engine *kernels.Engine[T], folder *Folder, config Config, set *data.Dataset) (*Run[T], error) {
	r, err := emptyRun(engine, config)
	if err != nil {
		return nil, err
	}
	last, err := folder.last(r.Config)
	if err != nil {
		return nil, err
	}
	if err := r.setDataset(set, last); err != nil {
		return nil, err
	}
	if err := r.resume(folder, last); err != nil {
		return nil, err
	}
	return r, nil
}

// last returns the last checkpoint of the run, which is to go on with config. It is nil if the
// run has not begun.
func (f *Folder) last(config Config) (*checkpoint, error) {
	if err := SameWeights(f.Config, config); err != nil {
		return nil, err
	}
	c, err := readCheckpoint(f.Checkpoint("last"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, f.notBegun()
	}
	return c, err
}

// resume takes the run from its start to the last checkpoint of the folder, if it has one.
func (r *Run[T]) resume(folder *Folder, last *checkpoint) error {
	if last != nil {
		if err := r.restore(last); err != nil {
			return fmt.Errorf("%s: %w", folder.Checkpoint("last"), err)
		}
	}
	r.Folder = &Folder{folder.Dir, r.Config}
	return nil
}

// notBegun returns an error if a run without a checkpoint has trained. Its checkpoint is
// lost, and starting again would overwrite the rest.
func (f *Folder) notBegun() error {
	_, err := os.Stat(f.Checkpoint("best"))
	trained := err == nil
	if history, err := os.Stat(f.path(historyFile)); err == nil {
		trained = trained || history.Size() > 0
	}
	if trained {
		return fmt.Errorf("%w: %s is missing, but the run has trained: it cannot go on", ErrHistory, f.Checkpoint("last"))
	}
	return nil
}

// SameWeights returns an error if a setting that determines the weights after a step
// differs between old, with which a run began, and now. Two ways to write the same init,
// such as normal:1e-4 and normal:0.0001, do not differ.
func SameWeights(old, now Config) error {
	was := old.Settings()
	for i, s := range now.Settings() {
		switch s.Name {
		case "iters", "epochs", "patience":
		default:
			if s.Name == "init" && sameInit(old.Init, now.Init) {
				continue
			}
			if s.String() != was[i].String() {
				return fmt.Errorf("%s is %s, the run began with %s: only iters, epochs and patience may change", s.Name, s, was[i])
			}
		}
	}
	return sameSchedule(old, now)
}

// rawPrefix begins the names of the parameters and the buffers themselves in the checkpoint of a run whose
// model is their mean.
const rawPrefix = "optimizer.raw."

// snapshot returns the checkpoint from which restore continues.
func (r *Run[T]) snapshot() (*checkpoint, error) {
	params, all := r.Network.Params(), saved(r.Network)
	model := values(all)
	mean := r.Optimizer.Mean(all)
	if mean != nil {
		model = mean
	}
	c, err := r.model(nil, model)
	if err != nil {
		return nil, err
	}
	if mean != nil {
		addParams(c, rawPrefix, all, values(all))
	}
	if r.top != nil {
		c.metadata["best_val_acc"] = fmt.Sprint(*r.top.ValAcc)
	}
	s := resumeState{r.state, map[string]float64{}, r.Data, r.CheckpointEvery, r.KeepEpochs}
	carried := r.Optimizer.State(params)
	for _, n := range carried.Numbers {
		s.Optimizer[n.Name] = *n.Value
	}
	for _, t := range carried.Tensors {
		addParams(c, "optimizer."+t.Name+".", params, t.Values)
	}
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	c.metadata["state"] = string(text)
	return c, nil
}

// restore takes the run to the step of the checkpoint.
func (r *Run[T]) restore(c *checkpoint) error {
	model, err := decodeModel(r.engine, c)
	if err != nil {
		return err
	}
	if err := SameWeights(model.Config, r.Config); err != nil {
		return err
	}
	var s resumeState
	if err := json.Unmarshal([]byte(c.metadata["state"]), &s); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if s.Data != r.Data {
		return fmt.Errorf("%w: those had the fingerprint %.12s, these have %.12s", ErrOtherData, s.Data, r.Data)
	}
	params := model.Network.Params()
	if all := saved(model.Network); r.Optimizer.Mean(all) != nil { // which begins as the model
		if err := readParams(c, rawPrefix, all, values(all)); err != nil {
			return err
		}
	}
	carried := r.Optimizer.State(params)
	for _, n := range carried.Numbers {
		value, ok := s.Optimizer[n.Name]
		if !ok {
			return fmt.Errorf("state: the optimizer's %s is missing", n.Name)
		}
		*n.Value = value
	}
	for _, t := range carried.Tensors {
		if err := readParams(c, "optimizer."+t.Name+".", params, t.Values); err != nil {
			return err
		}
	}
	r.Network, r.Step, r.state = model.Network, model.Step, s.Progress
	r.CheckpointEvery, r.KeepEpochs = s.CheckpointEvery, s.KeepEpochs
	if steps := r.Steps(); r.Step > steps {
		return fmt.Errorf("it is of step %d, but the run is to end after step %d", r.Step, steps)
	}
	return nil
}
