package main

import . "github.com/mmcloughlin/avo/operand"

// vectorWidths are the numbers of vectors of C that stretch computes at once. Their
// accumulators fill the registers: with 12 and an element of A, 13 of 16 at AVX2, with 24,
// 25 of 32 at AVX-512; B is an operand in memory. So the kernel reads long stretches of
// each row of B, which memory delivers fastest. Fewer elements, of at most leastWidth
// vectors, are computed in any number: those of a layer so in one pass, which reads all of B
// in order.
var vectorWidths = map[level][]int{avx2: {12}, avx512: {24, 12}, neon: {24, 12}}

const leastWidth = 12

// stretch generates the product of rows of A, one at a time, with a B whose rows are
// contiguous.
func stretch(t *target) {
	t.function("func(m, n, k int, a *%[1]s, aRow, aCol int, b *%[1]s, bRow int, c *%[1]s, cRow int, start int, beta %[1]s)",
		"n must be a number that rowStretch returns.")
	n := t.param("n")
	for _, v := range vectorWidths[t.level] {
		other := t.label("other")
		t.CMPQ(n, U32(v*t.lanes()))
		t.JNE(LabelRef(other))
		(&panel{t: t, vectors: v}).stretch()
		t.Label(other)
	}
	for v := leastWidth; v > 0; v-- {
		other := t.label("other")
		lanes := t.GP64()
		t.LEAQ(Mem{Base: n, Disp: -(v - 1) * t.lanes()}, lanes)
		t.TESTQ(lanes, lanes)
		t.JLE(LabelRef(other))
		t.lastOf(lanes, v).stretch()
		t.Label(other)
	}
	t.end()
}

// stretch generates the product for a number of vectors.
func (p *panel) stretch() {
	t, acc := p.t, p.t.vecs(p.vectors)
	m, firstA, c := t.param("m"), t.param("a"), t.param("c")
	row := t.label("row")
	t.Label(row)
	zero, begun := t.label("zero"), t.label("begun")
	start := t.param("start")
	t.TESTQ(start, start)
	t.JZ(LabelRef(zero))
	for v, x := range acc {
		p.loadVector(v, Mem{Base: c, Disp: v * t.width()}, x)
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
	a, aCol, b, bRow := t.GP64(), t.stride("aCol"), t.param("b"), t.stride("bRow")
	t.MOVQ(firstA, a)
	t.loop(t.param("k"), 2, func() {
		x := t.vec()
		t.broadcast(Mem{Base: a}, x)
		for v := range acc {
			m := Mem{Base: b, Disp: v * t.width()}
			if p.last == nil && p.back == nil || v < p.vectors-1 {
				t.fma(m, x, acc[v])
				continue
			}
			masked := t.vec()
			p.loadVector(v, m, masked)
			t.fma(masked, x, acc[v])
		}
		t.ADDQ(aCol, a)
		t.ADDQ(bRow, b)
	})
	for v, x := range acc {
		p.storeVector(v, x, Mem{Base: c, Disp: v * t.width()})
	}
	t.ADDQ(t.stride("aRow"), firstA)
	t.ADDQ(t.stride("cRow"), c)
	t.DECQ(m)
	t.JNZ(LabelRef(row))
	t.end()
}
