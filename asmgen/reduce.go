package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// sumLanes is the number of partial results of a reduction: lanes in package
// kernels.
const sumLanes = 16

// unrolled is how many vectors go together where there are many, at least as
// many as hold sixteen elements.
const unrolled = 4

func sumSquares(t *target) {
	t.function("func(acc *[16]%[1]s, n int, x *%[1]s)")
	n, x := t.param("n"), t.stream("x", t.size())
	t.accumulate(n, []stream{x}, func(part *rest, v int, acc reg.VecVirtual) {
		xv := t.vec()
		t.loadRest(part, v, x.at(t, v), xv)
		t.fma(xv, xv, acc)
	})
}

// accumulate runs body over n elements, with the 16 lanes of the parameter acc
// in registers, and ends the function.
func (t *target) accumulate(n reg.GPVirtual, streams []stream, body func(part *rest, v int, acc reg.VecVirtual)) {
	lanes := t.param("acc")
	acc := t.vecs(sumLanes / t.lanes())
	for v := range acc {
		t.load(Mem{Base: lanes, Disp: v * t.width()}, acc[v])
	}
	t.sixteens(n, t.restOf(n), len(acc), streams, func(vectors int, part *rest) {
		for v := range vectors {
			body(part, v, acc[v%len(acc)])
		}
	})
	for v := range acc {
		t.store(acc[v], Mem{Base: lanes, Disp: v * t.width()})
	}
	t.end()
}

// rest selects the elements beyond the last whole sixteen: with mask registers at
// AVX-512, at AVX2 with a window of a table of ones and zeros.
type rest struct {
	*target
	masks  []tail
	window reg.GPVirtual
}

func (t *target) restOf(n reg.GPVirtual) *rest {
	r, over := &rest{target: t}, t.GP64()
	t.MOVQ(n, over)
	t.ANDQ(U8(sumLanes-1), over)
	if t.level == avx512 {
		ones := t.GP64()
		t.MOVQ(I32(-1), ones)
		t.BZHIQ(over, ones, ones)
		for v := range sumLanes / t.lanes() {
			if v > 0 {
				t.SHRQ(U8(t.lanes()), ones)
			}
			k := t.K()
			t.KMOVW(ones.As32(), k)
			r.masks = append(r.masks, tail{k})
		}
		return r
	}
	bits := make([]uint64, 2*sumLanes)
	for i := range sumLanes {
		bits[i] = 1<<(8*t.size()) - 1
	}
	r.window = t.GP64()
	t.LEAQ(t.table("rest", bits...).Offset(sumLanes*t.size()), r.window)
	t.SHLQ(U8(either(t, 2, 3)), over)
	t.SUBQ(over, r.window)
	return r
}

// mask returns the lanes of vector v of the rest.
func (r *rest) mask(v int) tail {
	if r.level == avx512 {
		return r.masks[v]
	}
	m := r.vec()
	r.VMOVUPS(Mem{Base: r.window, Disp: v * r.width()}, m)
	return tail{m}
}

// loadRest and storeRest take vector v of sixteen elements, or of the rest if part
// is one.
func (t *target) loadRest(part *rest, v int, src Mem, dst Op) {
	if part == nil {
		t.load(src, dst)
	} else {
		t.loadTail(part.mask(v), src, dst)
	}
}

func (t *target) storeRest(part *rest, v int, src Op, dst Mem) {
	if part == nil {
		t.store(src, dst)
	} else {
		t.storeTail(part.mask(v), src, dst)
	}
}

// sixteens runs body over n elements: over unroll vectors at a time, then over as
// many as hold sixteen elements, and once more over what is left, r.
func (t *target) sixteens(n reg.GPVirtual, r *rest, unroll int, streams []stream, body func(vectors int, part *rest)) {
	repeat := func(vectors int) {
		again, below := t.label("again"), t.label("below")
		t.Label(again)
		t.CMPQ(n, U32(vectors*t.lanes()))
		t.JL(LabelRef(below))
		body(vectors, nil)
		for _, p := range streams {
			t.ADDQ(U32(vectors*t.lanes()*p.size), p.p)
		}
		t.SUBQ(U32(vectors*t.lanes()), n)
		t.JMP(LabelRef(again))
		t.Label(below)
	}
	if unroll > sumLanes/t.lanes() {
		repeat(unroll)
	}
	repeat(sumLanes / t.lanes())
	done := t.label("done")
	t.TESTQ(n, n)
	t.JZ(LabelRef(done))
	body(sumLanes/t.lanes(), r)
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
	t.extractHalf(vs[0].AsY(), other)
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

// insertHalf replaces the upper half of a vector of 32 bytes, and extractHalf
// copies it. The instructions of AVX-512 reach all 32 registers.
func (t *target) insertHalf(m, dst Op) {
	if t.level == avx512 {
		t.VINSERTF32X4(U8(1), m, dst, dst)
	} else {
		t.VINSERTF128(U8(1), m, dst, dst)
	}
}

func (t *target) extractHalf(src, dst Op) {
	if t.level == avx512 {
		t.VEXTRACTF32X4(U8(1), src, dst)
	} else {
		t.VEXTRACTF128(U8(1), src, dst)
	}
}
