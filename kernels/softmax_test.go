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

// ulps returns the distance of got from the exact value, in units of the
// spacing of floats at want.
func ulps[T Float](got T, exact float64) float64 {
	if unsafe.Sizeof(got) == 8 {
		return math.Abs(float64(got)-exact) / math.Max(math.Nextafter(math.Abs(exact), math.Inf(1))-math.Abs(exact), math.SmallestNonzeroFloat64)
	}
	w := float32(math.Abs(exact))
	return math.Abs(float64(got)-exact) / (float64(math.Nextafter32(w, float32(math.Inf(1)))) - float64(w))
}

// unitRoundoff is half the spacing of floats at 1.
func unitRoundoff[T Float]() float64 {
	if unsafe.Sizeof(T(0)) == 8 {
		return 0x1p-53
	}
	return 0x1p-24
}

func TestExpIsAccurate(t *testing.T) {
	worst := 0.0
	for b := uint32(0); b < 1<<31; b += 10007 {
		for _, x := range []float32{math.Float32frombits(b), -math.Float32frombits(b)} {
			got, want := exp(x), math.Exp(float64(x))
			if float32(want) == 0 || math.IsInf(float64(float32(want)), 0) || want != want {
				require.True(t, got == float32(want) || got != got && want != want, "exp(%v) = %v, want %v", x, got, want)
				continue
			}
			worst = max(worst, ulps(got, want))
		}
	}
	t.Logf("exp, float32: %.3f ulp", worst)
	require.Less(t, worst, 1.0)

	rng := rand.New(rand.NewPCG(15, 16))
	worst = 0
	for range 1_000_000 {
		x := rng.Float64()*1460 - 746
		if got, want := exp(x), math.Exp(x); want != 0 && !math.IsInf(want, 0) {
			worst = max(worst, ulps(got, want))
		}
	}
	t.Logf("exp, float64: %.3f ulp", worst)
	require.LessOrEqual(t, worst, 2.0) // math.Exp itself is within 1
}

// exactSoftmax computes a row with 200 bits.
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

func TestSoftmax(t *testing.T) {
	testSoftmax[float32](t)
	testSoftmax[float64](t)
}

func TestSoftmaxKeepsNaNInItsRow(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float32]) {
		for _, cols := range []int{3, 8, 10, 16, 33} {
			m := Dense[float32](6, cols, nil)
			m.Row(0)[cols-1], m.Row(1)[0] = nan, inf
			for j := range cols {
				m.Row(2)[j] = -inf
			}
			m.Row(3)[1] = -inf
			e.Softmax(m, m)
			for i := range m.Rows {
				for j, v := range m.Row(i) {
					require.Equal(t, i < 3, v != v, "row %d of %d columns, element %d: %v", i, cols, j, v)
				}
			}
			require.Zero(t, m.At(3, 1))
			require.Equal(t, m.Row(5), m.Row(4))
		}
	})
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
			labels := make([]uint8, rows)
			loss := 0.0
			for i := range labels {
				labels[i] = uint8(rng.IntN(cols))
				loss -= math.Log(exactSoftmax(logits.Row(i))[labels[i]])
			}
			got := e.SoftmaxCrossEntropy(grad, logits, labels)
			require.InEpsilon(t, loss/float64(rows), float64(got), tolerance*10)
			for i := range rows {
				for j, p := range exactSoftmax(logits.Row(i)) {
					if j == int(labels[i]) {
						p--
					}
					require.InDelta(t, p/float64(rows), float64(grad.At(i, j)), tolerance)
				}
			}
			require.Equal(t, got, e.SoftmaxCrossEntropy(logits, logits, labels), "in place")
			require.Equal(t, grad.Row(rows-1), logits.Row(rows-1), "in place")
		}
		require.Zero(t, e.SoftmaxCrossEntropy(Mat[T]{}, Mat[T]{}, nil))
	})
}

func TestSoftmaxCrossEntropy(t *testing.T) {
	testCrossEntropy[float32](t)
	testCrossEntropy[float64](t)
}

// The bits of a row depend on nothing but the row.
func TestSoftmaxBitsDoNotDependOnTheBatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	m := guardedMat[float32](t, rng, 50, 10, 10, 1, "end")
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[float32]) {
		all, one := Dense[float32](50, 10, nil), Dense[float32](1, 10, nil)
		e.Softmax(all, m)
		for i := range m.Rows {
			e.Softmax(one, m.Slice(i, i+1, 0, 10))
			require.Equal(t, all.Row(i), one.Row(0))
		}
	})
}
