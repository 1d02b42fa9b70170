package main

import . "github.com/mmcloughlin/avo/operand"

// vectorWidths are the widths, in vectors, of a row of C that vectorRow takes at
// a time: its accumulators fill the registers, so that it reads long stretches
// of each row of B, as the memory likes it.
var vectorWidths = map[level][]int{avx2: {12, 6}, avx512: {24, 12, 6}}

// vectorRow generates the product of a row with a matrix whose rows are
// contiguous.
func vectorRow(t *target) {
	t.function("vectorRow", "func(n, k int, a *%[1]s, aCol int, b *%[1]s, bRow int, c *%[1]s, start int, beta %[1]s)",
		"advances a row of n elements of C by k steps, n one of rowWidths; see panelGeneric.")
	n := t.param("n")
	for _, v := range vectorWidths[t.level] {
		other := t.label("other")
		t.CMPQ(n, U32(v*t.lanes()))
		t.JNE(LabelRef(other))
		acc := t.vecs(v)
		zero, begun := t.label("zero"), t.label("begun")
		start, c := t.param("start"), t.param("c")
		t.TESTQ(start, start)
		t.JZ(LabelRef(zero))
		for i, x := range acc {
			t.load(Mem{Base: c, Disp: i * t.width()}, x)
		}
		t.CMPQ(start, U32(1))
		t.JE(LabelRef(begun))
		beta := t.everywhere("beta")
		for _, x := range acc {
			t.mul(beta, x, x)
		}
		t.JMP(LabelRef(begun))
		t.Label(zero)
		for _, x := range acc {
			t.zero(x)
		}
		t.Label(begun)
		a, aCol, b, bRow := t.param("a"), t.stride("aCol"), t.param("b"), t.stride("bRow")
		t.loop(t.param("k"), 2, func() {
			x := t.vec()
			t.broadcast(Mem{Base: a}, x)
			for i := range acc {
				t.fma(Mem{Base: b, Disp: i * t.width()}, x, acc[i])
			}
			t.ADDQ(aCol, a)
			t.ADDQ(bRow, b)
		})
		for i, x := range acc {
			t.store(x, Mem{Base: c, Disp: i * t.width()})
		}
		t.Label(other)
	}
	t.end()
}
