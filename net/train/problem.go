package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// weightStream is the random stream of the initial weights. The shuffle of epoch e uses
// stream e of the same seed.
const weightStream = 1 << 63

// setDataset sets the run's examples to the parts of set, which is as in [New], and its model
// to an untrained one. Last is the run's last checkpoint, nil if it has none.
func (r *Run[T]) setDataset(set *data.Dataset, last *checkpoint) (err error) {
	name := r.Config.Dataset
	if spec, _ := data.Lookup(name); spec.Fixed && set == nil {
		if set, err = data.OpenNamed(name, ""); err != nil {
			return err
		}
	}
	if set == nil || set.Name != name && name != data.Files {
		return fmt.Errorf("the examples of %s are needed", name)
	}
	if err := set.Check(); err != nil {
		return err
	}
	r.Dataset, r.Data = set.Name, Fingerprint(set)
	normalization := r.Config.Normalize
	if normalization == "auto" { // of [data.Files]
		normalization = "standard"
		if set.Train.Pixels != nil {
			normalization = "symmetric"
		}
	}
	input, err := r.preprocessing(set, normalization, last)
	if err != nil {
		return err
	}
	r.Input, r.path, r.Classes = *input, set.Path, set.Classes
	if err := r.Config.fits(r.Config.network(input.Inputs(), set.Outputs())); err != nil {
		return err
	}
	if set.Train.Points != nil {
		r.Train = pointsOf[T](set.Train)
	} else {
		if err := r.setParts(set); err != nil {
			return err
		}
	}
	if err := r.setNetwork(); err != nil {
		return err
	}
	for _, p := range r.Network.Params() {
		if rows, ok := set.Weights[p.Name]; ok {
			fill(p.Value, rows)
		}
	}
	return nil
}

// setParts sets the run's examples to the parts of set, which share a batch.
func (r *Run[T]) setParts(set *data.Dataset) error {
	c := r.Config
	if c.LabelSmoothing > 0 && set.Regression() {
		return fmt.Errorf("label-smoothing is %v, want 0: a regression has no classes", c.LabelSmoothing)
	}
	if c.TestFlips && !set.Shape.IsImage() {
		return fmt.Errorf("test-flips: images are needed, and examples are %s", set.Shape)
	}
	augmenter, err := data.NewAugmenter(c.Augment, set, c.Seed)
	if err != nil {
		return err
	}
	batch := r.Batch(r.engine, max(min(c.Batch, set.Train.Len()), ScoreBatch))
	trained := set.Train
	if c.ClassWeights == balanced {
		trained.Weights = balance(trained, len(set.Classes))
	}
	r.Train = part[T]{trained, batch, augmenter, c.TestFlips}
	if set.Val.Len() > 0 {
		r.Val = part[T]{set.Val, batch, nil, c.TestFlips}
	}
	if set.Test.Len() > 0 {
		r.Test = part[T]{set.Test, batch, nil, c.TestFlips}
	}
	return nil
}

// balance returns the weights of examples times N/(C·n) for an example of a class of n, where
// C of the classes have examples, N in all: each class then has the same weight.
func balance(s data.Split, classes int) []float32 {
	counts := s.Counts(classes)
	present := 0
	for _, n := range counts {
		present += min(n, 1)
	}
	weights := make([]float32, s.Len())
	for i, label := range s.Labels {
		w := float32(1)
		if s.Weights != nil {
			w = s.Weights[i]
		}
		weights[i] = w * float32(s.Len()) / float32(present*counts[label])
	}
	return weights
}

// setNetwork sets an untrained network for the inputs and the outputs.
func (r *Run[T]) setNetwork() error {
	init, err := r.Config.initialiser()
	if err != nil {
		return err
	}
	a := r.architecture()
	r.Network = net.Build(r.engine, a.Inputs, a.Layers...)
	r.Network.Init(init, rand.New(rand.NewPCG(r.Config.Seed, weightStream)))
	return nil
}

// Fingerprint returns what tells a dataset from others, for [Model.Data]: a hash of the mean
// of each value over the training part and of all labels. For points, which are part of the
// program, it is the name of the dataset.
func Fingerprint(set *data.Dataset) string {
	if set.Train.Points != nil {
		return set.Name
	}
	h := sha256.New()
	binary.Write(h, binary.LittleEndian, set.Mean()) // a hash does not fail
	for _, s := range []data.Split{set.Train, set.Val, set.Test} {
		hashLabels(h, s.Labels)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// pointsOf returns the points of s as examples.
func pointsOf[T kernels.Float](s data.Split) Examples[T] {
	x := kernels.NewMat[T](len(s.Points), len(s.Points[0]), nil)
	fill(x, s.Points)
	return newPoints(x, s.Labels)
}

// fill sets m to rows, rounded to T.
func fill[T kernels.Float](m kernels.Mat[T], rows [][]float64) {
	for i, row := range rows {
		for j, v := range row {
			m.Row(i)[j] = T(v)
		}
	}
}
