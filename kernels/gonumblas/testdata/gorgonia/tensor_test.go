// Package gorgonia shows that gorgonia's tensors compute with gonumblas. It is a module of
// its own, so that nobody else needs gorgonia.
package gorgonia

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/kernels/gonumblas"
)

func TestTensorsComputeWithTheKernels(t *testing.T) {
	tensor.Use(gonumblas.Implementation{})
	const m, n, k = 70, 50, 90
	a, b := make([]float32, m*k), make([]float32, k*n)
	for i := range a {
		a[i] = 1 / float32(i+1)
	}
	for i := range b {
		b[i] = 1 / float32(i+3)
	}
	e, err := kernels.New[float32]()
	require.NoError(t, err)

	product, err := tensor.MatMul(tensor.New(tensor.WithShape(m, k), tensor.WithBacking(a)), tensor.New(tensor.WithShape(k, n), tensor.WithBacking(b)))
	require.NoError(t, err)
	want := kernels.NewMat[float32](m, n, nil)
	e.Gemm(want, 1, kernels.NewMat(m, k, a), kernels.NewMat(k, n, b), 0)
	require.Equal(t, want.Data, product.Data())

	inner, err := tensor.Inner(tensor.New(tensor.WithShape(m), tensor.WithBacking(a[:m])), tensor.New(tensor.WithShape(m), tensor.WithBacking(b[:m])))
	require.NoError(t, err)
	require.Equal(t, gonumblas.Implementation{}.Sdot(m, a, 1, b, 1), inner)
}
