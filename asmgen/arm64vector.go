package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectorTranslations are the instructions on vectors. Many exist in float32, with the
// suffix PS or SS, and in float64, with PD or SD.
func vectorTranslations() map[string]translation {
	all := map[string]translation{
		"VPADDD": integers("VADD", "S4"), "VPADDQ": integers("VADD", "D2"),
		"VPSUBD": integers("VSUB", "S4"), "VPSUBQ": integers("VSUB", "D2"),
		"VPSLLD": shift("VSHL", "S4"), "VPSLLQ": shift("VSHL", "D2"),
		"VPSRLD": shift("VUSHR", "S4"), "VPSRLQ": shift("VUSHR", "D2"),
		"VPSRAD": shiftArithmetic, "VPMULLD": wordsOfIntegers("MUL"), "VPCMPGTD": wordsOfIntegers("CMGT"),
		"VPMOVZXBD": extendBytes, "VCVTDQ2PS": unary(words["SCVTF"], f32), "VCVTDQ2PD": convertLow,
		"VSHUFPS": shuffle, "VCVTPS2PD": widen,
		"VMOVDDUP": broadcastElement(f64),
		"VMOVD":    func(a *arm64, ops []Op) { a.emit("FMOVS", a.general(ops[0]), f(a.vector(ops[1]))) },
	}
	for name, translate := range map[string]func(e elem) translation{
		"VADD": arithmeticOf("FADD"), "VSUB": arithmeticOf("FSUB"), "VMUL": arithmeticOf("FMUL"), "VDIV": arithmeticOf("FDIV"),
		"VSQRT":      func(e elem) translation { return unary(words["FSQRT"], e) },
		"VMAX":       func(e elem) translation { return extreme(e, false) },
		"VMIN":       func(e elem) translation { return extreme(e, true) },
		"VFMADD231":  func(e elem) translation { return accumulate("VFMLA", e) },
		"VFNMADD231": func(e elem) translation { return accumulate("VFMLS", e) },
		"VFMSUB231":  accumulateNegated,
		"VFMADD213":  accumulateElsewhere,
		"VFMLA":      multiplyByElement,
		"VCMP":       compareLanes,
		"VBLENDV":    func(elem) translation { return blendLanes },
		"VAND":       func(elem) translation { return integers("VAND", "B16") },
		"VOR":        func(elem) translation { return integers("VORR", "B16") },
		"VXOR":       func(elem) translation { return integers("VEOR", "B16") },
		"VMOVU":      func(elem) translation { return moveVector },
		"VMOVA":      func(elem) translation { return moveVector },
		"VMOVBACK":   func(elem) translation { return moveBack },
		"VMOVFIRST":  moveFirst,
		"VUNPCKL":    func(e elem) translation { return integers("VZIP1", arrangement(e)) },
		"VUNPCKH":    func(e elem) translation { return integers("VZIP2", arrangement(e)) },
		"VPERMIL":    permute,
	} {
		all[name+"PS"], all[name+"PD"] = translate(f32), translate(f64)
	}
	for name, translate := range map[string]func(e elem) translation{
		"VMOV": moveScalar, "VBROADCAST": broadcastElement,
		"VADD": scalar("FADD"), "VSUB": scalar("FSUB"), "VMUL": scalar("FMUL"), "VDIV": scalar("FDIV"),
		"VFMADD231": accumulateScalar("FMADD"), "VFNMADD231": accumulateScalar("FMSUB"),
	} {
		all[name+"SS"], all[name+"SD"] = translate(f32), translate(f64)
	}
	return all
}

// arrangement is how Go's assembler writes the lanes of a vector.
func arrangement(e elem) string {
	if e == f32 {
		return "S4"
	}
	return "D2"
}

func v(n int, arrangement string) string { return fmt.Sprintf("V%d.%s", n, arrangement) }
func f(n int) string                     { return fmt.Sprintf("F%d", n) }

// laneOf is a lane of a vector.
func laneOf(n, lane int, e elem) string {
	return fmt.Sprintf("V%d.%c[%d]", n, arrangement(e)[0], lane)
}

// vector returns the number of a vector register.
func (a *arm64) vector(op Op) int {
	n, ok := physical(op, reg.KindVector)
	if !ok {
		a.fail("%s is not a vector register", op.Asm())
	} else if op.(reg.Register).Size() != 16 {
		a.fail("%s does not have 16 bytes", op.Asm())
	}
	return n
}

// operand returns the number of a vector register with an operand, which it loads if it is
// in memory.
func (a *arm64) operand(op Op) int {
	m, ok := op.(Mem)
	if !ok {
		return a.vector(op)
	}
	n := a.temporary()
	a.emit("FMOVQ", a.addressOfVector(m), f(n))
	return n
}

// copy copies a vector register unless it is the other.
func (a *arm64) copy(from, to int) {
	if from != to {
		a.emit("VMOV", v(from, "B16"), v(to, "B16"))
	}
}

// integers is an instruction of three operands that Go's assembler has.
func integers(opcode, lanes string) translation {
	return func(a *arm64, ops []Op) {
		x, y, to := a.operand(ops[0]), a.operand(ops[1]), a.vector(ops[2])
		a.emit(opcode, v(x, lanes), v(y, lanes), v(to, lanes))
	}
}

func shift(opcode, lanes string) translation {
	return func(a *arm64, ops []Op) {
		a.emit(opcode, a.value(ops[0]), v(a.operand(ops[1]), lanes), v(a.vector(ops[2]), lanes))
	}
}

func shiftArithmetic(a *arm64, ops []Op) {
	by, x, to := a.constant(ops[0]), a.operand(ops[1]), a.vector(ops[2])
	a.word(words["SSHR"].shifted(32, by), f32, to, x)
}

// extendBytes converts four bytes to integers of 32 bits.
func extendBytes(a *arm64, ops []Op) {
	to := a.vector(ops[1])
	from := to
	if m, ok := ops[0].(Mem); ok {
		a.emit("FMOVS", a.address(m), f(to))
	} else {
		from = a.vector(ops[0])
	}
	a.emit("VUSHLL", "$0", v(from, "B8"), v(to, "H8"))
	a.emit("VUSHLL", "$0", v(to, "H4"), v(to, "S4"))
}

// convertLow converts the two lower integers of 32 bits to float64.
func convertLow(a *arm64, ops []Op) {
	x, to := a.operand(ops[0]), a.vector(ops[1])
	a.word(words["SXTL"], f64, to, x)
	a.word(words["SCVTF"], f64, to, to)
}

func unary(w word, e elem) translation {
	return func(a *arm64, ops []Op) {
		x := a.operand(ops[0])
		a.word(w, e, a.vector(ops[1]), x)
	}
}

// wordsOfIntegers combines ops[1] with ops[0], which are integers of 32 bits.
func wordsOfIntegers(opcode string) translation {
	return func(a *arm64, ops []Op) {
		y, x := a.operand(ops[0]), a.operand(ops[1])
		a.word(words[opcode], f32, a.vector(ops[2]), x, y)
	}
}

// arithmeticOf computes dst ← ops[1] op ops[0].
func arithmeticOf(opcode string) func(e elem) translation {
	return func(e elem) translation {
		return func(a *arm64, ops []Op) {
			y, x := a.operand(ops[0]), a.operand(ops[1])
			a.word(words[opcode], e, a.vector(ops[2]), x, y)
		}
	}
}

// scalar computes dst ← ops[1] op ops[0] in lane 0, and clears the other lanes.
func scalar(opcode string) func(e elem) translation {
	return func(e elem) translation {
		return func(a *arm64, ops []Op) {
			y, x := a.operandScalar(ops[0], e), a.vector(ops[1])
			a.emit(opcode+ofElem(e, "S", "D"), f(y), f(x), f(a.vector(ops[2])))
		}
	}
}

// accumulateScalar computes acc ← acc ± ops[0]·ops[1] in lane 0, and clears the other lanes.
func accumulateScalar(opcode string) func(e elem) translation {
	return func(e elem) translation {
		return func(a *arm64, ops []Op) {
			x, y, acc := a.operandScalar(ops[0], e), a.vector(ops[1]), a.vector(ops[2])
			a.emit(opcode+ofElem(e, "S", "D"), f(x), f(acc), f(y), f(acc))
		}
	}
}

func (a *arm64) operandScalar(op Op, e elem) int {
	m, ok := op.(Mem)
	if !ok {
		return a.vector(op)
	}
	n := a.temporary()
	a.emit(ofElem(e, "FMOVS", "FMOVD"), a.address(m), f(n))
	return n
}

// extreme computes dst ← ops[1] where it is larger (smaller) than ops[0], else ops[0]. FMAX
// would keep every NaN, and order zeros by their signs.
func extreme(e elem, smaller bool) translation {
	return func(a *arm64, ops []Op) {
		x, y, to, mask := a.operand(ops[0]), a.operand(ops[1]), a.vector(ops[2]), a.temporary()
		if smaller {
			a.word(words["FCMGT"], e, mask, x, y)
		} else {
			a.word(words["FCMGT"], e, mask, y, x)
		}
		a.choose(mask, y, x, to)
	}
}

// choose copies the lanes of yes where all bits of the mask are set, and of no where none is.
func (a *arm64) choose(mask, yes, no, to int) {
	switch to {
	case mask:
		a.emit("VBSL", v(no, "B16"), v(yes, "B16"), v(to, "B16"))
	case yes:
		a.emit("VBIF", v(mask, "B16"), v(no, "B16"), v(to, "B16"))
	default:
		a.copy(no, to)
		a.emit("VBIT", v(mask, "B16"), v(yes, "B16"), v(to, "B16"))
	}
}

// blendLanes takes lanes of ops[1] where the mask has ones, else of ops[2].
func blendLanes(a *arm64, ops []Op) {
	yes := a.operand(ops[1])
	a.choose(a.vector(ops[0]), yes, a.vector(ops[2]), a.vector(ops[3]))
}

// comparisons are the predicates of amd64: a comparison, with its operands exchanged or
// not, and its result inverted or not.
var comparisons = map[int64]struct {
	opcode            string
	exchanged, invert bool
}{
	0: {"FCMEQ", false, false}, 4: {"FCMEQ", false, true},
	1: {"FCMGT", true, false}, 17: {"FCMGT", true, false}, 5: {"FCMGT", true, true}, 21: {"FCMGT", true, true},
	2: {"FCMGE", true, false}, 18: {"FCMGE", true, false}, 6: {"FCMGE", true, true}, 22: {"FCMGE", true, true},
	13: {"FCMGE", false, false}, 29: {"FCMGE", false, false},
	14: {"FCMGT", false, false}, 30: {"FCMGT", false, false},
}

// compareLanes compares ops[2] with ops[1].
func compareLanes(e elem) translation {
	return func(a *arm64, ops []Op) {
		c, ok := comparisons[a.constant(ops[0])]
		if !ok {
			a.fail("the predicate is none of comparisons")
			return
		}
		x, y, to := a.operand(ops[2]), a.operand(ops[1]), a.vector(ops[3])
		if c.exchanged {
			x, y = y, x
		}
		a.word(words[c.opcode], e, to, x, y)
		if c.invert {
			a.word(words["NOT"], f32, to, to)
		}
	}
}

// accumulate computes acc ← acc ± ops[0]·ops[1].
func accumulate(opcode string, e elem) translation {
	return func(a *arm64, ops []Op) {
		x, y := a.operand(ops[0]), a.operand(ops[1])
		a.emit(opcode, v(x, arrangement(e)), v(y, arrangement(e)), v(a.vector(ops[2]), arrangement(e)))
	}
}

// accumulateNegated computes acc ← ops[0]·ops[1] - acc.
func accumulateNegated(e elem) translation {
	return func(a *arm64, ops []Op) {
		x, y, acc := a.operand(ops[0]), a.operand(ops[1]), a.vector(ops[2])
		if x == acc || y == acc {
			a.fail("the sum is a factor")
		}
		a.word(words["FNEG"], e, acc, acc)
		a.emit("VFMLA", v(x, arrangement(e)), v(y, arrangement(e)), v(acc, arrangement(e)))
	}
}

// accumulateElsewhere computes ops[2] ← ops[2]·ops[1] + ops[0].
func accumulateElsewhere(e elem) translation {
	return func(a *arm64, ops []Op) {
		sum := a.temporary()
		if m, ok := ops[0].(Mem); ok {
			a.emit("FMOVQ", a.addressOfVector(m), f(sum))
		} else {
			a.copy(a.vector(ops[0]), sum)
		}
		x, y := a.operand(ops[1]), a.vector(ops[2])
		a.emit("VFMLA", v(x, arrangement(e)), v(y, arrangement(e)), v(sum, arrangement(e)))
		a.copy(sum, y)
	}
}

// multiplyByElement computes acc ← acc + ops[2]·x, where x is lane ops[0] of ops[1]. This is
// an instruction of arm64, which [target.fmaLane] emits.
func multiplyByElement(e elem) translation {
	return func(a *arm64, ops []Op) {
		a.byElement(e, int(a.constant(ops[0])), a.vector(ops[3]), a.vector(ops[2]), a.vector(ops[1]))
	}
}

func moveVector(a *arm64, ops []Op) {
	switch to := ops[1].(type) {
	case Mem:
		a.emit("FMOVQ", f(a.vector(ops[0])), a.addressOfVector(to))
	default:
		if m, ok := ops[0].(Mem); ok {
			a.emit("FMOVQ", a.addressOfVector(m), f(a.vector(to)))
			return
		}
		a.copy(a.vector(ops[0]), a.vector(to))
	}
}

// moveBack moves 16 bytes whose address is that of the operand in memory, plus ops[1].
func moveBack(a *arm64, ops []Op) {
	at := func(m Mem) string {
		base, offset := a.place(m)
		a.emit("ADD", a.general(ops[1]), base, addressTemporary)
		return fmt.Sprintf("%d(%s)", offset, addressTemporary)
	}
	if m, ok := ops[0].(Mem); ok {
		a.emit("FMOVQ", at(m), f(a.vector(ops[2])))
	} else {
		a.emit("FMOVQ", f(a.vector(ops[0])), at(ops[2].(Mem)))
	}
}

func moveScalar(e elem) translation {
	opcode := ofElem(e, "FMOVS", "FMOVD")
	return func(a *arm64, ops []Op) {
		if len(ops) != 2 {
			a.fail("lanes of two registers cannot be joined")
			return
		}
		if m, ok := ops[1].(Mem); ok {
			a.emit(opcode, f(a.vector(ops[0])), a.address(m))
		} else if m, ok := ops[0].(Mem); ok {
			a.emit(opcode, a.address(m), f(a.vector(ops[1])))
		}
	}
}

func broadcastElement(e elem) translation {
	return func(a *arm64, ops []Op) {
		to := a.vector(ops[1])
		m, inMemory := ops[0].(Mem)
		if inMemory && m.Base != reg.FramePointer {
			a.emit("VLD1R", "("+a.pointer(m)+")", "["+v(to, arrangement(e))+"]")
			return
		}
		from := to
		if inMemory {
			a.emit(ofElem(e, "FMOVS", "FMOVD"), a.address(m), f(to))
		} else {
			from = a.vector(ops[0])
		}
		a.emit("VDUP", laneOf(from, 0, e), v(to, arrangement(e)))
	}
}

// permute exchanges halves, or the elements of each half.
func permute(e elem) translation {
	return func(a *arm64, ops []Op) {
		x, to := a.operand(ops[1]), a.vector(ops[2])
		switch order := a.constant(ops[0]); {
		case e == f32 && order == 0b01_00_11_10 || e == f64 && order == 0b01:
			a.emit("VEXT", "$8", v(x, "B16"), v(x, "B16"), v(to, "B16"))
		case e == f32 && order == 0b10_11_00_01:
			a.emit("VREV64", v(x, "S4"), v(to, "S4"))
		default:
			a.fail("this order of elements is not that of an instruction")
		}
	}
}

// shuffle joins the even or the odd elements of ops[2] and ops[1].
func shuffle(a *arm64, ops []Op) {
	opcode, ok := map[int64]string{0b10_00_10_00: "VUZP1", 0b11_01_11_01: "VUZP2"}[a.constant(ops[0])]
	if !ok {
		a.fail("this order of elements is not that of an instruction")
	}
	integers(opcode, "S4")(a, ops[1:])
}

// widen converts two of float32 to float64.
func widen(a *arm64, ops []Op) {
	a.word(words["FCVTL"], f64, a.vector(ops[1]), a.operandScalar(ops[0], f64))
}

// moveFirst loads or stores the first lanes, those that the mask has, and clears the others
// of a loaded vector. It is no instruction: [target.loadMasked] and [target.storeMasked] emit
// it.
func moveFirst(e elem) translation {
	return func(a *arm64, ops []Op) {
		const low, high, p = "R17", "R19", "R20"
		mask, done := a.vector(ops[1]), a.label()
		a.emit("VMOV", laneOf(mask, 0, f64), low)
		a.emit("VMOV", laneOf(mask, 1, f64), high)
		m, loads := ops[0].(Mem)
		n := 0
		if loads {
			n = a.vector(ops[2])
			a.emit("VEOR", v(n, "B16"), v(n, "B16"), v(n, "B16"))
		} else {
			n, m = a.vector(ops[0]), ops[2].(Mem)
		}
		a.emit("MOVD", a.pointer(m), p)
		size := isa{elem: e}.size()
		for lane := range 16 / size {
			half, sign := low, 8*size*(lane+1)-1
			if sign >= 64 {
				half, sign = high, sign-64
			}
			a.emit("TBZ", fmt.Sprintf("$%d", sign), half, done)
			if loads {
				a.emit("VLD1.P", fmt.Sprintf("%d(%s)", size, p), laneOf(n, lane, e))
			} else {
				a.emit("VST1.P", laneOf(n, lane, e), fmt.Sprintf("%d(%s)", size, p))
			}
		}
		a.here(done)
	}
}

func ofElem[I any](e elem, single, double I) I {
	if e == f32 {
		return single
	}
	return double
}
