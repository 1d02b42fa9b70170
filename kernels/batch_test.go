package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func testGemmBatch[T Float](t *testing.T) {
	eachEngine(t, []int{1, 3}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(31, 32))
		for trial := range 100 {
			count, m, n, k := rng.IntN(6), dimension(rng), dimension(rng), dimension(rng)
			end := ends[trial%2]
			batch := func(rows, cols, stride int) Batch[T] {
				rs, cs := strided(rng, rows, cols)
				b := Batch[T]{Mat: Mat[T]{Rows: rows, Cols: cols, RowStride: rs, ColStride: cs}}
				if b.empty() {
					return b
				}
				size := b.span()
				if stride != 0 {
					b.Stride = size + rng.IntN(5)
					size += max(0, count-1) * b.Stride
				}
				b.Data = randomSlice[T](t, rng, size, end)
				return b
			}
			a, b, c := batch(m, k, rng.IntN(2)), batch(k, n, rng.IntN(2)), batch(m, n, 1)
			alpha, beta := []T{1, 1.5}[rng.IntN(2)], []T{0, 1, 0.4}[rng.IntN(3)]
			want := c
			want.Data = slices.Clone(c.Data)
			for s := range count {
				e.Gemm(want.at(s), alpha, a.at(s), b.at(s), beta)
			}
			e.GemmBatch(count, c, alpha, a, b, beta)
			requireBits(t, want.Data, c.Data, "%d of %d×%d×%d, padding included", count, m, n, k)
		}
		large := Batch[T]{NewMat[T](130, 120, nil), 0} // products that threads share
		c := NewBatch(2, 130, 130, make([]T, 2*130*130))
		fill(large.Data)
		e.GemmBatch(2, c, 1, large, Batch[T]{large.Mat.T(), 0}, 0)
		require.Equal(t, c.at(0).Data[:130*130], c.at(1).Data)
	})
}

func TestGemmBatchHasTheBitsOfGemm(t *testing.T) {
	testGemmBatch[float32](t)
	testGemmBatch[float64](t)
}

func TestNewBatchPanicsWhereItHasNoData(t *testing.T) {
	const large = math.MaxInt/2 + 1 // four of them are 0 in an int
	for message, f := range map[string]func(){
		fmt.Sprintf("kernels: NewBatch: a %d×4 matrix has more elements than an int counts", large):   func() { NewBatch[float32](large, 4, 4, nil) },
		fmt.Sprintf("kernels: NewMat: a 4×%d matrix has more elements than an int counts", large):     func() { NewBatch[float32](2, 2, large, nil) },
		fmt.Sprintf("kernels: NewBatch: a 4×%d matrix has more elements than an int counts", large):   func() { NewBatch[float32](0, 4, large, nil) },
		"kernels: NewBatch: -1 matrices of -4×4":                                                      func() { NewBatch(-1, -4, 4, make([]float32, 16)) },
		"kernels: NewBatch: 1 matrices of -4×-4":                                                      func() { NewBatch(1, -4, -4, make([]float32, 16)) },
		"kernels: NewMat: matrix is 6×4 with strides (4,1), its data has 16 elements":                 func() { NewBatch(3, 2, 4, make([]float32, 16)) },
		fmt.Sprintf("kernels: NewMat: a %d×%d matrix has more elements than an int counts", large, 4): func() { NewMat[float32](large, 4, nil) },
	} {
		require.PanicsWithValue(t, message, f)
	}
	require.Len(t, NewBatch[float32](3, 2, 4, nil).Data, 24)
	require.Empty(t, NewBatch[float32](0, 2, 4, nil).Data)
}
