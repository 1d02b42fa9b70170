package kernels

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// unitRoundoff is half the spacing of floats at 1.
func unitRoundoff[T Float]() float64 {
	if unsafe.Sizeof(T(0)) == 8 {
		return 0x1p-53
	}
	return 0x1p-24
}

// exactSoftmax computes the softmax of a row with 200 bits.
func exactSoftmax[T Float](src []T) []float64 {
	top := slices.Max(src)
	sum := new(big.Float).SetPrec(200)
	es := make([]float64, len(src))
	for i, v := range src {
		es[i] = math.Exp(float64(v) - float64(top))
		sum.Add(sum, big.NewFloat(es[i]))
	}
	s, _ := sum.Float64()
	for i := range es {
		es[i] /= s
	}
	return es
}

func testSoftmax[T Float](t *testing.T) {
	eps := unitRoundoff[T]()
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(17, 18))
		worst := 0.0
		for cols := range 258 {
			rows := 1 + rng.IntN(4)
			rs, cs := strided(rng, rows, cols)
			src := guardedMat[T](t, rng, rows, cols, rs, cs, ends[cols%2])
			for i := range src.Data {
				src.Data[i] *= 5
			}
			drs, dcs := strided(rng, rows, cols)
			dst := guardedMat[T](t, rng, rows, cols, drs, dcs, ends[cols%2])
			padding := slices.Clone(dst.Data)
			e.Softmax(dst, src)
			for i := range rows {
				row := make([]T, cols)
				for j := range cols {
					row[j] = src.At(i, j)
					padding[i*drs+j*dcs] = dst.At(i, j)
				}
				if cols == 0 {
					continue
				}
				top := slices.Max(row)
				for j, want := range exactSoftmax(row) {
					if want > 1e-37 {
						unit := eps * (float64(top-row[j]) + float64(cols)/lanes + 6)
						worst = max(worst, math.Abs(float64(dst.At(i, j))-want)/want/unit)
					}
				}
			}
			require.Equal(t, padding, dst.Data)
			e.Softmax(src, src)
			for i := range rows {
				for j := range cols {
					require.Equal(t, dst.At(i, j), src.At(i, j), "in place")
				}
			}
		}
		t.Logf("%.2f of the bound", worst)
		require.LessOrEqual(t, worst, 1.0)
	})
}

func TestSoftmaxIsWithinItsBound(t *testing.T) {
	testSoftmax[float32](t)
	testSoftmax[float64](t)
}

func testSoftmaxNaN[T Float](t *testing.T) {
	nan, inf := T(math.NaN()), T(math.Inf(1))
	const rows = 40
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		for _, cols := range []int{2, 3, 8, 10, 16, 33, 100} {
			m, grad := NewMat[T](rows, cols, nil), NewMat[T](rows, cols, nil)
			clean, labels := NewMat[T](rows, cols, nil), make([]int32, rows)
			fill(m.Data)
			e.Softmax(clean, m)
			m.Row(1)[cols-1], m.Row(17)[0] = nan, inf
			for j := range cols {
				m.Row(39)[j] = -inf
			}
			poisoned := map[int]bool{1: true, 17: true, 39: true}
			require.True(t, isNaN(e.SoftmaxCrossEntropy(grad, m, labels)), "loss")
			e.Softmax(m, m)
			for i := range rows {
				if !poisoned[i] {
					requireBits(t, clean.Row(i), m.Row(i), "row %d of %d columns", i, cols)
				}
				for j, v := range m.Row(i) {
					require.Equal(t, poisoned[i], isNaN(v), "row %d of %d columns, element %d: %v", i, cols, j, v)
					require.Equal(t, poisoned[i], isNaN(grad.At(i, j)), "gradient of row %d of %d columns, element %d", i, cols, j)
				}
			}
			// -Inf beside numbers is a probability of 0.
			fill(m.Data)
			m.Row(3)[1] = -inf
			e.Softmax(m, m)
			require.Zero(t, m.At(3, 1))
			require.False(t, isNaN(m.At(3, 0)))
		}
	})
}

func isNaN[T Float](v T) bool { return v != v }

// Where softmax or its gradient underflows, the error is at most two of the smallest
// floats.
func testSoftmaxUnderflow[T Float](t *testing.T) {
	eps := unitRoundoff[T]()
	smallest := float64(smallestNormal[T]()) * 2 * eps
	top := -math.Log(float64(smallestNormal[T]()))
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		for _, rows := range []int{1, 40} { // one by one and across
			for _, cols := range []int{2, 10, 40} {
				for below := top - 5; below < top+30; below += 0.37 {
					src, dst, grad := NewMat[T](rows, cols, nil), NewMat[T](rows, cols, nil), NewMat[T](rows, cols, nil)
					for i := range src.Data {
						if i%cols > 0 {
							src.Data[i] = T(-below)
						}
					}
					e.Softmax(dst, src)
					e.SoftmaxCrossEntropy(grad, src, make([]int32, rows))
					for j, p := range exactSoftmax(src.Row(0)) {
						bound := p * eps * (float64(-src.At(0, j)) + float64(cols)/lanes + 7)
						for i := range rows {
							require.InDelta(t, p, float64(dst.At(i, j)), bound+2*smallest)
							if j > 0 {
								require.InDelta(t, p/float64(rows), float64(grad.At(i, j)), bound/float64(rows)+2*smallest)
							}
						}
					}
				}
			}
		}
	})
}

func TestSoftmaxIsWithinItsBoundOfWhatUnderflows(t *testing.T) {
	testSoftmaxUnderflow[float32](t)
	testSoftmaxUnderflow[float64](t)
}

// If the losses of rows are finite, so is their mean, even where their sum overflows.
func testLossOverflow[T Float](t *testing.T) {
	large := math.MaxFloat32 / 3
	if unsafe.Sizeof(T(0)) == 8 {
		large = math.MaxFloat64 / 3
	}
	eachEngine(t, []int{1, 3}, func(t *testing.T, e *Engine[T]) {
		for _, cols := range []int{2, 10, 33} {
			var first T
			for _, rows := range []int{1, 2, 32, 700, 1500} {
				logits, labels := NewMat[T](rows, cols, nil), make([]int32, rows)
				for i := range rows {
					logits.Row(i)[0], logits.Row(i)[1] = T(-large), T(large/2)
				}
				loss := e.SoftmaxCrossEntropy(NewMat[T](rows, cols, nil), logits, labels)
				require.InEpsilon(t, 1, float64(loss)/(1.5*large), 1e-6, "%d×%d", rows, cols)
				if rows == 1 {
					first = loss
				}
				if rows == 32 {
					requireBits(t, []T{first}, []T{loss}, "mean of equal losses")
				}
				if rows == 700 { // and half of them are 0
					for i := range 350 {
						labels[i] = 1
					}
					loss = e.SoftmaxCrossEntropy(NewMat[T](rows, cols, nil), logits, labels)
					require.InEpsilon(t, 1, float64(loss)/(0.75*large), 1e-6)
				}
				logits.Row(0)[0], labels[0] = T(math.Inf(-1)), 0
				require.True(t, math.IsInf(float64(e.SoftmaxCrossEntropy(logits, logits, labels)), 1), "a loss that is infinite")
			}
		}
	})
}

func TestLossFitsWhereItsRowsDo(t *testing.T) {
	testLossOverflow[float32](t)
	testLossOverflow[float64](t)
}

func TestSoftmaxKeepsNaNInItsRow(t *testing.T) {
	testSoftmaxNaN[float32](t)
	testSoftmaxNaN[float64](t)
}

func testCrossEntropy[T Float](t *testing.T) {
	tolerance := 1e-6
	if unsafe.Sizeof(T(0)) == 8 {
		tolerance = 1e-14
	}
	eachEngine(t, []int{1, 2, 3}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(19, 20))
		for _, rows := range []int{1, 2, 7, 300} {
			cols := 2 + rng.IntN(30)
			logits := guardedMat[T](t, rng, rows, cols, cols, 1, "end")
			grad := guardedMat[T](t, rng, rows, cols, cols+2, 1, "start")
			labels := make([]int32, rows)
			loss := 0.0
			for i := range labels {
				labels[i] = int32(rng.IntN(cols))
				loss -= math.Log(exactSoftmax(logits.Row(i))[labels[i]])
			}
			got := e.SoftmaxCrossEntropy(grad, logits, labels)
			require.InEpsilon(t, loss/float64(rows), float64(got), tolerance*10)
			for i := range rows {
				row := logits.Row(i)
				for j, p := range exactSoftmax(row) {
					bound := (float64(slices.Max(row)-row[j])+float64(cols)/lanes+7)*p + 2
					if j == int(labels[i]) {
						p--
					}
					require.InDelta(t, p/float64(rows), float64(grad.At(i, j)), bound*unitRoundoff[T]()/float64(rows))
				}
			}
			require.Equal(t, got, e.SoftmaxCrossEntropy(logits, logits, labels), "in place")
			require.Equal(t, grad.Row(rows-1), logits.Row(rows-1), "in place")
		}
		require.Zero(t, e.SoftmaxCrossEntropy(Mat[T]{}, Mat[T]{}, nil))
	})
}

func TestSoftmaxCrossEntropyIsTheTextbookWithinItsBound(t *testing.T) {
	testCrossEntropy[float32](t)
	testCrossEntropy[float64](t)
}

// lossChunk is the number of rows whose losses are added in 16 lanes: as many as have
// 16384 elements, but at most 512, and a multiple of 16 if there are more than 16. The bits
// of a loss depend on it.
func lossChunk(cols int) int {
	switch n := 16384 / cols; {
	case n > 512:
		return 512
	case n > 16:
		return n / 16 * 16
	default:
		return max(n, 1)
	}
}

func TestSoftmaxGivesACallFewElements(t *testing.T) {
	for cols := 1; cols < 100_000; cols++ {
		require.Equal(t, lossChunk(cols), chunkRows(cols), "%d columns", cols)
		require.True(t, chunkRows(cols) == 1 || chunkRows(cols)*cols <= 16384, "%d rows of %d columns", chunkRows(cols), cols)
	}
}

// testSoftmaxBits compares with rows computed one by one, at a level that fuses. The bits
// of a row depend on the row alone, and those of the loss on the matrix alone: not on the
// level, the threads, the strides, or the way in which a batch is computed.
func testSoftmaxBits[T Float](t *testing.T) {
	reference := map[bool]*Engine[T]{}
	for _, l := range Levels() {
		e, err := New[T](WithLevel(l), WithThreads(1))
		require.NoError(t, err)
		if reference[fuses(e)] == nil {
			reference[fuses(e)] = e
		}
	}
	eachEngine(t, []int{1, 2, 3, 8}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(21, 22))
		one := reference[fuses(e)]
		shapes := [][2]int{{9000, 10}, {520, 64}, {700, 50}, {40, 1000}, {3, 16385}, {1029, 4}, {5000, 2}, {300, 256}, {5, 255}}
		for range 300 {
			shapes = append(shapes, [2]int{1 + rng.IntN(70), 1 + rng.IntN(20)})
		}
		for range 60 {
			shapes = append(shapes, [2]int{1 + rng.IntN(20), 1 + rng.IntN(300)})
		}
		for k, shape := range shapes {
			rows, cols := shape[0], shape[1]
			rs, cs := strided(rng, rows, cols)
			m := guardedMat[T](t, rng, rows, cols, rs, cs, ends[k%2])
			labels := guarded[int32](t, rows, ends[k%2])
			for i := range labels {
				labels[i] = int32(rng.IntN(cols))
			}
			all, grad := NewMat[T](rows, cols, nil), NewMat[T](rows, cols, nil)
			e.Softmax(all, m)
			loss := e.SoftmaxCrossEntropy(grad, m, labels)

			row, want := NewMat[T](1, cols, nil), make([]T, cols)
			losses, scale := make([]T, rows), 1/T(rows)
			for i := range rows {
				copyMat(row, m.Slice(i, i+1, 0, cols))
				target := row.Data[labels[i]]
				one.softmax(&rowChunk[T]{dst: &row, src: &row, scale: 1})
				requireBits(t, row.Data, all.Row(i), "row %d of softmax of %d×%d, strides %d and %d", i, rows, cols, rs, cs)

				copyMat(row, m.Slice(i, i+1, 0, cols))
				one.softmax(&rowChunk[T]{dst: &row, src: &row, scale: scale})
				copy(want, row.Data)
				want[labels[i]] -= scale
				copyMat(row, m.Slice(i, i+1, 0, cols))
				var targets, top, sum [1 + lanes]T
				one.softmax(&rowChunk[T]{dst: &row, src: &row, scale: scale,
					labels: labels[i : i+1], targets: targets[:], tops: top[:], sums: sum[:]})
				requireBits(t, []T{target}, targets[:1], "labelled element")
				requireBits(t, want, grad.Row(i), "gradient of row %d of %d×%d", i, rows, cols)
				one.Log(losses[i:i+1], sum[:1])
				losses[i] -= target - top[0]
			}
			total, chunk := 0.0, lossChunk(cols)
			for first := 0; first < rows; first += chunk {
				var acc [lanes]T
				for i, l := range losses[first:min(first+chunk, rows)] {
					acc[i%lanes] += l
				}
				total += float64(combine(&acc))
			}
			requireBits(t, []T{T(total / float64(rows))}, []T{loss}, "loss of %d×%d", rows, cols)
		}
	})
}

func TestSoftmaxBitsDependOnTheRowsAlone(t *testing.T) {
	testSoftmaxBits[float32](t)
	testSoftmaxBits[float64](t)
}

// testSoftmaxParts computes rows in parts that would fit in one call.
func testSoftmaxParts[T Float](t *testing.T) {
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		for cols := 1; cols < 3*chunkElements; cols += 1 + cols/5 {
			m := NewMat[T](1, cols, nil)
			fill(m.Data)
			of := func(softmax func(*rowChunk[T])) []T {
				var targets, tops, sums [1]T
				dst := NewMat[T](1, cols, nil)
				c := rowChunk[T]{dst: &dst, src: &m, scale: 0.3,
					labels: []int32{int32(cols / 2)}, targets: targets[:], tops: tops[:], sums: sums[:]}
				softmax(&c)
				return append(dst.Data, targets[0], tops[0], sums[0])
			}
			requireBits(t, of(e.softmaxRows), of(e.softmaxParts), "softmax of 1×%d in parts", cols)
		}
	})
}

func TestSoftmaxInPartsHasTheSameBits(t *testing.T) {
	testSoftmaxParts[float32](t)
	testSoftmaxParts[float64](t)
}
