package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileRows are the rows of a tile as operands are packed, and tileVectors its
// width at most.
//
// A step of r rows and v vectors is r·v multiply-adds, v loads of B and r broadcasts
// of A. Three things bound it. Processors start two multiply-adds and two loads a
// cycle, so v + r must stay below r·v. A multiply-add takes four or five cycles, and
// those of one accumulator wait for each other, so r·v must be ten or more to start
// two in every cycle. And r·v accumulators, v vectors of B, an element of A and,
// at AVX2, a mask must fit the registers:
//
//	          r × v   registers     loads per multiply-add   cycles a step
//	AVX2      6 × 2   16 of 16      8/12 = 0.67              6
//	          4 × 3   17 of 16      7/12 = 0.58              does not fit
//	AVX-512   8 × 3   28 of 32      11/24 = 0.46             12
//	          14 × 2  31 of 32      16/28 = 0.57             14
//	          5 × 5   31 of 32      10/25 = 0.40             12.5
//
// At AVX-512, 14×2 and 5×5 would keep as many chains, with more loads or with panels
// of 80 floats, which fit few layers' widths.
var (
	tileRows    = map[level]int{avx2: 6, avx512: 8}
	tileVectors = map[level]int{avx2: 2, avx512: 3}
)

// heights are those of the tiles that a panel is cut into, the tallest first. The
// rows that are left cost their latency: with v = 2, tiles of 4 rows have 8 chains
// for the ten that would hide it, those of 2 rows 4, those of 1 row 2. So they are
// few and halve, but for 5 at AVX-512: where 9 or 10 rows are left of an A that is
// read in place, two tiles of about 5 keep more chains going than one of 8 and a low
// one.
func (t *target) heights() []int {
	if t.level == avx512 {
		return []int{8, 5, 4, 2, 1}
	}
	return []int{6, 4, 2, 1}
}

// panelKernel generates the panel kernel: for each number of vectors, and for the
// last vector whole or cut by a mask. At AVX-512 a mask costs nothing, so that there
// it always is one. Few columns have a function of their own.
func panelKernel(t *target) {
	t.panelFunction()
	n := t.arg("N")
	wide := t.label("wide")
	t.CMPQ(n, U32(t.lanes()))
	t.JG(LabelRef(wide))
	t.tailCall(symbol("panelNarrow", t.elem))
	t.Label(wide)
	t.beginBeside()
	for v := 2; v <= tileVectors[t.level]; v++ {
		wider := t.label("wider")
		if v < tileVectors[t.level] {
			t.CMPQ(n, U32(v*t.lanes()))
			t.JG(LabelRef(wider))
		}
		t.panels(n, t.heights(), v)
		t.Label(wider)
	}
}

// panelNarrow generates the panel kernel for columns of at most a vector. With v = 1
// there is a load more than there are multiply-adds, and r chains: loads bound it,
// at (r+1)/2 cycles a step, and with few rows the latency does. So its tallest tile
// is two of those that operands are packed in, 12 or 16 chains; at AVX-512 the
// multiply-add broadcasts its element itself; and half a vector is loaded faster.
func panelNarrow(t *target) {
	t.panelFunction("It takes N of at most a vector.")
	t.beginBeside()
	n, heights := t.arg("N"), append([]int{2 * tileRows[t.level]}, t.heights()...)
	if t.level == avx512 {
		half, whole := *t, t.label("whole")
		half.half = true
		t.CMPQ(n, U32(half.lanes()))
		t.JG(LabelRef(whole))
		half.panels(n, heights, 1)
		t.Label(whole)
	}
	t.panels(n, heights, 1)
}

// panels generates a walk for a number of vectors.
func (t *target) panels(n reg.GPVirtual, heights []int, vectors int) {
	if t.level == avx2 {
		masked := t.label("masked")
		t.CMPQ(n, U32(vectors*t.lanes()))
		t.JL(LabelRef(masked))
		t.panel(heights, vectors, nil)
		t.Label(masked)
	}
	lanes := t.GP64()
	t.LEAQ(Mem{Base: n, Disp: -(vectors - 1) * t.lanes()}, lanes)
	last := t.tailOf(lanes)
	t.panel(heights, vectors, &last)
}

// panel generates a walk down a panel of C: tiles of the tallest height while
// they fit, then lower ones.
func (t *target) panel(heights []int, vectors int, last *tail) {
	p := &panel{target: t, vectors: vectors, last: last}
	// What lives throughout has its registers by name: avo's allocator, which
	// takes one register after the other, would find no place for the rest.
	p.m, p.a, p.c = reg.RAX, reg.RBX, reg.RDX
	p.aRow, p.aCol, p.bRow = reg.RSI, reg.RDI, reg.R8
	args := t.Dereference(t.Param("p"))
	t.Load(args.Field("M"), p.m)
	t.Load(args.Field("A").Base(), p.a)
	t.Load(args.Field("C").Base(), p.c)
	t.Load(args.Field("ARow"), p.aRow)
	t.Load(args.Field("ACol"), p.aCol)
	t.Load(args.Field("BRow"), p.bRow)
	for _, r := range []reg.Register{p.aRow, p.aCol, p.bRow} {
		t.inBytes(r)
	}
	for _, h := range heights {
		tile, enough, below := t.label("tile"), t.label("enough"), t.label("below")
		t.Label(tile)
		t.CMPQ(p.m, U32(h))
		t.JL(LabelRef(below))
		if h > tileRows[t.level] {
			// Rows half a page apart, and so many, would share two sets of the cache.
			t.TESTQ(U32(1<<11-1), p.aRow)
			t.JZ(LabelRef(below))
		}
		if h == 8 {
			t.CMPQ(p.m, U32(10))
			t.JG(LabelRef(enough))
			t.CMPQ(p.m, U32(9))
			t.JL(LabelRef(enough))
			// Packed, the ninth row is not where the others are.
			packed := t.strideArg("ATile")
			t.SHRQ(U8(3), packed)
			t.CMPQ(packed, p.aRow)
			t.JE(LabelRef(below))
			t.Label(enough)
		}
		p.tile(h)
		t.SUBQ(U32(h), p.m)
		if h >= 5 {
			t.JMP(LabelRef(tile))
		}
		t.Label(below)
	}
	t.end()
}

// panel holds the registers of a walk while it is generated.
type panel struct {
	*target
	vectors          int
	last             *tail // of the last vector, if it is cut
	m, a, c          reg.Register
	aRow, aCol, bRow reg.Register
}

// tile generates the micro-kernel of h rows, and moves a and c below it.
func (p *panel) tile(h int) {
	acc := make([][]reg.VecVirtual, h)
	for i := range acc {
		acc[i] = p.vecs(p.vectors)
	}
	p.begin(acc)

	packed := tileRows[p.level]
	a := []rows{p.rows(p.a, p.aRow, min(h, packed))}
	if h > packed {
		second := p.strideArg("ATile")
		p.ADDQ(p.a, second)
		a = append(a, p.rows(second, p.aRow, packed))
	}
	b, bv, av := p.sliceArg("B"), p.vecs(p.vectors), p.vec()
	unroll := 1
	if h >= packed {
		unroll = 2
	}
	p.loop(p.arg("K"), unroll, func() {
		for v := range bv {
			p.loadVector(v, Mem{Base: b, Disp: v * p.width()}, bv[v])
		}
		p.ADDQ(p.bRow, b)
		for i := range acc {
			x := a[i/packed].at(i % packed)
			if p.vectors == 1 && p.level == avx512 {
				// Used once, an element is best broadcast by the multiply-add itself.
				p.fmaBroadcast(x, bv[0], acc[i][0])
				continue
			}
			p.broadcast(x, av)
			for v := range bv {
				p.fma(av, bv[v], acc[i][v])
			}
		}
		for _, r := range a {
			r.advance(p.aCol)
		}
	})

	p.finish(acc)
	if h >= packed {
		for range a {
			p.ADDQ(p.strideArg("ATile"), p.a)
		}
	} else {
		for range h {
			p.ADDQ(p.aRow, p.a)
		}
	}
	below := p.strideArg("CRow")
	p.IMUL3Q(U32(h), below, below)
	p.ADDQ(below, p.c)
}

// begin sets the accumulators to 0, C or β·C.
func (p *panel) begin(acc [][]reg.VecVirtual) {
	zero, begun := p.label("zero"), p.label("begun")
	// What the tile needs at its end is fetched while it multiplies.
	alone := p.label("alone")
	fetch := func(r rows) {
		for i := range acc {
			for v := range acc[i] {
				p.PREFETCHT0(r.at(i).Offset(v * p.width()))
			}
		}
	}
	beside := p.arg("Scratch")
	p.TESTQ(beside, beside)
	p.JZ(LabelRef(alone))
	fetch(p.rows(beside, p.strideArg("BesideRow"), len(acc)))
	p.Label(alone)
	c := p.rows(p.c, p.strideArg("CRow"), len(acc))
	fetch(c)
	start := p.arg("Start")
	p.TESTQ(start, start)
	p.JZ(LabelRef(zero))
	for i := range acc {
		for v := range acc[i] {
			p.loadVector(v, c.at(i).Offset(v*p.width()), acc[i][v])
		}
	}
	p.CMPQ(start, U32(1))
	p.JE(LabelRef(begun))
	beta := p.everywhereOf(p.field("Beta"))
	for i := range acc {
		for _, x := range acc[i] {
			p.mul(beta, x, x)
		}
	}
	p.JMP(LabelRef(begun))
	p.Label(zero)
	for i := range acc {
		for _, x := range acc[i] {
			p.zero(x)
		}
	}
	p.Label(begun)
}

// finish applies the epilogue to the accumulators and stores them: the bias, if
// there is one, the ReLU if asked, and the matrix beside C, if there is one.
func (p *panel) finish(acc [][]reg.VecVirtual) {
	added, rectified := p.label("added"), p.label("rectified")
	bias := p.sliceArg("Bias")
	p.TESTQ(bias, bias)
	p.JZ(LabelRef(added))
	for v := range p.vectors {
		b := p.vec()
		p.loadVector(v, Mem{Base: bias, Disp: v * p.width()}, b)
		for i := range acc {
			p.add(b, acc[i][v], acc[i][v])
		}
	}
	p.Label(added)
	relu := p.Load(p.field("ReLU"), p.GP8())
	p.TESTB(relu, relu)
	p.JZ(LabelRef(rectified))
	zero := p.vec()
	p.zero(zero)
	for i := range acc {
		for _, x := range acc[i] {
			p.max(x, zero, x)
		}
	}
	p.Label(rectified)
	p.beside(acc)
	c := p.rows(p.c, p.strideArg("CRow"), len(acc))
	for i := range acc {
		for v, x := range acc[i] {
			p.storeVector(v, x, c.at(i).Offset(v*p.width()))
		}
	}
}

// beside zeros the accumulators where the matrix beside C is not positive, or
// adds its multiple, and moves on to what is beside the next tile.
func (p *panel) beside(acc [][]reg.VecVirtual) {
	add, moved, done := p.label("add"), p.label("moved"), p.label("alone")
	first := p.arg("Scratch")
	p.TESTQ(first, first)
	p.JZ(LabelRef(done))
	d := p.rows(first, p.strideArg("BesideRow"), len(acc))
	each := func(op func(d, x reg.VecVirtual)) {
		loaded := p.vec()
		for i := range acc {
			for v, x := range acc[i] {
				p.loadVector(v, d.at(i).Offset(v*p.width()), loaded)
				op(loaded, x)
			}
		}
	}
	mask := p.Load(p.field("Mask"), p.GP8())
	p.TESTB(mask, mask)
	p.JZ(LabelRef(add))
	zero := p.vec()
	p.zero(zero)
	each(func(d, x reg.VecVirtual) { p.keepPositive(d, x, zero, x) })
	p.JMP(LabelRef(moved))
	p.Label(add)
	scale := p.everywhereOf(p.field("Scale"))
	each(func(d, x reg.VecVirtual) { p.fma(scale, d, x) })
	p.Label(moved)
	for range len(acc) {
		p.ADDQ(d.stride, first)
	}
	p.Store(first, p.field("Scratch"))
	p.Label(done)
}

// beginBeside sets the kernel's scratch to where the first tile begins in the matrix
// beside C, 0 if there is none.
func (t *target) beginBeside() { t.Store(t.sliceArg("Beside"), t.field("Scratch")) }

func (p *panel) storeVector(v int, src Op, m Mem) {
	if p.last != nil && v == p.vectors-1 {
		p.storeTail(*p.last, src, m)
	} else {
		p.store(src, m)
	}
}

func (p *panel) loadVector(v int, m Mem, dst Op) {
	if p.last != nil && v == p.vectors-1 {
		p.loadTail(*p.last, m, dst)
	} else {
		p.load(m, dst)
	}
}

// loop repeats step k times, unrolled.
func (t *target) loop(k reg.GPVirtual, unroll int, step func()) {
	rest, done := t.label("rest"), t.label("done")
	if unroll > 1 {
		again := t.label("unrolled")
		t.SUBQ(U32(unroll), k)
		t.JL(LabelRef(rest))
		t.align()
		t.Label(again)
		for range unroll {
			step()
		}
		t.SUBQ(U32(unroll), k)
		t.JGE(LabelRef(again))
		t.Label(rest)
		t.ADDQ(U32(unroll), k)
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
	stride   reg.Register
	pointers []reg.GPVirtual
}

func (t *target) rows(first, stride reg.Register, n int) rows {
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
func (r rows) advance(d reg.Register) {
	for _, p := range r.pointers {
		r.ADDQ(d, p)
	}
}
