package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wideBytes is the size of all lanes of a sum of a vector, as in package kernels.
const wideBytes = 256

func dotSum(t *target) {
	t.function("func(n int, x, y *%[1]s) %[1]s")
	n, x, y := t.param("n"), t.stream("x", t.size()), t.stream("y", t.size())
	t.wide(n, []stream{x, y}, t.add, func(w *target, v int, acc reg.VecVirtual) {
		xv := w.vec()
		w.load(x.at(w, v), xv)
		w.fma(w.operand(y.at(w, v)), xv, acc)
	})
}

func magnitudeSum(t *target) {
	t.function("func(n int, x *%[1]s) %[1]s")
	n, x, magnitude := t.param("n"), t.stream("x", t.size()), t.magnitude()
	t.wide(n, []stream{x}, t.add, func(w *target, v int, acc reg.VecVirtual) {
		xv := w.vec()
		w.and(w.operand(x.at(w, v)), magnitude, xv)
		w.add(xv, acc, acc)
	})
}

func largestMagnitude(t *target) {
	t.function("func(n int, x *%[1]s) %[1]s")
	n, x, magnitude := t.param("n"), t.stream("x", t.size()), t.magnitude()
	t.wide(n, []stream{x}, t.max, func(w *target, v int, acc reg.VecVirtual) {
		xv := w.vec()
		w.and(w.operand(x.at(w, v)), magnitude, xv)
		w.max(acc, xv, acc)
	})
}

// squareSum adds in float64, whatever the elements are.
func squareSum(t *target) {
	t.function("func(n int, x *%[1]s) float64")
	n, x := t.param("n"), t.stream("x", t.size())
	double := *t
	double.elem = f64
	double.wide(n, []stream{x}, double.add, func(w *target, v int, acc reg.VecVirtual) {
		xv, m := w.vec(), x.at(w, v)
		switch {
		case t.elem == f64:
			w.load(m, xv)
		case w.mask == nil:
			w.VCVTPS2PD(m, xv)
		case w.level == avx512:
			w.VCVTPS2PD_Z(m, w.mask, xv)
		default:
			some := w.XMM()
			t.loadMasked(t.ones(n, w.XMM()), m, some)
			w.VCVTPS2PD(some, xv)
		}
		w.fma(xv, xv, acc)
	})
}

// operand returns memory as an operand of an instruction, or a register with what the mask
// allows to load, or with the one element of lane 0.
func (t *target) operand(m Mem) Op {
	if t.mask == nil && !t.scalar {
		return m
	}
	v := t.vec()
	t.load(m, v)
	return v
}

// magnitude returns a vector of all bits but the signs.
func (t *target) magnitude() reg.VecVirtual {
	v := t.vec()
	t.load(t.magnitudes(), v)
	return v
}

// wide runs body over n elements, with lanes of 256 bytes that begin at 0, combines the
// lanes by op, in the order of combineWide of package kernels, returns lane 0 of the result,
// and ends the function. What is left of 256 bytes is done vector by vector, the last one
// with a mask.
func (t *target) wide(n reg.GPVirtual, streams []stream, op func(a, b, dst Op), body func(w *target, v int, acc reg.VecVirtual)) {
	acc := t.vecs(wideBytes / t.width())
	for _, a := range acc {
		t.zero(a)
	}
	whole := len(acc) * t.lanes()
	again, rest, done := t.label("again"), t.label("rest"), t.label("done")
	t.SUBQ(U32(whole), n)
	t.JL(LabelRef(rest))
	t.align()
	t.Label(again)
	for v, a := range acc {
		body(t, v, a)
	}
	for _, s := range streams {
		t.ADDQ(U32(whole*s.size), s.p)
	}
	t.SUBQ(U32(whole), n)
	t.JGE(LabelRef(again))
	t.Label(rest)
	t.ADDQ(U32(whole), n)
	t.JZ(LabelRef(done))
	tails := make([]string, len(acc))
	for v, a := range acc {
		tails[v] = t.label("tail")
		t.CMPQ(n, U32(t.lanes()))
		t.JL(LabelRef(tails[v]))
		if v < len(acc)-1 {
			body(t, v, a)
			t.SUBQ(U32(t.lanes()), n)
		}
	}
	for v, a := range acc {
		t.Label(tails[v])
		some := *t
		some.mask = t.maskOf(n)
		body(&some, v, a)
		if v < len(acc)-1 {
			t.JMP(LabelRef(done))
		}
	}
	t.Label(done)
	t.endWith(t.reduce(acc, op))
}

func swap(t *target) {
	t.function("func(n int, x, y *%[1]s)")
	n, x, y := t.param("n"), t.stream("x", t.size()), t.stream("y", t.size())
	t.each(n, []stream{x, y}, func(w *target, u int) {
		xv, yv := w.vec(), w.vec()
		w.load(x.at(w, u), xv)
		w.load(y.at(w, u), yv)
		w.store(xv, y.at(w, u))
		w.store(yv, x.at(w, u))
	})
	t.end()
}

func rot(t *target) {
	t.function("func(n int, x, y *%[1]s, c, s %[1]s)")
	n, x, y := t.param("n"), t.stream("x", t.size()), t.stream("y", t.size())
	c, s := t.everywhere("c"), t.everywhere("s")
	t.each(n, []stream{x, y}, func(w *target, u int) {
		xv, yv, sx, sy := w.vec(), w.vec(), w.vec(), w.vec()
		w.load(x.at(w, u), xv)
		w.load(y.at(w, u), yv)
		w.mul(w.narrow(s), yv, sy)
		w.mul(w.narrow(s), xv, sx)
		w.fma(w.narrow(c), xv, sy)
		either(w, w.VFMSUB231PS, w.VFMSUB231PD)(w.narrow(c), yv, sx)
		w.store(sy, x.at(w, u))
		w.store(sx, y.at(w, u))
	})
	t.end()
}
