package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/buildtags"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type level string

const avx2 level = "avx2"

type elem string

const (
	f32 elem = "f32"
	f64 elem = "f64"
)

// arch is what a file is generated for.
type arch struct {
	level level
	elem  elem
}

var targets = []arch{{avx2, f32}}

// target emits instructions for an arch. Its methods name what an instruction
// does; which one does it follows from the element type and the level.
type target struct {
	*build.Context
	arch
	tables map[string]Mem // constants already in the file
	labels int
	single bool // whether vectors are short and only their first lane is used
}

func (a arch) start() *target {
	t := &target{Context: build.NewContext(), arch: a, tables: map[string]Mem{}}
	t.Constraint(buildtags.Not("purego"))
	return t
}

func (a arch) suffix() string { return string(a.elem) + "_" + string(a.level) }

// size is the size of an element in bytes, width of a vector, and lanes the
// number of elements in a vector.
func (a arch) size() int {
	if a.elem == f32 {
		return 4
	}
	return 8
}
func (a arch) width() int { return 32 }

func (t *target) lanes() int {
	if t.single {
		return 1
	}
	return t.width() / t.size()
}

// function starts a function. Its name ends in the arch; T in its signature
// stands for the element type.
func (t *target) function(name, signature string, doc ...string) {
	name += map[elem]string{f32: "F32", f64: "F64"}[t.elem] + map[level]string{avx2: "AVX2"}[t.level]
	t.Function(name)
	typ := map[elem]string{f32: "float32", f64: "float64"}[t.elem]
	t.Attributes(attr.NOSPLIT)
	t.Pragma("noescape")
	t.Doc(append([]string{name + " " + doc[0]}, doc[1:]...)...)
	t.SignatureExpr(fmt.Sprintf(signature, typ))
	t.labels = 0
}

// end leaves the function. Without VZEROUPPER the SSE code of Go would run slow.
func (t *target) end() {
	t.VZEROUPPER()
	t.RET()
}

// label returns a new label of the current function.
func (t *target) label(name string) string {
	t.labels++
	return fmt.Sprintf("%s_%d", name, t.labels)
}

// vec returns a new vector register.
func (t *target) vec() reg.VecVirtual {
	if t.single {
		return t.XMM()
	}
	return t.YMM()
}

// narrow returns a vector at the width of t.
func (t *target) narrow(v reg.VecVirtual) Op {
	if t.single {
		return v.AsX()
	}
	return v
}

func (t *target) vecs(n int) []reg.VecVirtual {
	vs := make([]reg.VecVirtual, n)
	for i := range vs {
		vs[i] = t.vec()
	}
	return vs
}

// param loads an integer or pointer parameter.
func (t *target) param(name string) reg.GPVirtual {
	return t.Load(t.Param(name), t.GP64()).(reg.GPVirtual)
}

// scalar loads a parameter of the element type into every lane of a vector.
func (t *target) scalar(name string) reg.VecVirtual {
	v := t.vec()
	p, err := t.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	t.broadcast(p.Addr, v)
	return v
}

// stride loads a parameter that counts elements, in bytes.
func (t *target) stride(name string) reg.GPVirtual {
	r := t.param(name)
	t.SHLQ(U8(math.Ilogb(float64(t.size()))), r)
	return r
}

// either picks the instruction for the element type.
func (t *target) either(single, double func(...Op)) func(...Op) {
	if t.elem == f32 {
		return single
	}
	return double
}

// In each of these the destination comes last, as in Go's assembler.

func (t *target) load(m Mem, dst Op)  { t.copy(m, dst) }
func (t *target) store(src Op, m Mem) { t.copy(src, m) }

func (t *target) copy(src, dst Op) {
	if t.single {
		t.either(t.VMOVSS, t.VMOVSD)(src, dst)
	} else {
		t.either(t.VMOVUPS, t.VMOVUPD)(src, dst)
	}
}

// loadBytes loads unsigned bytes as elements.
func (t *target) loadBytes(m Mem, dst reg.VecVirtual) {
	switch {
	case t.single:
		b := t.GP32()
		t.MOVBLZX(m, b)
		t.VMOVD(b, dst)
		t.either(t.VCVTDQ2PS, t.VCVTDQ2PD)(dst, dst)
	case t.elem == f32:
		t.VPMOVZXBD(m, dst)
		t.VCVTDQ2PS(dst, dst)
	default:
		t.VPMOVZXBD(m, dst.AsX())
		t.VCVTDQ2PD(dst.AsX(), dst)
	}
}

func (t *target) move(src, dst Op)        { t.either(t.VMOVAPS, t.VMOVAPD)(src, dst) }
func (t *target) broadcast(m Mem, dst Op) { t.either(t.VBROADCASTSS, t.VBROADCASTSD)(m, dst) }
func (t *target) zero(v Op)               { t.VXORPS(v, v, v) }
func (t *target) add(a, b, dst Op)        { t.either(t.VADDPS, t.VADDPD)(a, b, dst) }
func (t *target) mul(a, b, dst Op)        { t.either(t.VMULPS, t.VMULPD)(a, b, dst) }

// sub computes b - a.
func (t *target) sub(a, b, dst Op) { t.either(t.VSUBPS, t.VSUBPD)(a, b, dst) }

// max and min return a, also where it is NaN, unless b is greater or less.
func (t *target) max(a, b, dst Op) { t.either(t.VMAXPS, t.VMAXPD)(a, b, dst) }
func (t *target) min(a, b, dst Op) { t.either(t.VMINPS, t.VMINPD)(a, b, dst) }

// fma computes acc ← a·b + acc.
func (t *target) fma(a, b, acc Op) { t.either(t.VFMADD231PS, t.VFMADD231PD)(a, b, acc) }

// fnma computes acc ← acc - a·b.
func (t *target) fnma(a, b, acc Op) { t.either(t.VFNMADD231PS, t.VFNMADD231PD)(a, b, acc) }

// horner computes acc ← acc·x + c.
func (t *target) horner(c, x, acc Op) { t.either(t.VFMADD213PS, t.VFMADD213PD)(c, x, acc) }

// keepPositive computes dst ← v where x > 0 or x is NaN, else 0.
func (t *target) keepPositive(x, v, zero, dst Op) {
	const notLessOrEqualQuiet = 22
	mask := t.vec()
	t.either(t.VCMPPS, t.VCMPPD)(U8(notLessOrEqualQuiet), zero, x, mask)
	t.either(t.VANDPS, t.VANDPD)(v, mask, dst)
}

// tail selects the first lanes of a vector.
type tail struct{ mask reg.VecVirtual }

// tailOf returns the tail of n lanes, 0 ≤ n ≤ lanes. It reads a window of a
// table of ones followed by zeros.
func (t *target) tailOf(n reg.GPVirtual) tail {
	ones := make([]uint64, 2*t.lanes())
	for i := range t.lanes() {
		ones[i] = math.MaxUint64
	}
	table, from := t.table("tail", ones...), t.GP64()
	t.LEAQ(table, from)
	at := t.GP64()
	t.MOVQ(n, at)
	t.NEGQ(at)
	m := tail{t.vec()}
	t.load(Mem{Base: from, Index: at, Scale: uint8(t.size()), Disp: t.width()}, m.mask)
	return m
}

// loadTail loads the lanes of the tail and zeros the others; storeTail stores
// the lanes of the tail. Neither touches memory beyond.
func (t *target) loadTail(m tail, src Mem, dst Op) {
	if t.elem == f32 {
		t.VMASKMOVPS(src, m.mask, dst)
	} else {
		t.VMASKMOVPD(src, m.mask, dst)
	}
}

func (t *target) storeTail(m tail, src Op, dst Mem) {
	if t.elem == f32 {
		t.VMASKMOVPS(src, m.mask, dst)
	} else {
		t.VMASKMOVPD(src, m.mask, dst)
	}
}

// loadPart and storePart take vector v of a block that masks may cut short.
func (t *target) loadPart(masks []tail, v int, src Mem, dst Op) {
	if masks == nil {
		t.load(src, dst)
	} else {
		t.loadTail(masks[v], src, dst)
	}
}

func (t *target) storePart(masks []tail, v int, src Op, dst Mem) {
	if masks == nil {
		t.store(src, dst)
	} else {
		t.storeTail(masks[v], src, dst)
	}
}

// keep zeros the lanes outside the tail, blend fills them from other.
func (t *target) keep(m tail, v Op) { t.either(t.VANDPS, t.VANDPD)(m.mask, v, v) }

func (t *target) blend(m tail, v, other, dst Op) {
	if t.elem == f32 {
		t.VBLENDVPS(m.mask, v, other, dst)
	} else {
		t.VBLENDVPD(m.mask, v, other, dst)
	}
}

// splat copies lane 0 of v to every lane.
func (t *target) splat(v, dst reg.VecVirtual) {
	t.either(t.VBROADCASTSS, t.VBROADCASTSD)(v.AsX(), dst)
}

// table returns a static table of values of the element's size.
func (t *target) table(name string, bits ...uint64) Mem {
	if m, ok := t.tables[name]; ok {
		return m
	}
	m := t.StaticGlobal(name + "_" + t.suffix())
	t.DataAttributes(attr.RODATA | attr.NOPTR)
	for _, b := range bits {
		if t.elem == f32 {
			t.AppendDatum(U32(b))
		} else {
			t.AppendDatum(U64(b))
		}
	}
	t.tables[name] = m
	return m
}

// constant returns a vector in memory with every lane x, rounded to the element
// type. Its bits go in as integers: avo prints some floats as such.
func (t *target) constant(name string, x float64) Mem {
	if t.elem == f32 {
		return t.constantBits(name, uint64(math.Float32bits(float32(x))))
	}
	return t.constantBits(name, math.Float64bits(x))
}

func (t *target) constantBits(name string, b uint64) Mem {
	bits := make([]uint64, t.lanes())
	for i := range bits {
		bits[i] = b
	}
	return t.table(name, bits...)
}
