package net

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestParamsAreNamedInOrder(t *testing.T) {
	n := New(newEngine[float32](t), 3072, 75, 10)
	var got []string
	for _, p := range n.Params() {
		require.Equal(t, p.Value.Rows, p.Grad.Rows)
		require.Equal(t, p.Value.Cols, p.Grad.Cols)
		got = append(got, fmt.Sprintf("%s %d×%d %v", p.Name, p.Value.Rows, p.Value.Cols, p.Weight))
	}
	require.Equal(t, []string{"W1 3072×75 true", "b1 1×75 false", "W2 75×10 true", "b2 1×10 false"}, got)
}

func TestLossTermsAddUp(t *testing.T) {
	n := New(newEngine[float64](t), 6, 5, 4)
	n.Init(He, newRand(1))
	x, labels := randomBatch[float64](newRand(2), 9, 6, 4)
	for _, p := range n.Params() {
		if !p.Weight {
			p.Value.Data[0] = 3 // not regularised
		}
	}
	var squares float64
	for _, p := range n.Params() {
		for _, w := range p.Value.Data {
			if p.Weight {
				squares += w * w
			}
		}
	}
	loss := n.Gradients(x, labels, 0.1)
	require.InDelta(t, 0.1*squares, loss.Reg, 1e-14)
	require.Equal(t, loss.Data+loss.Reg, loss.Total())
	require.Equal(t, Loss{Data: loss.Data}, n.Loss(x, labels, 0))
}

func TestUntrainedNetworkHasLossOfAGuess(t *testing.T) {
	n := New(newEngine[float32](t), 8, 10)
	x, labels := randomBatch[float32](newRand(1), 20, 8, 8)
	require.InDelta(t, math.Log(10), n.Loss(x, labels, 1).Total(), 1e-6)
}

func TestLossLeavesGradientsAndGradientsLeaveParameters(t *testing.T) {
	n := New(newEngine[float64](t), 6, 5, 4)
	n.Init(He, newRand(1))
	x, labels := randomBatch[float64](newRand(2), 9, 6, 4)
	n.Gradients(x, labels, 0.1)
	values, grads := snapshot(n)
	other, otherLabels := randomBatch[float64](newRand(3), 4, 6, 4)
	n.Loss(other, otherLabels, 0.5)
	after, afterGrads := snapshot(n)
	require.Equal(t, values, after)
	require.Equal(t, grads, afterGrads)
	n.Gradients(other, otherLabels, 0.5)
	after, afterGrads = snapshot(n)
	require.Equal(t, values, after)
	require.NotEqual(t, grads, afterGrads)
}

// snapshot copies the values and the gradients of all parameters.
func snapshot[T kernels.Float](n *Network[T]) (values, grads []T) {
	for _, p := range n.Params() {
		values = append(values, p.Value.Data...)
		grads = append(grads, p.Grad.Data...)
	}
	return values, grads
}

func TestTrainingLowersLossAtEveryDepth(t *testing.T) {
	t.Run("float32", testTraining[float32])
	t.Run("float64", testTraining[float64])
}

func testTraining[T kernels.Float](t *testing.T) {
	for _, sizes := range [][]int{{8, 4}, {8, 16, 4}, {8, 16, 12, 10, 9, 4}} {
		e := newEngine[T](t)
		n := New(e, sizes...)
		n.Init(He, newRand(1))
		x, labels := randomBatch[T](newRand(2), 64, 8, 4)
		sgd := NewSGD(e, SGDOptions{LearningRate: 0.2})
		first := n.Loss(x, labels, 1e-4).Total()
		for range 200 {
			n.Gradients(x, labels, 1e-4)
			sgd.Step(n.Params())
		}
		require.Less(t, n.Loss(x, labels, 1e-4).Total(), first/2, "%v", sizes)
		require.Greater(t, Accuracy(n.Output(), labels), 0.9, "%v", sizes)
	}
}

func TestStepHasSameBitsForAnyNumberOfThreads(t *testing.T) {
	t.Run("float32", testThreads[float32])
	t.Run("float64", testThreads[float64])
}

func testThreads[T kernels.Float](t *testing.T) {
	testThreadsOf[T](t, Plain(300, 75, 33, 10).Layers)
	block := Residual{Dense{75}, BatchNorm{}, GELU, Dropout{0.2}, Dense{75}, LayerNorm{}, SiLU}
	testThreadsOf[T](t, Layers{Dense{75}, BatchNorm{}, LeakyReLU, Dropout{0.2}, block, block, Dense{10}})
}

func testThreadsOf[T kernels.Float](t *testing.T, layers Layers) {
	x, labels := randomBatch[T](newRand(2), 150, 300, 10)
	step := func(threads int) (loss Loss, values, grads []T) {
		e := newEngine[T](t, kernels.WithThreads(threads))
		n := Build(e, 300, layers...)
		n.Init(He, newRand(1))
		loss = n.Gradients(x, labels, 1e-3)
		NewSGD(e, SGDOptions{LearningRate: 0.1}).Step(n.Params())
		values, grads = snapshot(n)
		return loss, values, grads
	}
	loss, values, grads := step(1)
	for threads := 2; threads <= 3; threads++ {
		l, v, g := step(threads)
		require.Equal(t, loss, l, "%d threads", threads)
		require.Equal(t, values, v, "%d threads", threads)
		require.Equal(t, grads, g, "%d threads", threads)
	}
}

func TestStepHasTheBitsOfGradientsAndOptimizer(t *testing.T) {
	e := newEngine[float32](t)
	for name, options := range map[string]SGDOptions{
		"plain": {LearningRate: 0.1}, "with momentum": {LearningRate: 0.1, Momentum: 0.9}, "with decay": {LearningRate: 0.1, WeightDecay: 0.01}, "at rate 0": {},
	} {
		t.Run(name, func(t *testing.T) {
			for _, rows := range []int{1, 20, 500} {
				x, labels := randomBatch[float32](newRand(2), rows, 300, 10)
				apart, together := New(e, 300, 75, 33, 10), New(e, 300, 75, 33, 10)
				apart.Init(He, newRand(1))
				together.Init(He, newRand(1))
				first, second := NewSGD(e, options), NewSGD(e, options)
				for range 3 {
					loss := apart.Gradients(x, labels, 1e-3)
					first.Step(apart.Params())
					require.Equal(t, loss, together.TrainingLoss(x, Truth[float32]{Labels: labels}, 1e-3), "%d rows", rows)
					together.Step(second)
				}
				want, _ := snapshot(apart)
				got, _ := snapshot(together)
				require.Equal(t, want, got, "%d rows", rows)
			}
		})
	}
}

func TestLogitsOfARowHaveSameBitsInAnyBatch(t *testing.T) {
	t.Run("float32", testRows[float32])
	t.Run("float64", testRows[float64])
}

func testRows[T kernels.Float](t *testing.T) {
	n := New(newEngine[T](t), 300, 75, 10)
	n.Init(He, newRand(1))
	x, _ := randomBatch[T](newRand(2), 150, 300, 10)
	all := append([]T(nil), n.Logits(x).Data...)
	for _, rows := range []int{1, 7, 50} {
		for i := 0; i+rows <= x.Rows; i += rows {
			got := n.Logits(x.Slice(i, i+rows, 0, x.Cols))
			require.Equal(t, all[i*10:(i+rows)*10], got.Data, "rows %d to %d", i, i+rows)
		}
	}
}

func TestInputMayHaveAnyStrides(t *testing.T) {
	n := New(newEngine[float64](t), 6, 5, 4)
	n.Init(He, newRand(1))
	x, labels := randomBatch[float64](newRand(2), 9, 6, 4)
	want := n.Gradients(x, labels, 0.1)
	_, wantGrads := snapshot(n)
	turned := kernels.NewMat[float64](6, 9, nil)
	for i := range x.Rows {
		for j := range x.Cols {
			turned.Data[j*9+i] = x.At(i, j)
		}
	}
	require.Equal(t, want, n.Gradients(turned.T(), labels, 0.1))
	_, grads := snapshot(n)
	require.Equal(t, wantGrads, grads)
}

func TestBuffersFollowTheBatch(t *testing.T) {
	x, labels := randomBatch[float64](newRand(2), 20, 6, 4)
	used := New(newEngine[float64](t), 6, 5, 4)
	used.Init(He, newRand(1))
	for _, rows := range []int{3, 20, 1, 7} {
		fresh := New(newEngine[float64](t), 6, 5, 4)
		fresh.Init(He, newRand(1))
		part := x.Slice(0, rows, 0, 6)
		require.Equal(t, fresh.Gradients(part, labels[:rows], 0.1), used.Gradients(part, labels[:rows], 0.1), "%d rows", rows)
		require.Equal(t, fresh.Output().Data, used.Output().Data, "%d rows", rows)
		_, want := snapshot(fresh)
		_, got := snapshot(used)
		require.Equal(t, want, got, "%d rows", rows)
	}
}

func TestNoRowsLeaveTheRegularisation(t *testing.T) {
	n := New(newEngine[float64](t), 6, 5, 4)
	n.Init(He, newRand(1))
	loss := n.Gradients(kernels.NewMat[float64](0, 6, nil), nil, 0.5)
	require.Zero(t, loss.Data)
	require.Positive(t, loss.Reg)
	for _, p := range n.Params() {
		for i, g := range p.Grad.Data {
			require.Equal(t, p.Value.Data[i], g, p.Name) // 2λ is 1, and biases are 0
		}
	}
}

func TestNaNReachesLossAndGradients(t *testing.T) {
	n := New(newEngine[float32](t), 6, 5, 4)
	n.Init(He, newRand(1))
	x, labels := randomBatch[float32](newRand(2), 9, 6, 4)
	x.Data[6] = float32(math.NaN())
	require.True(t, math.IsNaN(n.Gradients(x, labels, 0.1).Total()))
	for _, p := range n.Params() {
		require.True(t, math.IsNaN(float64(p.Grad.Data[0])), p.Name)
	}
}

func TestMisusePanicsWithNumbers(t *testing.T) {
	e := newEngine[float32](t)
	n := New(e, 6, 5, 4)
	n.Init(He, newRand(1))
	x, labels := randomBatch[float32](newRand(2), 9, 6, 4)
	n.Gradients(x, labels, 0.1)
	values, grads := snapshot(n)
	y := kernels.NewMat[float32](9, 5, nil)
	for _, c := range []struct {
		want string
		call func()
	}{
		{"net: New: sizes [3], want at least an input and an output", func() { New(e, 3) }},
		{"net: New: sizes [3 0], want each at least 1", func() { New(e, 3, 0) }},
		{"net: New: sizes [-1 2], want each at least 1", func() { New(e, -1, 2) }},
		{"net: Build: no dense layer", func() { Build(e, 3, ReLU) }},
		{"net: Build: 0 inputs, want at least 1", func() { Build(e, 0, Dense{2}) }},
		{"net: Build: a dense layer of 0 units, want at least 1", func() { Build(e, 3, Layers{Dense{0}}) }},
		{"net: Build: activation 7, want 1 to 4", func() { Build(e, 3, Dense{2}, Activation(7)) }},
		{"net: Build: a residual block from 3 to 2 columns, want as many", func() { Build(e, 3, Residual{Dense{2}}) }},
		{"net: Build: layer 1 is nil", func() { Build(e, 3, Dense{2}, nil) }},
		{"net: Step: no TrainingLoss before it", func() { n.Loss(x, labels, 0); n.Step(NewSGD(e, SGDOptions{})) }},
		{"net: Logits: x is 9×5, the network has 6 inputs", func() { n.Logits(y) }},
		{"net: Logits: x is 9×5, the network has 6 inputs", func() { n.Gradients(y, labels, 0) }},
		{"kernels: SoftmaxCrossEntropy: logits is 9×4, labels has 8 elements", func() { n.Gradients(x, labels[1:], 0) }},
		{"kernels: SoftmaxCrossEntropy: labels[0] is -1, logits is 1×4", func() { n.Loss(x.Slice(0, 1, 0, 6), []int32{-1}, 0) }},
		{"kernels: SoftmaxCrossEntropy: labels[0] is 4, logits is 1×4", func() { n.Loss(x.Slice(0, 1, 0, 6), []int32{4}, 0) }},
		{"net: Correct: logits is 9×5, labels has 2 elements", func() { Correct(y, labels[:2]) }},
		{"net: Argmax: row has 0 elements, want at least 1", func() { Argmax[float32](nil) }},
		{"net: RandomProblem: 0 layers, want at least 1", func() { RandomProblem(newEngine[float64](t), 1, 0) }},
	} {
		require.PanicsWithValue(t, c.want, c.call)
	}
	after, afterGrads := snapshot(n)
	require.Equal(t, values, after)
	require.Equal(t, grads, afterGrads)
}
