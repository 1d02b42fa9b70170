package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// shortRows is the number of rows from which on softmaxShort is faster than row by row. At
// AVX2, where the ends of rows are stored slowly, two rows are enough.
var shortRows = map[level]int{avx2: 2, avx512: 12, neon: 2}

// softmaxShort generates softmax of rows of at most 16 elements, several at once: a
// vector holds one column of as many rows as it has lanes. These rows are transposed into
// a buffer in memory, here called a tile, whose columns pass through the exponential one
// after the other, and transposed back.
//
// Row by row, a row of ten would leave six of sixteen lanes idle in the exponential, and
// its largest element and its sum would take four shuffles each, every one waiting for
// the one before. Column by column no lane idles: the largest elements take one maximum
// per column, and the sums the fixed tree of the 16 lanes, which is fifteen additions,
// four deep. The price is two transpositions.
//
// They are done in groups of columns that are 16 bytes wide, 4 of float32 or 2 of float64.
// In float32, row i of a tile goes to the 16-byte part i/4 of vector i mod 4, so that a
// group is 4 vectors; 4 shuffles that interleave elements and 4 that interleave pairs
// transpose it. At AVX-512, 4 more join the halves of vectors, or part them. For sixteen rows
// of ten columns, three groups, that is 36 shuffles each way, beside ten exponentials of
// 13 operations. Shuffles have a port that multiply-adds do not use, on AMD's processors
// and, at AVX2, on Intel's; there they hide behind the exponentials, and with 64-byte
// vectors on Intel's they take their turn.
//
// At AVX-512 this takes 22 registers in float32: 11 for the constants of exp, 3 for -Inf,
// the largest elements and the quotients, and 8 for a group that is being transposed. At
// AVX2 it takes 7, since constants stay in memory.
//
// A tile ends with a division, and each element that is transposed back waits for its
// quotient. So there are two tiles: while the exponentials of one are computed, the rows
// of the one before are stored.
func softmaxShort(t *target) {
	t.function("func(dst *%[1]s, dstRow int, src *%[1]s, srcRow, rows, cols int, scale %[1]s, tops, sums, tiles *%[1]s)",
		"Rows must have at most 16 elements and at least 16 bytes. Labels are ignored.")
	s := &short{t: t, tile: t.param("tiles")}
	e := t.exponential()
	infinite := t.pinned("negativeInf", math.Inf(-1))
	t.ADDQ(U8(63), s.tile)
	t.ANDQ(I8(-64), s.tile)
	other := t.GP64()
	t.LEAQ(Mem{Base: s.tile, Disp: lanes * t.width()}, other)

	// The tree of sums has 16 columns. Those that the rows lack are zeros.
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
	t.broadcastOf(t.Param("scale"), factor)
	either(t, t.VDIVPS, t.VDIVPD)(sum, factor, factor)
	t.MOVQ(rows, held)
	t.SUBQ(U8(t.lanes()), rows)
	t.XCHGQ(s.tile, other)
	t.JMP(LabelRef(again))
	t.Label(done)
	t.end()
}

// short has the address of the tile whose exponentials are computed.
type short struct {
	t    *target
	tile reg.GPVirtual
}

// group returns the number of columns that are transposed together: 16 bytes of a row.
func (s *short) group() int { return 16 / s.t.size() }

// column returns the address of the j-th column after the address at.
func (s *short) column(at reg.GPVirtual, j int) Mem { return Mem{Base: at, Disp: j * s.t.width()} }

// groups runs body for every group of columns of a tile's rows, and moves the parameter
// called name, the address of the first row, past them. To body, at is the address of
// the group in the tile, and each calls a function with the address of the group in each
// row. The last group overlaps the one before if it would not fit in the row. If fewer rows
// are left than a vector has lanes, the last row takes the place of those that lack.
//
// A base register reaches four rows, at 0, 1, 2 and 3 strides, with the stride and three
// times the stride in index registers. At AVX-512 that is 4 bases and 2 indices for 16
// rows, and 14 of 15 general registers in all.
func (s *short) groups(name string, rows, tile reg.GPVirtual, body func(at reg.GPVirtual, each func(func(row int, m Mem)))) {
	stride, parts := s.t.stride(name+"Row"), make([]reg.GPVirtual, s.t.lanes()/s.group())
	parts[0] = s.t.param(name)
	for v := 1; v < len(parts); v++ {
		parts[v] = s.t.GP64()
		s.t.MOVQ(parts[v-1], parts[v])
		for range s.group() / 2 {
			s.t.LEAQ(Mem{Base: parts[v], Index: stride, Scale: 2}, parts[v])
		}
	}
	stride3, at, last, step := s.t.GP64(), s.t.GP64(), s.t.param("cols"), s.t.GP64()
	s.t.LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	s.t.MOVQ(tile, at)
	s.t.SUBQ(U8(s.group()), last)

	again, done, fewer, joined := s.t.label("group"), s.t.label("grouped"), s.t.label("fewer"), s.t.label("joined")
	s.t.Label(again)
	s.t.CMPQ(rows, U8(s.t.lanes()))
	s.t.JL(LabelRef(fewer))
	body(at, func(visit func(row int, m Mem)) {
		for row := range s.t.lanes() {
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
	s.t.JMP(LabelRef(joined))
	s.t.Label(fewer)
	body(at, func(visit func(row int, m Mem)) {
		row, next := s.t.GP64(), s.t.GP64()
		s.t.MOVQ(parts[0], row)
		for r := range s.t.lanes() {
			visit(r, Mem{Base: row})
			s.t.LEAQ(Mem{Base: row, Index: stride, Scale: 1}, next)
			s.t.CMPQ(rows, U8(r+1))
			s.t.CMOVQGT(next, row)
		}
	})
	s.t.Label(joined)

	s.t.TESTQ(last, last)
	s.t.JZ(LabelRef(done))
	s.t.MOVQ(U32(s.group()), step)
	s.t.CMPQ(last, step)
	s.t.CMOVQLT(last, step)
	s.t.SUBQ(step, last)
	for _, p := range parts {
		s.t.LEAQ(Mem{Base: p, Index: step, Scale: uint8(s.t.size())}, p)
	}
	s.t.SHLQ(U8(math.Ilogb(float64(s.t.width()))), step)
	s.t.ADDQ(step, at)
	s.t.JMP(LabelRef(again))
	s.t.Label(done)
	p := s.t.param(name)
	s.t.SHLQ(U8(math.Ilogb(float64(s.t.lanes()))), stride)
	s.t.ADDQ(stride, p)
	s.t.Store(p, s.t.Param(name))
}

// gather loads a group. The 16-byte parts of vector i are those of the rows i, i+group,
// i+2·group, …
func (s *short) gather(each func(func(row int, m Mem))) []reg.VecVirtual {
	vs, uppers := s.t.vecs(s.group()), s.t.vecs(s.group())
	each(func(row int, m Mem) {
		part, v := row/s.group(), vs[row%s.group()]
		if part >= 2 {
			v = uppers[row%s.group()]
		}
		if part%2 == 0 {
			s.loadPart(m, v)
		} else {
			s.t.insertHalf(m, v.AsY())
		}
	})
	if s.t.level == avx512 {
		for i, v := range vs {
			s.t.VINSERTF64X4(U8(1), uppers[i].AsY(), v, v)
		}
	}
	return vs
}

// loadPart loads 16 bytes and sets the other bytes of v to 0.
func (s *short) loadPart(m Mem, v reg.VecVirtual) {
	i, err := x86.VMOVUPS(m, v.AsX())
	if err != nil {
		panic(err)
	}
	i.Outputs = []Op{v} // avo would not know that all of v is written
	s.t.Instruction(i)
}

// scatter stores a group: it puts the parts of vectors where gather loads them from.
func (s *short) scatter(vs []reg.VecVirtual, each func(func(row int, m Mem))) {
	uppers := make([]reg.Register, len(vs))
	for i, v := range vs {
		if s.t.level == avx512 {
			y := s.t.YMM()
			s.t.VEXTRACTF64X4(U8(1), v, y)
			uppers[i] = y
		}
	}
	each(func(row int, m Mem) {
		part, y := row/s.group(), vs[row%s.group()].AsY()
		if part >= 2 {
			y = uppers[row%s.group()]
		}
		if part%2 == 0 {
			s.t.VMOVUPS(y.(reg.Vec).AsX(), m)
		} else {
			s.t.extractHalf(y, m)
		}
	})
}

// transposed transposes the squares of elements that the 16-byte parts of vs form.
func (s *short) transposed(vs []reg.VecVirtual) []reg.VecVirtual {
	if s.t.elem == f64 {
		out := s.t.vecs(2)
		s.t.VUNPCKLPD(vs[1], vs[0], out[0])
		s.t.VUNPCKHPD(vs[1], vs[0], out[1])
		return out
	}
	pairs, out := s.t.vecs(4), s.t.vecs(4)
	for i := range 2 {
		s.t.VUNPCKLPS(vs[2*i+1], vs[2*i], pairs[2*i])
		s.t.VUNPCKHPS(vs[2*i+1], vs[2*i], pairs[2*i+1])
	}
	for i := range 2 {
		s.t.VUNPCKLPD(pairs[2+i], pairs[i], out[2*i])
		s.t.VUNPCKHPD(pairs[2+i], pairs[i], out[2*i+1])
	}
	return out
}

// tree sums the columns j, j+apart, j+2·apart, … of the tile in the order of combine in
// package kernels.
func (s *short) tree(sum reg.VecVirtual, j, apart int) {
	if apart == lanes {
		s.t.load(s.column(s.tile, j), sum)
		return
	}
	s.tree(sum, j, 2*apart)
	if 2*apart == lanes {
		s.t.add(s.column(s.tile, j+apart), sum, sum)
		return
	}
	other := s.t.vec()
	s.tree(other, j+apart, 2*apart)
	s.t.add(other, sum, sum)
}

// storeAll stores v where a parameter points, and moves the parameter on by a vector,
// unless it is nil.
func (t *target) storeAll(v reg.VecVirtual, name string) {
	unwanted, p := t.label("unwanted"), t.param(name)
	t.TESTQ(p, p)
	t.JZ(LabelRef(unwanted))
	t.store(v, Mem{Base: p})
	t.ADDQ(U8(t.width()), p)
	t.Store(p, t.Param(name))
	t.Label(unwanted)
}
