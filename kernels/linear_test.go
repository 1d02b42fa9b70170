package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func testLinear[T Float](t *testing.T) {
	eachEngine(t, []int{1, 3}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(23, 24))
		for trial := range 200 {
			m, n, k := dimension(rng), dimension(rng), dimension(rng)
			if trial%20 == 0 {
				m, n, k = 200+rng.IntN(100), 60+rng.IntN(60), 300+rng.IntN(600)
			}
			end := ends[trial%2]
			mat := func(rows, cols int) Mat[T] {
				rs, cs := strided(rng, rows, cols)
				return guardedMat[T](t, rng, rows, cols, rs, cs, end)
			}
			x, w, y := mat(m, k), mat(k, n), guardedMat[T](t, rng, m, n, n+rng.IntN(3), 1, end)
			bias := special[T](t, rng, n, end)
			act := Activation(rng.IntN(2))
			if rng.IntN(4) == 0 {
				bias = nil
			}
			want := y
			want.Data = slices.Clone(y.Data)
			e.Gemm(want, 1, x, w, 0)
			if bias != nil {
				e.AddBias(want, bias)
			}
			if act == ReLU {
				for i := range m {
					e.ReLU(want.Row(i), want.Row(i))
				}
			}
			e.Linear(y, x, w, bias, act)
			requireBits(t, want.Data, y.Data, "%d×%d×%d, activation %d, padding included", m, n, k, act)
		}
	})
}

func TestLinearHasTheBitsOfItsParts(t *testing.T) {
	t.Parallel()
	testLinear[float32](t)
	testLinear[float64](t)
}

// layerSizes draws the sizes of a layer, now and then large enough for every loop.
func layerSizes(rng *rand.Rand, trial int) (n, in, out int) {
	if trial%20 == 0 {
		return 60 + rng.IntN(400), 60 + rng.IntN(500), []int{10, 33, 75, 130}[rng.IntN(4)]
	}
	return dimension(rng), dimension(rng), dimension(rng)
}

func testLinearBackward[T Float](t *testing.T) {
	eachEngine(t, []int{1, 3}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(25, 26))
		for trial := range 200 {
			n, in, out := layerSizes(rng, trial)
			end := ends[trial%2]
			rows := func(rows, cols int) Mat[T] { return guardedMat[T](t, rng, rows, cols, cols+rng.IntN(3), 1, end) }
			x, w, dx, dw := rows(n, in), rows(in, out), rows(n, in), rows(in, out)
			rs, cs := strided(rng, n, out)
			dz := guardedMat[T](t, rng, n, out, rs, cs, end)
			db := randomSlice[T](t, rng, out, end)
			for i := range x.Rows { // zeros, as after a ReLU
				e.ReLU(x.Row(i), x.Row(i))
			}
			weightDecay, input := []T{0, 0.25}[rng.IntN(2)], Activation(rng.IntN(2))
			clone := func(m Mat[T]) Mat[T] { m.Data = slices.Clone(m.Data); return m }
			wantX, wantW, wantB := clone(dx), clone(dw), make([]T, out)
			e.Gemm(wantW, 1, x.T(), dz, 0)
			for i := range in {
				if weightDecay != 0 {
					e.Axpy(NewVec(wantW.Row(i)), weightDecay, NewVec(w.Row(i)))
				}
			}
			e.ColSums(wantB, dz)
			e.Gemm(wantX, 1, dz, w.T(), 0)
			for i := range n {
				if input == ReLU {
					e.ReLUBackward(wantX.Row(i), wantX.Row(i), x.Row(i))
				}
			}
			if rng.IntN(4) == 0 {
				dx = Mat[T]{}
			}
			e.LinearBackward(dx, dw, db, dz, x, w, weightDecay, input)
			requireBits(t, wantW.Data, dw.Data, "dw of %d×%d·%d, padding included", n, in, out)
			requireBits(t, wantB, db, "db of %d×%d·%d", n, in, out)
			if dx.Data != nil {
				requireBits(t, wantX.Data, dx.Data, "dx of %d×%d·%d, activation %d, padding included", n, in, out, input)
			}

			bias := randomSlice[T](t, rng, out, end)
			stepped, wantBias := clone(w), slices.Clone(bias)
			for i := range in {
				e.SGD(stepped.Row(i), nil, wantW.Row(i), nil, SGDStep{LearningRate: 0.5})
			}
			e.SGD(wantBias, nil, wantB, nil, SGDStep{LearningRate: 0.5})
			e.LinearStep(dx, dw, db, dz, x, w, bias, weightDecay, 0.5, input)
			requireBits(t, stepped.Data, w.Data, "w of %d×%d·%d after a step, padding included", n, in, out)
			requireBits(t, wantBias, bias, "bias of %d×%d·%d after a step", n, in, out)
			if dx.Data != nil {
				requireBits(t, wantX.Data, dx.Data, "dx of %d×%d·%d before a step, padding included", n, in, out)
			}
		}
	})
}

func TestLinearBackwardHasTheBitsOfItsParts(t *testing.T) {
	t.Parallel()
	testLinearBackward[float32](t)
	testLinearBackward[float64](t)
}

func testPacked[T Float](t *testing.T) {
	eachEngine(t, []int{1, 3}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(29, 30))
		for trial := range 200 {
			n, in, out := layerSizes(rng, trial)
			end := ends[trial%2]
			mat := func(rows, cols int) Mat[T] {
				rs, cs := strided(rng, rows, cols)
				return guardedMat[T](t, rng, rows, cols, rs, cs, end)
			}
			a, b, c := mat(n, in), mat(in, out), mat(n, out)
			alpha, beta := []T{1, -0.75}[rng.IntN(2)], []T{0, 1, 0.4}[rng.IntN(3)]
			want := c
			want.Data = slices.Clone(c.Data)
			e.Gemm(want, alpha, a, b, beta)
			packed := e.Pack(b)
			e.GemmPacked(c, alpha, a, packed, beta)
			requireBits(t, want.Data, c.Data, "%d×%d×%d, padding included", n, out, in)

			y, wantY := NewMat[T](n, out, nil), NewMat[T](n, out, nil)
			bias := randomSlice[T](t, rng, out, end)
			e.Linear(wantY, a, b, bias, ReLU)
			e.LinearPacked(y, a, packed, bias, ReLU)
			requireBits(t, wantY.Data, y.Data, "layer of %d×%d×%d", n, out, in)
		}
	})
}

func TestPackedHasTheBitsOfGemm(t *testing.T) {
	testPacked[float32](t)
	testPacked[float64](t)
}

func TestFusedLayersDoNotAllocate(t *testing.T) {
	if poolsForget {
		t.Skip("sync.Pool forgets at random under the race detector")
	}
	for _, threads := range []int{1, 2} {
		e, err := New[float32](WithThreads(threads))
		require.NoError(t, err)
		x, w, dz := NewMat[float32](200, 100, nil), NewMat[float32](100, 75, nil), NewMat[float32](200, 75, nil)
		dx, dw, db, y := NewMat[float32](200, 100, nil), NewMat[float32](100, 75, nil), make([]float32, 75), NewMat[float32](200, 75, nil)
		packed, bias := e.Pack(w), make([]float32, 75)
		require.Zero(t, steadyAllocs(func() {
			e.LinearBackward(dx, dw, db, dz, x, w, 0.5, ReLU)
			e.LinearStep(dx, dw, db, dz, x, w, bias, 0.5, 0.1, ReLU)
			e.LinearPacked(y, x, packed, db, ReLU)
			e.GemmBatch(20, NewBatch(20, 10, 75, y.Data), 1, NewBatch(20, 10, 100, x.Data), Batch[float32]{w, 0}, 0)
		}), "%d threads", threads)
	}
}

func TestLinearPanicsWithNumbersBeforeItWrites(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	data := slices.Repeat([]float32{1}, 12) // ones, so that whatever is written differs from what was there
	x, w, y, db := NewMat(2, 3, data), NewMat(3, 4, data), NewMat[float32](2, 4, nil), make([]float32, 4)
	for message, f := range map[string]func(){
		"kernels: Linear: y is 2×4, x is 2×3, w is 4×3":                     func() { e.Linear(y, x, w.T(), nil, Identity) },
		"kernels: Linear: y is 2×4 with strides (4,1), bias has 3 elements": func() { e.Linear(y, x, w, data[:3], Identity) },
		"kernels: Linear: y is 2×4 with strides (1,2), bias has 4 elements": func() {
			e.Linear(Mat[float32]{y.Data, 2, 4, 1, 2}, x, w, data[:4], Identity)
		},
		"kernels: LinearBackward: dw is 2×4, xᵀ is 3×2, dz is 2×4": func() { e.LinearBackward(Mat[float32]{}, y, db[:4], NewMat(2, 4, data), x, w, 0, Identity) },
		"kernels: LinearBackward: dw is 2×4, w is 3×4, db has 4 elements": func() {
			e.LinearBackward(Mat[float32]{}, y, db[:4], NewMat(3, 4, data), NewMat(3, 2, data), w, 0, Identity)
		},
		"kernels: LinearBackward: dw is 2×4, w is 2×4, db has 3 elements": func() {
			e.LinearBackward(Mat[float32]{}, y, db[:3], NewMat(3, 4, data), NewMat(3, 2, data), NewMat(2, 4, data), 0, Identity)
		},
		"kernels: LinearBackward: x is 3×2 with strides (1,3), want contiguous rows": func() {
			e.LinearBackward(NewMat[float32](3, 2, nil), y, db[:4], NewMat(3, 4, data), NewMat(2, 3, data).T(), NewMat(2, 4, data), 0, ReLU)
		},
		"kernels: LinearBackward: dx is 2×4, dz is 3×4, wᵀ is 4×2": func() {
			e.LinearBackward(y, y, db[:4], NewMat(3, 4, data), NewMat(3, 2, data), NewMat(2, 4, data), 0, Identity)
		},
		"kernels: GemmPacked: c is 2×4, a is 2×3, b is 4×3":                       func() { e.GemmPacked(y, 1, x, e.Pack(NewMat(4, 3, data)), 0) },
		"kernels: LinearPacked: y is 2×4 with strides (4,1), bias has 3 elements": func() { e.LinearPacked(y, x, e.Pack(w), data[:3], Identity) },
		"kernels: GemmBatch: -1 products":                                         func() { e.GemmBatch(-1, Batch[float32]{}, 1, Batch[float32]{}, Batch[float32]{}, 0) },
		"kernels: GemmBatch: a is 2 matrices of 6 elements, 7 apart, its data has 12 elements": func() {
			e.GemmBatch(2, NewBatch(2, 2, 4, make([]float32, 16)), 1, Batch[float32]{Mat[float32]{data, 2, 3, 3, 1}, 7}, Batch[float32]{w, 0}, 0)
		},
		"kernels: GemmBatch: matrices of c overlap: 2×4 with strides (4,1), 7 apart": func() {
			e.GemmBatch(2, Batch[float32]{Mat[float32]{make([]float32, 16), 2, 4, 4, 1}, 7}, 1, Batch[float32]{x, 0}, Batch[float32]{w, 0}, 0)
		},
		"kernels: Linear: activation Activation(7), want Identity or ReLU":        func() { e.Linear(y, x, w, nil, 7) },
		"kernels: LinearPacked: activation Activation(-1), want Identity or ReLU": func() { e.LinearPacked(y, x, e.Pack(w), nil, -1) },
		"kernels: LinearBackward: activation Activation(7), want Identity or ReLU": func() {
			e.LinearBackward(Mat[float32]{}, y, db, NewMat(3, 4, data), NewMat(3, 2, data), NewMat(2, 4, data), 0, 7)
		},
	} {
		require.PanicsWithValue(t, message, f)
		require.Equal(t, make([]float32, 8), y.Data)
		require.Equal(t, make([]float32, 4), db)
		require.Equal(t, slices.Repeat([]float32{1}, 12), data)
	}
}

// Without weight decay, dW does not depend on W; with it, a NaN in W reaches dW.
func TestWithoutDecayWeightsAreNotReadForTheirGradient(t *testing.T) {
	eachEngine(t, []int{1, 3}, func(t *testing.T, e *Engine[float32]) {
		for _, size := range [][3]int{{2, 3, 4}, {300, 200, 10}, {200, 300, 75}} { // small, transposed, divided
			n, in, out := size[0], size[1], size[2]
			x, dz, w, dw := NewMat[float32](n, in, nil), NewMat[float32](n, out, nil), NewMat[float32](in, out, nil), NewMat[float32](in, out, nil)
			fill(x.Data)
			fill(dz.Data)
			fillWith(w.Data, float32(math.NaN()))
			for _, weightDecay := range []float32{0, 0.5} {
				e.LinearBackward(Mat[float32]{}, dw, make([]float32, out), dz, x, w, weightDecay, Identity)
				require.Equal(t, weightDecay != 0, isNaN(dw.At(in-1, out-1)))
			}
		}
	})
}

func TestPackedIsReadByItsOwnLevelAlone(t *testing.T) {
	c, a, b := NewMat[float32](3, 20, nil), NewMat[float32](3, 7, nil), NewMat[float32](7, 20, nil)
	fill(a.Data)
	fill(b.Data)
	for _, l := range Levels() {
		packer, err := New[float32](WithLevel(l), WithThreads(1))
		require.NoError(t, err)
		packed := packer.Pack(b)
		for _, other := range Levels() {
			e, err := New[float32](WithLevel(other), WithThreads(2))
			require.NoError(t, err)
			if l == other {
				require.NotPanics(t, func() { e.GemmPacked(c, 1, a, packed, 0) })
				clear(c.Data)
				continue
			}
			require.PanicsWithValue(t, fmt.Sprintf("kernels: GemmPacked: b was packed at another level than %v", other), func() { e.GemmPacked(c, 1, a, packed, 0) })
			require.PanicsWithValue(t, fmt.Sprintf("kernels: LinearPacked: w was packed at another level than %v", other), func() { e.LinearPacked(c, a, packed, nil, Identity) })
			require.Equal(t, make([]float32, 60), c.Data)
		}
	}
}
