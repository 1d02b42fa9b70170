package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// solvePanel generates substitution in a panel of right-hand sides, and multiplyPanel
// the product of a triangle with a panel, both in the place of the panel. Their order of
// rows and steps is that of the strides, which may be negative: then an upper triangle is a
// lower one.
//
// A tile of rows stays in registers, as in the panel kernel. To solve, its chains run over
// the rows above, which are solved. Then row after row is divided by its element on the
// diagonal, and subtracted from the rows of the tile below it. The latency of these steps,
// a division and a multiply-add for each row, is hidden in part by the chains of the next
// tile, which wait for them in their last steps only. To multiply, the chains begin in the
// triangle, and then run over the rows below, which are not yet replaced.
func solvePanel(t *target)        { t.triangle("solvePanel", (*triangle).solve) }
func solvePanelWide(t *target)    { t.triangleWide((*triangle).solve) }
func multiplyPanel(t *target)     { t.triangle("multiplyPanel", (*triangle).multiply) }
func multiplyPanelWide(t *target) { t.triangleWide((*triangle).multiply) }

// triangle is the walk down a panel that is being generated.
type triangle struct {
	panel
	done reg.Register // rows above the tile
}

// triangle generates a walk for one and for two vectors, triangleWide one for three.
func (t *target) triangle(operation string, tile func(p *triangle, h int)) {
	t.triangleFunction()
	n := t.param("n")
	t.threeElsewhere(n, operation)
	two := t.label("two")
	t.CMPQ(n, U32(t.lanes()))
	t.JG(LabelRef(two))
	t.triangles(n, 1, tile)
	t.Label(two)
	t.triangles(n, 2, tile)
}

func (t *target) triangleWide(tile func(p *triangle, h int)) {
	t.triangleFunction("n must exceed the lanes of two vectors.")
	t.triangles(t.param("n"), 3, tile)
}

func (t *target) triangleFunction(doc ...string) {
	t.function("func(m, n int, a *%[1]s, aRow, aCol int, x *%[1]s, xRow int, alpha %[1]s, unit int)",
		append(doc, "Element (i, p) of a is a[i*aRow+p*aCol], element (i, j) of x is x[i*xRow+j].")...)
}

func (t *target) triangles(n reg.GPVirtual, vectors int, tile func(p *triangle, h int)) {
	t.eachLast(n, vectors, func(p *panel) { (&triangle{*p, reg.R9}).walk(tile) })
}

// walk generates a walk for a number of vectors: tiles of the tallest height while they
// fit, then lower ones.
func (p *triangle) walk(tile func(p *triangle, h int)) {
	t := p.t
	p.m, p.a, p.c = reg.RAX, reg.RBX, reg.RDX // c is the tile's part of x
	p.aRow, p.aCol, p.bRow = reg.RSI, reg.RDI, reg.R8
	t.Load(t.Param("m"), p.m)
	t.Load(t.Param("a"), p.a)
	t.Load(t.Param("x"), p.c)
	t.Load(t.Param("aRow"), p.aRow)
	t.Load(t.Param("aCol"), p.aCol)
	t.Load(t.Param("xRow"), p.bRow)
	for _, r := range []reg.Register{p.aRow, p.aCol, p.bRow} {
		t.inBytes(r)
	}
	t.XORQ(p.done, p.done)
	tallest := tileRows[t.level]
	for _, h := range []int{tallest, 4, 2, 1} {
		again, below := t.label("tile"), t.label("below")
		t.Label(again)
		t.CMPQ(p.m, U32(h))
		t.JL(LabelRef(below))
		tile(p, h)
		t.SUBQ(U32(h), p.m)
		t.ADDQ(U32(h), p.done)
		for range h {
			t.ADDQ(p.bRow, p.c)
			t.ADDQ(p.aRow, p.a)
		}
		if h == tallest {
			t.JMP(LabelRef(again))
		}
		t.Label(below)
	}
	t.end()
}

// solve generates the substitution in h rows.
func (p *triangle) solve(h int) {
	acc := p.tileOf(h)
	x, a, av := p.t.rows(p.c, p.bRow, h), p.t.rows(p.a, p.aRow, h), p.t.vec()
	alpha := p.t.everywhere("alpha")
	for i := range acc {
		for v := range acc[i] {
			p.loadVector(v, x.at(i).Offset(v*p.t.width()), acc[i][v])
			p.t.mul(alpha, acc[i][v], acc[i][v])
		}
	}
	above, steps := p.t.param("x"), p.t.GP64()
	p.t.MOVQ(p.done, steps)
	p.t.loop(steps, p.unroll(h), func() {
		b := p.rowOf(above)
		for i := range acc {
			p.t.broadcast(a.at(i), av)
			for v := range b {
				p.t.fnma(av, b[v], acc[i][v])
			}
		}
		a.advance(p.aCol)
	})
	unit := p.t.param("unit")
	x = p.t.rows(p.c, p.bRow, h)
	for c := range acc {
		divided := p.t.label("divided")
		p.t.TESTQ(unit, unit)
		p.t.JNZ(LabelRef(divided))
		p.t.broadcast(a.at(c), av)
		for _, s := range acc[c] {
			p.t.div(s, av, s)
		}
		p.t.Label(divided)
		for v, s := range acc[c] {
			p.storeVector(v, s, x.at(c).Offset(v*p.t.width()))
		}
		for i := c + 1; i < h; i++ {
			p.t.broadcast(a.at(i), av)
			for v, s := range acc[c] {
				p.t.fnma(av, s, acc[i][v])
			}
		}
		a.advance(p.aCol)
	}
}

// multiply generates the product for h rows.
func (p *triangle) multiply(h int) {
	acc := p.tileOf(h)
	for i := range acc {
		for _, s := range acc[i] {
			p.t.zero(s)
		}
	}
	first, av := p.t.GP64(), p.t.vec()
	p.t.MOVQ(p.a, first)
	below, steps := p.t.GP64(), p.t.GP64()
	p.t.MOVQ(p.done, steps)
	p.t.IMULQ(p.aCol, steps)
	p.t.ADDQ(steps, first)
	a := p.t.rows(first, p.aRow, h)
	p.t.MOVQ(p.c, below)
	unit := p.t.param("unit")
	for c := range acc {
		b := p.rowOf(below)
		for i := range c + 1 {
			if i == c {
				read, set := p.t.label("read"), p.t.label("set")
				p.t.TESTQ(unit, unit)
				p.t.JZ(LabelRef(read))
				p.t.broadcastOf(p.t.Param("alpha"), av)
				p.t.JMP(LabelRef(set))
				p.t.Label(read)
				p.t.broadcast(a.at(i), av)
				p.t.Label(set)
			} else {
				p.t.broadcast(a.at(i), av)
			}
			for v := range b {
				p.t.fma(av, b[v], acc[i][v])
			}
		}
		a.advance(p.aCol)
	}
	p.t.MOVQ(p.m, steps)
	p.t.SUBQ(U32(h), steps)
	p.t.loop(steps, p.unroll(h), func() {
		b := p.rowOf(below)
		for i := range acc {
			p.t.broadcast(a.at(i), av)
			for v := range b {
				p.t.fma(av, b[v], acc[i][v])
			}
		}
		a.advance(p.aCol)
	})
	x := p.t.rows(p.c, p.bRow, h)
	for i := range acc {
		for v, s := range acc[i] {
			p.storeVector(v, s, x.at(i).Offset(v*p.t.width()))
		}
	}
}

// tileOf returns the accumulators of h rows.
func (p *triangle) tileOf(h int) [][]reg.VecVirtual {
	acc := make([][]reg.VecVirtual, h)
	for i := range acc {
		acc[i] = p.t.vecs(p.vectors)
	}
	return acc
}

// unroll returns how many steps an iteration of a tile of h rows takes.
func (p *triangle) unroll(h int) int {
	if h == tileRows[p.t.level] {
		return 2
	}
	return 1
}

// rowOf loads a row of x, and moves on to the next.
func (p *triangle) rowOf(x reg.GPVirtual) []reg.VecVirtual {
	b := p.t.vecs(p.vectors)
	for v := range b {
		p.loadVector(v, Mem{Base: x, Disp: v * p.t.width()}, b[v])
	}
	p.t.ADDQ(p.bRow, x)
	return b
}
