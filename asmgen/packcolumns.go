package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packColumns generates the packing of a source whose elements are contiguous along k:
// up to 8 rows (4 of float64) of k elements each become k vectors in a panel, which are
// the panel's width apart. It transposes squares, of 8×8 (4×4) elements. Vectors are
// stored whole: if there are fewer rows, the lanes after the last one hold copies of it.
//
// To transpose an 8×8 square of float32 in registers takes 24 shuffles: eight that
// interleave single elements, eight that interleave pairs, eight that swap halves. Loads
// replace the last eight: row i is broadcast to both halves of a register, and the half
// of row i+4 inserted into the upper one straight from memory, which is a load and a
// blend. That leaves 16 shuffles, 16 loads, 8 products with alpha and 8 stores for 64
// elements. With one shuffle in a cycle, as on Intel's processors up to Skylake, shuffles
// bound it, at 4 elements in a cycle; with two, as on AMD's, shuffles, loads and stores
// bound it alike, at 8. It needs 8 registers for the square, 2 for a shuffle and 1 for alpha, and
// 14 of the 15 general registers, 8 of them for rows. Registers of 512 bits would need
// more shuffles, between their quarters, so AVX-512 uses 256 bits too. NEON transposes 4×4
// (2×2) elements in its 128.
func packColumns(t *target) {
	t.function("func(n, k int, dst *%[1]s, width int, src *%[1]s, srcRow int, alpha %[1]s)",
		fmt.Sprintf("Element (i, p) of src is src[i*srcRow+p]; n must not exceed %d.", t.square()))
	half, lanes := 16/t.size(), t.square()
	n, row, at := t.param("n"), t.param("src"), t.stride("srcRow")
	// rows[i] is row i, or the last row if there are fewer.
	rows := make([]reg.GPVirtual, lanes)
	for i := range rows {
		if i > 0 {
			next := t.GP64()
			t.LEAQ(Mem{Base: row, Index: at, Scale: 1}, next)
			t.CMPQ(n, U32(i))
			t.CMOVQGT(next, row)
		}
		rows[i] = t.GP64()
		t.MOVQ(row, rows[i])
	}
	dst, width, k := t.param("dst"), t.stride("width"), t.param("k")
	alpha := t.squareVec()
	t.broadcastOf(t.Param("alpha"), alpha)
	offset := t.GP64()
	t.XORQ(offset, offset)

	// square transposes lanes×lanes elements. pair returns a register that holds a part,
	// 16 bytes, of row i and the same part of row i+half: then shuffles within
	// halves are enough.
	square := func(pair func(i, part int) reg.VecVirtual) []reg.VecVirtual {
		pairs := make([][]reg.VecVirtual, lanes/half)
		for part := range pairs {
			for i := range half {
				pairs[part] = append(pairs[part], pair(i, part))
			}
		}
		var out []reg.VecVirtual
		for _, v := range pairs {
			out = append(out, t.transposePairs(v)...)
		}
		for _, v := range out {
			either(t, t.VMULPS, t.VMULPD)(alpha, v, v)
		}
		return out
	}
	store := func(v reg.VecVirtual) {
		either(t, t.VMOVUPS, t.VMOVUPD)(v, Mem{Base: dst})
		t.ADDQ(width, dst)
	}

	again, rest, done := t.label("again"), t.label("rest"), t.label("done")
	t.SUBQ(U32(lanes), k)
	t.JL(LabelRef(rest))
	t.Label(again)
	element := func(i, part int) Mem { return Mem{Base: rows[i], Index: offset, Scale: 1, Disp: 16 * part} }
	for _, v := range square(func(i, part int) reg.VecVirtual {
		return t.loadPair(func(h int) Mem { return element(i+h*half, part) })
	}) {
		store(v)
	}
	t.ADDQ(U32(lanes*t.size()), offset)
	t.SUBQ(U32(lanes), k)
	t.JGE(LabelRef(again))
	t.Label(rest)
	t.ADDQ(U32(lanes), k)
	t.JZ(LabelRef(done))
	masks := make([]reg.VecVirtual, lanes/half)
	for part := range masks {
		masks[part] = t.ones(t.clamp(k, part*half, half), t.XMM())
	}
	for _, v := range square(func(i, part int) reg.VecVirtual {
		return t.loadPairMasked(masks[part], func(h int) Mem { return element(i+h*half, part) })
	}) {
		store(v)
		t.DECQ(k)
		t.JZ(LabelRef(done))
	}
	t.Label(done)
	t.end()
}

// square is the number of rows, and of columns, of a square that is transposed in registers:
// as many as there are elements in 32 bytes, at NEON in 16.
func (i isa) square() int {
	if i.level == neon {
		return 16 / i.size()
	}
	return 32 / i.size()
}

// squareVec returns a new register for a column of a square.
func (t *target) squareVec() reg.VecVirtual {
	if t.level == neon {
		return t.XMM()
	}
	return t.YMM()
}

// loadPair loads 16 bytes into the lower half of a register, from at(0), and 16 into the
// upper half, from at(1). At NEON there is no upper half.
func (t *target) loadPair(at func(half int) Mem) reg.VecVirtual {
	v := t.squareVec()
	if t.level == neon {
		t.load(at(0), v)
		return v
	}
	t.VBROADCASTF128(at(0), v)
	t.VINSERTF128(U8(1), at(1), v, v)
	return v
}

// loadPairMasked is loadPair for the lanes of the mask, and sets the others to 0.
func (t *target) loadPairMasked(m reg.VecVirtual, at func(half int) Mem) reg.VecVirtual {
	v := t.squareVec()
	if t.level == neon {
		t.loadMasked(m, at(0), v)
		return v
	}
	t.VXORPS(v, v, v)
	for h := range 2 {
		x := t.XMM()
		either(t, t.VMASKMOVPS, t.VMASKMOVPD)(at(h), m, x)
		t.VINSERTF128(U8(h), x, v, v)
	}
	return v
}

// transposePairs returns the columns of 8 rows of 4 float32, or 4 rows of 2 float64, of
// which v[i] holds row i in its lower half, and in its upper half the row that is half of
// the rows further on; at NEON, of half as many rows.
func (t *target) transposePairs(v []reg.VecVirtual) []reg.VecVirtual {
	if t.elem == f64 {
		return t.unpack(v[0], v[1])
	}
	var out []reg.VecVirtual
	low, high := t.unpack(v[0], v[1]), t.unpack(v[2], v[3])
	for i := range low {
		even, odd := t.like(low[i]), t.like(low[i])
		t.VUNPCKLPD(high[i], low[i], even)
		t.VUNPCKHPD(high[i], low[i], odd)
		out = append(out, even, odd)
	}
	return out
}

// unpack interleaves a and b: the low elements of each half, and the high elements.
func (t *target) unpack(a, b reg.VecVirtual) []reg.VecVirtual {
	low, high := t.like(a), t.like(a)
	either(t, t.VUNPCKLPS, t.VUNPCKLPD)(b, a, low)
	either(t, t.VUNPCKHPS, t.VUNPCKHPD)(b, a, high)
	return []reg.VecVirtual{low, high}
}

// like returns a new register as wide as v.
func (t *target) like(v reg.VecVirtual) reg.VecVirtual {
	if v.Size() == 64 {
		return t.ZMM()
	}
	return t.squareVec()
}
