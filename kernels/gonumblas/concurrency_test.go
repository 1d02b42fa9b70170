package gonumblas

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/lanes-ml/lanes/kernels"
)

// TestGoroutinesFactoriseAtOnceAsOneAfterTheOther factorises 64 matrices in 64 goroutines,
// with one implementation whose calls have three threads.
func TestGoroutinesFactoriseAtOnceAsOneAfterTheOther(t *testing.T) {
	impl, err := New(kernels.WithThreads(3))
	require.NoError(t, err)
	defer blas64.Use(blas64.Implementation())
	blas64.Use(impl)
	var matrices []*mat.Dense
	var serial [][]float64
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 64 {
		n := 20 + 2*i
		matrices = append(matrices, mat.NewDense(n, n, numbers(r.NormFloat64, n*n)))
		serial = append(serial, factorise(matrices[i]))
	}
	var group sync.WaitGroup
	together := make([][]float64, len(matrices))
	for i, a := range matrices {
		group.Go(func() { together[i] = factorise(a) })
	}
	group.Wait()
	for i := range matrices {
		require.Equal(t, serial[i], together[i], "matrix %d", i)
	}
}

// factorise returns numbers of the solution, the QR and Cholesky factors and the
// eigenvalues that belong to a.
func factorise(a *mat.Dense) (results []float64) {
	var x, q mat.Dense
	if err := x.Solve(a, a.T()); err != nil {
		panic(err)
	}
	var qr mat.QR
	qr.Factorize(a)
	qr.QTo(&q)
	var s mat.SymDense
	s.SymOuterK(1, a)
	var c mat.Cholesky
	c.Factorize(&s)
	var l mat.TriDense
	c.LTo(&l)
	var e mat.EigenSym
	e.Factorize(&s, true)
	results = append(results, x.RawMatrix().Data...)
	results = append(results, q.RawMatrix().Data...)
	results = append(results, l.RawTriangular().Data...)
	return append(results, e.Values(nil)...)
}
