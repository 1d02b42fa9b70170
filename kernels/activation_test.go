package kernels

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// fusedActivation and fusedSlope are a and a' for GELU and SiLU with fused multiply-adds and
// their own copy of the constants.
func fusedActivation[T Float](x T, a Activation) T {
	u, _ := fusedArgument(x, a)
	z := fusedExp(-abs(u))
	if u < 0 {
		return T(x*z) / (1 + z)
	}
	return x / (1 + z)
}

func fusedSlope[T Float](x T, a Activation) T {
	u, v := fusedArgument(x, a)
	z := fusedExp(-abs(u))
	sigma := 1 / (1 + z)
	rest := T(z * sigma)
	if u < 0 {
		sigma, rest = rest, sigma
	}
	return T(sigma * fma(v, rest, 1))
}

// fusedArgument returns the argument of σ, and x times its derivative.
func fusedArgument[T Float](x T, a Activation) (u, v T) {
	if a == SiLU {
		return x, x
	}
	square := T(x * x)
	return T(x * fma(T(0.071354816272600247872), square, T(1.5957691216057307117))), T(x * fma(T(0.21406444881780074362), square, T(1.5957691216057307117)))
}

func testFusedActivations[T Float](t *testing.T) {
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		if !fuses(e) {
			return // the bounds hold it
		}
		rng := rand.New(rand.NewPCG(35, 36))
		const n = 50_000
		x, dy, got, want, slopes := make([]T, n), make([]T, n), make([]T, n), make([]T, n), make([]T, n)
		for a, end := range map[Activation]float64{GELU: bySize[T](11.0, 22), SiLU: bySize[T](105.0, 750)} {
			for i := range x {
				x[i] = T((rng.Float64()*2 - 1) * end)
				if i%2 == 0 {
					x[i] = T(rng.NormFloat64())
				}
				dy[i] = T(rng.NormFloat64())
				want[i], slopes[i] = fusedActivation(x[i], a), T(dy[i]*fusedSlope(x[i], a))
			}
			e.Activate(got, x, a)
			requireBits(t, want, got, "%v", a)
			e.ActivateBackward(got, dy, x, a)
			requireBits(t, slopes, got, "slope of %v", a)
		}
	})
}

func TestActivationsHaveTheBitsOfTheirFormulas(t *testing.T) {
	t.Parallel()
	testFusedActivations[float32](t)
	testFusedActivations[float64](t)
}

func testActivationSpecials[T Float](t *testing.T) {
	inf, nan, zero := T(math.Inf(1)), T(math.NaN()), T(0)
	minus := T(math.Copysign(0, -1))
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		for n := range 40 { // so that each meets every lane and every tail
			for _, c := range []struct {
				a               Activation
				x, value, slope T
			}{
				{LeakyReLU, minus, minus, leak}, {LeakyReLU, inf, inf, 1}, {LeakyReLU, -inf, -inf, leak}, {LeakyReLU, nan, nan, 1}, {LeakyReLU, -3, T(-3 * T(leak)), leak},
				{GELU, zero, zero, 0.5}, {GELU, minus, minus, 0.5}, {GELU, inf, inf, 1}, {GELU, -inf, minus, minus}, {GELU, nan, nan, nan}, {GELU, 1e30, 1e30, 1}, {GELU, -1e30, minus, minus},
				{SiLU, zero, zero, 0.5}, {SiLU, minus, minus, 0.5}, {SiLU, inf, inf, 1}, {SiLU, -inf, minus, minus}, {SiLU, nan, nan, nan}, {SiLU, 1e30, 1e30, 1}, {SiLU, -1e30, minus, minus},
			} {
				x, got, ones := make([]T, n), make([]T, n), make([]T, n)
				fillWith(x, c.x)
				fillWith(ones, 1)
				want := make([]T, n)
				e.Activate(got, x, c.a)
				fillWith(want, c.value)
				requireBits(t, want, got, "%v(%v)", c.a, c.x)
				e.ActivateBackward(got, ones, x, c.a)
				fillWith(want, c.slope)
				requireBits(t, want, got, "slope of %v at %v", c.a, c.x)
			}
		}
	})
}

func TestActivationsOfSpecialValues(t *testing.T) {
	testActivationSpecials[float32](t)
	testActivationSpecials[float64](t)
}

// exactActivation returns a(x) and a'(x) in float64, and |u|, of a float32.
func exactActivation(x float64, a Activation) (value, slope, u float64) {
	u, v := x, x
	if a == GELU {
		const linear = 2 * math.Sqrt2 / math.SqrtPi
		u, v = x*linear*(1+0.044715*x*x), x*linear*(1+3*0.044715*x*x)
	}
	z := math.Exp(-math.Abs(u))
	sigma, rest := 1/(1+z), z/(1+z)
	if u < 0 {
		sigma, rest = rest, sigma
	}
	return x * sigma, sigma * (1 + v*rest), math.Abs(u)
}

// activationStep is the distance to the next float32 that is tested, in bits: with -tags
// exhaustive that is 1 for magnitudes from 2^-20 to 2^8, outside of which GELU and SiLU are
// nearly x/2, x or 0.
func activationStep(b uint64) uint64 {
	if exponent := b >> 23 & 0xff; 107 <= exponent && exponent < 135 {
		return floatStep
	}
	return 4099
}

// TestActivationsAreWithinTheirBounds measures a sample of all float32 or, with -tags
// exhaustive, all that matter. The bounds are those of the doc comments.
func TestActivationsAreWithinTheirBounds(t *testing.T) {
	t.Parallel()
	const half = 1.0 / (1 << 24)
	eachEngine(t, []int{2}, func(t *testing.T, e *Engine[float32]) {
		x, y, slope, ones := make([]float32, 0, 1<<15), make([]float32, 1<<15), make([]float32, 1<<15), make([]float32, 1<<15)
		fillWith(ones, 1)
		for _, a := range []Activation{GELU, SiLU} {
			var worst, worstPositive, worstSlope float64
			for b := uint64(0); b < 1<<32; {
				for x = x[:0]; len(x) < cap(x) && b < 1<<32; b += activationStep(b) {
					if v := math.Float32frombits(uint32(b)); math.Abs(float64(v)) < math.MaxFloat32 {
						x = append(x, v)
					}
				}
				y, slope := y[:len(x)], slope[:len(x)]
				e.Activate(y, x, a)
				e.ActivateBackward(slope, ones[:len(x)], x, a)
				for i, v := range x {
					value, derivative, u := exactActivation(float64(v), a)
					off, bound := math.Abs(float64(y[i])-value), 3*ulpOf32(value)
					tiny := 0.0
					if u > 87 { // e^-u is subnormal
						tiny = math.Abs(float64(v)) * 0x1p-149
					}
					switch {
					case v > 0:
						worstPositive = max(worstPositive, off/ulpOf32(value))
						if a == GELU {
							bound = 4 * ulpOf32(value)
						}
					case a == GELU:
						bound = (3*u + 4) * half * math.Abs(value)
						fallthrough
					default:
						worst = max(worst, (off-tiny)/(bound+0x1p-149))
					}
					if off > bound+tiny+0x1p-149 {
						t.Fatalf("%v(%v) is %v, want %v", a, v, y[i], value)
					}
					worstSlope = max(worstSlope, math.Abs(float64(slope[i])-derivative)/half)
				}
			}
			t.Logf("%v: %.3f ulp for x > 0, %.3f of the bound below; slope %.3f ε", a, worstPositive, worst, worstSlope)
			require.Less(t, worstSlope, map[Activation]float64{GELU: 12, SiLU: 8}[a], "slope of %v", a)
		}
	})
}

// ulpOf32 is the spacing of float32 at x.
func ulpOf32(x float64) float64 {
	return math.Ldexp(1, max(math.Ilogb(x)-23, -149))
}
