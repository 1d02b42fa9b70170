package train

import (
	"fmt"
	"sync"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// Predictor computes what a model says of examples as they come. Any number of goroutines
// may use it at the same time.
type Predictor[T kernels.Float] struct {
	Input   data.Preprocessing // how examples become inputs
	Classes []string           // nil in a regression

	engine  *kernels.Engine[T]
	network *net.Predictor[T]
	flips   bool
	batches sync.Pool // of *data.Batch[T]
}

// Predictor returns a predictor with a copy of the model's parameters.
func (m *Model[T]) Predictor(engine *kernels.Engine[T]) *Predictor[T] {
	p := &Predictor[T]{Input: m.Input, Classes: m.Classes, engine: engine, network: m.Network.Predictor(), flips: m.Config.TestFlips}
	p.batches.New = func() any { return m.Batch(engine, ScoreBatch) }
	return p
}

// Logits returns the network's outputs for the N examples of s, N×outputs: with
// [Config.TestFlips] the mean of those for an image and for its mirror image. Labels and
// targets of s are not looked at. It returns an error if s has not a whole number of
// examples.
func (p *Predictor[T]) Logits(s data.Split) (kernels.Mat[T], error) {
	size, values := p.Input.Shape.Size(), max(len(s.Pixels), len(s.Values))
	if values%size != 0 {
		return kernels.Mat[T]{}, fmt.Errorf("%d values are no whole number of examples: the model takes %s", values, p.Input.Shape)
	}
	z := kernels.NewMat[T](values/size, p.network.Classes(), nil)
	batch := p.batches.Get().(*data.Batch[T])
	defer p.batches.Put(batch)
	rows := make([]int, ScoreBatch)
	examples := data.Split{Pixels: s.Pixels, Values: s.Values}
	for i := 0; i < z.Rows; i += ScoreBatch {
		j := min(i+ScoreBatch, z.Rows)
		for k := range rows {
			rows[k] = i + k
		}
		batch.Draw(examples, rows[:j-i])
		p.network.Logits(z.Slice(i, j, 0, z.Cols), batch.X)
		if p.flips {
			part[T]{Split: examples, Batch: batch}.meanOfMirrored(z.Slice(i, j, 0, z.Cols), rows[:j-i], p.network.Logits)
		}
	}
	return z, nil
}

// Predict returns what the model says of the N examples of s: the probabilities of the
// classes, N×classes, or N×1 with the number that a regression finds. Its error is that of
// [Predictor.Logits].
func (p *Predictor[T]) Predict(s data.Split) (kernels.Mat[T], error) {
	z, err := p.Logits(s)
	if err != nil {
		return z, err
	}
	if p.Input.Target == nil {
		p.engine.Softmax(z, z)
		return z, nil
	}
	for i, v := range z.Data {
		z.Data[i] = T(p.Input.Target.Of(float64(v)))
	}
	return z, nil
}
