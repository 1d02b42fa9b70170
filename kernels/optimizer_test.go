package kernels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// trajectory returns weights, and ten gradients for steps of a made-up training.
func trajectory[T Float](n int) (w []T, gradients [][]T) {
	rng := rand.New(rand.NewPCG(41, 42))
	w = make([]T, n)
	for i := range w {
		w[i] = T(rng.NormFloat64())
	}
	for range 10 {
		g := make([]T, n)
		for i := range g {
			g[i] = T(rng.NormFloat64() * math.Ldexp(1, -i%20))
		}
		gradients = append(gradients, g)
	}
	return w, gradients
}

func TestSGDIsTheTextbook(t *testing.T) {
	const lr, momentum, decay = 1e-2, 0.9, 1e-3
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float64]) {
		w, gradients := trajectory[float64](100)
		v := make([]float64, len(w))
		want, velocity := slices.Clone(w), make([]float64, len(w))
		for _, g := range gradients {
			e.SGD(w, v, g, SGDStep{lr, momentum, decay})
			for i := range want {
				velocity[i] = momentum*velocity[i] + g[i] + decay*want[i]
				want[i] -= lr * velocity[i]
			}
		}
		require.InDeltaSlice(t, want, w, 1e-14)
		require.InDeltaSlice(t, velocity, v, 1e-14)
	})
}

func TestAdamIsTheTextbook(t *testing.T) {
	const lr, beta1, beta2, epsilon, decay = 1e-2, 0.9, 0.999, 1e-8, 1e-3
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float64]) {
		w, gradients := trajectory[float64](100)
		m, v := make([]float64, len(w)), make([]float64, len(w))
		want, mean, square := slices.Clone(w), make([]float64, len(w)), make([]float64, len(w))
		for k, g := range gradients {
			e.Adam(w, m, v, g, AdamStep{k + 1, lr, beta1, beta2, epsilon, decay})
			for i := range want {
				d := g[i] + decay*want[i]
				mean[i] = beta1*mean[i] + (1-beta1)*d
				square[i] = beta2*square[i] + (1-beta2)*d*d
				unbiased := mean[i] / (1 - math.Pow(beta1, float64(k+1)))
				scale := math.Sqrt(square[i]/(1-math.Pow(beta2, float64(k+1)))) + epsilon
				want[i] -= lr * unbiased / scale
			}
		}
		require.InDeltaSlice(t, want, w, 1e-13)
	})
}

func testSGDWithoutMomentum[T Float](t *testing.T) {
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(43, 44))
		g, w := special[T](t, rng, 1000, "end"), special[T](t, rng, 1000, "end")
		want := slices.Clone(w)
		e.Axpy(NewVec(want), -0.125, NewVec(g))
		e.SGD(w, nil, g, SGDStep{0.125, 0, 0})
		requireBits(t, want, w, "SGD")
	})
}

func TestSGDWithoutMomentumAndDecayIsAxpy(t *testing.T) {
	testSGDWithoutMomentum[float32](t)
	testSGDWithoutMomentum[float64](t)
}

// If subnormals were kept, the moments in float32 would be subnormal from step 830 on, and
// the velocity would stay so for ever.
func TestMomentsNeverBecomeSubnormal(t *testing.T) {
	const smallest = 0x1p-126
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float32]) {
		n := 37
		w, g := make([]float32, n), make([]float32, n)
		velocity, m, v := make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range g {
			velocity[i], m[i], v[i] = 1, -1, 1e-30
		}
		for step := range 3000 {
			e.SGD(w, velocity, g, SGDStep{1e-3, 0.9, 0})
			e.Adam(w, m, v, g, AdamStep{step + 1, 1e-3, 0.9, 0.99, 1e-8, 0})
			for _, moment := range [][]float32{velocity, m, v} {
				for _, x := range moment {
					require.True(t, x == 0 || x >= smallest || x <= -smallest, "%g after step %d", x, step)
				}
			}
		}
		require.Equal(t, make([]float32, n), velocity)
		require.Equal(t, make([]float32, n), m)
		require.Equal(t, make([]float32, n), v)
	})
}

func TestOptimizersPanicWithNumbersBeforeTheyWrite(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	x := []float32{1, 2, 3, 4, 5, 6}
	y := slices.Clone(x)
	first := AdamStep{Step: 1, LearningRate: 1, Epsilon: 1}
	for message, f := range map[string]func(){
		"kernels: SGD: w has 6 elements, g has 5":  func() { e.SGD(x, x, x[:5], SGDStep{1, 0.5, 0.5}) },
		"kernels: SGD: w has 6 elements, v has 0":  func() { e.SGD(x, nil, x, SGDStep{1, 0.5, 0.5}) },
		"kernels: Adam: w has 6 elements, m has 5": func() { e.Adam(x, x[:5], x, x, first) },
		"kernels: Adam: w has 6 elements, v has 5": func() { e.Adam(x, x, x[:5], x, first) },
		"kernels: Adam: w has 6 elements, g has 5": func() { e.Adam(x, x, x, x[:5], first) },
		"kernels: Adam: step 0, want at least 1":   func() { e.Adam(x, x, x, x, AdamStep{}) },
		"kernels: SGD: w overlaps g":               func() { e.SGD(x[1:], nil, x[:5], SGDStep{1, 0, 0.5}) },
		"kernels: SGD: w overlaps v":               func() { e.SGD(x, x, y, SGDStep{1, 0.5, 0.5}) },
		"kernels: SGD: v overlaps g":               func() { e.SGD(x[:3], y[:3], y[2:5], SGDStep{1, 0.5, 0.5}) },
		"kernels: Adam: w overlaps m":              func() { e.Adam(x, x, y, y, first) },
		"kernels: Adam: w overlaps v":              func() { e.Adam(x, y, x, y, first) },
		"kernels: Adam: w overlaps g":              func() { e.Adam(x, y, y, x, first) },
		"kernels: Adam: m overlaps v":              func() { e.Adam(x[:2], y[:2], y[1:3], y[4:], first) },
		"kernels: Adam: m overlaps g":              func() { e.Adam(x[:2], y[:2], y[4:], y[1:3], first) },
		"kernels: Adam: v overlaps g":              func() { e.Adam(x[:2], y[4:], y[:2], y[1:3], first) },
	} {
		require.PanicsWithValue(t, message, f)
		require.Equal(t, []float32{1, 2, 3, 4, 5, 6}, x)
		require.Equal(t, x, y)
	}
}

func TestOptimizersDoNotAllocate(t *testing.T) {
	if poolsForget {
		t.Skip("sync.Pool forgets at random under the race detector")
	}
	for _, threads := range []int{1, 2} {
		e, err := New[float32](WithThreads(threads))
		require.NoError(t, err)
		n := 3 * pieceElements
		w, m, v, g := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		require.Zero(t, steadyAllocs(func() {
			e.SGD(w, nil, g, SGDStep{1, 0, 0.5})
			e.SGD(w, v, g, SGDStep{1, 0.5, 0.5})
			e.Adam(w, m, v, g, AdamStep{1, 1e-3, 0.9, 0.999, 1e-8, 0})
		}), "%d threads", threads)
	}
}
