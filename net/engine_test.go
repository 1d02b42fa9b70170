package net

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func newEngine[T kernels.Float](t testing.TB, opts ...kernels.Option) *kernels.Engine[T] {
	t.Helper()
	e, err := kernels.New[T](opts...)
	require.NoError(t, err)
	return e
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// randomBatch returns rows of normal numbers. The label of a row is the largest of its
// first classes columns, so that there is something to learn.
func randomBatch[T kernels.Float](rng *rand.Rand, rows, cols, classes int) (kernels.Mat[T], []int32) {
	x := kernels.NewMat[T](rows, cols, nil)
	for i := range x.Data {
		x.Data[i] = T(rng.NormFloat64())
	}
	labels := make([]int32, rows)
	for i := range labels {
		labels[i] = int32(Argmax(x.Row(i)[:classes]))
	}
	return x, labels
}
