package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// outerVectors is the most vectors of a row for which outer keeps all of b in registers.
const outerVectors = 8

// outer generates the product of a column with a row: C is all there is to write, and
// what counts is to store a vector in every cycle. So b stays in registers where it fits:
// a row of C is then an element of a, and for each vector a multiplication, an addition
// to how the chain begins, and a store. Longer rows meet b in the first-level cache.
//
// The last vector of a row ends where the row ends, and overlaps the one before it, since
// masked stores are slow at AVX2. It is computed first, while C is what it was.
func outer(t *target) {
	t.function("func(m, n int, a *%[1]s, aRow int, b, c *%[1]s, cRow int, start int, beta %[1]s)",
		"If start is FromZero, beta must be 0; if it is FromC, beta must be 1.")
	o := &outerKernel{t: t, n: t.param("n"), b: t.param("b"), c: t.param("c")}
	o.m, o.a, o.aRow, o.cRow = t.param("m"), t.param("a"), t.stride("aRow"), t.stride("cRow")
	o.last = t.GP64()
	t.LEAQ(Mem{Base: o.n, Disp: -t.lanes()}, o.last)
	t.inBytes(o.last)
	o.begin = t.everywhere("beta") // 0 where chains begin at 0
	for v := 1; v <= outerVectors; v++ {
		wider := t.label("wider")
		t.CMPQ(o.n, U32(v*t.lanes()))
		t.JG(LabelRef(wider))
		o.held(v)
		t.Label(wider)
	}
	o.streamed()
}

type outerKernel struct {
	t                         *target
	m, n, a, aRow, b, c, cRow reg.GPVirtual
	last                      reg.GPVirtual // bytes before the last vector of a row
	begin                     reg.VecVirtual
}

// rows generates a loop over the rows of C, once for chains that begin at 0 and once for
// those that begin in C.
func (o *outerKernel) rows(row func(x reg.VecVirtual, fromC bool)) {
	fromC := o.t.label("fromC")
	start := o.t.param("start")
	o.t.TESTQ(start, start)
	o.t.JNZ(LabelRef(fromC))
	for _, reads := range []bool{false, true} {
		if reads {
			o.t.Label(fromC)
		}
		again := o.t.label("row")
		o.t.Label(again)
		x := o.t.vec()
		o.t.broadcast(Mem{Base: o.a}, x)
		row(x, reads)
		o.t.ADDQ(o.aRow, o.a)
		o.t.ADDQ(o.cRow, o.c)
		o.t.DECQ(o.m)
		o.t.JNZ(LabelRef(again))
		o.t.end()
	}
}

// chain computes begin·c + x·b, or 0 + x·b.
func (o *outerKernel) chain(x reg.VecVirtual, b Op, c Mem, fromC bool) reg.VecVirtual {
	v := o.t.vec()
	if fromC {
		o.t.load(c, v)
		o.t.mul(o.begin, v, v)
		o.t.fma(b, x, v)
	} else {
		// As fma(x, b, 0), which rounds the product once and gives 0 for -0.
		o.t.mul(b, x, v)
		o.t.add(o.begin, v, v)
	}
	return v
}

// held generates rows of some vectors, with b in registers.
func (o *outerKernel) held(vectors int) {
	at := func(base reg.GPVirtual, v int) Mem {
		if v == vectors-1 && vectors > 1 {
			return Mem{Base: base, Index: o.last, Scale: 1}
		}
		return Mem{Base: base, Disp: v * o.t.width()}
	}
	w := *o.t
	if vectors == 1 {
		w.mask = o.t.maskOf(o.n)
	}
	of := *o
	of.t = &w
	b := o.t.vecs(vectors)
	for v := range b {
		w.load(at(o.b, v), b[v])
	}
	of.rows(func(x reg.VecVirtual, fromC bool) {
		last := of.chain(x, b[vectors-1], at(o.c, vectors-1), fromC)
		for v := range vectors - 1 {
			w.store(of.chain(x, b[v], at(o.c, v), fromC), at(o.c, v))
		}
		w.store(last, at(o.c, vectors-1))
	})
}

// streamed generates rows of any number of vectors.
func (o *outerKernel) streamed() {
	offset, lastB := o.t.GP64(), o.t.vec()
	o.t.load(Mem{Base: o.b, Index: o.last, Scale: 1}, lastB)
	o.rows(func(x reg.VecVirtual, fromC bool) {
		lastC := Mem{Base: o.c, Index: o.last, Scale: 1}
		last := o.chain(x, lastB, lastC, fromC)
		o.t.XORQ(offset, offset)
		for _, unroll := range []int{4, 1} {
			again, enough := o.t.label("again"), o.t.label("enough")
			o.t.JMP(LabelRef(enough))
			o.t.Label(again)
			for u := range unroll {
				m := Mem{Index: offset, Scale: 1, Disp: u * o.t.width()}
				b, c := m, m
				b.Base, c.Base = o.b, o.c
				o.t.store(o.chain(x, b, c, fromC), c)
			}
			o.t.ADDQ(U32(unroll*o.t.width()), offset)
			o.t.Label(enough)
			bound := o.t.GP64()
			o.t.LEAQ(Mem{Base: offset, Disp: (unroll - 1) * o.t.width()}, bound)
			o.t.CMPQ(bound, o.last)
			o.t.JL(LabelRef(again))
		}
		o.t.store(last, lastC)
	})
}
