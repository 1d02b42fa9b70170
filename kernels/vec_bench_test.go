package kernels

import (
	"fmt"
	"testing"
)

// BenchmarkLevel1 measures the operations on contiguous vectors, from those of a few
// elements, where the call decides, to those that fill no cache.
func BenchmarkLevel1(b *testing.B) {
	benchmarkLevel1[float32](b)
	benchmarkLevel1[float64](b)
}

func benchmarkLevel1[T Float](b *testing.B) {
	for _, op := range vecOperations[T]() {
		for _, n := range []int{4, 16, 256, 4096, 65536, 4 << 20} {
			x, y := NewVec(make([]T, n)), NewVec(make([]T, n))
			fill(x.flat())
			fill(y.flat())
			eachBenchEngine(b, fmt.Sprintf("%s/n=%d", op.name, n), func(b *testing.B, e *Engine[T]) {
				for b.Loop() {
					op.run(e, x, y)
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "elements/ns")
			})
		}
	}
}

// BenchmarkLevel2 measures the operations on square matrices whose rows are contiguous, and
// on those whose columns are.
func BenchmarkLevel2(b *testing.B) {
	benchmarkLevel2[float32](b)
	benchmarkLevel2[float64](b)
}

func benchmarkLevel2[T Float](b *testing.B) {
	for _, op := range matvecOperations[T]() {
		for _, n := range []int{3, 32, 128, 512, 2048} {
			a, x, y := NewMat[T](n, n, nil), NewVec(make([]T, n)), NewVec(make([]T, n))
			for i := range n { // with it, products and substitutions change nothing
				a.Set(i, i, 1)
			}
			for layout, m := range map[string]Mat[T]{"rows": a, "columns": a.T()} {
				eachBenchEngine(b, fmt.Sprintf("%s/%s/n=%d", op.name, layout, n), func(b *testing.B, e *Engine[T]) {
					for b.Loop() {
						op.run(e, matvecForm[T]{1, 0, Upper, NonUnit}, m, x, y)
					}
					b.ReportMetric(float64(n*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "elements/ns")
				})
			}
		}
	}
}
