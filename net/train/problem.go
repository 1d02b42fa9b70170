package train

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// weightStream is the stream of the seed that weights are drawn from. The
// shuffles use the streams 0, 1, 2, … of the epochs.
const weightStream = 1 << 63

// The columns of the toy problem and the classes of images, which no file tells
// before it is read.
const (
	toyInputs    = 4
	toyClasses   = 3
	imageClasses = 10
)

// Sizes returns the columns of the network's input, of each hidden layer and of
// its logits. The first and the last are 0 for examples of a program's own, which
// alone tell them.
func (c Config) Sizes() net.Sizes {
	switch c.Dataset {
	case Own:
		return c.sizes(0, 0)
	case "toy":
		return c.sizes(toyInputs, toyClasses)
	}
	return c.sizes(data.ImageSize, imageClasses)
}

func (c Config) sizes(inputs, classes int) net.Sizes {
	return append(append(net.Sizes{inputs}, c.Hidden...), classes)
}

// setImages sets the run's examples to the parts of set, and its model to the
// untrained one.
func (r *Run[T]) setImages(set *data.Dataset) error {
	mean := set.Mean()
	r.Data, r.images = fingerprint(set, mean), set.Dir
	r.Classes = set.Classes
	r.Mean, r.Scale = make([]T, data.ImageSize), 1
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
	if err := r.setNetwork(); err != nil {
		return err
	}
	batch := r.Batch(r.engine, max(min(r.Config.Batch, set.Train.Len()), ScoreBatch))
	r.Train, r.Val, r.Test = Images[T]{set.Train, batch}, Images[T]{set.Val, batch}, Images[T]{set.Test, batch}
	return nil
}

// setNetwork sets the untrained network, of the size of Mean and of Classes.
func (r *Run[T]) setNetwork() error {
	init, err := r.Config.initialiser()
	if err != nil {
		return err
	}
	r.Network = net.New(r.engine, r.Config.sizes(len(r.Mean), len(r.Classes))...)
	r.Network.Init(init, rand.New(rand.NewPCG(r.Config.Seed, weightStream)))
	return nil
}

// Fingerprint tells datasets apart, as [Model.Data] has it: it is the hash of the
// mean image of the training part and of the labels.
func Fingerprint(set *data.Dataset) string { return fingerprint(set, set.Mean()) }

func fingerprint(set *data.Dataset, mean []float64) string {
	h := sha256.New()
	binary.Write(h, binary.LittleEndian, mean) // a hash does not fail
	for _, s := range []data.Split{set.Train, set.Val, set.Test} {
		hashLabels(h, s.Labels)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// toyFile is the report's toy problem: its data X and y, and the params that its
// network starts from.
//
//go:embed toy.json
var toyFile []byte

// setToy sets the run's examples and model to those of the report's toy problem:
// five points of four coordinates, three classes, ten hidden units.
func (r *Run[T]) setToy() {
	var toy struct {
		X      [][]float64
		Y      []int32
		Params map[string]json.RawMessage
	}
	if err := json.Unmarshal(toyFile, &toy); err != nil {
		panic(fmt.Sprintf("train: toy.json: %v", err)) // it is part of the program
	}
	r.Data, r.Classes = "toy", []string{"0", "1", "2"}
	r.Mean, r.Scale = make([]T, toyInputs), 1
	x := kernels.NewMat[T](len(toy.X), toyInputs, nil)
	fill(x, toy.X)
	r.Network = net.New(r.engine, r.Config.sizes(toyInputs, toyClasses)...)
	for _, p := range r.Network.Params() {
		raw := toy.Params[p.Name]
		var rows [][]float64
		if !p.Weight {
			raw = append(append([]byte("["), raw...), ']')
		}
		if err := json.Unmarshal(raw, &rows); err != nil {
			panic(fmt.Sprintf("train: toy.json: %s: %v", p.Name, err))
		}
		fill(p.Value, rows)
	}
	r.Train = newPoints(x, toy.Y)
}

func fill[T kernels.Float](m kernels.Mat[T], rows [][]float64) {
	for i, row := range rows {
		for j, v := range row {
			m.Row(i)[j] = T(v)
		}
	}
}
