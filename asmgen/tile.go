package main

import (
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile generates the micro-kernel for a tile of h rows: it starts the chains, runs them
// over k, ends them, and moves a and c to the rows below.
func (p *panel) tile(h int) {
	acc := make([][]reg.VecVirtual, h)
	for i := range acc {
		acc[i] = p.t.vecs(p.vectors)
	}
	packed := tileRows[p.t.level]
	p.fetches = p.t.level != neon && p.vectors > 1 && h == packed
	p.begin(acc)

	a := []rows{p.t.rows(p.a, p.aRow, min(h, packed))}
	if h > packed {
		second := p.t.strideArg("ATile")
		p.t.ADDQ(p.a, second)
		a = append(a, p.t.rows(second, p.aRow, packed))
	}
	unroll := 1
	if h >= packed {
		unroll = 2
	}
	p.multiply(func() reg.GPVirtual { return p.t.arg("K") }, unroll, a, p.t.sliceArg("B"), acc)

	p.finish(acc)
	if h >= packed {
		for range a {
			p.t.ADDQ(p.t.strideArg("ATile"), p.a)
		}
	} else {
		for range h {
			p.t.ADDQ(p.aRow, p.a)
		}
	}
	below := p.t.strideArg("CRow")
	p.t.IMUL3Q(U32(h), below, below)
	p.t.ADDQ(below, p.c)
}

// begin sets the accumulators to 0, C or β·C.
func (p *panel) begin(acc [][]reg.VecVirtual) {
	zero, begun, alone := p.t.label("zero"), p.t.label("begun"), p.t.label("alone")
	fetch := func(row, stride reg.Register, far bool) {
		next := p.t.GP64()
		p.t.MOVQ(row, next)
		for i := range acc {
			m := Mem{Base: next}
			if i%2 == 1 {
				m.Index, m.Scale = stride, 1
			}
			p.fetchRow(m, far)
			if i%2 == 1 && i < len(acc)-1 {
				p.t.LEAQ(Mem{Base: next, Index: stride, Scale: 2}, next)
			}
		}
	}
	// What is beside the tile of C is needed at the end, and so is the tile if its chains begin
	// at 0. Chains that begin in C need it now: fetch the tile below, which is next. A panel of B
	// passes through the first level until then: where C is fetched again later, let it come
	// no nearer than the second. Squares of 1536 gain 6% from a fetch so early on a Zen 5.
	beside := p.t.arg("Scratch")
	p.t.TESTQ(beside, beside)
	p.t.JZ(LabelRef(alone))
	fetch(beside, p.t.strideArg("BesideRow"), false)
	p.t.Label(alone)
	cRow := p.t.strideArg("CRow")
	start := p.t.arg("Start")
	p.t.TESTQ(start, start)
	p.t.JZ(LabelRef(zero))
	fetch(p.below(len(acc), cRow), cRow, p.fetches)
	c := p.t.rows(p.c, cRow, len(acc))
	for i := range acc {
		for v := range acc[i] {
			p.loadVector(v, c.at(i).Offset(v*p.t.width()), acc[i][v])
		}
	}
	p.t.CMPQ(start, U32(1))
	p.t.JE(LabelRef(begun))
	beta := p.t.everywhereOf(p.t.field("Beta"))
	for i := range acc {
		for _, x := range acc[i] {
			p.t.mul(beta, x, x)
		}
	}
	p.t.JMP(LabelRef(begun))
	p.t.Label(zero)
	if !p.fetches {
		fetch(p.c, cRow, false)
	}
	for i := range acc {
		for _, x := range acc[i] {
			p.t.zero(x)
		}
	}
	p.t.Label(begun)
}

// below returns the address of the elements of C below a tile of h rows.
func (p *panel) below(h int, cRow reg.Register) reg.GPVirtual {
	below := p.t.GP64()
	p.t.IMUL3Q(U32(h), cRow, below)
	p.t.ADDQ(p.c, below)
	return below
}

// fetchRow fetches a row of the tile to the first level, or to the second if it is needed later.
func (p *panel) fetchRow(m Mem, far bool) {
	for v := range p.vectors {
		if p.t.width() < 32 && 0 < v && v < p.vectors-1 {
			continue // in the line of the vector before or after it
		}
		if far {
			p.t.PREFETCHT1(m.Offset(v * p.t.width()))
		} else {
			p.t.PREFETCHT0(m.Offset(v * p.t.width()))
		}
	}
}

// finish applies the epilogue to the accumulators, bias, ReLU and the matrix beside C as
// far as they are asked for, and stores them.
func (p *panel) finish(acc [][]reg.VecVirtual) {
	added, rectified := p.t.label("added"), p.t.label("rectified")
	bias := p.t.sliceArg("Bias")
	p.t.TESTQ(bias, bias)
	p.t.JZ(LabelRef(added))
	for v := range p.vectors {
		b := p.t.vec()
		p.loadVector(v, Mem{Base: bias, Disp: v * p.t.width()}, b)
		for i := range acc {
			p.t.add(b, acc[i][v], acc[i][v])
		}
	}
	p.t.Label(added)
	relu := p.t.Load(p.t.field("ReLU"), p.t.GP8())
	p.t.TESTB(relu, relu)
	p.t.JZ(LabelRef(rectified))
	zero := p.t.vec()
	p.t.zero(zero)
	for i := range acc {
		for _, x := range acc[i] {
			p.t.max(x, zero, x)
		}
	}
	p.t.Label(rectified)
	stored := p.t.label("stored")
	p.beside(acc, stored)
	c := p.t.rows(p.c, p.t.strideArg("CRow"), len(acc))
	for i := range acc {
		for v, x := range acc[i] {
			p.storeVector(v, x, c.at(i).Offset(v*p.t.width()))
		}
	}
	p.t.Label(stored)
}

// beside sets the accumulators to 0 where the matrix beside C is not positive, or adds a
// multiple of it, and moves on to the elements beside the next tile. If it adds a multiple
// of the accumulators to that matrix, it then goes to stored.
func (p *panel) beside(acc [][]reg.VecVirtual, stored string) {
	add, added, moved, done := p.t.label("add"), p.t.label("added"), p.t.label("moved"), p.t.label("alone")
	first := p.t.arg("Scratch")
	p.t.TESTQ(first, first)
	p.t.JZ(LabelRef(done))
	d := p.t.rows(first, p.t.strideArg("BesideRow"), len(acc))
	each := func(op func(d, x reg.VecVirtual, v int, m Mem)) {
		loaded := p.t.vec()
		for i := range acc {
			for v, x := range acc[i] {
				m := d.at(i).Offset(v * p.t.width())
				p.loadVector(v, m, loaded)
				op(loaded, x, v, m)
			}
		}
	}
	next := func() {
		for range len(acc) {
			p.t.ADDQ(d.stride, first)
		}
		p.t.Store(first, p.t.field("Scratch"))
	}
	mask := p.t.Load(p.t.field("Mask"), p.t.GP8())
	p.t.TESTB(mask, mask)
	p.t.JZ(LabelRef(add))
	zero := p.t.vec()
	p.t.zero(zero)
	each(func(d, x reg.VecVirtual, _ int, _ Mem) { p.t.keepPositive(d, x, zero, x) })
	p.t.JMP(LabelRef(moved))
	p.t.Label(add)
	p.t.isZero(p.t.field("Scale"))
	p.t.JZ(LabelRef(added))
	scale := p.t.everywhereOf(p.t.field("Scale"))
	each(func(d, x reg.VecVirtual, _ int, _ Mem) { p.t.fma(scale, d, x) })
	p.t.Label(added)
	p.t.isZero(p.t.field("Rate"))
	p.t.JZ(LabelRef(moved))
	rate := p.t.everywhereOf(p.t.field("Rate"))
	each(func(d, x reg.VecVirtual, v int, m Mem) {
		if sum := p.t.horner(d, rate, x); sum != x {
			p.t.move(sum, x)
		}
		if p.back == nil {
			p.storeVector(v, x, m)
		}
	})
	if p.back != nil { // vectors overlap, so all are loaded before one is stored
		for i := range acc {
			for v, x := range acc[i] {
				p.storeVector(v, x, d.at(i).Offset(v*p.t.width()))
			}
		}
	}
	next()
	p.t.JMP(LabelRef(stored))
	p.t.Label(moved)
	next()
	p.t.Label(done)
}

// storeVector and loadVector store and load vector v of a row, the last one masked, or where
// it overlaps the one before. m is where it is if it does not.
func (p *panel) storeVector(v int, src Op, m Mem) {
	switch last := v == p.vectors-1; {
	case last && p.back != nil:
		p.moveBack(src, m)
	case last && p.last != nil:
		p.t.storeMasked(p.last, src, m)
	default:
		p.t.store(src, m)
	}
}

func (p *panel) loadVector(v int, m Mem, dst Op) {
	switch last := v == p.vectors-1; {
	case last && p.back != nil:
		p.moveBack(m, dst)
	case last && p.last != nil:
		p.t.loadMasked(p.last, m, dst)
	default:
		p.t.load(m, dst)
	}
}

// moveBack is load or store, with back added to the address, which may have an index
// besides: the back end has registers for it that avo has not.
func (p *panel) moveBack(src, dst Op) {
	i := &ir.Instruction{
		Opcode: either(p.t, "VMOVBACKPS", "VMOVBACKPD"), Operands: []Op{src, p.back, dst},
		Inputs: []Op{src, p.back},
	}
	if _, stores := dst.(Mem); stores {
		i.Inputs = append(i.Inputs, dst)
	} else {
		i.Outputs = []Op{dst}
	}
	p.t.Instruction(i)
}

// multiply generates the loop over k, whose steps are loaded by the function k. Each of a
// addresses as many rows. Where the last vector has a mask, there is a loop that loads whole
// vectors of B, for when it may: on Intel's processors a masked load takes a turn of the units
// that multiply, 4% of the time of a tile of 8×3.
func (p *panel) multiply(k func() reg.GPVirtual, unroll int, a []rows, b reg.GPVirtual, acc [][]reg.VecVirtual) {
	if p.whole != nil {
		masked, done := p.t.label("masked"), p.t.label("multiplied")
		p.t.KORTESTW(p.whole, p.whole)
		p.t.JEQ(LabelRef(masked))
		q := *p
		q.last, q.whole = nil, nil
		q.multiply(k, unroll, a, b, acc)
		p.t.JMP(LabelRef(done))
		p.t.Label(masked)
		defer p.t.Label(done)
	}
	bv, each := p.t.vecs(p.vectors), len(acc)/len(a)
	loop := func(step func()) {
		advance := func() {
			for v := range bv {
				p.loadVector(v, Mem{Base: b, Disp: v * p.t.width()}, bv[v])
			}
			p.t.ADDQ(p.bRow, b)
			step()
		}
		if p.fetches {
			p.loopWithFetches(k(), len(acc), advance)
		} else {
			p.t.loop(k(), unroll, advance)
		}
	}
	var done string
	if p.t.level == neon && len(acc) > 1 {
		var apart string
		apart, done = p.t.label("apart"), p.t.label("multiplied")
		p.t.CMPQ(p.aRow, U32(p.t.size()))
		p.t.JNE(LabelRef(apart))
		loop(func() { p.stepByLanes(a, bv, acc) })
		p.t.JMP(LabelRef(done))
		p.t.Label(apart)
	}
	av := p.t.vec()
	loop(func() {
		for i := range acc {
			x := a[i/each].at(i % each)
			switch {
			case p.t.level == neon:
				p.t.loadFirst(x, av)
				for v := range bv {
					p.t.fmaLane(0, av, bv[v], acc[i][v])
				}
			case p.vectors == 1 && p.t.level == avx512:
				// The element is used only once: the multiply-add broadcasts it itself.
				p.t.fmaBroadcast(x, bv[0], acc[i][0])
			default:
				p.t.broadcast(x, av)
				for v := range bv {
					p.t.fma(av, bv[v], acc[i][v])
				}
			}
		}
		for _, r := range a {
			r.advance(p.aCol)
		}
	})
	if done != "" {
		p.t.Label(done)
	}
}

// lateSteps is in how many of the last steps a row of C is fetched.
const lateSteps = 8

// loopWithFetches runs step k times, for a tile of h rows. Meanwhile it fetches a part of the
// next panel of B to the second-level cache, and at last C to the first: this tile if its chains
// begin at 0, else the one below. A Sapphire Rapids core multiplies matrices of 88×1024 and
// 1024×768 8% faster with these fetches: nothing else asks in time for a B in the last level.
func (p *panel) loopWithFetches(k reg.GPVirtual, h int, step func()) {
	again, rest, begun, last, done := p.t.label("unrolled"), p.t.label("rest"), p.t.label("started"), p.t.label("step"), p.t.label("done")
	ahead, stride := p.t.arg("Ahead"), p.t.arg("NextStride")
	p.t.SUBQ(U32(2+lateSteps), k)
	p.t.JL(LabelRef(rest))
	p.t.align()
	p.t.Label(again)
	step()
	step()
	p.t.PREFETCHT1(Mem{Base: ahead})
	p.t.ADDQ(stride, ahead)
	p.t.SUBQ(U32(2), k)
	p.t.JGE(LabelRef(again))
	p.t.Store(ahead, p.t.field("Ahead"))
	p.t.Label(rest)
	p.t.ADDQ(U32(2+lateSteps), k)
	p.t.JZ(LabelRef(done))
	soon, cRow := p.t.GP64(), p.t.strideArg("CRow")
	p.t.MOVQ(p.c, soon)
	start := p.t.arg("Start")
	p.t.TESTQ(start, start)
	p.t.JZ(LabelRef(begun))
	p.t.MOVQ(p.below(h, cRow), soon)
	p.t.Label(begun)
	p.t.Label(last)
	step()
	p.fetchRow(Mem{Base: soon}, false)
	p.t.ADDQ(cRow, soon)
	p.t.DECQ(k)
	p.t.JNZ(LabelRef(last))
	p.t.Label(done)
}

// stepByLanes advances the chains by a step of k for rows of A whose elements lie one after
// the other: the multiply-adds take them from lanes.
func (p *panel) stepByLanes(a []rows, b []reg.VecVirtual, acc [][]reg.VecVirtual) {
	each, lanes := len(acc)/len(a), p.t.lanes()
	elements := make([]reg.VecVirtual, (len(acc)+lanes-1)/lanes)
	for i := range elements {
		elements[i] = p.t.vec()
		row := i * lanes
		from := Mem{Base: a[row/each].pointers[0], Disp: row % each * p.t.size()}
		if len(acc) < lanes { // two of four
			p.t.VMOVSD(from, elements[i])
		} else {
			p.t.load(from, elements[i])
		}
	}
	for _, r := range a {
		p.t.ADDQ(p.aCol, r.pointers[0])
	}
	for i := range acc {
		for v := range b {
			p.t.fmaLane(i%lanes, elements[i/lanes], b[v], acc[i][v])
		}
	}
}

// rows addresses rows that are a stride apart. It has a pointer for every third row,
// since an address can add its index register once or twice, but not three times.
type rows struct {
	t        *target
	stride   reg.Register
	pointers []reg.GPVirtual
}

func (t *target) rows(first, stride reg.Register, n int) rows {
	r := rows{t: t, stride: stride}
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

// advance moves every row by d bytes.
func (r rows) advance(d reg.Register) {
	for _, p := range r.pointers {
		r.t.ADDQ(d, p)
	}
}
