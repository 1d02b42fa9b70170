package spectrum

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// matrixOf returns a symmetric matrix with those eigenvalues, and as rows its eigenvectors.
func matrixOf(e *kernels.Engine[float64], values []float64) (s, vectors kernels.Mat[float64]) {
	n := len(values)
	b := newBasis(e, n, n)
	scaled := kernels.NewMat[float64](n, n, nil)
	for i, v := range values {
		for j, x := range b.rows.Row(i) {
			scaled.Row(i)[j] = v * x
		}
	}
	s = kernels.NewMat[float64](n, n, nil)
	e.Gemm(s, 1, b.rows.T(), scaled, 0)
	return s, b.rows
}

func TestLeadingPairsAreThoseThatTheMatrixIsMadeOf(t *testing.T) {
	e, err := kernels.New[float64]()
	require.NoError(t, err)
	for _, c := range []struct{ n, k, rank int }{{300, 40, 300}, {300, 40, 20}, {30, 30, 30}, {1, 1, 1}, {200, 199, 100}, {60, 50, 60}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			values := make([]float64, c.n)
			for i := range c.rank {
				values[i] = 1e4 * math.Pow(float64(i+1), -2)
			}
			s, vectors := matrixOf(e, values)
			found, rows, _ := Leading(e, s, c.k)
			require.Len(t, found, c.k)
			for i, v := range found {
				require.InDelta(t, values[i], v, 1e-8, "eigenvalue %d", i)
				if i < c.rank {
					point(vectors.Row(i))
					require.InDeltaSlice(t, vectors.Row(i), rows.Row(i), 1e-4, "eigenvector %d", i)
				}
			}
			g := kernels.NewMat[float64](c.k, c.k, nil)
			e.Gemm(g, 1, rows, rows.T(), 0)
			for i := range c.k {
				for j := range c.k {
					require.InDelta(t, map[bool]float64{true: 1}[i == j], g.At(i, j), 1e-12, "rows %d and %d", i, j)
				}
			}
		})
	}
}

// Where the subspace is the whole space, the first pairs are exact.
func TestOperationsAreCountedByTheFormulas(t *testing.T) {
	e, err := kernels.New[float64]()
	require.NoError(t, err)
	s, _ := matrixOf(e, []float64{9, 5, 3, 2, 1, 0.5, 0.2, 0.1})
	_, _, flops := Leading(e, s, 3)
	require.Equal(t, 2*(8*9*8+8*8*8)+(2*8*8*8+6*8*8*8), int(flops))

	values := make([]float64, 40)
	s, _ = matrixOf(e, values)
	b := newBasis(e, 20, 40)
	b.flops = 0
	b.filter(s, []float64{1, 0.999}) // of which the degree is 12
	require.Equal(t, 12*2*20*40*40, int(b.flops))
}

func TestLeadingHasTheSameBitsAtEveryLevelAndThreadCount(t *testing.T) {
	values := make([]float64, 150)
	for i := range values {
		values[i] = 100 / float64(1+i*i)
	}
	var want []float64
	for _, level := range kernels.Levels() {
		if level == kernels.Generic {
			continue
		}
		for threads := range 3 {
			e, err := kernels.New[float64](kernels.WithLevel(level), kernels.WithThreads(threads+1))
			require.NoError(t, err)
			s, _ := matrixOf(e, values)
			found, rows, _ := Leading(e, s, 30)
			all := append(append([]float64(nil), found...), rows.Data[:30*150]...)
			if want == nil {
				want = all
			}
			require.Equal(t, want, all, "%v with %d threads", level, threads+1)
		}
	}
}

func BenchmarkLeading(b *testing.B) {
	e, err := kernels.New[float64]()
	require.NoError(b, err)
	values := make([]float64, 3072)
	for i := range values {
		values[i] = 1e6 * math.Pow(float64(i+1), -2)
	}
	s, _ := matrixOf(e, values)
	for range b.N {
		Leading(e, s, 512)
	}
}
