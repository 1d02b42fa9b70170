package kernels

import (
	"fmt"
	"math"
	"testing"
)

// The names have the forms of BLAS: side, triangle and transpose of the triangular or
// symmetric matrix for Symm, Trmm and Trsm, triangle and transpose for the others.
func BenchmarkLevel3(b *testing.B) {
	for _, n := range []int{4, 32, 64, 128, 256, 512, 1024, 2048} {
		benchmarkLevel3[float32](b, n)
		benchmarkLevel3[float64](b, n)
	}
}

func benchmarkLevel3[T Float](b *testing.B, n int) {
	x, y, c := NewMat[T](n, n, nil), NewMat[T](n, n, nil), NewMat[T](n, n, nil)
	fill(x.Data)
	fill(y.Data)
	for i := range x.Data {
		x.Data[i] /= T(10 * n) // so that neither products nor solutions grow
	}
	for i := range n {
		x.Data[i*n+i] = 1
	}
	volume := math.Pow(float64(n), 3)
	for _, op := range []struct {
		name string
		work float64 // floating-point operations
		run  func(e *Engine[T])
	}{
		{"Symm/LU", 2 * volume, func(e *Engine[T]) { e.Symm(Left, Upper, c, 1, x, y, 0) }},
		{"Symm/RL", 2 * volume, func(e *Engine[T]) { e.Symm(Right, Lower, c, 1, x, y, 0) }},
		{"Syrk/UN", volume, func(e *Engine[T]) { e.Syrk(Upper, c, 1, y, 0) }},
		{"Syrk/LT", volume, func(e *Engine[T]) { e.Syrk(Lower, c, 1, y.T(), 0) }},
		{"Syr2k/UN", 2 * volume, func(e *Engine[T]) { e.Syr2k(Upper, c, 1, x, y, 0) }},
		{"Trmm/LUN", volume, func(e *Engine[T]) { e.Trmm(Left, Upper, NonUnit, 1, x, y) }},
		{"Trmm/LLN", volume, func(e *Engine[T]) { e.Trmm(Left, Lower, NonUnit, 1, x, y) }},
		{"Trmm/RLT", volume, func(e *Engine[T]) { e.Trmm(Right, Upper, NonUnit, 1, x.T(), y) }},
		{"Trsm/LLN", volume, func(e *Engine[T]) { e.Trsm(Left, Lower, NonUnit, 1, x, y) }},
		{"Trsm/LUN", volume, func(e *Engine[T]) { e.Trsm(Left, Upper, NonUnit, 1, x, y) }},
		{"Trsm/RUT", volume, func(e *Engine[T]) { e.Trsm(Right, Lower, NonUnit, 1, x.T(), y) }},
	} {
		eachBenchEngine(b, fmt.Sprintf("%s/n=%d", op.name, n), func(b *testing.B, e *Engine[T]) {
			for b.Loop() {
				op.run(e)
			}
			b.ReportMetric(op.work*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
