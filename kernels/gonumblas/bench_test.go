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

// BenchmarkSmall calls routines on operands of a few elements, as LAPACK does for columns and
// blocks, in gonum's code and in ours.
func BenchmarkSmall(b *testing.B) {
	x, y, a, c := make([]float64, 100), make([]float64, 100), make([]float64, 1024), make([]float64, 1024)
	for i := range 32 {
		a[i*32+i] = 1
	}
	for i := range x { // gonum's routines skip zeros
		x[i], y[i] = 1, 1
	}
	for name, call := range map[string]func(f blas.Float64){
		"ddot 4":      func(f blas.Float64) { f.Ddot(4, x, 1, y, 1) },
		"ddot 30":     func(f blas.Float64) { f.Ddot(30, x, 1, y, 1) },
		"dnrm2 20":    func(f blas.Float64) { f.Dnrm2(20, x, 1) },
		"idamax 20":   func(f blas.Float64) { f.Idamax(20, x, 1) },
		"idamax 20/3": func(f blas.Float64) { f.Idamax(20, x, 3) },
		"daxpy 4":     func(f blas.Float64) { f.Daxpy(4, 1, x, 1, y, 1) },
		"daxpy 20":    func(f blas.Float64) { f.Daxpy(20, 1, x, 1, y, 1) },
		"dscal 20":    func(f blas.Float64) { f.Dscal(20, 1, x, 1) },
		"dscal 20/5":  func(f blas.Float64) { f.Dscal(20, 1, x, 5) },
		"dswap 20":    func(f blas.Float64) { f.Dswap(20, x, 1, y, 1) },
		"drot 20":     func(f blas.Float64) { f.Drot(20, x, 1, y, 1, 1, 0) },
		"dgemv 3":     func(f blas.Float64) { f.Dgemv(blas.NoTrans, 3, 3, 1, a, 32, x, 1, 0, y, 1) },
		"dgemv 20":    func(f blas.Float64) { f.Dgemv(blas.NoTrans, 20, 20, 1, a, 32, x, 1, 0, y, 1) },
		"dgemv 20 T":  func(f blas.Float64) { f.Dgemv(blas.Trans, 20, 20, 1, a, 32, x, 1, 0, y, 1) },
		"dger 3":      func(f blas.Float64) { f.Dger(3, 3, 1, x, 1, y, 1, c, 32) },
		"dger 20":     func(f blas.Float64) { f.Dger(20, 20, 1, x, 1, y, 1, c, 32) },
		"dsyr 3":      func(f blas.Float64) { f.Dsyr(blas.Upper, 3, 1, x, 1, c, 32) },
		"dsyr 20":     func(f blas.Float64) { f.Dsyr(blas.Lower, 20, 1, x, 1, c, 32) },
		"dsymv 3":     func(f blas.Float64) { f.Dsymv(blas.Upper, 3, 1, a, 32, x, 1, 0, y, 1) },
		"dsymv 20":    func(f blas.Float64) { f.Dsymv(blas.Upper, 20, 1, a, 32, x, 1, 0, y, 1) },
		"dtrmv 3":     func(f blas.Float64) { f.Dtrmv(blas.Upper, blas.NoTrans, blas.NonUnit, 3, a, 32, x, 1) },
		"dtrmv 20":    func(f blas.Float64) { f.Dtrmv(blas.Upper, blas.NoTrans, blas.NonUnit, 20, a, 32, x, 1) },
		"dtrsv 3":     func(f blas.Float64) { f.Dtrsv(blas.Lower, blas.NoTrans, blas.NonUnit, 3, a, 32, x, 1) },
		"dtrsv 20":    func(f blas.Float64) { f.Dtrsv(blas.Lower, blas.NoTrans, blas.NonUnit, 20, a, 32, x, 1) },
		"dtrsm 20": func(f blas.Float64) {
			f.Dtrsm(blas.Left, blas.Lower, blas.NoTrans, blas.NonUnit, 20, 20, 1, a, 32, c, 32)
		},
		"dsyrk 20": func(f blas.Float64) { f.Dsyrk(blas.Upper, blas.NoTrans, 20, 3, 1, y, 3, 1, c, 32) },
	} {
		for _, impl := range []blas.Float64{gonum.Implementation{}, Implementation{}} {
			b.Run(fmt.Sprintf("%s/%T", name, impl), func(b *testing.B) {
				for b.Loop() {
					call(impl)
				}
			})
		}
	}
}
