package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is the number of lanes of a sum, as in package kernels: a vector of float32 at
// AVX-512 has them all, every other target takes two or four vectors for them.
const lanes = 16

// unrolled is how many vectors an iteration takes while there are enough elements: not
// fewer than 16 elements fill.
const unrolled = 4

// stream is an operand that [target.each] and [target.eachLanes] walk along.
type stream struct {
	p    reg.GPVirtual
	size int // bytes of an element
}

func (t *target) stream(name string, size int) stream { return stream{t.param(name), size} }

// at returns the address of the u-th vector of an iteration.
func (s stream) at(t *target, u int) Mem { return Mem{Base: s.p, Disp: u * t.lanes() * s.size} }

// each runs body over n elements: four vectors per iteration while it can, then one
// vector, then the rest.
func (t *target) each(n reg.GPVirtual, streams []stream, body func(w *target, u int)) {
	t.eachWhole(n, streams, body)
	t.eachRest(n, streams, body)
}

// eachWhole runs body while there are whole vectors.
func (t *target) eachWhole(n reg.GPVirtual, streams []stream, body func(w *target, u int)) {
	t.repeat(n, 4*t.lanes(), 4, streams, body)
	t.repeat(n, t.lanes(), 1, streams, body)
}

// eachRest runs body on less than a vector. At AVX-512 that is one masked vector; elsewhere,
// where masked stores are slow, it is done element by element in lane 0.
func (t *target) eachRest(n reg.GPVirtual, streams []stream, body func(w *target, u int)) {
	some := *t
	if t.level != avx512 {
		some.scalar = true
		some.repeat(n, 1, 1, streams, body)
		return
	}
	done := t.label("done")
	t.TESTQ(n, n)
	t.JZ(LabelRef(done))
	some.mask = t.maskOf(n)
	body(&some, 0)
	t.Label(done)
}

// repeat runs body unroll times per iteration while there are so many elements.
func (t *target) repeat(n reg.GPVirtual, elements, unroll int, streams []stream, body func(w *target, u int)) {
	again, below := t.label("again"), t.label("below")
	t.SUBQ(U32(elements), n)
	t.JL(LabelRef(below))
	if unroll > 1 {
		t.align()
	}
	t.Label(again)
	for u := range unroll {
		body(t, u)
	}
	for _, s := range streams {
		t.ADDQ(U32(elements*s.size), s.p)
	}
	t.SUBQ(U32(elements), n)
	t.JGE(LabelRef(again))
	t.Label(below)
	t.ADDQ(U32(elements), n)
}

// mapEach sets n elements of dst to what value returns of the elements at the same places, of
// the streams that it asks for. The last vector ends with the last element, and so overlaps
// the one before it: a mask or a loop for the rest takes longer, and loads of the row below
// would wait for a masked store. It is computed first, since dst may be an operand.
func (t *target) mapEach(n reg.GPVirtual, dst stream, streams []stream, value func(w *target, at func(s stream) Mem) reg.VecVirtual) {
	body := func(w *target, u int) {
		w.store(value(w, func(s stream) Mem { return s.at(w, u) }), dst.at(w, u))
	}
	atEnd := func(s stream) Mem {
		return Mem{Base: s.p, Index: n, Scale: uint8(s.size), Disp: -t.width()}
	}
	few, done := t.label("few"), t.label("done")
	t.CMPQ(n, U32(t.lanes()))
	t.JL(LabelRef(few))
	last := value(t, atEnd)
	t.eachWhole(n, streams, body)
	t.store(last, atEnd(dst))
	t.JMP(LabelRef(done))
	t.Label(few)
	t.eachRest(n, streams, body)
	t.Label(done)
}

// eachLanes runs body over n elements: unroll vectors per iteration while it can, then
// 16 elements, and at last the tail, for which body gets the masks. Thus element i
// always meets lane i mod 16, if body keeps as many accumulators as 16 elements fill.
func (t *target) eachLanes(n reg.GPVirtual, tail *tail, unroll int, streams []stream, body func(vectors int, tail *tail)) {
	repeat := func(vectors int) {
		again, below := t.label("again"), t.label("below")
		t.SUBQ(U32(vectors*t.lanes()), n)
		t.JL(LabelRef(below))
		t.align()
		t.Label(again)
		body(vectors, nil)
		for _, p := range streams {
			t.ADDQ(U32(vectors*t.lanes()*p.size), p.p)
		}
		t.SUBQ(U32(vectors*t.lanes()), n)
		t.JGE(LabelRef(again))
		t.Label(below)
		t.ADDQ(U32(vectors*t.lanes()), n)
	}
	if unroll > lanes/t.lanes() {
		repeat(unroll)
	}
	repeat(lanes / t.lanes())
	done := t.label("done")
	t.TESTQ(n, n)
	t.JZ(LabelRef(done))
	body(lanes/t.lanes(), tail)
	t.Label(done)
}

// loop runs step k times, unroll times per iteration while it can.
func (t *target) loop(k reg.GPVirtual, unroll int, step func()) {
	rest, done := t.label("rest"), t.label("done")
	if unroll > 1 {
		again := t.label("unrolled")
		t.SUBQ(U32(unroll), k)
		t.JL(LabelRef(rest))
		t.align()
		t.Label(again)
		for range unroll {
			step()
		}
		t.SUBQ(U32(unroll), k)
		t.JGE(LabelRef(again))
		t.Label(rest)
		t.ADDQ(U32(unroll), k)
	}
	t.TESTQ(k, k)
	t.JZ(LabelRef(done))
	again := t.label("step")
	t.Label(again)
	step()
	t.DECQ(k)
	t.JNZ(LabelRef(again))
	t.Label(done)
}
