package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func softmax(t *target) {
	softmaxRows(t)
	softmaxShort(t)
}

// softmaxRows generates softmax along rows of any length.
func softmaxRows(t *target) {
	t.function("softmaxRows", "func(dst *%[1]s, dstRow int, src *%[1]s, srcRow, rows, cols int, scale %[1]s, tops, sums *%[1]s)",
		"does softmaxGeneric for every row.")
	dst, src, rows := t.param("dst"), t.param("src"), t.param("rows")
	tops, sums := t.param("tops"), t.param("sums")
	cols := t.param("cols")
	r := t.restOf(cols)
	e := t.exponential()
	infinite := t.pinned("negativeInf", math.Inf(-1))

	row, done := t.label("row"), t.label("done")
	t.Label(row)
	t.TESTQ(rows, rows)
	t.JZ(LabelRef(done))
	walk := func(starts ...reg.GPVirtual) (n reg.GPVirtual, streams []stream) {
		n = t.param("cols")
		for _, start := range starts {
			p := t.GP64()
			t.MOVQ(start, p)
			streams = append(streams, stream{p, t.size()})
		}
		return n, streams
	}

	most := t.vecs(unrolled)
	for _, v := range most {
		t.set(infinite, v)
	}
	n, s := walk(src)
	t.blocks(n, r, unrolled, s, func(vectors int, part *rest) {
		for v := range vectors {
			x := t.vec()
			t.loadBlock(part, v, s[0].at(t, v), x)
			if part != nil {
				t.blend(part.mask(v), x, t.inRegister(infinite), x)
			}
			t.max(most[v], x, most[v])
		}
	})
	top := t.reduce(most, t.max)
	t.storeFirst(top, tops)
	t.splat(top, top)

	acc := t.vecs(block / t.lanes())
	for _, v := range acc {
		t.zero(v)
	}
	n, s = walk(src, dst)
	t.blocks(n, r, unrolled, s, func(vectors int, part *rest) {
		for v := range vectors {
			x := t.vec()
			t.loadBlock(part, v, s[0].at(t, v), x)
			t.sub(top, x, x)
			x = e.of(x)
			if part != nil {
				t.keep(part.mask(v), x, x)
			}
			t.add(x, acc[v%len(acc)], acc[v%len(acc)])
			t.storeBlock(part, v, x, s[1].at(t, v))
		}
	})
	sum := t.reduce(acc, t.add)
	t.storeFirst(sum, sums)

	factor := t.everywhere("scale")
	either(t, t.VDIVSS, t.VDIVSD)(sum.AsX(), factor.AsX(), factor.AsX())
	t.splat(factor, factor)
	n, s = walk(dst)
	t.blocks(n, r, unrolled, s, func(vectors int, part *rest) {
		for v := range vectors {
			x := t.vec()
			t.loadBlock(part, v, s[0].at(t, v), x)
			t.mul(factor, x, x)
			t.storeBlock(part, v, x, s[0].at(t, v))
		}
	})

	t.ADDQ(t.stride("dstRow"), dst)
	t.ADDQ(t.stride("srcRow"), src)
	t.DECQ(rows)
	t.JMP(LabelRef(row))
	t.Label(done)
	t.end()
}

// storeFirst stores lane 0 of v where p points, and moves p on, unless it is nil.
func (t *target) storeFirst(v reg.VecVirtual, p reg.GPVirtual) {
	unwanted := t.label("unwanted")
	t.TESTQ(p, p)
	t.JZ(LabelRef(unwanted))
	either(t, t.VMOVSS, t.VMOVSD)(v.AsX(), Mem{Base: p})
	t.ADDQ(U8(t.size()), p)
	t.Label(unwanted)
}
