package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// special returns n values, among them zeros of both signs, infinities, NaN, and numbers
// near the smallest normal and the smallest subnormal one.
func special[T Float](t *testing.T, rng *rand.Rand, n int, end string) []T {
	s := randomSlice[T](t, rng, n, end)
	tiny := smallestNormal[T]()
	values := []T{0, T(math.Copysign(0, -1)), T(math.Inf(1)), T(math.Inf(-1)), T(math.NaN()),
		tiny, -tiny, tiny / 2, tiny * 1.05, tiny * 2 * T(unitRoundoff[T]())}
	for i := range s {
		if k := rng.IntN(40); k < len(values) {
			s[i] = values[k]
		}
	}
	return s
}

// requireBits compares bits; any NaN equals any other.
func requireBits[T Float](t *testing.T, want, got []T, format string, args ...any) {
	t.Helper()
	require.Equal(t, len(want), len(got))
	for i := range want {
		if math.Float64bits(float64(want[i])) != math.Float64bits(float64(got[i])) && !(want[i] != want[i] && got[i] != got[i]) {
			t.Fatalf("element %d is %v, want %v: %s", i, got[i], want[i], fmt.Sprintf(format, args...))
		}
	}
}

// multiplyAdd computes a·b+c as e does.
func multiplyAdd[T Float](e *Engine[T], a, b, c T) T {
	if fuses(e) {
		return fma(a, b, c)
	}
	return c + T(a*b)
}

func testRows[T Float](t *testing.T) {
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(11, 12))
		for trial := range 300 {
			rows, cols := rng.IntN(9), trial
			if trial == 299 {
				rows, cols = 70, 3072
			}
			rs, cs := strided(rng, rows, cols)
			m := guardedMat[T](t, rng, rows, cols, rs, cs, ends[trial%2])
			bias := randomSlice[T](t, rng, cols, ends[trial%2])
			want, sums := slices.Clone(m.Data), make([]T, cols)
			for i := range rows {
				for j := range cols {
					sums[j] += m.At(i, j)
					want[i*rs+j*cs] += bias[j]
				}
			}
			got := guarded[T](t, cols, ends[trial%2])
			for j := range got {
				got[j] = canary
			}
			e.ColSums(got, m)
			requireBits(t, sums, got, "ColSums of %d×%d", rows, cols)
			e.AddBias(m, bias)
			requireBits(t, want, m.Data, "AddBias of %d×%d, padding included", rows, cols)

			m = guardedMat[T](t, rng, rows, cols, cols+rng.IntN(3), 1, ends[trial%2])
			pixels := guarded[uint8](t, 5*cols, ends[trial%2])
			for i := range pixels {
				pixels[i] = uint8(rng.UintN(256))
			}
			drawn, scale := make([]int, rows), T(1)
			if trial%3 > 0 {
				scale = T(1 / 127.5)
			}
			want = slices.Clone(m.Data)
			for i := range rows {
				drawn[i] = rng.IntN(5)
				for j := range cols {
					want[i*m.RowStride+j] = (T(pixels[drawn[i]*cols+j]) - bias[j]) * scale
				}
			}
			e.CenterRows(m, &Pixels[T]{pixels, drawn, cols, bias, scale})
			requireBits(t, want, m.Data, "CenterRows of %d×%d, padding included", rows, cols)
		}
	})
}

func TestRowOperationsHaveTheBitsOfPlainLoops(t *testing.T) {
	t.Parallel()
	testRows[float32](t)
	testRows[float64](t)
}

func TestCenterRowsTakesAColumnOfAnyStride(t *testing.T) {
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[float32]) {
		column := Mat[float32]{[]float32{canary, canary, canary, canary}, 2, 1, 3, 2}
		e.CenterRows(column, &Pixels[float32]{[]uint8{10, 30}, []int{1, 0}, 1, []float32{5}, 2})
		require.Equal(t, []float32{50, canary, canary, 10}, column.Data)
	})
}

func TestElementwisePanicsWithNumbersBeforeItWrites(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	y := []float32{-1, 2, -3, 4, -5, 6}
	before := slices.Clone(y)
	m := NewMat(2, 3, y)
	wide, wider := Mat[float32]{y, 1, 3, 6, 2}, NewMat[float32](2, 150, nil)
	pixels := func(mean []float32, rows ...int) *Pixels[float32] {
		return &Pixels[float32]{make([]uint8, 6), rows, 3, mean, 1}
	}
	for message, f := range map[string]func(){
		"kernels: ReLU: dst has 6 elements, src has 5":                               func() { e.ReLU(y, y[:5]) },
		"kernels: ReLUBackward: dst has 6 elements, grad has 5":                      func() { e.ReLUBackward(y, y[:5], y) },
		"kernels: ReLUBackward: dst has 6 elements, y has 5":                         func() { e.ReLUBackward(y, y, y[:5]) },
		"kernels: Axpy: x has 5 elements, y 6":                                       func() { e.Axpy(NewVec(y), 1, NewVec(y[:5])) },
		"kernels: AddBias: y is 2×3, bias has 2 elements":                            func() { e.AddBias(m, y[:2]) },
		"kernels: ColSums: m is 2×3, dst has 4 elements":                             func() { e.ColSums(y[:4], m) },
		"kernels: CenterRows: dst is 1×3 with strides (6,2), want contiguous rows":   func() { e.CenterRows(wide, pixels(y[:3], 0)) },
		"kernels: CenterRows: dst is 2×3, x is 1×3":                                  func() { e.CenterRows(m, pixels(y[:3], 0)) },
		"kernels: CenterRows: x has 3 columns, mean has 2 elements":                  func() { e.CenterRows(m, pixels(y[:2], 0, 0)) },
		"kernels: CenterRows: rows[1] is 2, data has 2 rows of 3":                    func() { e.CenterRows(m, pixels(y[:3], 1, 2)) },
		"kernels: CenterRows: rows[0] is -1, data has 2 rows of 3":                   func() { e.CenterRows(m, pixels(y[:3], -1, 0)) },
		"kernels: Softmax: dst is 2×3, src is 3×2":                                   func() { e.Softmax(m, m.T()) },
		"kernels: SoftmaxCrossEntropy: logits is 2×3, labels has 1 elements":         func() { e.SoftmaxCrossEntropy(m, m, []int32{0}) },
		"kernels: SoftmaxCrossEntropy: labels[1] is 3, logits is 2×3":                func() { e.SoftmaxCrossEntropy(m, m, []int32{0, 3}) },
		"kernels: SoftmaxCrossEntropy: labels[1] is 200, logits is 2×150":            func() { e.SoftmaxCrossEntropy(wider, wider, []int32{149, 200}) },
		"kernels: SoftmaxCrossEntropy: labels[0] is -1, logits is 2×150":             func() { e.SoftmaxCrossEntropy(wider, wider, []int32{-1, 128}) },
		"kernels: Slice: rows [0,3) and columns [0,3) of a 2×3 matrix":               func() { m.Slice(0, 3, 0, 3) },
		"kernels: At: element (2,0) of a 2×3 matrix":                                 func() { m.At(2, 0) },
		"kernels: Row: row 0 of a 1×3 matrix with column stride 2":                   func() { wide.Row(0) },
		"kernels: NewMat: matrix is 2×4 with strides (4,1), its data has 6 elements": func() { NewMat(2, 4, y) },
	} {
		require.PanicsWithValue(t, message, f)
		require.Equal(t, before, y)
	}
}

func TestElementwiseDoesNotAllocate(t *testing.T) {
	if poolsForget {
		t.Skip("sync.Pool forgets at random under the race detector")
	}
	for _, threads := range []int{1, 2} {
		e, err := New[float32](WithThreads(threads))
		require.NoError(t, err)
		const rows, cols = 30, 3072
		m, x := NewMat[float32](rows, cols, nil), make([]float32, rows*cols)
		pixels, labels := &Pixels[float32]{make([]uint8, rows*cols), make([]int, rows), cols, x[:cols], 1}, make([]int32, rows)
		strides := NewMat[float32](cols, rows, nil).T()
		short, shortLabels := NewMat[float32](5000, 10, nil), make([]int32, 5000)
		flats, s := flats[float32](), operands[float32](rows*cols)
		require.Zero(t, steadyAllocs(func() {
			for _, op := range flats {
				op.run(e, s)
			}
			e.Dropout(x, x, 0.5, 1)
			normalize(e, m, NewMat(rows, cols, x))
			e.AddBias(m, x[:cols])
			e.ColSums(x[:cols], m)
			e.CenterRows(m, pixels)
			e.SumSquares(x)
			e.Softmax(m, m)
			e.SoftmaxCrossEntropy(m, m, labels)
			e.Softmax(strides, strides)
			e.Softmax(short, short)
			e.SoftmaxCrossEntropy(short, short, shortLabels)
		}), "%d threads", threads)
	}
}

func BenchmarkElementwise(b *testing.B) {
	for _, n := range []int{75, 8 << 10, 256 << 10, 16 << 20} {
		x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
		fill(x)
		fill(y)
		bench := func(name string, bytes int, op func(e *Engine[float32])) {
			eachBenchEngine(b, fmt.Sprintf("%s/n=%d", name, n), func(b *testing.B, e *Engine[float32]) {
				for b.Loop() {
					op(e)
				}
				b.ReportMetric(float64(bytes)*float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
			})
		}
		bench("ReLU", 8, func(e *Engine[float32]) { e.ReLU(y, x) })
		bench("ReLUBackward", 12, func(e *Engine[float32]) { e.ReLUBackward(z, x, y) })
		bench("Axpy", 12, func(e *Engine[float32]) { e.Axpy(NewVec(z), 1e-9, NewVec(x)) })
		bench("SumSquares", 4, func(e *Engine[float32]) { e.SumSquares(x) })
		bench("SGD", 20, func(e *Engine[float32]) {
			e.SGD(z, y, x, nil, SGDStep{LearningRate: 1e-9, Momentum: 0.9, WeightDecay: 1e-9})
		})
		w := make([]float32, n)
		bench("Adam", 28, func(e *Engine[float32]) {
			e.Adam(w, z, y, x, nil, AdamStep{Step: 1, LearningRate: 1e-9, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 1e-9})
		})
	}
}

func BenchmarkRows(b *testing.B) {
	for _, s := range [][2]int{{300, 10}, {300, 75}, {300, 3072}, {1024, 1000}} {
		rows, cols := s[0], s[1]
		m, g, bias := NewMat[float32](rows, cols, nil), NewMat[float32](rows, cols, nil), make([]float32, cols)
		fill(m.Data)
		pixels, drawn, labels := make([]uint8, rows*cols), make([]int, rows), make([]int32, rows)
		for i := range drawn {
			drawn[i], labels[i] = i, int32(i%10)
		}
		x := &Pixels[float32]{pixels, drawn, cols, bias, 1}
		bench := func(name string, bytes int, op func(e *Engine[float32])) {
			eachBenchEngine(b, fmt.Sprintf("%s/%dx%d", name, rows, cols), func(b *testing.B, e *Engine[float32]) {
				for b.Loop() {
					op(e)
				}
				b.ReportMetric(float64(bytes)*float64(rows*cols)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
			})
		}
		bench("AddBias", 8, func(e *Engine[float32]) { e.AddBias(g, bias) })
		bench("ColSums", 4, func(e *Engine[float32]) { e.ColSums(bias, m) })
		bench("CenterRows", 5, func(e *Engine[float32]) { e.CenterRows(g, x) })
		bench("Softmax", 8, func(e *Engine[float32]) { e.Softmax(g, m) })
		bench("SoftmaxCrossEntropy", 8, func(e *Engine[float32]) { e.SoftmaxCrossEntropy(g, m, labels) })
	}
}
