package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func logEach(t *target) {
	t.function("func(n int, dst, src *%[1]s)")
	l := t.logarithm()
	n, dst, src := t.param("n"), t.stream("dst", t.size()), t.stream("src", t.size())
	t.eachLanes(n, t.tailOf(n), unrolled, []stream{dst, src}, func(vectors int, tail *tail) {
		for v := range vectors {
			x := t.vec()
			t.loadTail(tail, v, src.at(t, v), x)
			t.storeTail(tail, v, l.of(x), dst.at(t, v))
		}
	})
	t.end()
}

// logarithm holds the constants of log in package kernels that are used more than once
// or in the polynomial. At AVX-512 they are in registers.
type logarithm struct {
	t            *target
	ln2Hi, one   Op
	coefficients []Op // the highest first
}

func (t *target) logarithm() *logarithm {
	coefficients := either(t, []float64{
		0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693,
	}, []float64{
		1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
		2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01,
	})
	l := &logarithm{
		t:     t,
		ln2Hi: t.pinned("logLn2Hi", either(t, 0.693359375, 6.93147180369123816490e-01)),
		one:   t.pinned("one", 1),
	}
	for i, c := range coefficients {
		l.coefficients = append(l.coefficients, t.pinned("logC"+string(rune('A'+i)), c))
	}
	return l
}

// of returns log x. It does the operations of log in package kernels in the same order.
// Where that branches, for a subnormal, zero, negative, infinite or NaN x, all lanes take
// both ways, and a mask selects.
//
// A vector of float32 takes 34 operations and a division, one of float64 37 and a
// division. Two start in a cycle, so they take 17 to 19 cycles; the division, whose unit
// works beside them, takes 5 cycles (float32) or 8 (float64) for 32 bytes on processors of
// Intel since Skylake, and twice that for 64. So the operations bound it and the division
// hides. As in exp, the processor interleaves vectors by itself. At AVX-512, 18 vector
// registers are in use in float32 and 23 in float64: 6 or 9 for constants, the others for
// the vector at work. Constants that are used once stay in memory.
func (l *logarithm) of(x reg.VecVirtual) reg.VecVirtual {
	mantissa := either(l.t, 23, 52) // bits
	bias := either(l.t, 127.0, 1023)
	power := math.Ldexp(1, mantissa)
	sqrtHalf := either(l.t, uint64(math.Float32bits(math.Sqrt2/2)), math.Float64bits(math.Sqrt2/2))
	add := either(l.t, l.t.VPADDD, l.t.VPADDQ)

	// A subnormal is scaled to a normal number.
	normal, k, scaled := l.t.vec(), l.t.vec(), l.t.vec()
	subnormal := l.t.compare(lessQuiet, x, l.t.constant("logSmallest", math.Ldexp(1, int(1-bias))))
	l.t.mul(l.t.constant("logPower", power), x, scaled)
	l.t.blend(subnormal, scaled, x, normal)
	offset, more := l.t.vec(), l.t.vec()
	l.t.load(l.t.constant("logOffset", power+bias), offset)
	l.t.load(l.t.constant("logMore", power+bias+float64(mantissa)), more)
	l.t.blend(subnormal, more, offset, offset)

	// x = 2^k·(1+f)
	f := l.t.vec()
	add(l.t.constantBits("logCentre", uint64(bias)<<mantissa-sqrtHalf), normal, normal)
	either(l.t, l.t.VPSRLD, l.t.VPSRLQ)(U8(mantissa), normal, k)
	add(l.t.constant("logPower", power), k, k)
	l.t.sub(offset, k, k)
	either(l.t, l.t.VANDPS, l.t.VANDPD)(l.t.constantBits("logMantissa", 1<<mantissa-1), normal, normal)
	add(l.t.constantBits("logSqrtHalf", sqrtHalf), normal, normal)
	l.t.sub(l.one, normal, f)

	s, z, r, half := l.t.vec(), l.t.vec(), l.t.vec(), l.t.vec()
	l.t.add(l.t.constant("logTwo", 2), f, s)
	either(l.t, l.t.VDIVPS, l.t.VDIVPD)(s, f, s)
	l.t.mul(s, s, z)
	l.t.set(l.coefficients[0], r)
	for _, c := range l.coefficients[1:] {
		r = l.t.horner(c, z, r)
	}
	l.t.mul(z, r, r)
	l.t.mul(l.t.constant("logHalf", 0.5), f, half)
	l.t.mul(f, half, half)
	l.t.add(half, r, r)
	l.t.fms(s, r, half)

	// The two largest terms are added as their rounded sum and the error of that.
	sum, lack := l.t.vec(), l.t.vec()
	l.t.move(f, sum)
	l.t.fma(l.ln2Hi, k, sum)
	l.t.move(sum, lack)
	l.t.fms(l.ln2Hi, k, lack)
	l.t.add(f, lack, lack)
	l.t.fma(l.t.constant("logLn2Lo", either(l.t, -2.12194440e-4, 1.90821492927058770002e-10)), k, half)
	l.t.add(lack, half, half)
	l.t.add(half, sum, sum)

	// log 0 is -Inf; log x is NaN for x < 0, and x for +Inf and NaN.
	zero, special := l.t.vec(), l.t.vec()
	l.t.zero(zero)
	l.t.load(l.t.constant("negativeInf", math.Inf(-1)), special)
	l.t.blend(l.t.compare(equalQuiet, x, zero), special, sum, sum)
	l.t.load(l.t.constantBits("logNaN", either(l.t, uint64(math.Float32bits(float32(math.NaN()))), math.Float64bits(math.NaN()))), special)
	l.t.blend(l.t.compare(lessQuiet, x, zero), special, sum, sum)
	l.t.add(x, x, special)
	l.t.blend(l.t.compare(notLessQuiet, x, l.t.constant("infinity", math.Inf(1))), special, sum, sum)
	return sum
}

// fms computes acc ← a·b - acc.
func (t *target) fms(a, b, acc Op) { either(t, t.VFMSUB231PS, t.VFMSUB231PD)(a, b, acc) }
