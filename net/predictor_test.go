package net

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestPredictorMayBeSharedByGoroutines(t *testing.T) {
	t.Run("float32", testSharedPredictor[float32])
	t.Run("float64", testSharedPredictor[float64])
}

func testSharedPredictor[T kernels.Float](t *testing.T) {
	const goroutines, inputs, classes, rows = 8, 20, 7, 1000
	e := newEngine[T](t)
	n := New(e, inputs, 33, 12, classes)
	n.Init(He, newRand(1))
	x, labels := randomBatch[T](newRand(2), rows, inputs, classes)
	want := n.Logits(x)
	want.Data = slices.Clone(want.Data)
	p := n.Predictor()
	require.Equal(t, []int{inputs, classes}, []int{p.Inputs(), p.Classes()})

	var wrong atomic.Int64
	var wait sync.WaitGroup
	for g := range goroutines {
		wait.Go(func() {
			size := 1 + g%3 // batches of other sizes than the neighbours'
			z := kernels.NewMat[T](size, classes, nil)
			for i := 0; i+size <= rows; i += size {
				p.Logits(z, x.Slice(i, i+size, 0, inputs))
				for k := range size {
					for j, v := range z.Row(k) {
						if math.Float64bits(float64(v)) != math.Float64bits(float64(want.At(i+k, j))) {
							wrong.Add(1)
						}
					}
				}
			}
		})
	}
	sgd := NewSGD(e, SGDOptions{LearningRate: 0.1})
	for range 50 { // the network is trained meanwhile
		n.Gradients(x, labels, 0)
		sgd.Step(n.Params())
	}
	wait.Wait()
	require.Zero(t, wrong.Load(), "wrong logits")
	require.NotEqual(t, want.Data, n.Logits(x).Data)
}

func TestPredictorOfOneLayerAndOfNoRows(t *testing.T) {
	n := New(newEngine[float64](t), 3, 2)
	n.Init(He, newRand(1))
	x, _ := randomBatch[float64](newRand(2), 5, 3, 2)
	z := kernels.NewMat[float64](5, 2, nil)
	p := n.Predictor()
	p.Logits(z, x)
	require.Equal(t, n.Logits(x), z)
	p.Logits(kernels.NewMat[float64](0, 2, nil), kernels.NewMat[float64](0, 3, nil))
}

func TestPredictorTellsShapesThatDoNotFit(t *testing.T) {
	p := New(newEngine[float64](t), 3, 4, 2).Predictor()
	for _, c := range [][4]int{{5, 2, 5, 4}, {5, 3, 5, 3}, {4, 2, 5, 3}} {
		z, x := kernels.NewMat[float64](c[0], c[1], nil), kernels.NewMat[float64](c[2], c[3], nil)
		require.PanicsWithValue(t, fmt.Sprintf("net: Predictor.Logits: z is %d×%d and x is %d×%d, the network has 3 inputs and 2 classes", c[0], c[1], c[2], c[3]),
			func() { p.Logits(z, x) })
	}
}
