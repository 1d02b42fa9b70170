//go:build !race

package net

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// This test does not run with the race detector, under which sync.Pool drops memory at
// random.
func TestStepDoesNotAllocate(t *testing.T) {
	t.Run("float32", testAllocations[float32])
	t.Run("float64", testAllocations[float64])
}

func testAllocations[T kernels.Float](t *testing.T) {
	for threads := 1; threads <= 2; threads++ {
		t.Run(fmt.Sprintf("%d threads", threads), func(t *testing.T) {
			e := newEngine[T](t, kernels.WithThreads(threads))
			n := New(e, 300, 75, 33, 10)
			n.Init(He, newRand(1))
			x, labels := randomBatch[T](newRand(2), 100, 300, 10)
			sgd := NewSGD(e, SGDOptions{LearningRate: 1e-3, Momentum: 0.9, Nesterov: true, Clip: 1, Average: 0.9})
			lion := NewLion(e, LionOptions{LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.99, Average: 0.9})
			adam := NewAdam(e, AdamOptions{LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8})
			predictor, logits := n.Predictor(), kernels.NewMat[T](100, 10, nil)
			step := func() {
				n.Gradients(x, labels, 1e-3)
				Accuracy(n.Output(), labels)
				sgd.Step(n.Params())
				lion.Step(n.Params())
				adam.Step(n.Params())
				predictor.Logits(logits, x)
				// A smaller batch fits the same buffers.
				n.Loss(x.Slice(0, 7, 0, 300), labels[:7], 1e-3)
			}
			requireNoAllocations(t, step)
		})
	}
}

func TestCompositionsDoNotAllocate(t *testing.T) {
	for name, layers := range compositions {
		n, x, labels := composed[float32](t, layers)
		sgd, truth := NewSGD(newEngine[float32](t), SGDOptions{LearningRate: 1e-3}), Truth[float32]{Labels: labels}
		predictor, logits := n.Predictor(), kernels.NewMat[float32](9, 4, nil)
		t.Run(name, func(t *testing.T) {
			requireNoAllocations(t, func() {
				n.TrainingLoss(x, truth, 1e-3)
				n.Step(sgd)
				n.Gradients(x, labels, 1e-3)
				n.Loss(x, labels, 0)
				predictor.Logits(logits, x)
			})
		})
	}
}

func requireNoAllocations(t *testing.T, step func()) {
	t.Helper()
	// Now and then the runtime itself allocates, for a thread or a queue.
	allocs := 1.0
	for try := 0; try < 10 && allocs > 0; try++ {
		allocs = testing.AllocsPerRun(5, step)
	}
	require.Zero(t, allocs)
}
