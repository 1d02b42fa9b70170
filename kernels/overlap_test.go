package kernels

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// places returns the offsets of the elements of m from the start of memory.
func (m *Mat[T]) places(first int) map[int]bool {
	seen := map[int]bool{}
	for i := range m.Rows {
		for j := range m.Cols {
			seen[first+i*m.RowStride+j*m.ColStride] = true
		}
	}
	return seen
}

func sharePlaces(a, b map[int]bool) bool {
	for p := range a {
		if b[p] {
			return true
		}
	}
	return false
}

// viewIn returns a random view of memory, and where it begins.
func viewIn(rng *rand.Rand, memory []float64, rowStride, colStride int) (Mat[float64], int) {
	m := Mat[float64]{Rows: 1 + rng.IntN(5), Cols: 1 + rng.IntN(5), RowStride: rowStride, ColStride: colStride}
	first := rng.IntN(60)
	m.Data = memory[first:][:m.span()]
	return m, first
}

// Where overlaps reports true, views share an element. It finds every overlap of views
// with the same strides, of views without gaps, and of views that begin or end at the same
// element.
func TestOverlapsIsTrueAndFindsWhatItSays(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	memory := make([]float64, 400)
	found := 0
	for range 100_000 {
		rs, cs := rng.IntN(12), rng.IntN(12)
		x, x0 := viewIn(rng, memory, rs, cs)
		if rng.IntN(2) == 0 {
			rs, cs = rng.IntN(12), rng.IntN(12)
		}
		y, y0 := viewIn(rng, memory, rs, cs)
		share := sharePlaces(x.places(x0), y.places(y0))
		got := overlaps(&x, &y)
		require.False(t, got && !share, "%v at %d and %v at %d are apart", x, x0, y, y0)
		if x.RowStride == y.RowStride && x.ColStride == y.ColStride || x.solid() && y.solid() ||
			x0 == y0 || x0+x.span() == y0+y.span() {
			require.Equal(t, share, got, "%v at %d and %v at %d", x, x0, y, y0)
		}
		if got {
			found++
		}
	}
	require.Greater(t, found, 10_000)
}

func TestOutputsAreRefusedExactlyWhereTheirElementsOverlap(t *testing.T) {
	memory := make([]float64, 400)
	for rows := range 6 {
		for cols := range 6 {
			for rs := range 14 {
				for cs := range 14 {
					m := Mat[float64]{memory, rows, cols, rs, cs}
					if len(m.places(0)) == rows*cols {
						require.NotPanics(t, func() { m.checkOutput("", "") }, "%d×%d, strides (%d,%d)", rows, cols, rs, cs)
					} else {
						require.Panics(t, func() { m.checkOutput("", "") }, "%d×%d, strides (%d,%d)", rows, cols, rs, cs)
					}
				}
			}
		}
	}
}

// Products whose elements lie between those of others, as interleaved columns do, are
// computed; if two products share an element, GemmBatch panics.
func TestGemmBatchIsRefusedExactlyWhereProductsOverlap(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 54))
	e, err := New[float64](WithThreads(2))
	require.NoError(t, err)
	interleaved := 0
	for range 20_000 {
		c := Batch[float64]{Mat[float64]{nil, 1 + rng.IntN(4), 1 + rng.IntN(4), rng.IntN(14), rng.IntN(14)}, rng.IntN(20)}
		if len(c.places(0)) < c.Rows*c.Cols {
			continue
		}
		count := 1 + rng.IntN(4)
		c.Data = slices.Repeat([]float64{canary}, c.span()+(count-1)*c.Stride)
		all := map[int]bool{}
		for s := range count {
			for p := range c.places(s * c.Stride) {
				all[p] = true
			}
		}
		a, b := NewBatch[float64](count, c.Rows, 2, nil), NewBatch[float64](count, 2, c.Cols, nil)
		fill(a.Data)
		fill(b.Data)
		if len(all) < count*c.Rows*c.Cols {
			require.Panics(t, func() { e.GemmBatch(count, c, 1, a, b, 0) }, "%d of %v", count, c)
			require.Equal(t, slices.Repeat([]float64{canary}, len(c.Data)), c.Data)
			continue
		}
		if count > 1 && c.Stride < c.span() {
			interleaved++
		}
		e.GemmBatch(count, c, 1, a, b, 0)
		want := NewMat[float64](c.Rows, c.Cols, nil)
		for s := range count {
			e.Gemm(want, 1, a.at(s), b.at(s), 0)
			got := c.at(s)
			for i := range c.Rows {
				for j := range c.Cols {
					require.Equal(t, want.At(i, j), got.At(i, j))
				}
			}
		}
		for p, v := range c.Data {
			require.Equal(t, all[p], v != canary, "place %d of %d of %v", p, count, c)
		}
	}
	require.Greater(t, interleaved, 1000)
}

func testDisjointStrides[T Float](t *testing.T) {
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[T]) {
		for _, n := range []int{3, 13, 40} {
			a, b, want := NewMat[T](n, n, nil), NewMat[T](n, n, nil), NewMat[T](n, n, nil)
			fill(a.Data)
			fill(b.Data)
			c := Mat[T]{Rows: n, Cols: n, RowStride: n + 1, ColStride: n} // no longer row than column
			c.Data = slices.Repeat([]T{canary}, c.span())
			e.Gemm(want, 1, a, b, 0)
			e.Gemm(c, 1, a, b, 0)
			places := c.places(0)
			for i := range n {
				for j := range n {
					require.Equal(t, want.At(i, j), c.At(i, j))
				}
			}
			for p, v := range c.Data {
				require.Equal(t, places[p], v != canary)
			}
		}
	})
}

func TestGemmWritesAnyStridesWhoseElementsAreApart(t *testing.T) {
	testDisjointStrides[float32](t)
	testDisjointStrides[float64](t)
}

func TestOutputsThatOverlapInputsAreRefusedBeforeAnythingIsWritten(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	memory := make([]float32, 200)
	fill(memory)
	before := slices.Clone(memory)
	m := NewMat(10, 10, memory)
	block := func(i, j int) Mat[float32] { return m.Slice(i, i+4, j, j+4) }
	own := func() Mat[float32] { return NewMat[float32](4, 4, nil) }
	free, x, v := own(), memory[100:], memory[180:184]
	packed := e.Pack(free)
	pixels := &Pixels[float32]{make([]uint8, 16), make([]int, 4), 4, v, 1}
	shifted := NewMat(4, 4, memory[101:])
	square := NewMat(4, 4, memory[100:])
	batch := func(m Mat[float32]) Batch[float32] { return Batch[float32]{m, 0} }
	for message, f := range map[string]func(){
		"Gemm: c overlaps a":                        func() { e.Gemm(block(0, 0), 1, block(3, 3), free, 0) },
		"Gemm: c overlaps b":                        func() { e.Gemm(square, 1, free, square.T(), 0) },
		"GemmBatch: c overlaps b":                   func() { e.GemmBatch(1, batch(square), 1, batch(free), batch(shifted), 0) },
		"GemmPacked: c overlaps a":                  func() { e.GemmPacked(square, 1, shifted, packed, 0) },
		"Linear: y overlaps w":                      func() { e.Linear(square, free, shifted, nil, Identity) },
		"Linear: y overlaps bias":                   func() { e.Linear(square, free, free, x[4:8], Identity) },
		"LinearPacked: y overlaps x":                func() { e.LinearPacked(square, shifted, packed, nil, Identity) },
		"LinearBackward: dw overlaps w":             func() { e.LinearBackward(Mat[float32]{}, square, v, free, free, square, 0, Identity) },
		"LinearBackward: dw overlaps dz":            func() { e.LinearBackward(Mat[float32]{}, square, v, shifted, free, free, 0, Identity) },
		"LinearBackward: dx overlaps x":             func() { e.LinearBackward(square, own(), v, free, square, free, 0, ReLU) },
		"LinearBackward: dx overlaps dw":            func() { e.LinearBackward(square, square, v, free, free, free, 0, Identity) },
		"LinearBackward: db overlaps dz":            func() { e.LinearBackward(Mat[float32]{}, own(), x[:4], square, free, free, 0, Identity) },
		"AddBias: y overlaps bias":                  func() { e.AddBias(block(1, 2), block(1, 2).Row(3)) },
		"ColSums: dst overlaps m":                   func() { e.ColSums(block(1, 2).Row(0), block(1, 2)) },
		"CenterRows: dst overlaps Mean":             func() { e.CenterRows(square, &Pixels[float32]{pixels.Data, pixels.Rows, 4, x[4:8], 1}) },
		"Softmax: dst overlaps src":                 func() { e.Softmax(square, shifted) },
		"SoftmaxCrossEntropy: grad overlaps logits": func() { e.SoftmaxCrossEntropy(block(0, 0), block(1, 1), make([]int32, 4)) },
		"ReLU: dst overlaps src in part":            func() { e.ReLU(x[1:9], x[:8]) },
		"ReLUBackward: dst overlaps grad in part":   func() { e.ReLUBackward(x[1:9], x[:8], x[1:9]) },
		"ReLUBackward: dst overlaps y in part":      func() { e.ReLUBackward(x[1:9], x[1:9], x[8:16]) },
		"Axpy: y overlaps x":                        func() { e.Axpy(NewVec(x[:8]), 1, NewVec(x[7:15])) },
		"Exp: dst overlaps src in part":             func() { e.Exp(x[:8], x[1:9]) },
		"Log: dst overlaps src in part":             func() { e.Log(x[1:9], x[:8]) },
	} {
		require.PanicsWithValue(t, "kernels: "+message, f)
		require.Equal(t, before, memory, message)
	}

	require.NotPanics(t, func() {
		e.Gemm(block(0, 0), 1, block(0, 4), block(4, 0), 0)
		e.Softmax(block(0, 0), block(0, 4)) // between each other
		e.Softmax(block(0, 0), block(0, 0))
		e.AddBias(block(0, 0), m.Row(4)[:4])
		e.ReLU(x[:8], x[8:16])
		e.Axpy(NewVec(x[:8]), 1, NewVec(x[:8]))
	})
}

// Every operation refuses an output in which two elements are in the same place.
func TestNoOutputHasElementsThatOverlap(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	memory := make([]float32, 16)
	fill(memory)
	before := slices.Clone(memory)
	bad := Mat[float32]{memory, 4, 4, 2, 1}
	free, v, labels := NewMat[float32](4, 4, nil), make([]float32, 4), make([]int32, 4)
	pixels := &Pixels[float32]{make([]uint8, 16), make([]int, 4), 4, v, 1}
	batch := func(m Mat[float32]) Batch[float32] { return Batch[float32]{m, 0} }
	for output, f := range map[string]func(){
		"Gemm: elements of c":                   func() { e.Gemm(bad, 1, free, free, 0) },
		"GemmBatch: elements of c":              func() { e.GemmBatch(1, batch(bad), 1, batch(free), batch(free), 0) },
		"GemmPacked: elements of c":             func() { e.GemmPacked(bad, 1, free, e.Pack(free), 0) },
		"Linear: elements of y":                 func() { e.Linear(bad, free, free, nil, Identity) },
		"LinearPacked: elements of y":           func() { e.LinearPacked(bad, free, e.Pack(free), nil, Identity) },
		"LinearBackward: elements of dw":        func() { e.LinearBackward(Mat[float32]{}, bad, v, free, free, free, 0, Identity) },
		"LinearBackward: elements of dx":        func() { e.LinearBackward(bad, NewMat[float32](4, 4, nil), v, free, free, free, 0, Identity) },
		"AddBias: elements of y":                func() { e.AddBias(bad, v) },
		"CenterRows: elements of dst":           func() { e.CenterRows(bad, pixels) },
		"Softmax: elements of dst":              func() { e.Softmax(bad, free) },
		"SoftmaxCrossEntropy: elements of grad": func() { e.SoftmaxCrossEntropy(bad, free, labels) },
	} {
		require.PanicsWithValue(t, "kernels: "+output+" overlap: 4×4 with strides (2,1)", f)
		require.Equal(t, before, memory, output)
	}
}
