package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func sumSquares(t *target) {
	t.function("func(acc *[16]%[1]s, n int, x *%[1]s)")
	n, x := t.param("n"), t.stream("x", t.size())
	t.accumulate(n, []stream{x}, func(tail *tail, v int, acc reg.VecVirtual) {
		xv := t.vec()
		t.loadTail(tail, v, x.at(t, v), xv)
		t.fma(xv, xv, acc)
	})
}

// accumulate runs body over n elements with the 16 lanes of the parameter acc in
// registers, stores the lanes, and ends the function.
func (t *target) accumulate(n reg.GPVirtual, streams []stream, body func(tail *tail, v int, acc reg.VecVirtual)) {
	sums := t.param("acc")
	acc := t.vecs(lanes / t.lanes())
	for v := range acc {
		t.load(Mem{Base: sums, Disp: v * t.width()}, acc[v])
	}
	t.eachLanes(n, t.tailOf(n), len(acc), streams, func(vectors int, tail *tail) {
		for v := range vectors {
			body(tail, v, acc[v%len(acc)])
		}
	})
	for v := range acc {
		t.store(acc[v], Mem{Base: sums, Disp: v * t.width()})
	}
	t.end()
}

// reduce combines lanes to one, in the order of combine in package kernels: first those
// that are 8 apart (or more, where there are more than 16), then 4, 2 and 1. The result is
// in lane 0 of the vector that it returns.
func (t *target) reduce(vs []reg.VecVirtual, op func(a, b, dst Op)) reg.VecVirtual {
	v, other := t.sixteen(vs, op), t.XMM()
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

// sixteen is reduce down to 16 bytes of lanes.
func (t *target) sixteen(vs []reg.VecVirtual, op func(a, b, dst Op)) Op {
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
	if t.width() > 16 {
		t.extractHalf(vs[0].AsY(), other)
		op(v, other, v)
	}
	return v
}

// insertHalf replaces the upper half of a vector of 32 bytes by 16 bytes, and
// extractHalf copies it. At AVX-512 they use instructions that reach all 32 registers.
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
