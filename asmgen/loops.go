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
// vector, then the tail. At AVX-512 the tail is one masked vector; elsewhere, where masked
// stores are slow, it is done element by element in lane 0.
func (t *target) each(n reg.GPVirtual, streams []stream, body func(w *target, u int)) {
	advance := func(elements int) {
		for _, p := range streams {
			t.ADDQ(U32(elements*p.size), p.p)
		}
		t.SUBQ(U32(elements), n)
	}
	repeat := func(w *target, elements, unroll int) {
		again, below := t.label("again"), t.label("below")
		t.SUBQ(U32(elements), n)
		t.JL(LabelRef(below))
		if unroll > 1 {
			t.align()
		}
		t.Label(again)
		for u := range unroll {
			body(w, u)
		}
		advance(elements)
		t.JGE(LabelRef(again))
		t.Label(below)
		t.ADDQ(U32(elements), n)
	}
	repeat(t, 4*t.lanes(), 4)
	repeat(t, t.lanes(), 1)
	some := *t
	if t.level != avx512 {
		some.scalar = true
		repeat(&some, 1, 1)
		return
	}
	done := t.label("done")
	t.TESTQ(n, n)
	t.JZ(LabelRef(done))
	some.mask = t.maskOf(n)
	body(&some, 0)
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
