package net

import (
	"math"
	"math/rand/v2"
)

// ziggurat covers the density e^(-x²/2) by 128 strips of equal area, numbered from the
// lowest, which has the tail (Marsaglia, Tsang, The Ziggurat Method for Generating Random
// Variables, Journal of Statistical Software 5(8), 2000, section 4).
type ziggurat struct {
	sure    [128]uint32  // a number of 31 bits below it is under the density
	width   [128]float32 // by which such a number is multiplied
	density [128]float32 // at the strip's right end
}

const (
	tail      = 3.442619855899      // where the lowest strip's rectangle ends
	stripArea = 9.91256303526217e-3 // of a strip
)

var strips = func() (z ziggurat) {
	const scale = 1 << 31
	density := func(x float64) float64 { return math.Exp(-0.5 * x * x) }
	x, base := float64(tail), stripArea/density(tail)
	z.sure[0], z.width[0], z.density[0] = uint32(x/base*scale), float32(base/scale), 1
	z.width[127], z.density[127] = float32(x/scale), float32(density(x))
	for i := 126; i >= 1; i-- {
		inner := math.Sqrt(-2 * math.Log(stripArea/x+density(x)))
		z.sure[i+1] = uint32(inner / x * scale)
		x = inner
		z.width[i], z.density[i] = float32(x/scale), float32(density(x))
	}
	return z
}()

// normal draws from the normal distribution with mean 0 and deviation 1. It takes the same
// numbers of the stream as [rand.Rand.NormFloat64] and returns what that does, but for the
// last bits of what lies in the tail: there NormFloat64 depends on the processor, because
// [math.Log] is compiled with fused multiply-adds for some.
func normal(rng *rand.Rand) float64 {
	for {
		u := rng.Uint64()
		i, j := u>>32%128, int32(u)
		x := float64(float64(j) * float64(strips.width[i]))
		if magnitude := uint32(max(j, -j)); magnitude < strips.sure[i] {
			return x
		}
		if i == 0 {
			for {
				x := float64(-logOfUniform(rng.Float64()) * (1 / tail))
				y := -logOfUniform(rng.Float64())
				if y+y >= float64(x*x) {
					return math.Copysign(tail+x, float64(j))
				}
			}
		}
		between := float32(float32(rng.Float64()) * (strips.density[i-1] - strips.density[i]))
		if strips.density[i]+between < float32(math.Exp(float64(-0.5*x)*x)) {
			return x
		}
	}
}

// logOfUniform returns log u with a relative error below 2⁻⁵⁰, and the same bits everywhere:
// log u = k·log 2 + 2·artanh s, where u = 2ᵏ·m, √½ ≤ m < √2 and s = (m-1)/(m+1).
func logOfUniform(u float64) float64 {
	if u == 0 {
		return math.Inf(-1)
	}
	m, k := math.Frexp(u)
	if m < math.Sqrt2/2 {
		m, k = 2*m, k-1
	}
	s := (m - 1) / (m + 1)
	square, series := float64(s*s), 0.0
	for i := 23; i >= 1; i -= 2 { // |s| < 0.172: what follows is below 2⁻⁶⁰
		series = math.FMA(series, square, 1/float64(i))
	}
	return math.FMA(float64(k), math.Ln2, float64(2*s*series))
}
