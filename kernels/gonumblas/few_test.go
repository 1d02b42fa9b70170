package gonumblas

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"

	"github.com/lanes-ml/lanes/kernels"
)

// engineAlone computes on the engine what Implementation computes on its own.
type engineAlone struct{ Implementation }

func (f engineAlone) Ddot(n int, x []float64, incX int, y []float64, incY int) float64 {
	return f.float64s().Dot(vec(n, x, incX), vec(n, y, incY))
}

func (f engineAlone) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	f.float64s().Axpy(vec(n, y, incY), alpha, vec(n, x, incX))
}

func (f engineAlone) Dgemv(tA blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	gemv(f.float64s(), tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
}

func (f engineAlone) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	ger(f.float64s(), m, n, alpha, x, incX, y, incY, a, lda)
}

func (f engineAlone) Dsyr(ul blas.Uplo, n int, alpha float64, x []float64, incX int, a []float64, lda int) {
	syr(f.float64s(), ul, n, alpha, x, incX, a, lda)
}

func (f engineAlone) Dtrmv(ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) {
	trmv(f.float64s(), ul, tA, d, n, a, lda, x, incX)
}

func (f engineAlone) Dtrsv(ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) {
	trsv(f.float64s(), ul, tA, d, n, a, lda, x, incX)
}

// TestFewElementsHaveTheBitsOfTheEngine also draws zeros of both signs, infinities and NaN.
func TestFewElementsHaveTheBitsOfTheEngine(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 0))
	number := func() float64 {
		if r.IntN(8) == 0 {
			return pick(r, 0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 5e-324, math.MaxFloat64)
		}
		return r.NormFloat64()
	}
	for _, level := range kernels.Levels() {
		f, err := New(kernels.WithLevel(level))
		require.NoError(t, err)
		for _, routine := range []string{"dot", "axpy", "gemv", "ger", "syr", "trmv", "trsv"} {
			for range 3000 {
				p := draw(r, routine, few+1, number, func(int) float64 { return number() })
				ours, engines := p.run(f), p.run(engineAlone{f})
				got, want := ours.operands(), engines.operands()
				got[0], want[0] = append(got[0], ours.scalar), append(want[0], engines.scalar)
				for i := range want {
					for j, w := range want[i] {
						g := got[i][j]
						if math.Float64bits(g) != math.Float64bits(w) && !(g != g && w != w) {
							require.Failf(t, "other bits", "%v: operand %d, element %d: got %v, want %v: %+v", level, i, j, g, w, p)
						}
					}
				}
			}
		}
	}
}
