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
)

type level string

const (
	avx2   level = "avx2"
	avx512 level = "avx512"
	neon   level = "neon"
)

// arch is the architecture of a level, as Go calls it.
func (l level) arch() string {
	if l == neon {
		return "arm64"
	}
	return "amd64"
}

type elem string

const (
	f32 elem = "f32"
	f64 elem = "f64"
)

// isa is what a file is generated for: a level and an element type. Package kernels
// calls it isa too.
type isa struct {
	level level
	elem  elem
}

var (
	levels = []level{avx2, avx512, neon}
	elems  = []elem{f32, f64}
	archs  = []string{"amd64", "arm64"}
	isas   = func() (all []isa) {
		for _, l := range levels {
			for _, e := range elems {
				all = append(all, isa{l, e})
			}
		}
		return all
	}()
)

// target emits instructions for an isa. Its methods are named after what an
// instruction does; the element type and the level decide which instruction that is.
type target struct {
	*build.Context
	isa
	tables map[string]Mem // constants that are already in the file
	labels *int           // given out in this function
	doc    []string       // the first line of the function's doc comment
	half   bool           // vectors have half the width of the level's
	scalar bool           // only lane 0 of a short vector is loaded, computed and stored
	mask   mask           // the lanes that are loaded and stored, nil for all
}

func (i isa) start() *target {
	t := &target{Context: build.NewContext(), isa: i, tables: map[string]Mem{}}
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

// size is the number of bytes of an element, width that of a vector, and lanes the
// number of elements of a vector.
func (i isa) size() int {
	if i.elem == f32 {
		return 4
	}
	return 8
}

func (t *target) width() int {
	switch {
	case t.level == neon:
		return 16
	case t.level == avx512 && !t.half:
		return 64
	}
	return 32
}

func (t *target) lanes() int { return t.width() / t.size() }

// begin starts the assembly of an operation. Its generator must call
// [target.function] or [target.panelFunction] before it loads a parameter.
func (t *target) begin(op operation) {
	name := symbol(op.Name, t.elem)
	t.Function(name)
	t.doc = []string{fmt.Sprintf("%s does what %s of package kernels does.", name, strings.TrimPrefix(op.Portable, "e."))}
	t.Doc(t.doc...)
	t.Attributes(attr.NOSPLIT)
	t.Pragma("noescape")
	t.labels = new(int)
}

// function sets the signature, in which %[1]s stands for the element type, and adds
// lines to the doc comment.
func (t *target) function(signature string, doc ...string) {
	t.SignatureExpr(fmt.Sprintf(signature, t.elem.goType()))
	t.Doc(append(t.doc, doc...)...)
}

// end returns from the function. Without VZEROUPPER, the SSE code that Go compiles to
// would run slowly afterwards.
func (t *target) end() {
	t.VZEROUPPER()
	t.RET()
}

// endWith returns lane 0 of v.
func (t *target) endWith(v reg.VecVirtual) {
	result, err := t.ReturnIndex(0).Resolve()
	if err != nil {
		panic(err)
	}
	either(t, t.VMOVSS, t.VMOVSD)(v.AsX(), result.Addr)
	t.end()
}

// tailCall jumps to another function that has the same parameters.
func (t *target) tailCall(function string) {
	t.Instruction(&ir.Instruction{Opcode: "JMP", Operands: []Op{Mem{Symbol: Symbol{Name: "·" + function}, Base: reg.StaticBase}}, IsTerminal: true})
}

// align puts the next instruction at a multiple of 32 bytes. Without, the speed of a
// loop varies by a tenth with the address that the linker gives the function.
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
	case t.scalar || t.width() == 16:
		return t.XMM()
	case t.width() == 64:
		return t.ZMM()
	}
	return t.YMM()
}

// narrow returns v as a vector of the width that t computes with.
func (t *target) narrow(v reg.VecVirtual) Op {
	if t.scalar {
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

// everywhere loads a parameter of the element type into every lane of a vector,
// everywhereOf a parameter or a field.
func (t *target) everywhere(name string) reg.VecVirtual { return t.everywhereOf(t.Param(name)) }

func (t *target) everywhereOf(c gotypes.Component) reg.VecVirtual {
	v := t.vec()
	t.broadcastOf(c, v)
	return v
}

// broadcastOf loads a parameter or a field into every lane of v.
func (t *target) broadcastOf(c gotypes.Component, v reg.VecVirtual) {
	p, err := c.Resolve()
	if err != nil {
		panic(err)
	}
	t.broadcast(p.Addr, v)
}

// stride loads a parameter that is a number of elements, and converts it to bytes.
func (t *target) stride(name string) reg.GPVirtual {
	r := t.param(name)
	t.inBytes(r)
	return r
}

// inBytes converts a number of elements to bytes.
func (t *target) inBytes(r reg.Register) {
	t.SHLQ(U8(math.Ilogb(float64(t.size()))), r)
}
