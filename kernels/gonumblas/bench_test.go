package gonumblas

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"

	"github.com/lanes-ml/lanes/kernels"
)

// BenchmarkAdaptor shows how much longer a product takes through gonum's interface than
// straight from the engine.
func BenchmarkAdaptor(b *testing.B) {
	const n = 4
	x, c := make([]float32, n*n), make([]float32, n*n)
	b.Run("engine", func(b *testing.B) {
		e, mx, mc := Implementation{}.float32s(), kernels.NewMat(n, n, x), kernels.NewMat(n, n, c)
		for b.Loop() {
			e.Gemm(mc, 1, mx, mx, 0)
		}
	})
	b.Run("blas", func(b *testing.B) {
		var impl blas.Float32 = Implementation{}
		for b.Loop() {
			impl.Sgemm(blas.NoTrans, blas.NoTrans, n, n, n, 1, x, n, x, n, 0, c, n)
		}
	})
}

// BenchmarkMul multiplies gonum matrices with gonum's code and with ours.
func BenchmarkMul(b *testing.B) {
	defer blas64.Use(gonum.Implementation{})
	for _, n := range []int{16, 64, 256, 1024} {
		x, y := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
		for i := range n * n {
			x.Set(i/n, i%n, float64(i%7)+1)
		}
		y.Copy(x)
		for _, impl := range []blas.Float64{gonum.Implementation{}, Implementation{}} {
			b.Run(fmt.Sprintf("%d/%T", n, impl), func(b *testing.B) {
				blas64.Use(impl)
				var c mat.Dense
				for b.Loop() {
					c.Mul(x, y)
				}
				b.ReportMetric(2e-9*float64(n*n*n)*float64(b.N)/b.Elapsed().Seconds(), "GFLOP/s")
			})
		}
	}
}
