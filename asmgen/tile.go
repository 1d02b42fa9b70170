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
		acc[i] = p.vecs(p.vectors)
	}
	packed := tileRows[p.level]
	p.fetches = p.level != neon && p.vectors > 1 && h == packed
	p.begin(acc)

	a := []rows{p.rows(p.a, p.aRow, min(h, packed))}
	if h > packed {
		second := p.strideArg("ATile")
		p.ADDQ(p.a, second)
		a = append(a, p.rows(second, p.aRow, packed))
	}
	unroll := 1
	if h >= packed {
		unroll = 2
	}
	p.multiply(func() reg.GPVirtual { return p.arg("K") }, unroll, a, p.sliceArg("B"), acc)

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
	zero, begun, alone := p.label("zero"), p.label("begun"), p.label("alone")
	fetch := func(row, stride reg.Register, far bool) {
		next := p.GP64()
		p.MOVQ(row, next)
		for i := range acc {
			m := Mem{Base: next}
			if i%2 == 1 {
				m.Index, m.Scale = stride, 1
			}
			p.fetchRow(m, far)
			if i%2 == 1 && i < len(acc)-1 {
				p.LEAQ(Mem{Base: next, Index: stride, Scale: 2}, next)
			}
		}
	}
	// What is beside the tile of C is needed at the end, and so is the tile if its chains begin
	// at 0. Chains that begin in C need it now: fetch the tile below, which is next. A panel of B
	// passes through the first level until then: where C is fetched again later, let it come
	// no nearer than the second. Squares of 1536 gain 6% from a fetch so early on a Zen 5.
	beside := p.arg("Scratch")
	p.TESTQ(beside, beside)
	p.JZ(LabelRef(alone))
	fetch(beside, p.strideArg("BesideRow"), false)
	p.Label(alone)
	cRow := p.strideArg("CRow")
	start := p.arg("Start")
	p.TESTQ(start, start)
	p.JZ(LabelRef(zero))
	fetch(p.below(len(acc), cRow), cRow, p.fetches)
	c := p.rows(p.c, cRow, len(acc))
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
	if !p.fetches {
		fetch(p.c, cRow, false)
	}
	for i := range acc {
		for _, x := range acc[i] {
			p.zero(x)
		}
	}
	p.Label(begun)
}

// below returns the address of the elements of C below a tile of h rows.
func (p *panel) below(h int, cRow reg.Register) reg.GPVirtual {
	below := p.GP64()
	p.IMUL3Q(U32(h), cRow, below)
	p.ADDQ(p.c, below)
	return below
}

// fetchRow fetches a row of the tile to the first level, or to the second if it is needed later.
func (p *panel) fetchRow(m Mem, far bool) {
	for v := range p.vectors {
		if p.width() < 32 && 0 < v && v < p.vectors-1 {
			continue // in the line of the vector before or after it
		}
		if far {
			p.PREFETCHT1(m.Offset(v * p.width()))
		} else {
			p.PREFETCHT0(m.Offset(v * p.width()))
		}
	}
}

// finish applies the epilogue to the accumulators, bias, ReLU and the matrix beside C as
// far as they are asked for, and stores them.
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
	stored := p.label("stored")
	p.beside(acc, stored)
	c := p.rows(p.c, p.strideArg("CRow"), len(acc))
	for i := range acc {
		for v, x := range acc[i] {
			p.storeVector(v, x, c.at(i).Offset(v*p.width()))
		}
	}
	p.Label(stored)
}

// beside sets the accumulators to 0 where the matrix beside C is not positive, or adds a
// multiple of it, and moves on to the elements beside the next tile. If it adds a multiple
// of the accumulators to that matrix, it then goes to stored.
func (p *panel) beside(acc [][]reg.VecVirtual, stored string) {
	add, added, moved, done := p.label("add"), p.label("added"), p.label("moved"), p.label("alone")
	first := p.arg("Scratch")
	p.TESTQ(first, first)
	p.JZ(LabelRef(done))
	d := p.rows(first, p.strideArg("BesideRow"), len(acc))
	each := func(op func(d, x reg.VecVirtual, v int, m Mem)) {
		loaded := p.vec()
		for i := range acc {
			for v, x := range acc[i] {
				m := d.at(i).Offset(v * p.width())
				p.loadVector(v, m, loaded)
				op(loaded, x, v, m)
			}
		}
	}
	next := func() {
		for range len(acc) {
			p.ADDQ(d.stride, first)
		}
		p.Store(first, p.field("Scratch"))
	}
	mask := p.Load(p.field("Mask"), p.GP8())
	p.TESTB(mask, mask)
	p.JZ(LabelRef(add))
	zero := p.vec()
	p.zero(zero)
	each(func(d, x reg.VecVirtual, _ int, _ Mem) { p.keepPositive(d, x, zero, x) })
	p.JMP(LabelRef(moved))
	p.Label(add)
	p.isZero(p.field("Scale"))
	p.JZ(LabelRef(added))
	scale := p.everywhereOf(p.field("Scale"))
	each(func(d, x reg.VecVirtual, _ int, _ Mem) { p.fma(scale, d, x) })
	p.Label(added)
	p.isZero(p.field("Rate"))
	p.JZ(LabelRef(moved))
	rate := p.everywhereOf(p.field("Rate"))
	each(func(d, x reg.VecVirtual, v int, m Mem) {
		if sum := p.horner(d, rate, x); sum != x {
			p.move(sum, x)
		}
		if p.back == nil {
			p.storeVector(v, x, m)
		}
	})
	if p.back != nil { // vectors overlap, so all are loaded before one is stored
		for i := range acc {
			for v, x := range acc[i] {
				p.storeVector(v, x, d.at(i).Offset(v*p.width()))
			}
		}
	}
	next()
	p.JMP(LabelRef(stored))
	p.Label(moved)
	next()
	p.Label(done)
}

// storeVector and loadVector store and load vector v of a row, the last one masked, or where
// it overlaps the one before. m is where it is if it does not.
func (p *panel) storeVector(v int, src Op, m Mem) {
	switch last := v == p.vectors-1; {
	case last && p.back != nil:
		p.moveBack(src, m)
	case last && p.last != nil:
		p.storeMasked(p.last, src, m)
	default:
		p.store(src, m)
	}
}

func (p *panel) loadVector(v int, m Mem, dst Op) {
	switch last := v == p.vectors-1; {
	case last && p.back != nil:
		p.moveBack(m, dst)
	case last && p.last != nil:
		p.loadMasked(p.last, m, dst)
	default:
		p.load(m, dst)
	}
}

// moveBack is load or store, with back added to the address, which may have an index
// besides: the back end has registers for it that avo has not.
func (p *panel) moveBack(src, dst Op) {
	i := &ir.Instruction{
		Opcode: either(p.target, "VMOVBACKPS", "VMOVBACKPD"), Operands: []Op{src, p.back, dst},
		Inputs: []Op{src, p.back},
	}
	if _, stores := dst.(Mem); stores {
		i.Inputs = append(i.Inputs, dst)
	} else {
		i.Outputs = []Op{dst}
	}
	p.Instruction(i)
}

// multiply generates the loop over k, whose steps are loaded by the function k. Each of a
// addresses as many rows. Where the last vector has a mask, there is a loop that loads whole
// vectors of B, for when it may: on Intel's processors a masked load takes a turn of the units
// that multiply, 4% of the time of a tile of 8×3.
func (p *panel) multiply(k func() reg.GPVirtual, unroll int, a []rows, b reg.GPVirtual, acc [][]reg.VecVirtual) {
	if p.whole != nil {
		masked, done := p.label("masked"), p.label("multiplied")
		p.KORTESTW(p.whole, p.whole)
		p.JEQ(LabelRef(masked))
		q := *p
		q.last, q.whole = nil, nil
		q.multiply(k, unroll, a, b, acc)
		p.JMP(LabelRef(done))
		p.Label(masked)
		defer p.Label(done)
	}
	bv, each := p.vecs(p.vectors), len(acc)/len(a)
	loop := func(step func()) {
		advance := func() {
			for v := range bv {
				p.loadVector(v, Mem{Base: b, Disp: v * p.width()}, bv[v])
			}
			p.ADDQ(p.bRow, b)
			step()
		}
		if p.fetches {
			p.loopWithFetches(k(), len(acc), advance)
		} else {
			p.loop(k(), unroll, advance)
		}
	}
	var done string
	if p.level == neon && len(acc) > 1 {
		var apart string
		apart, done = p.label("apart"), p.label("multiplied")
		p.CMPQ(p.aRow, U32(p.size()))
		p.JNE(LabelRef(apart))
		loop(func() { p.stepByLanes(a, bv, acc) })
		p.JMP(LabelRef(done))
		p.Label(apart)
	}
	av := p.vec()
	loop(func() {
		for i := range acc {
			x := a[i/each].at(i % each)
			switch {
			case p.level == neon:
				p.loadFirst(x, av)
				for v := range bv {
					p.fmaLane(0, av, bv[v], acc[i][v])
				}
			case p.vectors == 1 && p.level == avx512:
				// The element is used only once: the multiply-add broadcasts it itself.
				p.fmaBroadcast(x, bv[0], acc[i][0])
			default:
				p.broadcast(x, av)
				for v := range bv {
					p.fma(av, bv[v], acc[i][v])
				}
			}
		}
		for _, r := range a {
			r.advance(p.aCol)
		}
	})
	if done != "" {
		p.Label(done)
	}
}

// lateSteps is in how many of the last steps a row of C is fetched.
const lateSteps = 8

// loopWithFetches runs step k times, for a tile of h rows. Meanwhile it fetches a part of the
// next panel of B to the second-level cache, and at last C to the first: this tile if its chains
// begin at 0, else the one below. A Sapphire Rapids core multiplies matrices of 88×1024 and
// 1024×768 8% faster with these fetches: nothing else asks in time for a B in the last level.
func (p *panel) loopWithFetches(k reg.GPVirtual, h int, step func()) {
	again, rest, begun, last, done := p.label("unrolled"), p.label("rest"), p.label("started"), p.label("step"), p.label("done")
	ahead, stride := p.arg("Ahead"), p.arg("NextStride")
	p.SUBQ(U32(2+lateSteps), k)
	p.JL(LabelRef(rest))
	p.align()
	p.Label(again)
	step()
	step()
	p.PREFETCHT1(Mem{Base: ahead})
	p.ADDQ(stride, ahead)
	p.SUBQ(U32(2), k)
	p.JGE(LabelRef(again))
	p.Store(ahead, p.field("Ahead"))
	p.Label(rest)
	p.ADDQ(U32(2+lateSteps), k)
	p.JZ(LabelRef(done))
	soon, cRow := p.GP64(), p.strideArg("CRow")
	p.MOVQ(p.c, soon)
	start := p.arg("Start")
	p.TESTQ(start, start)
	p.JZ(LabelRef(begun))
	p.MOVQ(p.below(h, cRow), soon)
	p.Label(begun)
	p.Label(last)
	step()
	p.fetchRow(Mem{Base: soon}, false)
	p.ADDQ(cRow, soon)
	p.DECQ(k)
	p.JNZ(LabelRef(last))
	p.Label(done)
}

// stepByLanes advances the chains by a step of k for rows of A whose elements lie one after
// the other: the multiply-adds take them from lanes.
func (p *panel) stepByLanes(a []rows, b []reg.VecVirtual, acc [][]reg.VecVirtual) {
	each, lanes := len(acc)/len(a), p.lanes()
	elements := make([]reg.VecVirtual, (len(acc)+lanes-1)/lanes)
	for i := range elements {
		elements[i] = p.vec()
		row := i * lanes
		from := Mem{Base: a[row/each].pointers[0], Disp: row % each * p.size()}
		if len(acc) < lanes { // two of four
			p.VMOVSD(from, elements[i])
		} else {
			p.load(from, elements[i])
		}
	}
	for _, r := range a {
		p.ADDQ(p.aCol, r.pointers[0])
	}
	for i := range acc {
		for v := range b {
			p.fmaLane(i%lanes, elements[i/lanes], b[v], acc[i][v])
		}
	}
}

// rows addresses rows that are a stride apart. It has a pointer for every third row,
// since an address can add its index register once or twice, but not three times.
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

// advance moves every row by d bytes.
func (r rows) advance(d reg.Register) {
	for _, p := range r.pointers {
		r.ADDQ(d, p)
	}
}
