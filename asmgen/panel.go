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
	last := t.maskOf(lanes)
	t.panel(heights, vectors, last)
}

// panel generates a walk down a panel of C: tiles of the tallest height while
// they fit, then lower ones.
func (t *target) panel(heights []int, vectors int, last mask) {
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
	last             mask // of the last vector, if it is cut
	m, a, c          reg.Register
	aRow, aCol, bRow reg.Register
}

// beginBeside sets the kernel's scratch to where the first tile begins in the matrix
// beside C, 0 if there is none.
func (t *target) beginBeside() { t.Store(t.sliceArg("Beside"), t.field("Scratch")) }
