package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// softmaxRows generates softmax of each row, and what cross-entropy needs of a row while
// it is in the first-level cache.
func softmaxRows(t *target) {
	t.function("func(dst *%[1]s, dstRow int, src *%[1]s, srcRow, rows, cols int, scale %[1]s, labels *int32, targets, tops, sums *%[1]s)")
	dst, src, cols, i := t.param("dst"), t.param("src"), t.param("cols"), t.GP64()
	t.XORQ(i, i)
	r := t.tailOf(cols)
	e := t.exponential()
	infinite := t.pinned("negativeInf", math.Inf(-1))

	row, long, next, done := t.label("row"), t.label("long"), t.label("next"), t.label("done")
	t.Label(row)
	t.CMPQ(i, t.param("rows"))
	t.JGE(LabelRef(done))
	t.labelled(src, i, func(x reg.VecVirtual, _ Mem) { t.storeFirst(x, "targets", i) })
	t.CMPQ(cols, U8(lanes))
	t.JGE(LabelRef(long))
	shortRow(e, infinite, dst, src, i, r)
	t.JMP(LabelRef(next))
	t.Label(long)
	longRow(e, infinite, dst, src, i, r)
	t.Label(next)
	t.labelled(dst, i, func(x reg.VecVirtual, m Mem) {
		either(t, t.VSUBSS, t.VSUBSD)(t.everywhere("scale").AsX(), x, x)
		either(t, t.VMOVSS, t.VMOVSD)(x, m)
	})
	t.ADDQ(t.stride("dstRow"), dst)
	t.ADDQ(t.stride("srcRow"), src)
	t.INCQ(i)
	t.JMP(LabelRef(row))
	t.Label(done)
	t.end()
}

// shortRow computes a row of fewer than 16 elements, which stays in registers.
func shortRow(e *exponential, infinite Op, dst, src, i reg.GPVirtual, r *tail) {
	t := e.t
	xs, most, all := t.vecs(lanes/t.lanes()), t.vecs(lanes/t.lanes()), t.vecs(lanes/t.lanes())
	at := func(p reg.GPVirtual, v int) Mem { return Mem{Base: p, Disp: v * t.width()} }
	for v, x := range xs {
		m := r.of(v)
		t.loadMasked(m, at(src, v), x)
		t.blend(m, x, t.inRegister(infinite), x)
		t.move(x, most[v])
	}
	top := t.reduce(most, t.max)
	t.storeFirst(top, "tops", i)
	t.splat(top, top)
	for v := range xs {
		t.sub(top, xs[v], xs[v])
		xs[v] = e.of(xs[v])
		t.keep(r.of(v), xs[v], xs[v])
		t.move(xs[v], all[v])
	}
	sum := t.reduce(all, t.add)
	t.storeFirst(sum, "sums", i)
	factor := t.quotient("scale", sum)
	for v, x := range xs {
		t.mul(factor, x, x)
		t.storeMasked(r.of(v), x, at(dst, v))
	}
}

// longRow computes a row in three passes: its largest element, the exponentials and
// their sum, the quotients.
func longRow(e *exponential, infinite Op, dst, src, i reg.GPVirtual, r *tail) {
	t := e.t
	walk := func(starts ...reg.GPVirtual) (n reg.GPVirtual, streams []stream) {
		n = t.param("cols")
		for _, start := range starts {
			p := t.GP64()
			t.MOVQ(start, p)
			streams = append(streams, stream{p, t.size()})
		}
		return n, streams
	}

	n, s := walk(src)
	top := t.largestOf(n, s[0], r, infinite)
	t.storeFirst(top, "tops", i)
	t.splat(top, top)

	acc := t.vecs(lanes / t.lanes())
	for _, v := range acc {
		t.zero(v)
	}
	n, s = walk(src, dst)
	t.eachLanes(n, r, unrolled, s, func(vectors int, tail *tail) {
		for v := range vectors {
			e.addTo(acc[v%len(acc)], tail, v, s[0].at(t, v), top, s[1].at(t, v))
		}
	})
	sum := t.reduce(acc, t.add)
	t.storeFirst(sum, "sums", i)

	factor := t.quotient("scale", sum)
	n, s = walk(dst)
	t.eachLanes(n, r, unrolled, s, func(vectors int, tail *tail) {
		for v := range vectors {
			x := t.vec()
			t.loadTail(tail, v, s[0].at(t, v), x)
			t.mul(factor, x, x)
			t.storeTail(tail, v, x, s[0].at(t, v))
		}
	})
}

// The three passes over a row that is too long for one call.

func largest(t *target) {
	t.function("func(n int, x *%[1]s) %[1]s")
	n, x := t.param("n"), t.stream("x", t.size())
	top := t.largestOf(n, x, t.tailOf(n), t.pinned("negativeInf", math.Inf(-1)))
	t.endWith(top)
}

func expSum(t *target) {
	t.function("func(acc *[16]%[1]s, n int, dst, src *%[1]s, top %[1]s)")
	e := t.exponential()
	n, dst, src, top := t.param("n"), t.stream("dst", t.size()), t.stream("src", t.size()), t.everywhere("top")
	t.accumulate(n, []stream{dst, src}, func(tail *tail, v int, acc reg.VecVirtual) {
		e.addTo(acc, tail, v, src.at(t, v), top, dst.at(t, v))
	})
}

func scale(t *target) {
	t.function("func(n int, x *%[1]s, factor %[1]s)")
	n, x, factor := t.param("n"), t.stream("x", t.size()), t.everywhere("factor")
	t.each(n, []stream{x}, func(t *target, u int) {
		v := t.vec()
		t.load(x.at(t, u), v)
		t.mul(t.narrow(factor), v, v)
		t.store(v, x.at(t, u))
	})
	t.end()
}

// largestOf returns a vector whose lane 0 is the largest of n elements.
func (t *target) largestOf(n reg.GPVirtual, s stream, r *tail, infinite Op) reg.VecVirtual {
	most := t.vecs(max(unrolled, lanes/t.lanes()))
	for _, v := range most {
		t.set(infinite, v)
	}
	t.eachLanes(n, r, unrolled, []stream{s}, func(vectors int, tail *tail) {
		for v := range vectors {
			x := t.vec()
			t.loadTail(tail, v, s.at(t, v), x)
			if tail != nil {
				t.blend(tail.of(v), x, t.inRegister(infinite), x)
			}
			t.max(most[v], x, most[v])
		}
	})
	return t.reduce(most, t.max)
}

// addTo stores exp(x - top) for vector v of 16 elements or of the tail, and adds it to
// acc.
func (e *exponential) addTo(acc reg.VecVirtual, tail *tail, v int, from Mem, top reg.VecVirtual, to Mem) {
	x := e.t.vec()
	e.t.loadTail(tail, v, from, x)
	e.t.sub(top, x, x)
	x = e.of(x)
	if tail != nil {
		e.t.keep(tail.of(v), x, x)
	}
	e.t.add(x, acc, acc)
	e.t.storeTail(tail, v, x, to)
}

// quotient returns a vector whose lanes are all a parameter divided by lane 0 of v.
func (t *target) quotient(name string, v reg.VecVirtual) reg.VecVirtual {
	q := t.everywhere(name)
	either(t, t.VDIVSS, t.VDIVSD)(v.AsX(), q.AsX(), q.AsX())
	t.splat(q, q)
	return q
}

// labelled runs body on the labelled element of row i, which begins at the address row,
// if there are labels.
func (t *target) labelled(row, i reg.GPVirtual, body func(x reg.VecVirtual, m Mem)) {
	unlabelled, label, x := t.label("unlabelled"), t.param("labels"), t.XMM()
	t.TESTQ(label, label)
	t.JZ(LabelRef(unlabelled))
	t.MOVLQSX(Mem{Base: label, Index: i, Scale: 4}, label)
	m := Mem{Base: row, Index: label, Scale: uint8(t.size())}
	either(t, t.VMOVSS, t.VMOVSD)(m, x)
	body(x, m)
	t.Label(unlabelled)
}

// storeFirst stores lane 0 of v as element i of the slice that a parameter points to,
// unless the parameter is nil.
func (t *target) storeFirst(v reg.VecVirtual, name string, i reg.GPVirtual) {
	unwanted, p := t.label("unwanted"), t.param(name)
	t.TESTQ(p, p)
	t.JZ(LabelRef(unwanted))
	either(t, t.VMOVSS, t.VMOVSD)(v.AsX(), Mem{Base: p, Index: i, Scale: uint8(t.size())})
	t.Label(unwanted)
}
