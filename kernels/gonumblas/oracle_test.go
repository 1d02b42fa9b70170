package gonumblas

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/lanes-ml/lanes/kernels"
)

// oracle is gonum's own BLAS, without two faults of gonum 0.17: on amd64, Dger and Sger are
// wrong where an increment is negative, so that they get vectors that are turned round; and
// Sgemv, and elsewhere Dgemv, with beta = 0 clear what lies behind y, which they do not get.
type oracle struct{ gonum.Implementation }

func (o oracle) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	x, incX = forward(m, x, incX)
	y, incY = forward(n, y, incY)
	o.Implementation.Dger(m, n, alpha, x, incX, y, incY, a, lda)
}

func (o oracle) Sger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	x, incX = forward(m, x, incX)
	y, incY = forward(n, y, incY)
	o.Implementation.Sger(m, n, alpha, x, incX, y, incY, a, lda)
}

func (o oracle) Dgemv(tA blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	o.Implementation.Dgemv(tA, m, n, alpha, a, lda, x, incX, beta, resultOf(tA, m, n, y, incY), incY)
}

func (o oracle) Sgemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	o.Implementation.Sgemv(tA, m, n, alpha, a, lda, x, incX, beta, resultOf(tA, m, n, y, incY), incY)
}

// resultOf returns y without what lies behind the result of a product with an m×n matrix.
func resultOf[T kernels.Float](tA blas.Transpose, m, n int, y []T, inc int) []T {
	if tA != blas.NoTrans {
		m = n
	}
	if !fits(m, y, inc) {
		return y
	}
	return y[:(m-1)*max(inc, -inc)+1]
}

// forward returns the vector with a positive increment.
func forward[T kernels.Float](n int, x []T, inc int) ([]T, int) {
	if inc >= 0 || !fits(n, x, inc) {
		return x, inc
	}
	turned := make([]T, (n-1)*-inc+1)
	for i := 0; i < len(turned); i -= inc {
		turned[i] = x[len(turned)-1-i]
	}
	return turned, -inc
}
