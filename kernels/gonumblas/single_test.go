package gonumblas

import (
	"gonum.org/v1/gonum/blas"

	"github.com/lanes-ml/lanes/kernels"
)

// singlePrecision computes each routine for float64 with that for float32, so that one test
// judges both.
type singlePrecision struct {
	blas.Float64 // the routines that are not in the table of problems
	single       blas.Float32
}

func convert[To, From kernels.Float](x []From) []To {
	if x == nil {
		return nil
	}
	y := make([]To, len(x))
	for i, v := range x {
		y[i] = To(v)
	}
	return y
}

// as32 calls f with float32s of the slices, and gives the slices what it leaves in these.
func as32(f func(s [][]float32), slices ...[]float64) {
	s := make([][]float32, len(slices))
	for i, x := range slices {
		s[i] = convert[float32](x)
	}
	f(s)
	for i, x := range slices {
		copy(x, convert[float64](s[i]))
	}
}

func (p singlePrecision) Ddot(n int, x []float64, incX int, y []float64, incY int) (r float64) {
	as32(func(s [][]float32) { r = float64(p.single.Sdot(n, s[0], incX, s[1], incY)) }, x, y)
	return r
}

func (p singlePrecision) Dnrm2(n int, x []float64, incX int) (r float64) {
	as32(func(s [][]float32) { r = float64(p.single.Snrm2(n, s[0], incX)) }, x)
	return r
}

func (p singlePrecision) Dasum(n int, x []float64, incX int) (r float64) {
	as32(func(s [][]float32) { r = float64(p.single.Sasum(n, s[0], incX)) }, x)
	return r
}

func (p singlePrecision) Idamax(n int, x []float64, incX int) (r int) {
	as32(func(s [][]float32) { r = p.single.Isamax(n, s[0], incX) }, x)
	return r
}

func (p singlePrecision) Dswap(n int, x []float64, incX int, y []float64, incY int) {
	as32(func(s [][]float32) { p.single.Sswap(n, s[0], incX, s[1], incY) }, x, y)
}

func (p singlePrecision) Dcopy(n int, x []float64, incX int, y []float64, incY int) {
	as32(func(s [][]float32) { p.single.Scopy(n, s[0], incX, s[1], incY) }, x, y)
}

func (p singlePrecision) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	as32(func(s [][]float32) { p.single.Saxpy(n, float32(alpha), s[0], incX, s[1], incY) }, x, y)
}

func (p singlePrecision) Drot(n int, x []float64, incX int, y []float64, incY int, c float64, sin float64) {
	as32(func(s [][]float32) { p.single.Srot(n, s[0], incX, s[1], incY, float32(c), float32(sin)) }, x, y)
}

func (p singlePrecision) Dscal(n int, alpha float64, x []float64, incX int) {
	as32(func(s [][]float32) { p.single.Sscal(n, float32(alpha), s[0], incX) }, x)
}

func (p singlePrecision) Dgemv(tA blas.Transpose, m int, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	as32(func(s [][]float32) {
		p.single.Sgemv(tA, m, n, float32(alpha), s[0], lda, s[1], incX, float32(beta), s[2], incY)
	}, a, x, y)
}

func (p singlePrecision) Dger(m int, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	as32(func(s [][]float32) { p.single.Sger(m, n, float32(alpha), s[0], incX, s[1], incY, s[2], lda) }, x, y, a)
}

func (p singlePrecision) Dsymv(ul blas.Uplo, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	as32(func(s [][]float32) {
		p.single.Ssymv(ul, n, float32(alpha), s[0], lda, s[1], incX, float32(beta), s[2], incY)
	}, a, x, y)
}

func (p singlePrecision) Dsyr(ul blas.Uplo, n int, alpha float64, x []float64, incX int, a []float64, lda int) {
	as32(func(s [][]float32) { p.single.Ssyr(ul, n, float32(alpha), s[0], incX, s[1], lda) }, x, a)
}

func (p singlePrecision) Dsyr2(ul blas.Uplo, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	as32(func(s [][]float32) { p.single.Ssyr2(ul, n, float32(alpha), s[0], incX, s[1], incY, s[2], lda) }, x, y, a)
}

func (p singlePrecision) Dtrmv(ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) {
	as32(func(s [][]float32) { p.single.Strmv(ul, tA, d, n, s[0], lda, s[1], incX) }, a, x)
}

func (p singlePrecision) Dtrsv(ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) {
	as32(func(s [][]float32) { p.single.Strsv(ul, tA, d, n, s[0], lda, s[1], incX) }, a, x)
}

func (p singlePrecision) Dgemm(tA blas.Transpose, tB blas.Transpose, m int, n int, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	as32(func(s [][]float32) {
		p.single.Sgemm(tA, tB, m, n, k, float32(alpha), s[0], lda, s[1], ldb, float32(beta), s[2], ldc)
	}, a, b, c)
}

func (p singlePrecision) Dsymm(side blas.Side, ul blas.Uplo, m int, n int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	as32(func(s [][]float32) {
		p.single.Ssymm(side, ul, m, n, float32(alpha), s[0], lda, s[1], ldb, float32(beta), s[2], ldc)
	}, a, b, c)
}

func (p singlePrecision) Dsyrk(ul blas.Uplo, tA blas.Transpose, n int, k int, alpha float64, a []float64, lda int, beta float64, c []float64, ldc int) {
	as32(func(s [][]float32) { p.single.Ssyrk(ul, tA, n, k, float32(alpha), s[0], lda, float32(beta), s[1], ldc) }, a, c)
}

func (p singlePrecision) Dsyr2k(ul blas.Uplo, tA blas.Transpose, n int, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	as32(func(s [][]float32) {
		p.single.Ssyr2k(ul, tA, n, k, float32(alpha), s[0], lda, s[1], ldb, float32(beta), s[2], ldc)
	}, a, b, c)
}

func (p singlePrecision) Dtrmm(side blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m int, n int, alpha float64, a []float64, lda int, b []float64, ldb int) {
	as32(func(s [][]float32) { p.single.Strmm(side, ul, tA, d, m, n, float32(alpha), s[0], lda, s[1], ldb) }, a, b)
}

func (p singlePrecision) Dtrsm(side blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m int, n int, alpha float64, a []float64, lda int, b []float64, ldb int) {
	as32(func(s [][]float32) { p.single.Strsm(side, ul, tA, d, m, n, float32(alpha), s[0], lda, s[1], ldb) }, a, b)
}
