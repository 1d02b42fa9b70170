package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func expEach(t *target) {
	t.function("func(n int, dst, src *%[1]s)")
	e := t.exponential()
	high := t.pinned("expHigh", either(t, 89.0, 710))
	n, dst, src := t.param("n"), t.stream("dst", t.size()), t.stream("src", t.size())
	t.eachLanes(n, t.tailOf(n), unrolled, []stream{dst, src}, func(vectors int, tail *tail) {
		for v := range vectors {
			x := t.vec()
			t.loadTail(tail, v, src.at(t, v), x)
			t.min(x, t.inRegister(high), x)
			t.storeTail(tail, v, e.of(x), dst.at(t, v))
		}
	})
	t.end()
}

// exponential holds the constants of exp in package kernels, under the names that they
// have there.
type exponential struct {
	t                                    *target
	low, magic, log2e, ln2Hi, ln2Lo, one Op
	coefficients                         []Op // the highest first
}

func (t *target) exponential() *exponential {
	coefficients := either(t, []float64{
		1.38146167427456896537e-03, 8.36871702103875701739e-03, 4.16683877299328792043e-02,
		1.66665206303271556942e-01, 4.99999934490100217399e-01,
	}, []float64{
		2.50000583490501452921e-08, 2.76302483087252400596e-07, 2.75575863825810749309e-06,
		2.48014930991440109569e-05, 1.98412695065711065963e-04, 1.38888889436298407741e-03,
		8.33333333349446300775e-03, 4.16666666665301624328e-02, 1.66666666666664131657e-01,
		5.00000000000001110223e-01,
	})
	e := &exponential{
		t:     t,
		low:   t.pinned("expLow", either(t, -104.0, -746)),
		magic: t.pinned("expMagic", either(t, 3.0*(1<<22), 3<<51)),
		log2e: t.pinned("expLog2e", math.Log2E),
		ln2Hi: t.pinned("expLn2Hi", either(t, 0.693359375, 6.93147180369123816490e-01)),
		ln2Lo: t.pinned("expLn2Lo", either(t, -2.12194440e-4, 1.90821492927058770002e-10)),
		one:   t.pinned("one", 1),
	}
	for i, c := range coefficients {
		e.coefficients = append(e.coefficients, t.pinned("expC"+string(rune('A'+i)), c))
	}
	return e
}

// of returns e^x for x ≤ 89 in float32 and x ≤ 710 in float64, and overwrites x. It does
// the operations of exp in package kernels in the same order.
//
// At AVX-512 these are 12 operations on a vector of float32 and 17 on one of float64,
// where VSCALEF multiplies by 2ⁿ. Each waits four cycles for the one before, so that a
// vector takes about 50 or 70 cycles, and 8 vectors must be under way for two operations
// to start in every cycle. They do not depend on each other, so the processor interleaves
// them by itself: with loads, stores and copies, 8 vectors are 140 or 180 instructions,
// and its reorder buffer holds 224 or more. That leaves few registers in use: 3 for the
// vector at work, beside 12 or 17 constants, which stay in registers.
//
// AVX2 has no VSCALEF, and 8 operations stand in for it. Its 16 registers do not hold
// the constants: operations read them from memory. That is less than one load for an
// operation, and two loads start in a cycle.
func (e *exponential) of(x reg.VecVirtual) reg.VecVirtual {
	f, n, q := e.t.vec(), e.t.vec(), e.t.vec()
	e.t.max(x, e.t.inRegister(e.low), x)
	e.t.set(e.magic, f)
	e.t.fma(e.log2e, x, f)
	if e.t.level != avx512 {
		e.t.VPSUBD(e.magic, f, n)
	}
	e.t.sub(e.magic, f, f)
	e.t.fnma(e.ln2Hi, f, x)
	e.t.fnma(e.ln2Lo, f, x)
	e.t.set(e.coefficients[0], q)
	for _, c := range e.coefficients[1:] {
		q = e.t.horner(c, x, q)
	}
	q = e.t.horner(e.one, x, e.t.horner(e.one, x, q))
	if e.t.level == avx512 {
		either(e.t, e.t.VSCALEFPS, e.t.VSCALEFPD)(f, q, q)
		return q
	}
	// 2ⁿ may not be a float, but the powers of half of n and of what is left are. The
	// first product is exact and the second rounds once, as VSCALEF does.
	half := e.t.vec()
	e.t.VPSRAD(U8(1), n, half)
	e.t.VPSUBD(half, n, n)
	for _, power := range []reg.VecVirtual{half, n} {
		e.t.VPADDD(e.t.constantBits("expBias", either(e.t, uint64(127), 1023)), power, power)
		either(e.t, e.t.VPSLLD, e.t.VPSLLQ)(U8(either(e.t, 23, 52)), power, power)
		e.t.mul(power, q, q)
	}
	return q
}
