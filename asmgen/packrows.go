package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packSlack is the room that a packed tile needs behind it: vectors are stored
// whole.
const packSlack = 16

// packRows generates the packing of operands whose elements are contiguous along a
// tile: a block of A in tiles of a micro-kernel's height, or a slab of B in
// panels of its width or, if that is greater, of two vectors.
func packRows(t *target) {
	t.function("func(width, n, k int, dst *%[1]s, tile int, src *%[1]s, srcRow int, alpha %[1]s)",
		"It takes n contiguous elements of k rows, and tiles as high or as wide as a micro-kernel's.")
	widths := []int{tileRows[t.level], tileVectors[t.level] * t.lanes()}
	if tileVectors[t.level] > 2 {
		widths = append(widths, 2*t.lanes())
	}
	for i, w := range widths {
		other := t.label("other")
		if i < len(widths)-1 {
			t.CMPQ(t.param("width"), U32(w))
			t.JNE(LabelRef(other))
		}
		t.packTiles(w)
		t.Label(other)
	}
}

// packTiles copies n elements at each of k steps into tiles of the given
// width. The steps are the outer loop, so that whole lines of the source are
// read once. A tile narrower than whole vectors is stored with some lanes too
// many, which the next step overwrites, or the slack behind the last.
func (t *target) packTiles(width int) {
	vectors := (width + t.lanes() - 1) / t.lanes()
	n, k, dst, src := t.param("n"), t.param("k"), t.param("dst"), t.param("src")
	tile, srcRow := t.stride("tile"), t.stride("srcRow")
	alpha := t.everywhere("alpha")

	// A mask for each vector of the part tile at the end, and of a whole tile
	// that ends within a vector.
	full, partial := make([]mask, vectors), make([]mask, vectors)
	rest := t.GP64()
	whole := t.GP64()
	t.XORQ(whole, whole)
	t.MOVQ(n, rest)
	divided, divide := t.label("divided"), t.label("divide")
	t.Label(divide)
	t.CMPQ(rest, U32(width))
	t.JL(LabelRef(divided))
	t.SUBQ(U32(width), rest)
	t.INCQ(whole)
	t.JMP(LabelRef(divide))
	t.Label(divided)
	for v := range partial {
		partial[v] = t.maskOf(t.clamp(rest, v*t.lanes(), t.lanes()))
	}
	if over := width % t.lanes(); over > 0 {
		n := t.GP64()
		t.MOVQ(U32(over), n)
		full[vectors-1] = t.maskOf(n)
	}
	x := t.vec()
	copyTile := func(s, d reg.GPVirtual, masks []mask) {
		for v, m := range masks {
			from := Mem{Base: s, Disp: v * t.width()}
			if m != nil {
				t.loadMasked(m, from, x)
			} else {
				t.load(from, x)
			}
			t.mul(alpha, x, x)
			t.store(x, Mem{Base: d, Disp: v * t.width()})
		}
	}

	t.loop(k, 1, func() {
		s, d, tiles := t.GP64(), t.GP64(), t.GP64()
		t.MOVQ(src, s)
		t.MOVQ(dst, d)
		t.MOVQ(whole, tiles)
		t.loop(tiles, 1, func() {
			copyTile(s, d, full)
			t.ADDQ(U32(width*t.size()), s)
			t.ADDQ(tile, d)
		})
		skip := t.label("nopart")
		t.TESTQ(rest, rest)
		t.JZ(LabelRef(skip))
		copyTile(s, d, partial)
		t.Label(skip)
		t.ADDQ(srcRow, src)
		t.ADDQ(U32(width*t.size()), dst)
	})
	t.end()
}

// clamp returns n-from, at least 0 and at most limit.
func (t *target) clamp(n reg.GPVirtual, from, limit int) reg.GPVirtual {
	r, bound := t.GP64(), t.GP64()
	t.MOVQ(n, r)
	t.XORQ(bound, bound)
	if from > 0 {
		t.SUBQ(U32(from), r)
	}
	t.CMPQ(r, bound)
	t.CMOVQLT(bound, r)
	t.MOVQ(U32(limit), bound)
	t.CMPQ(r, bound)
	t.CMOVQGT(bound, r)
	return r
}
