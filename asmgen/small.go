package main

import (
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// smallHeights are the heights of the tiles of small, for one vector and for more. A tile
// of one vector has as many chains as rows, so it is taller than packed tiles are.
var smallHeights = map[level][2][]int{
	avx2:   {{12, 8, 4, 2, 1}, {6, 4, 2, 1}},
	avx512: {{16, 8, 4, 2, 1}, {8, 4, 2, 1}},
	neon:   {{16, 8, 4, 2, 1}, {8, 4, 2, 1}},
}

// small generates products that fit a panel and follow each other at equal distances. What
// it leaves out of the panel kernel, the epilogue and the prefetches, takes as long as a
// product of 8×8×8, and so does a call for each product.
func small(t *target) {
	t.smallFunction("n must not exceed the width of a tile, count and m must not be 0.")
	n := t.param("n")
	most := t.threeElsewhere(n, "small")
	if t.level == avx512 {
		half, whole := *t, t.label("whole")
		half.half = true
		t.CMPQ(n, U32(half.lanes()))
		t.JG(LabelRef(whole))
		half.smallOf(n, 1)
		t.Label(whole)
	}
	for v := 1; v < most; v++ {
		wider := t.label("wider")
		t.CMPQ(n, U32(v*t.lanes()))
		t.JG(LabelRef(wider))
		t.smallOf(n, v)
		t.Label(wider)
	}
	t.smallOf(n, most)
}

func smallWide(t *target) {
	t.smallFunction("n must exceed the lanes of two vectors.")
	t.smallOf(t.param("n"), 3)
}

func (t *target) smallFunction(doc string) {
	t.function("func(count, m, n, k int, a *%[1]s, aRow, aCol, aNext int, b *%[1]s, bRow, bNext int, c *%[1]s, cRow, cNext int, beta %[1]s)", doc)
}

// smallOf generates the products for a number of vectors.
func (t *target) smallOf(n reg.GPVirtual, vectors int) {
	t.eachLast(n, vectors, func(p *panel) {
		p.wholeOf(n, false)
		p.products()
	})
}

// products generates the loop over products, and that over the tiles of each.
func (p *panel) products() {
	t := p.t
	p.m, p.a, p.c = reg.RAX, reg.RBX, reg.RDX
	p.aRow, p.aCol, p.bRow = reg.RSI, reg.RDI, reg.R8
	t.Load(t.Param("aRow"), p.aRow)
	t.Load(t.Param("aCol"), p.aCol)
	t.Load(t.Param("bRow"), p.bRow)
	for _, r := range []reg.Register{p.aRow, p.aCol, p.bRow} {
		t.inBytes(r)
	}
	product := t.label("product")
	t.Label(product)
	t.Load(t.Param("m"), p.m)
	t.Load(t.Param("a"), p.a)
	t.Load(t.Param("c"), p.c)
	heights := smallHeights[t.level][min(p.vectors, 2)-1]
	if t.level == neon && p.last != nil {
		heights = heights[1:] // as in panelPart
	}
	for i, h := range heights {
		tile, below := t.label("tile"), t.label("below")
		t.Label(tile)
		t.CMPQ(p.m, U32(h))
		t.JL(LabelRef(below))
		p.smallTile(h, i == 0)
		t.SUBQ(U32(h), p.m)
		if i == 0 {
			t.JMP(LabelRef(tile))
		}
		t.Label(below)
	}
	for _, name := range []string{"a", "b", "c"} {
		address := t.param(name)
		t.ADDQ(t.stride(name+"Next"), address)
		t.Store(address, t.Param(name))
	}
	left := t.param("count")
	t.DECQ(left)
	t.Store(left, t.Param("count"))
	t.JNZ(LabelRef(product))
	t.end()
}

// smallTile generates a tile of h rows, and moves a and c to the rows below.
func (p *panel) smallTile(h int, aligned bool) {
	acc := make([][]reg.VecVirtual, h)
	for i := range acc {
		acc[i] = p.t.vecs(p.vectors)
		for _, x := range acc[i] {
			p.t.zero(x)
		}
	}
	begun := p.t.label("begun")
	p.t.isZero(p.t.Param("beta"))
	p.t.JZ(LabelRef(begun))
	beta, c := p.t.everywhere("beta"), p.t.rows(p.c, p.t.stride("cRow"), h)
	for i := range acc {
		for v, x := range acc[i] {
			p.loadVector(v, c.at(i).Offset(v*p.t.width()), x)
			p.t.mul(beta, x, x)
		}
	}
	p.t.Label(begun)
	unroll := 1
	if aligned {
		unroll = 2
	}
	a, b := []rows{p.t.rows(p.a, p.aRow, h)}, p.t.param("b")
	p.multiply(func() reg.GPVirtual { return p.t.param("k") }, unroll, a, b, acc)
	c = p.t.rows(p.c, p.t.stride("cRow"), h)
	for i := range acc {
		for v, x := range acc[i] {
			p.storeVector(v, x, c.at(i).Offset(v*p.t.width()))
		}
	}
	below := p.t.stride("cRow")
	p.t.IMUL3Q(U32(h), below, below)
	p.t.ADDQ(below, p.c)
	p.t.IMUL3Q(U32(h), p.aRow, below)
	p.t.ADDQ(below, p.a)
}

// isZero sets the flags for whether a parameter or a field of the element type is 0 or -0.
func (t *target) isZero(c gotypes.Component) {
	p, err := c.Resolve()
	if err != nil {
		panic(err)
	}
	twice := t.GP64()
	if t.elem == f32 {
		t.MOVL(p.Addr, twice.As32())
		t.ADDL(twice.As32(), twice.As32())
	} else {
		t.MOVQ(p.Addr, twice)
		t.ADDQ(twice, twice)
	}
}
