package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileRows is the height of a tile in rows, for which A is packed, and tileVectors its
// largest width in vectors.
//
// For a tile of r rows and v vectors, a step of k is r·v multiply-adds, v loads of B and
// r broadcasts of elements of A, which are loads too. Three things bound the tile.
// Processors start two multiply-adds and two loads in a cycle, so r + v must not exceed
// r·v. A multiply-add takes four or five cycles, and those of one accumulator wait for
// each other, so r·v must be ten or more for two to start in every cycle. And r·v
// accumulators, v vectors of B, an element of A and, at AVX2, a mask must fit in the
// registers:
//
//	          r × v   registers     loads per multiply-add   cycles per step
//	AVX2      6 × 2   16 of 16      8/12 = 0.67              6
//	          4 × 3   17 of 16      7/12 = 0.58              does not fit
//	AVX-512   8 × 3   28 of 32      11/24 = 0.46             12
//	          14 × 2  31 of 32      16/28 = 0.57             14
//	          5 × 5   31 of 32      10/25 = 0.40             12.5
//	NEON      8 × 3   31 of 32      7/24 = 0.29             12
//	          6 × 4   31 of 32      7/24 = 0.29             12
//
// At AVX-512, 14×2 needs more loads, and 5×5 has panels of 80 floats, which few layers
// fill. At NEON a multiply-add takes its element of A from a lane, so that one load brings
// 2 elements of a packed A, r/2 in all (4 and r/4 for float32, where 8×3 needs 5 loads and 29
// registers). Both tiles have 24 chains, enough for four pipes of four cycles. 8 rows are
// whole vectors of A also for float32, and panels of 3 vectors are narrower: 12 and 6 columns.
var (
	tileRows    = map[level]int{avx2: 6, avx512: 8, neon: 8}
	tileVectors = map[level]int{avx2: 2, avx512: 3, neon: 3}
)

// heights returns the heights of the tiles that a panel of C is cut into, the tallest
// first. Those of 5 and more repeat; the rows that they leave go in lower tiles, which the
// latency of multiply-adds bounds: with v = 2, a tile of 4 rows has 8 chains instead of
// ten, one of 2 rows 4, one of 1 row 2. Heights that halve make such tiles few. The 5 at
// AVX-512 is for the last 9 or 10 rows of an A that is read in place: two tiles of 5 and
// 4 or 5 rows have more chains each than a tile of 1 or 2 rows after one of 8.
func (t *target) heights() []int {
	return map[level][]int{avx2: {6, 4, 2, 1}, avx512: {8, 5, 4, 2, 1}, neon: {8, 4, 2, 1}}[t.level]
}

// panelKernel generates the panel kernel for two vectors, at AVX2 with code for a last
// vector that is whole and for one that is masked. At AVX-512 masks cost little, and the
// last vector always has one. Columns that fit in one vector, or need three, have functions
// of their own.
func panelKernel(t *target) {
	t.panelFunction()
	n := t.arg("N")
	wide := t.label("wide")
	t.CMPQ(n, U32(t.lanes()))
	t.JG(LabelRef(wide))
	if least, apart := wholeVector[t.level]; apart {
		whole := t.label("whole")
		t.CMPQ(n, U32(least(t.lanes())))
		t.JGE(LabelRef(whole))
		t.tailCall(symbol("panelPart", t.elem))
		t.Label(whole)
	}
	t.tailCall(symbol("panelNarrow", t.elem))
	t.Label(wide)
	t.threeElsewhere(n, "panel")
	t.beginBeside()
	t.beginNext()
	t.panels(n, t.heights(), 2)
}

func panelWide(t *target) {
	t.panelFunction("N must exceed the lanes of two vectors.")
	t.beginBeside()
	t.beginNext()
	t.panels(t.arg("N"), t.heights(), 3)
}

// threeElsewhere calls the function of an operation for three vectors, which is apart so
// that files are not too long, if n elements need them. It returns how many vectors the
// others need at most.
func (t *target) threeElsewhere(n reg.GPVirtual, operation string) int {
	if tileVectors[t.level] == 3 {
		here := t.label("here")
		t.CMPQ(n, U32(2*t.lanes()))
		t.JLE(LabelRef(here))
		t.tailCall(symbol(operation+"Wide", t.elem))
		t.Label(here)
	}
	return 2
}

// panelNarrow generates the panel kernel for columns that fit in one vector. With v = 1,
// a step has r multiply-adds and r+1 loads: loads bound it, at (r+1)/2 cycles, and the
// latency does where r, the number of chains, is less than ten. So its tallest tile has
// twice the height for which A is packed: 12 or 16 chains, in 15 of 16 registers at AVX2
// and 18 of 32 at AVX-512. There the multiply-add broadcasts its element of A itself.
// Columns that fit in a part of a vector have a function of their own.
func panelNarrow(t *target) {
	if t.level == neon {
		t.panelFunction("N must be the lanes of a vector.")
		t.beginBeside()
		(&panel{t: t, vectors: 1}).walk(t.narrowHeights())
		return
	}
	t.panelFunction("N must not exceed the lanes of a vector.")
	t.beginBeside()
	t.panels(t.arg("N"), t.narrowHeights(), 1)
}

// wholeVector has the least number of columns that go to panelNarrow and not to panelPart.
var wholeVector = map[level]func(lanes int) int{
	avx512: func(lanes int) int { return lanes/2 + 1 },
	neon:   func(lanes int) int { return lanes },
}

func (t *target) narrowHeights() []int { return append([]int{2 * tileRows[t.level]}, t.heights()...) }

// panelPart generates the panel kernel for columns that fit in half a vector of AVX-512, which
// is loaded faster, or do not fill one of NEON. There, masks make it so slow that it does
// without the tallest tile, which is much code.
func panelPart(t *target) {
	if t.level == neon {
		t.panelFunction("N must be less than the lanes of a vector.")
		t.beginBeside()
		t.lastOf(t.arg("N"), 1).walk(t.heights())
		return
	}
	t.panelFunction("N must not exceed the lanes of half a vector.")
	t.beginBeside()
	half := *t
	half.half = true
	half.panels(t.arg("N"), t.narrowHeights(), 1)
}

// panels generates the walk down a panel of C for a number of vectors.
func (t *target) panels(n reg.GPVirtual, heights []int, vectors int) {
	t.eachLast(n, vectors, func(p *panel) {
		p.wholeOf(n, true)
		p.walk(heights)
	})
}

// eachLast generates code for rows of n elements in a number of vectors. At AVX-512 the last
// one has a mask; at AVX2 there is code with and without one. At NEON, where masks take many
// instructions, the last of several vectors ends where the row ends, and overlaps the one
// before: what they have in common is computed twice, to the same bits.
func (t *target) eachLast(n reg.GPVirtual, vectors int, code func(p *panel)) {
	if t.level == avx2 || t.level == neon && vectors == 1 {
		masked := t.label("masked")
		t.CMPQ(n, U32(vectors*t.lanes()))
		t.JL(LabelRef(masked))
		code(&panel{t: t, vectors: vectors})
		t.Label(masked)
	}
	lanes := t.GP64()
	t.LEAQ(Mem{Base: n, Disp: -(vectors - 1) * t.lanes()}, lanes)
	code(t.lastOf(lanes, vectors))
}

// lastOf returns a panel whose last vector has some lanes.
func (t *target) lastOf(lanes reg.GPVirtual, vectors int) *panel {
	p := &panel{t: t, vectors: vectors}
	if t.level == neon && vectors > 1 {
		p.back = reg.R10
		t.LEAQ(Mem{Base: lanes, Disp: -t.lanes()}, p.back)
		t.inBytes(p.back)
	} else {
		p.last = t.maskOf(lanes)
	}
	return p
}

// wholeOf tells, where the last vector has a mask, when whole vectors of B may be loaded all
// the same: if n elements fill them, or, of a panel that may be padded, if the arguments say so.
func (p *panel) wholeOf(n reg.GPVirtual, padded bool) {
	if p.t.level != avx512 {
		return
	}
	whole := p.t.GP64()
	p.t.XORL(whole.As32(), whole.As32())
	p.t.CMPQ(n, U32(p.vectors*p.t.lanes()))
	p.t.SETEQ(whole.As8())
	if padded {
		p.t.ORB(p.t.Load(p.t.field("Padded"), p.t.GP8()), whole.As8())
	}
	p.whole = p.t.K()
	p.t.KMOVW(whole.As32(), p.whole)
}

// walk generates a walk down a panel of C: tiles of the tallest height while they fit,
// then lower ones.
func (p *panel) walk(heights []int) {
	t := p.t
	// These live through the whole walk. Given any registers, they would spread so that
	// avo's allocator finds none for the others.
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
			// So many rows, 2 KB apart, would contend for two sets of the first-level cache.
			t.TESTQ(U32(1<<11-1), p.aRow)
			t.JZ(LabelRef(below))
		}
		if h == 8 && slices.Contains(heights, 5) {
			t.CMPQ(p.m, U32(10))
			t.JG(LabelRef(enough))
			t.CMPQ(p.m, U32(9))
			t.JL(LabelRef(enough))
			// A that is packed for 8 rows cannot be cut after 5.
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

// panel is the walk that is being generated, with the registers that live through it.
type panel struct {
	t                *target
	vectors          int
	last             mask         // of the last vector, nil if it is whole
	whole            reg.Register // mask that is not 0 if whole vectors of B may be loaded, nil if last is the only way
	back             reg.Register // bytes, below 0, by which the last vector overlaps the one before, nil for 0
	fetches          bool         // whether the tile fetches the next panel of B, and C late
	m, a, c          reg.Register
	aRow, aCol, bRow reg.Register
}

// beginBeside points the kernel's scratch at the elements beside the first tile of C, or
// sets it to 0 if there is no matrix beside C.
func (t *target) beginBeside() { t.Store(t.sliceArg("Beside"), t.field("Scratch")) }

// beginNext points Ahead at the next panel of B, or at this one if there is none.
func (t *target) beginNext() {
	ahead, b := t.sliceArg("Next"), t.sliceArg("B")
	t.TESTQ(ahead, ahead)
	t.CMOVQEQ(b, ahead)
	t.Store(ahead, t.field("Ahead"))
}
