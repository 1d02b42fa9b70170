package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// block is the number of partial results of a reduction: see lanes in package
// kernels.
const block = 16

func softmax(t *target) {
	softmaxRow(t)
	sumSquares(t)
}

func sumSquares(t *target) {
	t.function("sumSquares", "func(acc *[16]%[1]s, n int, x *%[1]s)", "does sumSquaresGeneric.")
	acc, n, x := t.param("acc"), t.param("n"), t.stream("x", t.size())
	sums := t.vecs(block / t.lanes())
	for v, s := range sums {
		t.load(Mem{Base: acc, Disp: v * t.width()}, s)
	}
	t.blocks(n, []stream{x}, func(masks []tail) {
		for v, s := range sums {
			xv := t.vec()
			t.loadPart(masks, v, x.at(t, v), xv)
			t.fma(xv, xv, s)
		}
	})
	for v, s := range sums {
		t.store(s, Mem{Base: acc, Disp: v * t.width()})
	}
	t.end()
}

func softmaxRow(t *target) {
	t.function("softmax", "func(dst, src *%[1]s, n int, scale %[1]s) (top, sum %[1]s)", "does softmaxGeneric.")
	vectors := block / t.lanes()
	infinite := t.vec()
	t.load(t.constant("negativeInf", math.Inf(-1)), infinite)

	tops := t.vecs(vectors)
	for _, v := range tops {
		t.move(infinite, v)
	}
	n, src := t.param("n"), t.stream("src", t.size())
	t.blocks(n, []stream{src}, func(masks []tail) {
		for v := range tops {
			x := t.vec()
			t.loadPart(masks, v, src.at(t, v), x)
			if masks != nil {
				t.blend(masks[v], x, infinite, x)
			}
			t.max(tops[v], x, tops[v])
		}
	})
	top := t.reduce(tops, t.max)
	t.Store(top.AsX(), t.Return("top"))
	t.splat(top, top)

	sums := t.vecs(vectors)
	for _, v := range sums {
		t.zero(v)
	}
	n, src = t.param("n"), t.stream("src", t.size())
	dst := t.stream("dst", t.size())
	t.blocks(n, []stream{src, dst}, func(masks []tail) {
		for v := range sums {
			x := t.vec()
			t.loadPart(masks, v, src.at(t, v), x)
			t.sub(top, x, x)
			e := t.expNegative(x)
			if masks != nil {
				t.keep(masks[v], e, e)
			}
			t.add(e, sums[v], sums[v])
			t.storePart(masks, v, e, dst.at(t, v))
		}
	})
	sum := t.reduce(sums, t.add)
	t.Store(sum.AsX(), t.Return("sum"))

	factor := t.everywhere("scale")
	either(t, t.VDIVSS, t.VDIVSD)(sum.AsX(), factor.AsX(), factor.AsX())
	t.splat(factor, factor)
	n, dst = t.param("n"), t.stream("dst", t.size())
	t.blocks(n, []stream{dst}, func(masks []tail) {
		for v := range vectors {
			x := t.vec()
			t.loadPart(masks, v, dst.at(t, v), x)
			t.mul(factor, x, x)
			t.storePart(masks, v, x, dst.at(t, v))
		}
	})
	t.end()
}

// expNegative returns e^x for x ≤ 0, as exp in package kernels computes it.
func (t *target) expNegative(x reg.VecVirtual) reg.VecVirtual {
	low, magic, bias, mantissa := -104.0, float64(3<<22), uint64(127), uint64(23)
	ln2Hi, ln2Lo := 0.693359375, -2.12194440e-4
	coefficients := []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}
	if t.elem == f64 {
		low, magic, bias, mantissa = -746, 3<<51, 1023, 52
		ln2Hi, ln2Lo = 6.93147180369123816490e-01, 1.90821492927058770002e-10
		coefficients = nil
		for k := 13; k >= 2; k-- {
			coefficients = append(coefficients, 1/math.Gamma(float64(k+1)))
		}
	}

	bound := t.vec()
	t.load(t.constant("expLow", low), bound)
	t.max(x, bound, x)
	rounded, r, n := t.vec(), t.vec(), t.vec()
	t.load(t.constant("expMagic", magic), rounded)
	t.fma(t.constant("expLog2e", math.Log2E), x, rounded)
	t.VPSUBD(t.constant("expMagic", magic), rounded, n)
	t.sub(t.constant("expMagic", magic), rounded, rounded)
	t.move(x, r)
	t.fnma(t.constant("expLn2Hi", ln2Hi), rounded, r)
	t.fnma(t.constant("expLn2Lo", ln2Lo), rounded, r)
	q, square := t.vec(), t.vec()
	for i, c := range coefficients {
		m := t.constant("expC"+string(rune('A'+i)), c)
		if i == 0 {
			t.load(m, q)
		} else {
			t.horner(m, r, q)
		}
	}
	t.mul(r, r, square)
	t.horner(r, square, q)
	t.add(t.constant("one", 1), q, q)

	half := t.vec()
	t.VPSRAD(U8(1), n, half)
	t.VPSUBD(half, n, n)
	for _, power := range []reg.VecVirtual{half, n} {
		t.VPADDD(t.constantBits("expBias", bias), power, power)
		either(t, t.VPSLLD, t.VPSLLQ)(U8(mantissa), power, power)
		t.mul(power, q, q)
	}
	return q
}

// blocks runs body over n elements, 16 at a time, and once more with masks for
// what is left.
func (t *target) blocks(n reg.GPVirtual, streams []stream, body func(masks []tail)) {
	again, below, done := t.label("again"), t.label("below"), t.label("done")
	t.Label(again)
	t.CMPQ(n, U32(block))
	t.JL(LabelRef(below))
	body(nil)
	for _, p := range streams {
		t.ADDQ(U32(block*p.size), p.p)
	}
	t.SUBQ(U32(block), n)
	t.JMP(LabelRef(again))
	t.Label(below)
	t.TESTQ(n, n)
	t.JZ(LabelRef(done))
	masks := make([]tail, block/t.lanes())
	for v := range masks {
		masks[v] = t.tailOf(t.clamp(n, v*t.lanes(), t.lanes()))
	}
	body(masks)
	t.Label(done)
}

// reduce combines vectors, then lanes, the farthest apart first, as combine in
// package kernels does. The result is in lane 0 of the first vector.
func (t *target) reduce(vs []reg.VecVirtual, op func(a, b, dst Op)) reg.VecVirtual {
	for len(vs) > 1 {
		half := len(vs) / 2
		for i := range half {
			op(vs[i], vs[i+half], vs[i])
		}
		vs = vs[:half]
	}
	if t.level == avx512 {
		v, upper := vs[0].AsY(), t.YMM()
		t.VEXTRACTF64X4(U8(1), vs[0], upper)
		op(v, upper, v)
	}
	v, other := vs[0].AsX(), t.XMM()
	t.VEXTRACTF128(U8(1), vs[0].AsY(), other)
	op(v, other, v)
	if t.elem == f32 {
		t.VPERMILPS(U8(0b01_00_11_10), v, other)
		op(v, other, v)
		t.VPERMILPS(U8(0b10_11_00_01), v, other)
		op(v, other, v)
	} else {
		t.VPERMILPD(U8(0b01), v, other)
		op(v, other, v)
	}
	return vs[0]
}
