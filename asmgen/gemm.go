package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is the shape of a micro-kernel: rows × vectors accumulators.
type tile struct{ rows, vectors int }

// gemm generates the panel kernels: one for each width, with the last vector
// whole or cut by a mask.
//
// Six rows by two vectors make twelve accumulators: as many chains as two
// multiply-add units of latency four need and more, and with two vectors of B,
// one element of A and one mask they fill sixteen registers.
func gemm(t *target) {
	for _, vectors := range []int{2, 1} {
		for _, masked := range []bool{false, true} {
			panel(t, []int{6, 4, 2, 1}, vectors, masked)
		}
	}
}

// panel generates a kernel that walks down a panel of C, in tiles of heights[0]
// rows and then once at most in each lesser height.
func panel(t *target, heights []int, vectors int, masked bool) {
	name, last := fmt.Sprintf("gemm%dx%d", heights[0], vectors*t.lanes()), ""
	if masked {
		name, last = name+"Tail", ", lanes int"
	}
	t.function(name, "func(m, k int, a *%[1]s, aRow, aCol, aTile int, b *%[1]s, bRow int, c *%[1]s, cRow int, start int, beta %[1]s"+last+")",
		"advances m rows of C by k steps; see panelGeneric.")
	g := &panelKernel{target: t, vectors: vectors, masked: masked, height: heights[0]}
	g.m, g.a, g.c, g.b = t.param("m"), t.param("a"), t.param("c"), t.param("b")
	g.aRow, g.aCol, g.bRow, g.cRow = t.stride("aRow"), t.stride("aCol"), t.stride("bRow"), t.stride("cRow")
	if masked {
		g.tail = t.tailOf(t.param("lanes"))
	}
	for i, h := range heights {
		next := t.label("below")
		again := t.label("tile")
		t.Label(again)
		t.CMPQ(g.m, Imm(uint64(h)))
		t.JL(LabelRef(next))
		g.tile(h)
		if i == 0 {
			t.SUBQ(Imm(uint64(h)), g.m)
			t.JMP(LabelRef(again))
		} else if i < len(heights)-1 {
			t.SUBQ(Imm(uint64(h)), g.m)
		}
		t.Label(next)
	}
	t.end()
}

// panelKernel holds the registers of a kernel while it is generated.
type panelKernel struct {
	*target
	vectors, height        int
	masked                 bool
	tail                   tail
	m, a, b, c             reg.GPVirtual
	aRow, aCol, bRow, cRow reg.GPVirtual
}

// tile generates the micro-kernel of h rows, and moves a and c below it.
func (g *panelKernel) tile(h int) {
	acc := make([][]reg.VecVirtual, h)
	for i := range acc {
		acc[i] = g.vecs(g.vectors)
	}
	g.begin(acc)

	a, b := g.rows(g.a, g.aRow, h), g.GP64()
	g.MOVQ(g.b, b)
	k := g.param("k")
	bv, av := g.vecs(g.vectors), g.vec()
	step := func() {
		for v := range bv {
			g.loadVector(v, Mem{Base: b, Disp: v * g.width()}, bv[v])
		}
		g.ADDQ(g.bRow, b)
		for i := range acc {
			g.broadcast(a.at(i), av)
			for v := range bv {
				g.fma(av, bv[v], acc[i][v])
			}
		}
		a.advance(g.aCol)
	}
	unroll := 1
	if h == g.height && !g.masked {
		unroll = 4
	}
	g.loop(k, unroll, step)
	g.end(acc)

	if h == g.height {
		d := g.stride("aTile")
		g.ADDQ(d, g.a)
	} else {
		for range h {
			g.ADDQ(g.aRow, g.a)
		}
	}
	d := g.GP64()
	g.IMUL3Q(Imm(uint64(h)), g.cRow, d)
	g.ADDQ(d, g.c)
}

// begin sets the accumulators to 0, C or β·C.
func (g *panelKernel) begin(acc [][]reg.VecVirtual) {
	loaded, zero := g.label("begun"), g.label("zero")
	start := g.param("start")
	g.TESTQ(start, start)
	g.JZ(LabelRef(zero))
	c := g.rows(g.c, g.cRow, len(acc))
	for i := range acc {
		for v := range acc[i] {
			g.loadVector(v, c.at(i).Offset(v*g.width()), acc[i][v])
		}
	}
	g.CMPQ(start, Imm(1))
	g.JE(LabelRef(loaded))
	beta := g.scalar("beta")
	for i := range acc {
		for v := range acc[i] {
			g.mul(beta, acc[i][v], acc[i][v])
		}
	}
	g.JMP(LabelRef(loaded))
	g.Label(zero)
	for i := range acc {
		for v := range acc[i] {
			g.zero(acc[i][v])
		}
	}
	g.Label(loaded)
}

// end stores the accumulators.
func (g *panelKernel) end(acc [][]reg.VecVirtual) {
	c := g.rows(g.c, g.cRow, len(acc))
	for i := range acc {
		for v := range acc[i] {
			m := c.at(i).Offset(v * g.width())
			if g.masked && v == g.vectors-1 {
				g.storeTail(g.tail, acc[i][v], m)
			} else {
				g.store(acc[i][v], m)
			}
		}
	}
}

func (g *panelKernel) loadVector(v int, m Mem, dst Op) {
	if g.masked && v == g.vectors-1 {
		g.loadTail(g.tail, m, dst)
	} else {
		g.load(m, dst)
	}
}

// loop repeats step k times, unrolled.
func (t *target) loop(k reg.GPVirtual, unroll int, step func()) {
	rest, done := t.label("rest"), t.label("done")
	if unroll > 1 {
		again := t.label("unrolled")
		t.SUBQ(Imm(uint64(unroll)), k)
		t.JL(LabelRef(rest))
		t.Label(again)
		for range unroll {
			step()
		}
		t.SUBQ(Imm(uint64(unroll)), k)
		t.JGE(LabelRef(again))
		t.Label(rest)
		t.ADDQ(Imm(uint64(unroll)), k)
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

// rows addresses rows a stride apart: a pointer for every third row, since an
// index register scales by 1 and 2 but not by 3.
type rows struct {
	*target
	stride   reg.GPVirtual
	pointers []reg.GPVirtual
}

func (t *target) rows(first, stride reg.GPVirtual, n int) rows {
	r := rows{target: t, stride: stride}
	for i := 0; i < n; i += 3 {
		p := t.GP64()
		if i == 0 {
			t.MOVQ(first, p)
		} else {
			t.LEAQ(Mem{Base: r.pointers[len(r.pointers)-1], Index: stride, Scale: 2}, p)
			t.ADDQ(stride, p)
		}
		r.pointers = append(r.pointers, p)
	}
	return r
}

// at returns the address of row i.
func (r rows) at(i int) Mem {
	m := Mem{Base: r.pointers[i/3]}
	if i%3 > 0 {
		m.Index, m.Scale = r.stride, uint8(i%3)
	}
	return m
}

// advance moves every row on by d bytes.
func (r rows) advance(d reg.GPVirtual) {
	for _, p := range r.pointers {
		r.ADDQ(d, p)
	}
}
