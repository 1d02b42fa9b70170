package kernels

import (
	"math"
	"unsafe"
)

// exp returns e^x: with n = round(x/ln 2) and r = x - n·ln 2 in two parts (Cody
// and Waite), it is 2ⁿ·(1 + r + r²·q(r)). 2ⁿ is multiplied in two steps, so
// that a subnormal result rounds once. The assembly does the same operations
// in the same order, each multiply-add fused.
func exp[T Float](x T) T {
	if unsafe.Sizeof(x) == 4 {
		return T(exp32(float32(x)))
	}
	return T(exp64(float64(x)))
}

func exp32(x float32) float32 {
	const (
		low, high = -104, 89 // beyond them the result is 0 or +Inf
		log2e     = math.Log2E
		magic     = 3 << 22 // adding it rounds to an integer in the low bits
		ln2Hi     = 0.693359375
		ln2Lo     = -2.12194440e-4
	)
	if x < low {
		x = low
	}
	if x > high {
		x = high
	}
	t := x*log2e + magic
	n := int32(math.Float32bits(t)) - int32(math.Float32bits(magic))
	f := t - magic
	r := x - f*ln2Hi
	r -= f * ln2Lo
	// Minimax coefficients of Cephes' expf (Moshier).
	q := float32(1.9875691500e-4)
	q = q*r + 1.3981999507e-3
	q = q*r + 8.3334519073e-3
	q = q*r + 4.1665795894e-2
	q = q*r + 1.6666665459e-1
	q = q*r + 5.0000001201e-1
	y := q*(r*r) + r + 1
	half := n >> 1
	return y * pow2f32(half) * pow2f32(n-half)
}

func pow2f32(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

func exp64(x float64) float64 {
	const (
		low, high = -746, 710
		log2e     = math.Log2E
		magic     = 3 << 51
		ln2Hi     = 6.93147180369123816490e-01
		ln2Lo     = 1.90821492927058770002e-10
	)
	if x < low {
		x = low
	}
	if x > high {
		x = high
	}
	t := x*log2e + magic
	n := int64(math.Float64bits(t)) - int64(math.Float64bits(magic))
	f := t - magic
	r := x - f*ln2Hi
	r -= f * ln2Lo
	// Taylor: the first term left out, r¹⁴/14!, is below 5e-18 for |r| ≤ ln 2 / 2.
	q := 1.0 / 6227020800
	for _, c := range [...]float64{1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2} {
		q = q*r + c
	}
	y := q*(r*r) + r + 1
	half := n >> 1
	return y * pow2f64(half) * pow2f64(n-half)
}

func pow2f64(n int64) float64 { return math.Float64frombits(uint64(n+1023) << 52) }
