package net

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/testdata"
)

type toyParams struct {
	W1, W2 [][]float64
	B1, B2 []float64
}

type toy struct {
	X             [][]float64
	Y             []int
	Params, Grads toyParams
	Reg, Loss     float64
	Logits, Probs [][]float64
	Training      struct {
		LearningRate        float64 `json:"learning_rate"`
		LRDecayPerIteration float64 `json:"lr_decay_per_iteration"`
		Reg                 float64
		Loss                []float64
	}
}

func readToy(t *testing.T) toy {
	var p toy
	require.NoError(t, json.Unmarshal(testdata.Toy, &p))
	return p
}

// problem returns the toy problem's network and data as T.
func problem[T kernels.Float](t *testing.T, p toy) (*Network[T], kernels.Mat[T], []int32) {
	n := New(newEngine[T](t), len(p.X[0]), len(p.Params.B1), len(p.Params.B2))
	for i, m := range p.Params.matrices() {
		copy(n.Params()[i].Value.Data, matrix[T](m).Data)
	}
	labels := make([]int32, len(p.Y))
	for i, y := range p.Y {
		labels[i] = int32(y)
	}
	return n, matrix[T](p.X), labels
}

// matrices returns the parameters in the order of Network.Params.
func (p toyParams) matrices() [][][]float64 {
	return [][][]float64{p.W1, {p.B1}, p.W2, {p.B2}}
}

func matrix[T kernels.Float](rows [][]float64) kernels.Mat[T] {
	m := kernels.NewMat[T](len(rows), len(rows[0]), nil)
	for i, row := range rows {
		for j, v := range row {
			m.Data[i*m.Cols+j] = T(v)
		}
	}
	return m
}

func TestToyProblemEqualsReferenceInEveryValue(t *testing.T) {
	p := readToy(t)
	n, x, labels := problem[float64](t, p)

	loss := n.Gradients(x, labels, p.Reg)
	require.InDelta(t, p.Loss, loss.Total(), 1e-12)
	require.InDeltaSlice(t, matrix[float64](p.Logits).Data, n.Output().Data, 1e-12)
	for i, want := range p.Grads.matrices() {
		got := n.Params()[i]
		require.InDeltaSlice(t, matrix[float64](want).Data, got.Grad.Data, 1e-12, got.Name)
	}

	probs := kernels.NewMat[float64](len(p.X), len(p.Params.B2), nil)
	newEngine[float64](t).Softmax(probs, n.Logits(x))
	require.InDeltaSlice(t, matrix[float64](p.Probs).Data, probs.Data, 1e-12)
	require.Equal(t, loss, n.Loss(x, labels, p.Reg))
}

func TestToyTrainingFollowsReferenceCurve(t *testing.T) {
	t.Run("float64", func(t *testing.T) { testToyTraining[float64](t, 1e-12) })
	t.Run("float32", func(t *testing.T) { testToyTraining[float32](t, 1e-5) })
}

func testToyTraining[T kernels.Float](t *testing.T, tolerance float64) {
	p := readToy(t)
	n, x, labels := problem[T](t, p)
	sgd := NewSGD(newEngine[T](t), SGDOptions{})
	schedule := Schedule{Fall: ByStep, Peak: p.Training.LearningRate, Decay: p.Training.LRDecayPerIteration, Every: 1}
	require.Len(t, p.Training.Loss, 100)
	for i, want := range p.Training.Loss {
		require.InDelta(t, want, n.Gradients(x, labels, p.Training.Reg).Total(), tolerance, "iteration %d", i)
		sgd.SetRate(schedule.Rate(i))
		sgd.Step(n.Params())
	}
}
