package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
)

// Own is the dataset of a configuration for a program that has examples of its own.
const Own = "own"

// Problem has a program's own examples. The network takes the inputs as they are, so they
// should be of about size 1.
type Problem[T kernels.Float] struct {
	Train     Examples[T]
	Val, Test Examples[T] // nil if there are none
	Classes   []string    // the names of the labels
}

// NewOn returns a run at its start on the caller's own examples. The dataset of config is
// [Own]. It reads all examples once, for a fingerprint. Its error names an example whose
// number of inputs differs from that of the first, or whose label has no class.
func NewOn[T kernels.Float](engine *kernels.Engine[T], config Config, problem Problem[T]) (*Run[T], error) {
	if config.Dataset != Own {
		return nil, fmt.Errorf("dataset is %s, want %s for a program's own examples", config.Dataset, Own)
	}
	r, err := emptyRun(engine, config)
	if err != nil {
		return nil, err
	}
	return r, r.setOwn(problem)
}

// ResumeOn is [Resume] for a run that [NewOn] began. The problem must be the same.
func ResumeOn[T kernels.Float](engine *kernels.Engine[T], folder *Folder, config Config, problem Problem[T]) (*Run[T], error) {
	r, err := NewOn(engine, config, problem)
	if err != nil {
		return nil, err
	}
	last, err := folder.last(r.Config)
	if err == nil {
		err = r.resume(folder, last)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// setOwn sets the run's examples, and its model to an untrained one.
func (r *Run[T]) setOwn(p Problem[T]) error {
	if p.Train == nil || p.Train.Len() == 0 {
		return errors.New("there are no examples to train on")
	}
	if len(p.Classes) == 0 {
		return errors.New("there are no classes")
	}
	first, _ := p.Train.Draw([]int{0})
	if first.Cols < 1 {
		return errors.New("training example 0 has no inputs")
	}
	if err := r.Config.fits(r.Config.network(first.Cols, len(p.Classes))); err != nil {
		return err
	}
	h := sha256.New()
	for _, part := range []struct {
		name     string
		examples *Examples[T]
	}{{"training", &p.Train}, {"validation", &p.Val}, {"test", &p.Test}} {
		if *part.examples == nil || (*part.examples).Len() == 0 {
			*part.examples = nil
			continue
		}
		if err := read(h, *part.examples, first.Cols, len(p.Classes)); err != nil {
			return fmt.Errorf("%s %w", part.name, err)
		}
	}
	r.Dataset, r.Data = Own, hex.EncodeToString(h.Sum(nil))
	r.Train, r.Val, r.Test, r.Classes = p.Train, p.Val, p.Test, p.Classes
	r.Input = data.Preprocessing{Shape: data.Row(first.Cols), Mean: make([]float64, first.Cols), Scale: []float64{1}}
	return r.setNetwork()
}

// read hashes the examples. It returns an error if one has another number of inputs, or a
// label that is not below classes.
func read[T kernels.Float](h hash.Hash, examples Examples[T], inputs, classes int) error {
	for i := 0; i < examples.Len(); i += ScoreBatch {
		rows := make([]int, min(ScoreBatch, examples.Len()-i))
		for k := range rows {
			rows[k] = i + k
		}
		x, labels := examples.Draw(rows)
		if x.Rows != len(rows) || x.Cols != inputs || len(labels) != len(rows) {
			return fmt.Errorf("examples %d to %d are %d×%d with %d labels, want %d×%d", i, i+len(rows)-1, x.Rows, x.Cols, len(labels), len(rows), inputs)
		}
		for k, label := range labels {
			if label < 0 || int(label) >= classes {
				return fmt.Errorf("example %d has label %d, want 0 to %d", i+k, label, classes-1)
			}
			binary.Write(h, binary.LittleEndian, x.Row(k)) // a hash does not fail
		}
		hashLabels(h, labels)
	}
	return nil
}

// inputs returns the number of means of inputs.
func (c *checkpoint) inputs() (int, error) {
	t, err := c.tensor("input.mean")
	if err == nil && (len(t.Shape) != 1 || t.Shape[0] < 1) {
		err = fmt.Errorf("tensor %s is %v, want the number of inputs", t.Name, t.Shape)
	}
	if err != nil {
		return 0, err
	}
	return t.Shape[0], nil
}
