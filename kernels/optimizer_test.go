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
			e.SGD(w, v, g, nil, SGDStep{LearningRate: lr, Momentum: momentum, WeightDecay: decay})
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
			e.Adam(w, m, v, g, nil, AdamStep{Step: k + 1, LearningRate: lr, Beta1: beta1, Beta2: beta2, Epsilon: epsilon, WeightDecay: decay})
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

func TestNesterovsMomentumIsTheTextbook(t *testing.T) {
	const lr, momentum, decay, scale = 1e-2, 0.9, 1e-3, 0.5
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float64]) {
		w, gradients := trajectory[float64](100)
		v := make([]float64, len(w))
		want, velocity := slices.Clone(w), make([]float64, len(w))
		for _, g := range gradients {
			e.SGD(w, v, g, nil, SGDStep{LearningRate: lr, Momentum: momentum, WeightDecay: decay, Nesterov: true, Scale: scale})
			for i := range want {
				d := scale*g[i] + decay*want[i]
				velocity[i] = momentum*velocity[i] + d
				want[i] -= lr * (d + momentum*velocity[i])
			}
		}
		require.InDeltaSlice(t, want, w, 1e-14)
	})
}

func TestAdamWShrinksWeightsApartFromTheGradient(t *testing.T) {
	const lr, decay = 1e-2, 0.1
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float64]) {
		step := AdamStep{Step: 1, LearningRate: lr, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
		w, gradients := trajectory[float64](100)
		want := slices.Clone(w)
		e.Adam(want, make([]float64, len(w)), make([]float64, len(w)), gradients[0], nil, step)
		for i := range want {
			want[i] -= lr * decay * w[i]
		}
		step.WeightDecay, step.Decoupled = decay, true
		e.Adam(w, make([]float64, len(w)), make([]float64, len(w)), gradients[0], nil, step)
		require.InDeltaSlice(t, want, w, 1e-15)
	})
}

func TestLionIsTheTextbook(t *testing.T) {
	const lr, beta1, beta2, decay = 1e-2, 0.9, 0.99, 0.1
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float64]) {
		w, gradients := trajectory[float64](100)
		m := make([]float64, len(w))
		want, momentum := slices.Clone(w), make([]float64, len(w))
		for _, g := range gradients {
			g[7], w[7], want[7] = 0, 1, 1 // its sign is 0
			e.Lion(w, m, g, nil, LionStep{LearningRate: lr, Beta1: beta1, Beta2: beta2, WeightDecay: decay})
			for i := range want {
				step := decay * want[i]
				if i != 7 {
					step += math.Copysign(1, beta1*momentum[i]+(1-beta1)*g[i])
				}
				momentum[i] = beta2*momentum[i] + (1-beta2)*g[i]
				want[i] -= lr * step
			}
		}
		require.InDeltaSlice(t, want, w, 1e-14)
	})
}

func TestMeanFollowsTheWeights(t *testing.T) {
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float64]) {
		w, gradients := trajectory[float64](100)
		mean, m := slices.Clone(w), make([]float64, len(w))
		want := slices.Clone(w)
		for _, g := range gradients {
			e.Lion(w, m, g, mean, LionStep{LearningRate: 1e-2, Beta1: 0.9, Beta2: 0.99, Average: 0.25})
			for i := range want {
				want[i] = 0.75*want[i] + 0.25*w[i]
			}
		}
		require.InDeltaSlice(t, want, mean, 1e-15)
	})
}

func testSGDWithoutMomentum[T Float](t *testing.T) {
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[T]) {
		rng := rand.New(rand.NewPCG(43, 44))
		g, w := special[T](t, rng, 1000, "end"), special[T](t, rng, 1000, "end")
		want := slices.Clone(w)
		e.Axpy(NewVec(want), -0.125, NewVec(g))
		e.SGD(w, nil, g, nil, SGDStep{LearningRate: 0.125})
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
		velocity, m, v, momentum := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range g {
			velocity[i], m[i], v[i], momentum[i] = 1, -1, 1e-30, 1e-30
		}
		for step := range 3000 {
			e.SGD(w, velocity, g, nil, SGDStep{LearningRate: 1e-3, Momentum: 0.9})
			e.Adam(w, m, v, g, nil, AdamStep{Step: step + 1, LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8})
			e.Lion(w, momentum, g, nil, LionStep{LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.99})
			for _, moment := range [][]float32{velocity, m, v, momentum} {
				for _, x := range moment {
					require.True(t, x == 0 || x >= smallest || x <= -smallest, "%g after step %d", x, step)
				}
			}
		}
		require.Equal(t, make([]float32, n), velocity)
		require.Equal(t, make([]float32, n), m)
		require.Equal(t, make([]float32, n), v)
		require.Equal(t, make([]float32, n), momentum)
	})
}

func TestOptimizersPanicWithNumbersBeforeTheyWrite(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	x := []float32{1, 2, 3, 4, 5, 6}
	y := slices.Clone(x)
	first := AdamStep{Step: 1, LearningRate: 1, Epsilon: 1}
	for message, f := range map[string]func(){
		"kernels: SGD: w has 6 elements, g has 5":     func() { e.SGD(x, x, x[:5], nil, SGDStep{LearningRate: 1, Momentum: 0.5, WeightDecay: 0.5}) },
		"kernels: SGD: w has 6 elements, v has 0":     func() { e.SGD(x, nil, x, nil, SGDStep{LearningRate: 1, Momentum: 0.5, WeightDecay: 0.5}) },
		"kernels: Adam: w has 6 elements, m has 5":    func() { e.Adam(x, x[:5], x, x, nil, first) },
		"kernels: Adam: w has 6 elements, v has 5":    func() { e.Adam(x, x, x[:5], x, nil, first) },
		"kernels: Adam: w has 6 elements, g has 5":    func() { e.Adam(x, x, x, x[:5], nil, first) },
		"kernels: Adam: step 0, want at least 1":      func() { e.Adam(x, x, x, x, nil, AdamStep{}) },
		"kernels: SGD: w overlaps g":                  func() { e.SGD(x[1:], nil, x[:5], nil, SGDStep{LearningRate: 1, WeightDecay: 0.5}) },
		"kernels: SGD: w overlaps v":                  func() { e.SGD(x, x, y, nil, SGDStep{LearningRate: 1, Momentum: 0.5, WeightDecay: 0.5}) },
		"kernels: SGD: v overlaps g":                  func() { e.SGD(x[:3], y[:3], y[2:5], nil, SGDStep{LearningRate: 1, Momentum: 0.5, WeightDecay: 0.5}) },
		"kernels: Adam: w overlaps m":                 func() { e.Adam(x, x, y, y, nil, first) },
		"kernels: Adam: w overlaps v":                 func() { e.Adam(x, y, x, y, nil, first) },
		"kernels: Adam: w overlaps g":                 func() { e.Adam(x, y, y, x, nil, first) },
		"kernels: Adam: m overlaps v":                 func() { e.Adam(x[:2], y[:2], y[1:3], y[4:], nil, first) },
		"kernels: Adam: m overlaps g":                 func() { e.Adam(x[:2], y[:2], y[4:], y[1:3], nil, first) },
		"kernels: Lion: w has 6 elements, mean has 5": func() { e.Lion(x, x, x, x[:5], LionStep{}) },
		"kernels: Lion: w overlaps m":                 func() { e.Lion(x, x, y, nil, LionStep{}) },
		"kernels: SGD: w overlaps mean":               func() { e.SGD(x, nil, y, x, SGDStep{}) },
		"kernels: Adam: v overlaps g":                 func() { e.Adam(x[:2], y[4:], y[:2], y[1:3], nil, first) },
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
		w, m, v, g, mean := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		require.Zero(t, steadyAllocs(func() {
			e.SGD(w, nil, g, mean, SGDStep{LearningRate: 1, WeightDecay: 0.5})
			e.SGD(w, v, g, mean, SGDStep{LearningRate: 1, Momentum: 0.5, Nesterov: true})
			e.Lion(w, m, g, mean, LionStep{LearningRate: 1, Beta1: 0.5, Beta2: 0.5})
			e.SGD(w, v, g, nil, SGDStep{LearningRate: 1, Momentum: 0.5, WeightDecay: 0.5})
			e.Adam(w, m, v, g, nil, AdamStep{Step: 1, LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8})
		}), "%d threads", threads)
	}
}
