package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// softmaxShort generates softmax across rows of at most 16 elements: a vector
// holds one column of as many rows as it has lanes. So many rows are transposed
// into a tile in memory, whose columns go through the exponential one by one, and
// back.
//
// Along a row of ten, one vector of sixteen lanes would do the exponential with six
// lanes idle, and largest and sum would take four shuffles each that wait for one
// another. Across rows, no lane idles, the largest is one maximum for each column and
// the sum the fixed tree of the 16 lanes, fifteen additions four deep; the price is
// two transpositions. Those go by squares of 16
// bytes, a group: rows a group apart lie in the parts of one vector, so that four
// unpacks of pairs and four of quads transpose a group, 8 shuffles for 4·lanes
// float32. For ten columns and sixteen rows that is 24 shuffles each way, beside
// ten exponentials of a dozen operations each: shuffles have a port of their own on
// every processor with AVX2, and hide.
//
// What does not hide is the wait for a store: the exponentials of a tile end with a
// division and a product for every element that the transposition back needs. Thus
// there are two tiles: the rows of the tile before are stored while the multipliers
// work on this one.
func softmaxShort(t *target) {
	t.function("func(dst *%[1]s, dstRow int, src *%[1]s, srcRow, rows, cols int, scale %[1]s, tops, sums, tiles *%[1]s)",
		"It takes rows of at most 16 elements and at least 16 bytes, and leaves labels alone.")
	s := &short{target: t, tile: t.param("tiles")}
	e := t.exponential()
	infinite := t.pinned("negativeInf", math.Inf(-1))
	t.ADDQ(U8(63), s.tile)
	t.ANDQ(I8(-64), s.tile)
	other := t.GP64()
	t.LEAQ(Mem{Base: s.tile, Disp: lanes * t.width()}, other)

	// Columns that the rows have not are zeros in the tree of sums.
	sum := t.vec()
	t.zero(sum)
	for j := s.group(); j < lanes; j++ {
		t.store(sum, s.column(s.tile, j))
		t.store(sum, s.column(other, j))
	}

	rows, held, factor := t.param("rows"), t.GP64(), t.vec()
	t.XORQ(held, held)
	t.zero(factor)
	again, drain, empty, done := t.label("again"), t.label("drain"), t.label("empty"), t.label("done")
	t.Label(again)
	t.CMPQ(rows, U8(0))
	t.JLE(LabelRef(drain))

	top := t.vec()
	t.set(infinite, top)
	s.groups("src", rows, s.tile, func(at reg.GPVirtual, each func(func(row int, m Mem))) {
		for j, x := range s.transposed(s.gather(each)) {
			t.max(top, x, top)
			t.store(x, s.column(at, j))
		}
	})
	t.storeAll(top, "tops")
	at, left := t.GP64(), t.param("cols")
	t.MOVQ(s.tile, at)
	column := t.label("column")
	t.Label(column)
	x := t.vec()
	t.load(s.column(at, 0), x)
	t.sub(top, x, x)
	t.store(e.of(x), s.column(at, 0))
	t.ADDQ(U8(t.width()), at)
	t.DECQ(left)
	t.JNZ(LabelRef(column))

	t.Label(drain)
	t.TESTQ(held, held)
	t.JZ(LabelRef(empty))
	s.groups("dst", held, other, func(at reg.GPVirtual, each func(func(row int, m Mem))) {
		columns := t.vecs(s.group())
		for j, x := range columns {
			t.load(s.column(at, j), x)
			t.mul(factor, x, x)
		}
		s.scatter(s.transposed(columns), each)
	})
	t.Label(empty)
	t.CMPQ(rows, U8(0))
	t.JLE(LabelRef(done))
	s.tree(sum, 0, 1)
	t.storeAll(sum, "sums")
	p, err := t.Param("scale").Resolve()
	if err != nil {
		panic(err)
	}
	t.broadcast(p.Addr, factor)
	either(t, t.VDIVPS, t.VDIVPD)(sum, factor, factor)
	t.MOVQ(rows, held)
	t.SUBQ(U8(t.lanes()), rows)
	t.XCHGQ(s.tile, other)
	t.JMP(LabelRef(again))
	t.Label(done)
	t.end()
}

// short holds the current tile.
type short struct {
	*target
	tile reg.GPVirtual
}

// group is the number of columns that are transposed together, 16 bytes of a
// row.
func (s *short) group() int { return 16 / s.size() }

// column returns the address of column j of the tile from at.
func (s *short) column(at reg.GPVirtual, j int) Mem { return Mem{Base: at, Disp: j * s.width()} }

// groups runs body for every group of columns of a tile's rows, or of as many
// as are left, and moves the parameter beyond them. In body, at points to the
// group's place in the tile, and each calls back for its part of every row. The
// last group overlaps the one before where it would reach beyond the row. Where
// there are fewer rows than lanes, the last row stands for those that lack.
func (s *short) groups(name string, rows, tile reg.GPVirtual, body func(at reg.GPVirtual, each func(func(row int, m Mem)))) {
	stride, parts := s.stride(name+"Row"), make([]reg.GPVirtual, s.lanes()/s.group())
	parts[0] = s.param(name)
	for v := 1; v < len(parts); v++ {
		parts[v] = s.GP64()
		s.MOVQ(parts[v-1], parts[v])
		for range s.group() / 2 {
			s.LEAQ(Mem{Base: parts[v], Index: stride, Scale: 2}, parts[v])
		}
	}
	stride3, at, last, step := s.GP64(), s.GP64(), s.param("cols"), s.GP64()
	s.LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	s.MOVQ(tile, at)
	s.SUBQ(U8(s.group()), last)

	again, done, fewer, joined := s.label("group"), s.label("grouped"), s.label("fewer"), s.label("joined")
	s.Label(again)
	s.CMPQ(rows, U8(s.lanes()))
	s.JL(LabelRef(fewer))
	body(at, func(visit func(row int, m Mem)) {
		for row := range s.lanes() {
			m := Mem{Base: parts[row/s.group()], Index: stride, Scale: 1}
			switch row % s.group() {
			case 0:
				m.Index, m.Scale = nil, 0
			case 2:
				m.Scale = 2
			case 3:
				m.Index = stride3
			}
			visit(row, m)
		}
	})
	s.JMP(LabelRef(joined))
	s.Label(fewer)
	body(at, func(visit func(row int, m Mem)) {
		row, next := s.GP64(), s.GP64()
		s.MOVQ(parts[0], row)
		for r := range s.lanes() {
			visit(r, Mem{Base: row})
			s.LEAQ(Mem{Base: row, Index: stride, Scale: 1}, next)
			s.CMPQ(rows, U8(r+1))
			s.CMOVQGT(next, row)
		}
	})
	s.Label(joined)

	s.TESTQ(last, last)
	s.JZ(LabelRef(done))
	s.MOVQ(U32(s.group()), step)
	s.CMPQ(last, step)
	s.CMOVQLT(last, step)
	s.SUBQ(step, last)
	for _, p := range parts {
		s.LEAQ(Mem{Base: p, Index: step, Scale: uint8(s.size())}, p)
	}
	s.SHLQ(U8(math.Ilogb(float64(s.width()))), step)
	s.ADDQ(step, at)
	s.JMP(LabelRef(again))
	s.Label(done)
	p := s.param(name)
	s.SHLQ(U8(math.Ilogb(float64(s.lanes()))), stride)
	s.ADDQ(stride, p)
	s.Store(p, s.Param(name))
}

// gather returns vectors whose 16-byte parts are parts of rows: those of vector i
// are the rows i, i+group, i+2·group, …
func (s *short) gather(each func(func(row int, m Mem))) []reg.VecVirtual {
	vs, uppers := s.vecs(s.group()), s.vecs(s.group())
	each(func(row int, m Mem) {
		part, v := row/s.group(), vs[row%s.group()]
		if part >= 2 {
			v = uppers[row%s.group()]
		}
		if part%2 == 0 {
			s.loadPart(m, v)
		} else {
			s.insertHalf(m, v.AsY())
		}
	})
	if s.level == avx512 {
		for i, v := range vs {
			s.VINSERTF64X4(U8(1), uppers[i].AsY(), v, v)
		}
	}
	return vs
}

// loadPart loads 16 bytes and zeros the rest of v.
func (s *short) loadPart(m Mem, v reg.VecVirtual) {
	i, err := x86.VMOVUPS(m, v.AsX())
	if err != nil {
		panic(err)
	}
	i.Outputs = []Op{v} // avo thinks that the rest stays
	s.Instruction(i)
}

// scatter stores the parts of vectors as gather loads them.
func (s *short) scatter(vs []reg.VecVirtual, each func(func(row int, m Mem))) {
	uppers := make([]reg.Register, len(vs))
	for i, v := range vs {
		if s.level == avx512 {
			y := s.YMM()
			s.VEXTRACTF64X4(U8(1), v, y)
			uppers[i] = y
		}
	}
	each(func(row int, m Mem) {
		part, y := row/s.group(), vs[row%s.group()].AsY()
		if part >= 2 {
			y = uppers[row%s.group()]
		}
		if part%2 == 0 {
			s.VMOVUPS(y.(reg.Vec).AsX(), m)
		} else {
			s.extractHalf(y, m)
		}
	})
}

// transposed transposes the squares of elements in the 16-byte parts of vs.
func (s *short) transposed(vs []reg.VecVirtual) []reg.VecVirtual {
	if s.elem == f64 {
		out := s.vecs(2)
		s.VUNPCKLPD(vs[1], vs[0], out[0])
		s.VUNPCKHPD(vs[1], vs[0], out[1])
		return out
	}
	pairs, out := s.vecs(4), s.vecs(4)
	for i := range 2 {
		s.VUNPCKLPS(vs[2*i+1], vs[2*i], pairs[2*i])
		s.VUNPCKHPS(vs[2*i+1], vs[2*i], pairs[2*i+1])
	}
	for i := range 2 {
		s.VUNPCKLPD(pairs[2+i], pairs[i], out[2*i])
		s.VUNPCKHPD(pairs[2+i], pairs[i], out[2*i+1])
	}
	return out
}

// tree sums the columns j, j+apart, j+2·apart, … of the tile as combine in
// package kernels does.
func (s *short) tree(sum reg.VecVirtual, j, apart int) {
	if apart == lanes {
		s.load(s.column(s.tile, j), sum)
		return
	}
	s.tree(sum, j, 2*apart)
	if 2*apart == lanes {
		s.add(s.column(s.tile, j+apart), sum, sum)
		return
	}
	other := s.vec()
	s.tree(other, j+apart, 2*apart)
	s.add(other, sum, sum)
}

// storeAll stores v where a parameter points, and moves that on, unless it is nil.
func (t *target) storeAll(v reg.VecVirtual, name string) {
	unwanted, p := t.label("unwanted"), t.param(name)
	t.TESTQ(p, p)
	t.JZ(LabelRef(unwanted))
	t.store(v, Mem{Base: p})
	t.ADDQ(U8(t.width()), p)
	t.Store(p, t.Param(name))
	t.Label(unwanted)
}
