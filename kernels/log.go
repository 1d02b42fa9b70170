package kernels

import (
	"math"
	"unsafe"
)

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
