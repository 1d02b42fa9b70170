package kernels

import (
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
			if act == Rectifier {
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
	testLinear[float32](t)
	testLinear[float64](t)
}

func TestLinearPanicsWithNumbersBeforeItWrites(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	data := make([]float32, 12)
	x, w, y := Dense(2, 3, data), Dense(3, 4, data), Dense[float32](2, 4, nil)
	for message, f := range map[string]func(){
		"kernels: Linear: y is 2×4, x is 2×3, w is 4×3":                     func() { e.Linear(y, x, w.T(), nil, Identity) },
		"kernels: Linear: y is 2×4 with strides (4,1), bias has 3 elements": func() { e.Linear(y, x, w, data[:3], Identity) },
		"kernels: Linear: y is 2×4 with strides (1,2), bias has 4 elements": func() {
			e.Linear(Mat[float32]{y.Data, 2, 4, 1, 2}, x, w, data[:4], Identity)
		},
	} {
		require.PanicsWithValue(t, message, f)
		require.Equal(t, make([]float32, 8), y.Data)
	}
}
