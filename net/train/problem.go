package train

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/testdata"
)

// weightStream is the stream of the seed that weights are drawn from. The
// shuffles use the streams 0, 1, 2, … of the epochs.
const weightStream = 1 << 63

// OnImages sets the run's network and examples: dense layers of the hidden
// sizes on the images of set, less the mean image of its training part.
func (r *Run[T]) OnImages(engine *kernels.Engine[T], set *data.Dataset, hidden []int, init net.Init) {
	sizes := append(append([]int{data.ImageSize}, hidden...), len(set.Classes))
	r.Network = net.New(engine, sizes...)
	r.Network.Init(init, rand.New(rand.NewPCG(r.Seed, weightStream)))
	batch := data.NewBatch(engine, max(r.Batch, ScoreBatch), set.Mean())
	r.Train, r.Val, r.Test = Images[T]{set.Train, batch}, Images[T]{set.Val, batch}, Images[T]{set.Test, batch}
}

// OnToy sets the run's network and examples to those of the report's toy
// problem: five points of four coordinates, three classes, ten hidden units.
func (r *Run[T]) OnToy(engine *kernels.Engine[T]) {
	var toy struct {
		X      [][]float64
		Y      []uint8
		Params map[string]json.RawMessage
	}
	if err := json.Unmarshal(testdata.Toy, &toy); err != nil {
		panic(fmt.Sprintf("train: toy.json: %v", err)) // it is part of the program
	}
	x := kernels.Dense[T](len(toy.X), len(toy.X[0]), nil)
	fill(x, toy.X)
	r.Network = net.New(engine, 4, 10, 3)
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
