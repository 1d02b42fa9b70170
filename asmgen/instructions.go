package main

import (
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// either picks the instruction for the element type.
func either[I any](t *target, single, double I) I {
	if t.elem == f32 {
		return single
	}
	return double
}

// The destination comes last, as in Go's assembler.

func (t *target) load(m Mem, dst Op) {
	switch {
	case t.scalar:
		either(t, t.VMOVSS, t.VMOVSD)(m, dst)
	case t.mask != nil:
		t.loadMasked(t.mask, m, dst)
	default:
		either(t, t.VMOVUPS, t.VMOVUPD)(m, dst)
	}
}

func (t *target) store(src Op, m Mem) {
	switch {
	case t.scalar:
		either(t, t.VMOVSS, t.VMOVSD)(src, m)
	case t.mask != nil:
		t.storeMasked(t.mask, src, m)
	default:
		either(t, t.VMOVUPS, t.VMOVUPD)(src, m)
	}
}

// loadBytes loads unsigned bytes and converts them to elements.
func (t *target) loadBytes(m Mem, dst reg.VecVirtual) {
	ints := Op(dst)
	if t.elem == f64 {
		ints = map[level]Op{avx2: dst.AsX(), avx512: dst.AsY(), neon: dst}[t.level]
	}
	switch {
	case t.level == neon && t.elem == f64 && !t.scalar: // of two bytes
		b := t.GP32()
		t.MOVWLZX(m, b)
		t.VMOVD(b, dst)
		t.VPMOVZXBD(dst, dst)
	case t.scalar:
		b := t.GP32()
		t.MOVBLZX(m, b)
		t.VMOVD(b, dst.AsX())
		ints = dst.AsX()
	case t.mask != nil:
		t.VPMOVZXBD_Z(m, t.mask, ints)
	default:
		t.VPMOVZXBD(m, ints)
	}
	either(t, t.VCVTDQ2PS, t.VCVTDQ2PD)(ints, dst)
}

func (t *target) move(src, dst Op) { either(t, t.VMOVAPS, t.VMOVAPD)(src, dst) }
func (t *target) add(a, b, dst Op) { either(t, t.VADDPS, t.VADDPD)(a, b, dst) }
func (t *target) mul(a, b, dst Op) { either(t, t.VMULPS, t.VMULPD)(a, b, dst) }
func (t *target) and(a, b, dst Op) { either(t, t.VANDPS, t.VANDPD)(a, b, dst) }
func (t *target) xor(a, b, dst Op) { either(t, t.VXORPS, t.VXORPD)(a, b, dst) }

// broadcast copies an element, in memory or in lane 0, to every lane.
func (t *target) broadcast(element, dst Op) {
	if t.elem == f64 && t.width() == 16 {
		t.VMOVDDUP(element, dst) // there is no VBROADCASTSD to 16 bytes
		return
	}
	either(t, t.VBROADCASTSS, t.VBROADCASTSD)(element, dst)
}

func (t *target) zero(v reg.VecVirtual) {
	if t.level != avx512 {
		t.VXORPS(v, v, v)
		return
	}
	i, err := x86.VPXORD(v, v, v)
	if err != nil {
		panic(err)
	}
	i.CancellingInputs = true // avo does not know that this VPXORD does not depend on v
	t.Instruction(i)
}

// div computes dst ← a / b.
func (t *target) div(a, b, dst Op) { either(t, t.VDIVPS, t.VDIVPD)(b, a, dst) }

// sub computes dst ← b - a.
func (t *target) sub(a, b, dst Op) { either(t, t.VSUBPS, t.VSUBPD)(a, b, dst) }

// max computes dst ← b where b > a, else a; min, b where b < a, else a. So a NaN in a
// stays, and one in b is dropped.
func (t *target) max(a, b, dst Op) { either(t, t.VMAXPS, t.VMAXPD)(a, b, dst) }
func (t *target) min(a, b, dst Op) { either(t, t.VMINPS, t.VMINPD)(a, b, dst) }

// fma computes acc ← a·b + acc.
func (t *target) fma(a, b, acc Op) { either(t, t.VFMADD231PS, t.VFMADD231PD)(a, b, acc) }

// fmaBroadcast is fma with one element in memory, broadcast, in place of a.
func (t *target) fmaBroadcast(a Mem, b, acc Op) {
	either(t, t.VFMADD231PS_BCST, t.VFMADD231PD_BCST)(a, b, acc)
}

// fmaLane computes acc ← x·b + acc for lane x of a, with an instruction of arm64.
func (t *target) fmaLane(lane int, a, b, acc reg.VecVirtual) {
	t.Instruction(&ir.Instruction{
		Opcode: either(t, "VFMLAPS", "VFMLAPD"), Operands: []Op{U8(lane), a, b, acc},
		Inputs: []Op{a, b, acc}, Outputs: []Op{acc},
	})
}

// loadFirst loads an element into lane 0.
func (t *target) loadFirst(m Mem, v reg.VecVirtual) { either(t, t.VMOVSS, t.VMOVSD)(m, v.AsX()) }

// fnma computes acc ← acc - a·b.
func (t *target) fnma(a, b, acc Op) { either(t, t.VFNMADD231PS, t.VFNMADD231PD)(a, b, acc) }

// horner returns acc·x + c, and overwrites acc.
func (t *target) horner(c Op, x, acc reg.VecVirtual) reg.VecVirtual {
	if t.level == neon { // whose instruction overwrites what it adds to
		sum := t.vec()
		t.set(c, sum)
		t.fma(acc, x, sum)
		return sum
	}
	either(t, t.VFMADD213PS, t.VFMADD213PD)(c, x, acc)
	return acc
}

// splat copies lane 0 of v to every lane.
func (t *target) splat(v, dst reg.VecVirtual) {
	t.broadcast(v.AsX(), dst)
}
