package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// weightStream is the random stream of the initial weights. The shuffle of epoch e uses
// stream e of the same seed.
const weightStream = 1 << 63

// Sizes returns the numbers of inputs, of units in each hidden layer, and of classes. The
// first and the last are 0 if the dataset is [Own], whose examples determine them.
func (c Config) Sizes() net.Sizes {
	spec, _ := data.Lookup(c.Dataset)
	return c.sizes(spec.Inputs, spec.Classes)
}

func (c Config) sizes(inputs, classes int) net.Sizes {
	return append(append(net.Sizes{inputs}, c.Hidden...), classes)
}

// setDataset sets the run's examples to the parts of set, and its model to an untrained
// one.
func (r *Run[T]) setDataset(set *data.Dataset) error {
	r.images, r.Classes = set.Dir, set.Classes
	r.Mean, r.Scale = make([]T, set.Inputs()), 1
	if set.Train.Points != nil {
		r.Data, r.Train = Fingerprint(set), pointsOf[T](set.Train)
	} else {
		r.setImages(set)
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

// setImages sets the run's examples to the images of set, and their normalisation.
func (r *Run[T]) setImages(set *data.Dataset) {
	mean := set.Mean()
	r.Data = fingerprint(set, mean)
	for j := range r.Mean {
		switch r.Config.Normalize {
		case "mean":
			r.Mean[j] = T(mean[j])
		case "symmetric":
			r.Mean[j] = 127.5
		}
	}
	if r.Config.Normalize == "symmetric" {
		r.Scale = T(1 / 127.5)
	}
	batch := r.Batch(r.engine, max(min(r.Config.Batch, set.Train.Len()), ScoreBatch))
	r.Train, r.Val, r.Test = images[T]{set.Train, batch}, images[T]{set.Val, batch}, images[T]{set.Test, batch}
}

// setNetwork sets an untrained network with len(Mean) inputs and len(Classes) logits.
func (r *Run[T]) setNetwork() error {
	init, err := r.Config.initialiser()
	if err != nil {
		return err
	}
	r.Network = net.New(r.engine, r.Config.sizes(len(r.Mean), len(r.Classes))...)
	r.Network.Init(init, rand.New(rand.NewPCG(r.Config.Seed, weightStream)))
	return nil
}

// Fingerprint returns what tells a dataset from others, for [Model.Data]. For images it is
// a hash of the training part's mean image and of the labels. For points, which are part
// of the program, it is the name of the dataset.
func Fingerprint(set *data.Dataset) string {
	if set.Train.Points != nil {
		return set.Name
	}
	return fingerprint(set, set.Mean())
}

func fingerprint(set *data.Dataset, mean []float64) string {
	h := sha256.New()
	binary.Write(h, binary.LittleEndian, mean) // a hash does not fail
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
