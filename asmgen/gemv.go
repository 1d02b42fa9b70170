package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemvGroups are the numbers of groups of rows that gemv takes at once, the largest first.
var gemvGroups = []int{4, 2, 1}

// gemv generates the product of a matrix whose rows are contiguous with a vector: each row
// becomes one chain in a lane of its own. A group is 8 rows (4 of float64), as many as a
// register of 256 bits has lanes: squares of the matrix are transposed in registers, as
// packColumns does, and each column of a square advances the chains of a group at once.
//
// A quarter of a square of float32, 8 rows × 4 columns, takes 8 loads (a broadcast and an
// insertion for each pair of rows), 8 shuffles and 4 multiply-adds with elements of the
// vector. Loads bound it: 8, and one for the vector, are 4.5 cycles for 32 elements. The
// multiply-adds of a group wait for each other, four cycles each. A processor finds others
// while they are among the 100 or so vector instructions that its schedulers hold, 16 for a
// quarter: so a quarter of each of four groups is taken in turn, with the same four elements
// of the vector. Where rows lie a multiple of 1 KB apart, though, the lines of 32 rows share
// few sets of the first-level cache, and one is gone before its second quarter is used: there
// all four quarters of a line are taken at once, with elements that are loaded for each group,
// which makes it 6 cycles. At AVX-512, two groups and more are taken by [gemvKernel.squares].
//
// It takes 4 accumulators, 6 registers for a quarter, 4 for elements of the vector, and 13
// of the 15 general registers, where rows 0 to 7 of a group are the sums of its first with
// multiples of 1, 3, 5 and 7 strides.
func gemv(t *target) {
	t.function("func(n, k int, a *%[1]s, aRow int, x, y *%[1]s, start int, beta %[1]s)",
		fmt.Sprintf("Element (i, p) of the matrix is a[i*aRow+p]; n must be a multiple of %d.", t.square()))
	g := &gemvKernel{t: t, half: 16 / t.size(), group: t.square()}
	g.n, g.y, g.s = t.param("n"), t.param("y"), t.stride("aRow")
	g.odd = []reg.GPVirtual{g.s}
	for i := 3; i < g.group; i += 2 {
		next := t.GP64()
		t.LEAQ(Mem{Base: g.odd[len(g.odd)-1], Index: g.s, Scale: 2}, next)
		g.odd = append(g.odd, next)
	}
	g.a = []reg.GPVirtual{t.param("a")}
	for range gemvGroups[0] - 1 {
		g.a = append(g.a, t.GP64())
	}
	for _, groups := range gemvGroups {
		again, fewer := t.label("groups"), t.label("fewer")
		t.Label(again)
		t.CMPQ(g.n, U32(groups*g.group))
		t.JL(LabelRef(fewer))
		g.rows(groups)
		t.JMP(LabelRef(again))
		t.Label(fewer)
	}
	t.end()
}

type gemvKernel struct {
	t      *target
	half   int             // elements of 16 bytes, which are the columns of a quarter of a square
	group  int             // rows
	n, y   reg.GPVirtual   // rows that are left, and where their results go
	s      reg.GPVirtual   // the stride of rows
	odd    []reg.GPVirtual // 1, 3, 5 and 7 strides
	a      []reg.GPVirtual // the next element of the first row of each group
	x, k   reg.GPVirtual   // the next element of the vector, and how many are left
	groups int             // that are taken at once
	acc    []reg.VecVirtual
}

// rows generates the chains of some groups, and moves on to the next rows.
func (g *gemvKernel) rows(groups int) {
	for i := range groups - 1 {
		g.t.LEAQ(Mem{Base: g.a[i], Index: g.s, Scale: uint8(g.group)}, g.a[i+1])
	}
	g.groups = groups
	w := *g.t // as wide as the accumulators
	w.half = groups == 1
	g.acc = w.vecs(groups * g.group / w.lanes())
	zero, begun := g.t.label("zero"), g.t.label("begun")
	for _, acc := range g.acc {
		w.zero(acc)
	}
	start := g.t.param("start")
	g.t.TESTQ(start, start)
	g.t.JZ(LabelRef(zero))
	for i, acc := range g.acc {
		w.load(Mem{Base: g.y, Disp: w.width() * i}, acc)
	}
	g.t.CMPQ(start, U32(1))
	g.t.JE(LabelRef(begun))
	beta := w.everywhere("beta")
	for _, acc := range g.acc {
		w.mul(beta, acc, acc)
	}
	g.t.JMP(LabelRef(begun))
	g.t.Label(zero)
	g.t.Label(begun)
	g.x, g.k = g.t.param("x"), g.t.param("k")
	if w.width() == 64 {
		g.squares()
	} else {
		apart := g.t.label("apart")
		g.t.TESTQ(U32(1<<10-1), g.s)
		g.t.JNZ(LabelRef(apart))
		g.columns(4)
		g.t.Label(apart)
		g.columns(1)
		g.lastColumns()
	}
	for i, acc := range g.acc {
		w.store(acc, Mem{Base: g.y, Disp: w.width() * i})
	}
	// The bases stand behind the k elements of their rows.
	k := g.t.param("k")
	g.t.inBytes(k)
	g.t.SUBQ(k, g.a[0])
	for range groups {
		g.t.LEAQ(Mem{Base: g.a[0], Index: g.s, Scale: uint8(g.group)}, g.a[0])
	}
	g.t.ADDQ(U32(groups*g.group*g.t.size()), g.y)
	g.t.SUBQ(U32(groups*g.group), g.n)
}

// row is the address of part (16 bytes) of a row of a group.
func (g *gemvKernel) row(group, i, part int) Mem {
	m := Mem{Base: g.a[group], Disp: 16 * part}
	switch {
	case i%2 == 1:
		m.Index, m.Scale = g.odd[i/2], 1
	case i == 6:
		m.Index, m.Scale = g.odd[1], 2
	case i > 0:
		m.Index, m.Scale = g.s, uint8(i)
	}
	return m
}

// columns advances the chains by quarters of a square while there are enough columns.
func (g *gemvKernel) columns(quarters int) {
	again, rest := g.t.label("again"), g.t.label("rest")
	g.t.SUBQ(U32(quarters*g.half), g.k)
	g.t.JL(LabelRef(rest))
	g.t.align()
	g.t.Label(again)
	var elements []reg.VecVirtual
	if g.t.level == neon {
		elements = g.t.vecs(quarters)
		for part, x := range elements {
			g.t.load(Mem{Base: g.x, Disp: 16 * part}, x)
		}
	}
	shared := make([]reg.VecVirtual, g.half) // elements of the vector, which all groups need
	if quarters == 1 && g.t.level != neon {
		for c := range shared {
			shared[c] = g.element(c)
		}
	}
	for group := range g.acc {
		for part := range quarters {
			for c, column := range g.transpose(func(i int) reg.VecVirtual {
				return g.t.loadPair(func(h int) Mem { return g.row(group, i+h*g.half, part) })
			}) {
				switch {
				case g.t.level == neon:
					g.t.fmaLane(c, elements[part], column, g.acc[group])
				case quarters == 1:
					g.t.fma(column, shared[c], g.acc[group])
				default:
					g.t.fma(column, g.element(part*g.half+c), g.acc[group])
				}
			}
		}
	}
	g.next(quarters)
	g.t.SUBQ(U32(quarters*g.half), g.k)
	g.t.JGE(LabelRef(again))
	g.t.Label(rest)
	g.t.ADDQ(U32(quarters*g.half), g.k)
}

// element broadcasts an element of the vector.
func (g *gemvKernel) element(c int) reg.VecVirtual {
	v := g.t.squareVec()
	g.t.broadcast(Mem{Base: g.x, Disp: c * g.t.size()}, v)
	return v
}

// next moves on by quarters of a square.
func (g *gemvKernel) next(quarters int) { g.advance(U32(16 * quarters)) }

func (g *gemvKernel) advance(bytes Op) {
	for group := range g.groups {
		g.t.ADDQ(bytes, g.a[group])
	}
	g.t.ADDQ(bytes, g.x)
}

// lastColumns advances the chains by the columns that do not fill a quarter.
func (g *gemvKernel) lastColumns() {
	done := g.t.label("done")
	g.t.TESTQ(g.k, g.k)
	g.t.JZ(LabelRef(done))
	mask := g.t.ones(g.k, g.t.XMM())
	for group, acc := range g.acc {
		enough := g.t.label("enough")
		for c, column := range g.transpose(func(i int) reg.VecVirtual {
			return g.t.loadPairMasked(mask, func(h int) Mem { return g.row(group, i+h*g.half, 0) })
		}) {
			if c == g.half-1 {
				break // a column more would fill a quarter
			}
			if c > 0 {
				g.t.CMPQ(g.k, U32(c))
				g.t.JLE(LabelRef(enough))
			}
			g.t.fma(column, g.element(c), acc)
		}
		g.t.Label(enough)
	}
	bytes := g.t.GP64()
	g.t.MOVQ(g.k, bytes)
	g.t.inBytes(bytes)
	g.t.ADDQ(bytes, g.a[0])
	g.t.Label(done)
}

// transpose returns the columns of a quarter of a square, of which pair returns rows i and
// i+half.
func (g *gemvKernel) transpose(pair func(i int) reg.VecVirtual) []reg.VecVirtual {
	var rows []reg.VecVirtual
	for i := range g.half {
		rows = append(rows, pair(i))
	}
	return g.t.transposePairs(rows)
}
