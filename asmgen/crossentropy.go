package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func pickLabels(t *target) {
	t.function("func(n int, dst, src *%[1]s, row int, labels *int32)")
	dst := t.param("dst")
	t.eachLabel("src", func(m Mem) {
		x := t.XMM()
		either(t, t.VMOVSS, t.VMOVSD)(m, x)
		either(t, t.VMOVSS, t.VMOVSD)(x, Mem{Base: dst})
		t.ADDQ(U8(t.size()), dst)
	})
}

func subtractAtLabels(t *target) {
	t.function("func(n int, dst *%[1]s, row int, labels *int32, v %[1]s)")
	v := t.everywhere("v")
	t.eachLabel("dst", func(m Mem) {
		x := t.XMM()
		either(t, t.VMOVSS, t.VMOVSD)(m, x)
		either(t, t.VSUBSS, t.VSUBSD)(v.AsX(), x, x)
		either(t, t.VMOVSS, t.VMOVSD)(x, m)
	})
}

// eachLabel runs body on the labelled element of every row of a matrix, whose address is
// a parameter, and ends the function.
func (t *target) eachLabel(matrix string, body func(m Mem)) {
	n, p, row, labels := t.param("n"), t.param(matrix), t.stride("row"), t.param("labels")
	again, done := t.label("again"), t.label("done")
	t.Label(again)
	t.DECQ(n)
	t.JL(LabelRef(done))
	at := t.GP64()
	t.MOVLQSX(Mem{Base: labels}, at)
	body(Mem{Base: p, Index: at, Scale: uint8(t.size())})
	t.ADDQ(U8(4), labels)
	t.ADDQ(row, p)
	t.JMP(LabelRef(again))
	t.Label(done)
	t.end()
}

func sumLosses(t *target) {
	t.function("func(acc *[16]%[1]s, n int, sums, targets, tops *%[1]s)")
	l := t.logarithm()
	n, sums, targets, tops := t.param("n"), t.stream("sums", t.size()), t.stream("targets", t.size()), t.stream("tops", t.size())
	t.accumulate(n, []stream{sums, targets, tops}, func(tail *tail, v int, acc reg.VecVirtual) {
		sum, target, top := t.vec(), t.vec(), t.vec()
		t.loadTail(tail, v, sums.at(t, v), sum)
		loss := l.of(sum)
		t.loadTail(tail, v, targets.at(t, v), target)
		t.loadTail(tail, v, tops.at(t, v), top)
		t.sub(top, target, target)
		t.sub(target, loss, loss)
		if tail != nil {
			t.keep(tail.of(v), loss, loss)
		}
		t.add(loss, acc, acc)
	})
}
