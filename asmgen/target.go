package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/buildtags"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

type level string

const (
	avx2   level = "avx2"
	avx512 level = "avx512"
)

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

var (
	levels  = []level{avx2, avx512}
	elems   = []elem{f32, f64}
	targets = []arch{{avx2, f32}, {avx2, f64}, {avx512, f32}, {avx512, f64}}
)

// target emits instructions for an arch. Its methods name what an instruction
// does; which one does it follows from the element type and the level.
type target struct {
	*build.Context
	arch
	tables map[string]Mem // constants already in the file
	labels *int
	doc    []string // of the function: what it stands for
	half   bool     // whether vectors are half as wide as the level has them
	part   *tail    // the lanes that loads and stores touch, if not all
}

func (a arch) start() *target {
	t := &target{Context: build.NewContext(), arch: a, tables: map[string]Mem{}}
	t.Constraint(buildtags.Not("purego"))
	return t
}

// symbol is the name of an operation's assembly: AxpyF32 for axpy.
func symbol(name string, e elem) string {
	return strings.ToUpper(name[:1]) + name[1:] + strings.ToUpper(string(e))
}

func (e elem) goType() string {
	if e == f32 {
		return "float32"
	}
	return "float64"
}

// size is the size of an element in bytes, width that of a vector.
func (a arch) size() int {
	if a.elem == f32 {
		return 4
	}
	return 8
}

func (t *target) width() int {
	if t.level == avx512 && !t.half {
		return 64
	}
	return 32
}

// lanes is the number of elements in a vector.
func (t *target) lanes() int { return t.width() / t.size() }

// begin starts the assembly of an operation. What follows must call
// [target.function] or [target.Signature] before it takes a parameter.
func (t *target) begin(op operation) {
	name := symbol(op.name, t.elem)
	t.Function(name)
	t.doc = []string{fmt.Sprintf("%s is %s of package kernels.", name, strings.TrimPrefix(op.portable, "e."))}
	t.Doc(t.doc...)
	t.Attributes(attr.NOSPLIT)
	t.Pragma("noescape")
	t.labels = new(int)
}

// function gives the signature, where %[1]s stands for the element type, and what
// the doc comment says besides.
func (t *target) function(signature string, doc ...string) {
	t.SignatureExpr(fmt.Sprintf(signature, t.elem.goType()))
	t.Doc(append(t.doc, doc...)...)
}

// end leaves the function. Without VZEROUPPER the SSE code of Go would run slow.
func (t *target) end() {
	t.VZEROUPPER()
	t.RET()
}

// tailCall goes on at another function with the same parameters.
func (t *target) tailCall(function string) {
	t.Instruction(&ir.Instruction{Opcode: "JMP", Operands: []Op{Mem{Symbol: Symbol{Name: "·" + function}, Base: reg.StaticBase}}, IsTerminal: true})
}

// align makes what follows begin at a multiple of 32 bytes: a loop's speed would
// else hang on where the linker puts the function, by a tenth.
func (t *target) align() {
	t.Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []Op{U8(32)}})
}

// label returns a new label of the current function.
func (t *target) label(name string) string {
	*t.labels++
	return fmt.Sprintf("%s_%d", name, *t.labels)
}

// vec returns a new vector register.
func (t *target) vec() reg.VecVirtual {
	switch {
	case t.scalar():
		return t.XMM()
	case t.width() == 64:
		return t.ZMM()
	}
	return t.YMM()
}

// scalar reports whether vectors are short and only their first lane is used.
func (t *target) scalar() bool { return t.part != nil && t.part.mask == nil }

// narrow returns a vector at the width of t.
func (t *target) narrow(v reg.VecVirtual) Op {
	if t.scalar() {
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

// everywhere loads a parameter of the element type into every lane of a vector.
func (t *target) everywhere(name string) reg.VecVirtual { return t.everywhereOf(t.Param(name)) }

func (t *target) everywhereOf(c gotypes.Component) reg.VecVirtual {
	v := t.vec()
	p, err := c.Resolve()
	if err != nil {
		panic(err)
	}
	t.broadcast(p.Addr, v)
	return v
}

// stride loads a parameter that counts elements, in bytes.
func (t *target) stride(name string) reg.GPVirtual {
	r := t.param(name)
	t.inBytes(r)
	return r
}

// inBytes turns a number of elements into one of bytes.
func (t *target) inBytes(r reg.Register) {
	t.SHLQ(U8(math.Ilogb(float64(t.size()))), r)
}

// either picks the instruction for the element type.
func either[I any](t *target, single, double I) I {
	if t.elem == f32 {
		return single
	}
	return double
}

// In each of these the destination comes last, as in Go's assembler.

func (t *target) load(m Mem, dst Op) {
	switch {
	case t.part == nil:
		either(t, t.VMOVUPS, t.VMOVUPD)(m, dst)
	case t.scalar():
		either(t, t.VMOVSS, t.VMOVSD)(m, dst)
	default:
		t.loadTail(*t.part, m, dst)
	}
}

func (t *target) store(src Op, m Mem) {
	switch {
	case t.part == nil:
		either(t, t.VMOVUPS, t.VMOVUPD)(src, m)
	case t.scalar():
		either(t, t.VMOVSS, t.VMOVSD)(src, m)
	default:
		t.storeTail(*t.part, src, m)
	}
}

// loadBytes loads unsigned bytes as elements.
func (t *target) loadBytes(m Mem, dst reg.VecVirtual) {
	ints := Op(dst)
	if t.elem == f64 {
		ints = map[level]Op{avx2: dst.AsX(), avx512: dst.AsY()}[t.level]
	}
	switch {
	case t.scalar():
		b := t.GP32()
		t.MOVBLZX(m, b)
		t.VMOVD(b, dst.AsX())
		ints = dst.AsX()
	case t.part != nil:
		t.VPMOVZXBD_Z(m, t.part.mask, ints)
	default:
		t.VPMOVZXBD(m, ints)
	}
	either(t, t.VCVTDQ2PS, t.VCVTDQ2PD)(ints, dst)
}

func (t *target) move(src, dst Op)        { either(t, t.VMOVAPS, t.VMOVAPD)(src, dst) }
func (t *target) broadcast(m Mem, dst Op) { either(t, t.VBROADCASTSS, t.VBROADCASTSD)(m, dst) }
func (t *target) add(a, b, dst Op)        { either(t, t.VADDPS, t.VADDPD)(a, b, dst) }
func (t *target) mul(a, b, dst Op)        { either(t, t.VMULPS, t.VMULPD)(a, b, dst) }

func (t *target) zero(v reg.VecVirtual) {
	if t.level == avx2 {
		t.VXORPS(v, v, v)
		return
	}
	i, err := x86.VPXORD(v, v, v)
	if err != nil {
		panic(err)
	}
	i.CancellingInputs = true // avo thinks that it reads v
	t.Instruction(i)
}

// sub computes b - a.
func (t *target) sub(a, b, dst Op) { either(t, t.VSUBPS, t.VSUBPD)(a, b, dst) }

// max and min return a, also where it is NaN, unless b is greater or less.
func (t *target) max(a, b, dst Op) { either(t, t.VMAXPS, t.VMAXPD)(a, b, dst) }
func (t *target) min(a, b, dst Op) { either(t, t.VMINPS, t.VMINPD)(a, b, dst) }

// fma computes acc ← a·b + acc.
func (t *target) fma(a, b, acc Op) { either(t, t.VFMADD231PS, t.VFMADD231PD)(a, b, acc) }

// fmaBroadcast is fma with an element in memory for a.
func (t *target) fmaBroadcast(a Mem, b, acc Op) {
	either(t, t.VFMADD231PS_BCST, t.VFMADD231PD_BCST)(a, b, acc)
}

// fnma computes acc ← acc - a·b.
func (t *target) fnma(a, b, acc Op) { either(t, t.VFNMADD231PS, t.VFNMADD231PD)(a, b, acc) }

// horner computes acc ← acc·x + c.
func (t *target) horner(c, x, acc Op) { either(t, t.VFMADD213PS, t.VFMADD213PD)(c, x, acc) }

// Predicates of [target.compare]: the first two do not hold for NaN, the others do.
const (
	equalQuiet          = 0
	lessQuiet           = 17
	notLessQuiet        = 21
	notLessOrEqualQuiet = 22
)

// compare selects the lanes where a compares so with b.
func (t *target) compare(predicate int, a, b Op) tail {
	var mask reg.Register
	if t.level == avx512 {
		mask = t.K()
	} else {
		mask = t.vec()
	}
	either(t, t.VCMPPS, t.VCMPPD)(U8(predicate), b, a, mask)
	return tail{mask}
}

// keepPositive computes dst ← v where x > 0 or x is NaN, else 0.
func (t *target) keepPositive(x, v, zero, dst Op) {
	t.keep(t.compare(notLessOrEqualQuiet, x, zero), v, dst)
}

// tail selects lanes of a vector, mostly the first: with a vector of ones and
// zeros at AVX2, with a mask register at AVX-512.
type tail struct{ mask reg.Register }

// tailOf returns the tail of n lanes, 0 ≤ n ≤ lanes.
func (t *target) tailOf(n reg.GPVirtual) tail {
	if t.level == avx512 {
		ones, k := t.GP64(), t.K()
		t.MOVQ(I32(-1), ones)
		t.BZHIQ(n, ones, ones)
		t.KMOVW(ones.As32(), k)
		return tail{k}
	}
	return tail{t.ones(n, t.YMM())}
}

// ones sets the first n elements of v to ones and the others to zeros: a window
// of a table of both.
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

// loadTail loads the lanes of the tail and zeros the others; storeTail stores
// the lanes of the tail. Neither touches memory beyond.
func (t *target) loadTail(m tail, src Mem, dst Op) {
	if t.level == avx512 {
		either(t, t.VMOVUPS_Z, t.VMOVUPD_Z)(src, m.mask, dst)
	} else {
		either(t, t.VMASKMOVPS, t.VMASKMOVPD)(src, m.mask, dst)
	}
}

func (t *target) storeTail(m tail, src Op, dst Mem) {
	if t.level == avx512 {
		either(t, t.VMOVUPS, t.VMOVUPD)(src, m.mask, dst)
	} else {
		either(t, t.VMASKMOVPS, t.VMASKMOVPD)(src, m.mask, dst)
	}
}

// keep copies the lanes of the tail and zeros the others, blend fills the
// others from elsewhere.
func (t *target) keep(m tail, v, dst Op) {
	if t.level == avx512 {
		either(t, t.VMOVAPS_Z, t.VMOVAPD_Z)(v, m.mask, dst)
	} else {
		either(t, t.VANDPS, t.VANDPD)(m.mask, v, dst)
	}
}

func (t *target) blend(m tail, v, elsewhere, dst Op) {
	if t.level == avx512 {
		either(t, t.VBLENDMPS, t.VBLENDMPD)(v, elsewhere, m.mask, dst)
	} else {
		either(t, t.VBLENDVPS, t.VBLENDVPD)(m.mask, v, elsewhere, dst)
	}
}

// splat copies lane 0 of v to every lane.
func (t *target) splat(v, dst reg.VecVirtual) {
	either(t, t.VBROADCASTSS, t.VBROADCASTSD)(v.AsX(), dst)
}

// table returns a static table of values of the element's size.
func (t *target) table(name string, bits ...uint64) Mem {
	if m, ok := t.tables[name]; ok {
		return m
	}
	m := t.StaticGlobal(name + "_" + string(t.elem))
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
