package main

import (
	"math"

	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// mask selects lanes of a vector: at AVX-512 it is a mask register, elsewhere a vector with
// all bits of these lanes set.
type mask reg.Register

// maskOf returns the mask of the first n lanes, 0 ≤ n ≤ lanes.
func (t *target) maskOf(n reg.GPVirtual) mask {
	if t.level == avx512 {
		ones, k := t.GP64(), t.K()
		t.MOVQ(I32(-1), ones)
		t.BZHIQ(n, ones, ones)
		t.KMOVW(ones.As32(), k)
		return k
	}
	return t.ones(n, t.vec())
}

// ones sets all bits of the first n elements of v, and clears the others. It loads
// them from a table of ones followed by zeros, n elements before the first zero.
func (t *target) ones(n reg.GPVirtual, v reg.VecVirtual) reg.VecVirtual {
	bits := make([]uint64, 2*32/t.size())
	for i := range len(bits) / 2 {
		bits[i] = math.MaxUint64
	}
	from, at := t.GP64(), t.GP64()
	t.LEAQ(t.table("tail", bits...), from)
	t.MOVQ(n, at)
	t.NEGQ(at)
	t.VMOVUPS(Mem{Base: from, Index: at, Scale: uint8(t.size()), Disp: 32}, v)
	return v
}

// compare returns the mask of the lanes where the predicate holds for a and b.
func (t *target) compare(predicate int, a, b Op) mask {
	var m mask
	if t.level == avx512 {
		m = t.K()
	} else {
		m = t.vec()
	}
	either(t, t.VCMPPS, t.VCMPPD)(U8(predicate), b, a, m)
	return m
}

// Predicates of [target.compare]. If an operand is NaN, the first two are false and
// the others true.
const (
	equalQuiet          = 0
	lessQuiet           = 17
	notLessQuiet        = 21
	notLessOrEqualQuiet = 22
)

// loadMasked loads the lanes of m and sets the others to 0; storeMasked stores the
// lanes of m. Neither touches the memory of the other lanes. At NEON, m must be a mask of
// the first lanes.
func (t *target) loadMasked(m mask, src Mem, dst Op) {
	switch t.level {
	case avx512:
		either(t, t.VMOVUPS_Z, t.VMOVUPD_Z)(src, m, dst)
	case neon:
		t.Instruction(&ir.Instruction{
			Opcode: either(t, "VMOVFIRSTPS", "VMOVFIRSTPD"), Operands: []Op{src, m, dst},
			Inputs: []Op{src, m}, Outputs: []Op{dst},
		})
	default:
		either(t, t.VMASKMOVPS, t.VMASKMOVPD)(src, m, dst)
	}
}

func (t *target) storeMasked(m mask, src Op, dst Mem) {
	switch t.level {
	case avx512:
		either(t, t.VMOVUPS, t.VMOVUPD)(src, m, dst)
	case neon:
		t.Instruction(&ir.Instruction{
			Opcode: either(t, "VMOVFIRSTPS", "VMOVFIRSTPD"), Operands: []Op{src, m, dst},
			Inputs: []Op{src, m, dst},
		})
	default:
		either(t, t.VMASKMOVPS, t.VMASKMOVPD)(src, m, dst)
	}
}

// keep copies the lanes of m from v and sets the others to 0; blend takes the others
// from elsewhere.
func (t *target) keep(m mask, v, dst Op) {
	if t.level == avx512 {
		either(t, t.VMOVAPS_Z, t.VMOVAPD_Z)(v, m, dst)
	} else {
		either(t, t.VANDPS, t.VANDPD)(m, v, dst)
	}
}

func (t *target) blend(m mask, v, elsewhere, dst Op) {
	if t.level == avx512 {
		i, err := either(t, x86.VBLENDMPS, x86.VBLENDMPD)(v, elsewhere, m, dst)
		if err != nil {
			panic(err)
		}
		i.Inputs = []Op{v, elsewhere, m} // avo takes dst for one, since other masked instructions keep its lanes
		t.Instruction(i)
	} else {
		either(t, t.VBLENDVPS, t.VBLENDVPD)(m, v, elsewhere, dst)
	}
}

// keepPositive computes dst ← v where x > 0 or x is NaN, else 0.
func (t *target) keepPositive(x, v, zero, dst Op) {
	t.keep(t.compare(notLessOrEqualQuiet, x, zero), v, dst)
}

// tail is the elements after the last 16 that are whole, with a mask for each of the
// vectors that hold 16 elements: at AVX-512 in mask registers, elsewhere in a table of
// ones followed by zeros, at window.
type tail struct {
	t      *target
	masks  []mask
	window reg.GPVirtual
}

// tailOf returns the tail of n elements.
func (t *target) tailOf(n reg.GPVirtual) *tail {
	r, over := &tail{t: t}, t.GP64()
	t.MOVQ(n, over)
	t.ANDQ(U8(lanes-1), over)
	if t.level == avx512 {
		ones := t.GP64()
		t.MOVQ(I32(-1), ones)
		t.BZHIQ(over, ones, ones)
		for v := range lanes / t.lanes() {
			if v > 0 {
				t.SHRQ(U8(t.lanes()), ones)
			}
			k := t.K()
			t.KMOVW(ones.As32(), k)
			r.masks = append(r.masks, k)
		}
		return r
	}
	bits := make([]uint64, 2*lanes)
	for i := range lanes {
		bits[i] = 1<<(8*t.size()) - 1
	}
	r.window = t.GP64()
	t.LEAQ(t.table("rest", bits...).Offset(lanes*t.size()), r.window)
	t.SHLQ(U8(either(t, 2, 3)), over)
	t.SUBQ(over, r.window)
	return r
}

// of returns the mask of the tail's vector v.
func (r *tail) of(v int) mask {
	if r.t.level == avx512 {
		return r.masks[v]
	}
	m := r.t.vec()
	r.t.VMOVUPS(Mem{Base: r.window, Disp: v * r.t.width()}, m)
	return m
}

// loadTail and storeTail load and store vector v of 16 elements: those of the tail,
// or all 16 if it is nil.
func (t *target) loadTail(tail *tail, v int, src Mem, dst Op) {
	if tail == nil {
		t.load(src, dst)
	} else {
		t.loadMasked(tail.of(v), src, dst)
	}
}

func (t *target) storeTail(tail *tail, v int, src Op, dst Mem) {
	if tail == nil {
		t.store(src, dst)
	} else {
		t.storeMasked(tail.of(v), src, dst)
	}
}
