package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/internal/regular"
)

// Result is the result of a run. The fields named after train, val and test are scores of
// the final weights on that part, without regularisation; they are nil if there is no
// such part.
type Result struct {
	FirstLoss       float64  `json:"first_loss"` // on the first batch before its update, with regularisation
	FinalLoss       float64  `json:"final_loss"` // likewise on the last batch
	TrainLoss       float64  `json:"train_loss"`
	ValLoss         *float64 `json:"val_loss"`
	TrainAcc        float64  `json:"train_acc"`
	ValAcc          *float64 `json:"val_acc"`
	TestAcc         *float64 `json:"test_acc"`
	BestValAcc      *float64 `json:"best_val_acc"` // at the end of any epoch or of the run; nil without validation
	BestEpoch       int      `json:"best_epoch"`   // in which that was, from 1; 0 without validation
	BestStep        int      `json:"best_step"`    // after which that was; 0 without validation, and in files of earlier versions
	StoppedEarly    bool     `json:"stopped_early"`
	Params          int      `json:"params"`
	Steps           int      `json:"steps"`
	Seconds         float64  `json:"seconds"` // spent in steps, without scoring
	ImagesPerSecond float64  `json:"images_per_second"`
	Level           string   `json:"level"`
	Threads         int      `json:"threads"`
	DType           string   `json:"dtype"`
	Dataset         string   `json:"dataset"`
	Task            string   `json:"task"` // classification or regression, whose accuracies are R²; empty in files of earlier versions
	Run             string   `json:"run"`  // the run's folder; empty without one
	WeightsSHA256   string   `json:"weights_sha256"`
}

// result scores the network as it is now. If the context is done, the result is
// incomplete.
func (r *Run[T]) result(ctx context.Context) (*Result, error) {
	result := &Result{
		FirstLoss: r.state.FirstLoss, FinalLoss: r.state.FinalLoss,
		StoppedEarly: r.Step < r.Steps(),
		Params:       r.Network.NumParams(), Steps: r.Step,
		Seconds: r.state.Seconds, ImagesPerSecond: float64(r.state.Images) / r.state.Seconds,
		Level: r.engine.Level().String(), Threads: r.engine.Threads(), DType: r.Config.DType, Dataset: r.Dataset, Task: data.Classification,
		WeightsSHA256: weightsSHA256(r.Network),
	}
	if r.Input.Target != nil {
		result.Task = data.RegressionTask
	}
	if r.Folder != nil {
		result.Run = r.Folder.Dir
	}
	if r.top != nil {
		result.BestValAcc, result.BestEpoch, result.BestStep = r.top.ValAcc, r.top.Epoch, r.top.Step
	}
	var err error
	scored := func(examples Examples[T]) Score {
		s, _ := score(ctx, r.Network, examples)
		if !finite(s.Loss) && err == nil {
			err = r.diverged(examples, s.Loss)
		}
		return s
	}
	on := scored(r.Train)
	result.TrainLoss, result.TrainAcc = on.Loss, on.Accuracy
	if r.Val != nil {
		on := scored(r.Val)
		result.ValLoss, result.ValAcc = &on.Loss, &on.Accuracy
	}
	if r.Test != nil {
		result.TestAcc = new(scored(r.Test).Accuracy)
	}
	if err != nil {
		return nil, err
	}
	return result, nil
}

// Result returns the result of the run, nil if it has none yet. Its error names a file
// that is damaged.
func (f *Folder) Result() (*Result, error) {
	text, err := regular.ReadFile(f.path(resultFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var result Result
	if err := json.Unmarshal(text, &result); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path(resultFile), err)
	}
	return &result, nil
}

func (f *Folder) writeResult(r *Result) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(f.path(resultFile), append(text, '\n'))
}
