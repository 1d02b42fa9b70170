package kernels

import (
	"math"
	"unsafe"
)

// Exp computes dst[i] ← e^src[i]. The error is below 0.91 ulp, and below 1.18 ulp in
// portable Go that does not fuse multiply-adds, as measured over all float32 and a sample
// of two million float64. Subnormal results are rounded once. Exp(NaN) is NaN, Exp(-Inf)
// is 0, and results that are too large for T are +Inf. dst may be src. It panics unless
// len(dst) == len(src), or if dst overlaps src in part.
func (e *Engine[T]) Exp(dst, src []T) {
	sameOrApart("Exp", "dst", dst, "src", src)
	if len(dst) <= pieceElements {
		e.exp(dst, src)
		return
	}
	split(e, e.threads, expTask[T]{dst, src}, len(dst), pieceElements)
}

type expTask[T Float] struct{ dst, src []T }

func (t expTask[T]) do(e *Engine[T], lo, hi int) { e.exp(t.dst[lo:hi], t.src[lo:hi]) }

func expGeneric[T Float](dst, src []T) {
	for i, v := range src[:len(dst)] {
		dst[i] = exp(v)
	}
}

// exp returns e^x as 2ⁿ·(1 + r·(1 + r·q(r))), where n = round(x/ln 2), r = x - n·ln 2 is
// computed with ln 2 in two parts (Cody and Waite, Software Manual for the Elementary
// Functions, 1980), and q is a minimax polynomial. It multiplies by 2ⁿ in two steps, the
// first of which is exact, so that a subnormal result is rounded once. The assembly does
// the same operations in the same order, with fused multiply-adds.
func exp[T Float](x T) T {
	if unsafe.Sizeof(x) == 4 {
		return T(exp32(float32(x)))
	}
	return T(exp64(float64(x)))
}

func exp32(x float32) float32 {
	const (
		low, high = -104, 89 // e^x is 0 below low and +Inf above high
		log2e     = math.Log2E
		magic     = 3 << 22 // t + magic has round(t) in its low bits
		ln2Hi     = 0.693359375
		ln2Lo     = -2.12194440e-4
	)
	if x < low {
		x = low
	}
	if x > high {
		x = high
	}
	t := mulAdd(x, log2e, magic)
	n := int32(math.Float32bits(t)) - int32(math.Float32bits(magic))
	f := t - magic
	r := mulAdd(f, -ln2Hi, x)
	r = mulAdd(f, -ln2Lo, r)
	// The polynomial is within 2^-28.3 of e^r for |r| ≤ ln 2 / 2.
	q := float32(1.38146167427456896537e-03)
	q = mulAdd(q, r, 8.36871702103875701739e-03)
	q = mulAdd(q, r, 4.16683877299328792043e-02)
	q = mulAdd(q, r, 1.66665206303271556942e-01)
	q = mulAdd(q, r, 4.99999934490100217399e-01)
	q = mulAdd(q, r, 1)
	q = mulAdd(q, r, 1)
	half := n >> 1
	return float32(q * pow2f32(half) * pow2f32(n-half))
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
	t := mulAdd(x, log2e, magic)
	n := int64(math.Float64bits(t)) - int64(math.Float64bits(magic))
	f := t - magic
	r := mulAdd(f, -ln2Hi, x)
	r = mulAdd(f, -ln2Lo, r)
	// The polynomial is within 2^-57.9 of e^r for |r| ≤ ln 2 / 2.
	q := 2.50000583490501452921e-08
	q = mulAdd(q, r, 2.76302483087252400596e-07)
	q = mulAdd(q, r, 2.75575863825810749309e-06)
	q = mulAdd(q, r, 2.48014930991440109569e-05)
	q = mulAdd(q, r, 1.98412695065711065963e-04)
	q = mulAdd(q, r, 1.38888889436298407741e-03)
	q = mulAdd(q, r, 8.33333333349446300775e-03)
	q = mulAdd(q, r, 4.16666666665301624328e-02)
	q = mulAdd(q, r, 1.66666666666664131657e-01)
	q = mulAdd(q, r, 5.00000000000001110223e-01)
	q = mulAdd(q, r, 1)
	q = mulAdd(q, r, 1)
	half := n >> 1
	return float64(q * pow2f64(half) * pow2f64(n-half))
}

func pow2f64(n int64) float64 { return math.Float64frombits(uint64(n+1023) << 52) }

// Log computes dst[i] ← ln src[i]. The error is below 0.86 ulp in float32, and below
// 0.91 ulp in portable Go that does not fuse multiply-adds, as measured over all float32;
// in float64 it is below 0.88 and 0.92 ulp in a sample of two million. Log(0) is -Inf,
// Log(x) for x < 0 and Log(NaN) are NaN, and Log(+Inf) is +Inf. dst may be src. It panics
// unless len(dst) == len(src), or if dst overlaps src in part.
func (e *Engine[T]) Log(dst, src []T) {
	sameOrApart("Log", "dst", dst, "src", src)
	if len(dst) <= pieceElements {
		e.log(dst, src)
		return
	}
	split(e, e.threads, logTask[T]{dst, src}, len(dst), pieceElements)
}

type logTask[T Float] struct{ dst, src []T }

func (t logTask[T]) do(e *Engine[T], lo, hi int) { e.log(t.dst[lo:hi], t.src[lo:hi]) }

func logGeneric[T Float](dst, src []T) {
	for i, v := range src[:len(dst)] {
		dst[i] = log(v)
	}
}

// log returns ln x. With x = 2^k·(1+f), √½ ≤ 1+f < √2, and s = f/(2+f), it is
//
//	k·ln 2 + f - f²/2 + s·(f²/2 + R(s²))
//
// where R is the polynomial of fdlibm's e_log.c in float64 and of musl's logf.c in
// float32. ln 2 is in two parts. The rounding error of the sum of the two largest terms
// is found by Dekker's fast two-sum, and added to the other terms. The assembly does the
// same operations in the same order, with fused multiply-adds.
func log[T Float](x T) T {
	switch {
	case x == 0:
		return T(math.Inf(-1))
	case x < 0:
		return T(math.NaN())
	case !(x < T(math.Inf(1))):
		return x + x
	case unsafe.Sizeof(x) == 4:
		return T(log32(float32(x)))
	}
	return T(log64(float64(x)))
}

func log32(x float32) float32 {
	const (
		smallest = 0x1p-126
		sqrtHalf = 0x3f3504f3 // the bits of √½
		ln2Hi    = 0.693359375
		ln2Lo    = -2.12194440e-4
	)
	k := float32(0)
	if x < smallest {
		x *= 0x1p23
		k = -23
	}
	b := math.Float32bits(x) + (127<<23 - sqrtHalf)
	k += float32(int32(b>>23) - 127)
	f := math.Float32frombits(b&(1<<23-1)+sqrtHalf) - 1
	s := f / (2 + f)
	z := float32(s * s)
	r := float32(0.24279078841)
	r = mulAdd(r, z, 0.28498786688)
	r = mulAdd(r, z, 0.40000972152)
	r = mulAdd(r, z, 0.66666662693)
	// The conversions keep compilers from fusing what the assembly does not fuse.
	half := float32(0.5 * f * f)
	rest := mulAdd(s, float32(r*z)+half, -half)
	sum := mulAdd(k, ln2Hi, f)
	lack := mulAdd(k, ln2Hi, -sum) + f
	return sum + (mulAdd(k, ln2Lo, rest) + lack)
}

func log64(x float64) float64 {
	const (
		smallest = 0x1p-1022
		sqrtHalf = 0x3fe6a09e667f3bcd // the bits of √½
		ln2Hi    = 6.93147180369123816490e-01
		ln2Lo    = 1.90821492927058770002e-10
	)
	k := 0.0
	if x < smallest {
		x *= 0x1p52
		k = -52
	}
	b := math.Float64bits(x) + (1023<<52 - sqrtHalf)
	k += float64(int64(b>>52) - 1023)
	f := math.Float64frombits(b&(1<<52-1)+sqrtHalf) - 1
	s := f / (2 + f)
	z := float64(s * s)
	r := 1.479819860511658591e-01
	r = mulAdd(r, z, 1.531383769920937332e-01)
	r = mulAdd(r, z, 1.818357216161805012e-01)
	r = mulAdd(r, z, 2.222219843214978396e-01)
	r = mulAdd(r, z, 2.857142874366239149e-01)
	r = mulAdd(r, z, 3.999999999940941908e-01)
	r = mulAdd(r, z, 6.666666666666735130e-01)
	half := float64(0.5 * f * f)
	rest := mulAdd(s, float64(r*z)+half, -half)
	sum := mulAdd(k, ln2Hi, f)
	lack := mulAdd(k, ln2Hi, -sum) + f
	return sum + (mulAdd(k, ln2Lo, rest) + lack)
}
