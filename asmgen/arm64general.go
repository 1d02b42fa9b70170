package main

import (
	"fmt"
	"strings"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// translation emits what an instruction does, whose operands stand in the order of Go's
// assembler, the destination last.
type translation func(a *arm64, ops []Op)

// translations are the instructions of amd64 that generators may use at a level of arm64.
var translations = func() map[string]translation {
	all := map[string]translation{
		"MOVQ": move("MOVD"), "MOVL": move("MOVWU"), "MOVB": move("MOVBU"),
		"MOVLQSX": move("MOVW"), "MOVBLZX": move("MOVBU"), "MOVWLZX": move("MOVHU"),
		"LEAQ": loadAddress, "XCHGQ": exchange, "NEGQ": negate,
		"ADDQ": arithmetic("ADD"), "SUBQ": arithmetic("SUB"), "ANDQ": arithmetic("AND"),
		"ADDL": func(a *arm64, ops []Op) {
			a.emit("ADD"+a.setting()+"W", a.general(ops[0]), a.general(ops[1]), a.general(ops[1]))
		},
		"ORQ": arithmetic("ORR"), "XORQ": exclusiveOr,
		"INCQ": byOne("ADD"), "DECQ": byOne("SUB"),
		"SHLQ": arithmetic("LSL"), "SHRQ": arithmetic("LSR"), "SARQ": arithmetic("ASR"),
		"IMULQ": arithmetic("MUL"), "IMUL3Q": multiply,
		"CMPQ":  func(a *arm64, ops []Op) { a.emit("CMP", a.value(ops[1]), a.register(ops[0])) },
		"TESTQ": func(a *arm64, ops []Op) { a.emit("TST", a.value(ops[0]), a.general(ops[1])) },
		"TESTB": testByte,
		"JMP":   jump,
		"RET":   func(a *arm64, ops []Op) { a.emit("RET") },

		"PREFETCHT0": func(a *arm64, ops []Op) { a.emit("PRFM", "("+a.pointer(ops[0].(Mem))+")", "PLDL1KEEP") },
		"PCALIGN":    func(a *arm64, ops []Op) { a.emit("PCALIGN", a.value(ops[0])) },
		"VZEROUPPER": func(a *arm64, ops []Op) {}, // there is nothing like it
	}
	for name, condition := range conditions {
		all["J"+name] = func(a *arm64, ops []Op) { a.emit("B"+condition, string(ops[0].(LabelRef))) }
		all["CMOVQ"+name] = func(a *arm64, ops []Op) {
			to := a.general(ops[1])
			a.emit("CSEL", condition, a.general(ops[0]), to, to)
		}
	}
	for name, t := range vectorTranslations() {
		all[name] = t
	}
	return all
}()

// register is value, but never a constant: it moves one to a register.
func (a *arm64) register(op Op) string {
	if _, ok := op.(Constant); !ok {
		return a.value(op)
	}
	a.emit("MOVD", a.value(op), valueTemporary)
	return valueTemporary
}

// move copies between registers and memory, with a load that extends as the name says.
func move(load string) translation {
	return func(a *arm64, ops []Op) {
		from, to := ops[0], ops[1]
		if m, ok := to.(Mem); ok {
			store := strings.TrimSuffix(load, "U")
			if c, ok := from.(Constant); ok && a.constant(c) == 0 {
				a.emit(store, "ZR", a.address(m))
				return
			}
			a.emit(store, a.general(from), a.address(m))
			return
		}
		switch from := from.(type) {
		case Mem:
			a.emit(load, a.address(from), a.general(to))
		case Constant:
			a.emit("MOVD", a.value(from), a.general(to))
		default:
			a.emit(load, a.general(from), a.general(to))
		}
	}
}

func loadAddress(a *arm64, ops []Op) {
	m, to := ops[0].(Mem), a.general(ops[1])
	if m.Base == reg.StaticBase {
		a.emit("MOVD", fmt.Sprintf("$constants<>+%d(SB)", a.constants.offset(m)), to)
		return
	}
	base, offset := a.place(m)
	switch last := len(a.lines) - 1; {
	case offset != 0:
		a.emit("ADD", fmt.Sprintf("$%d", offset), base, to)
	case base == addressTemporary: // the sum of base and index
		a.lines[last] = strings.TrimSuffix(a.lines[last], addressTemporary) + to
	default:
		a.emit("MOVD", base, to)
	}
}

// arithmetic combines the second operand with the first.
func arithmetic(opcode string) translation {
	return func(a *arm64, ops []Op) {
		to, by := a.general(ops[1]), a.value(ops[0])
		a.emit(opcode+a.setting(), by, to, to)
	}
}

// setting is the suffix of an opcode that sets flags, if they are read.
func (a *arm64) setting() string {
	if a.flags {
		return "S"
	}
	return ""
}

func byOne(opcode string) translation {
	return func(a *arm64, ops []Op) {
		to := a.general(ops[0])
		a.emit(opcode+a.setting(), "$1", to, to)
	}
}

func negate(a *arm64, ops []Op) {
	to := a.general(ops[0])
	a.emit("NEG"+a.setting(), to, to)
}

func exclusiveOr(a *arm64, ops []Op) {
	if ops[0] == ops[1] {
		a.emit("MOVD", "ZR", a.general(ops[1]))
		return
	}
	arithmetic("EOR")(a, ops)
}

func multiply(a *arm64, ops []Op) {
	a.emit("MOVD", a.value(ops[0]), valueTemporary)
	a.emit("MUL", valueTemporary, a.general(ops[1]), a.general(ops[2]))
}

func exchange(a *arm64, ops []Op) {
	x, y := a.general(ops[0]), a.general(ops[1])
	a.emit("MOVD", x, valueTemporary)
	a.emit("MOVD", y, x)
	a.emit("MOVD", valueTemporary, y)
}

func testByte(a *arm64, ops []Op) {
	if ops[0] != ops[1] {
		a.fail("only a byte with itself can be tested")
	}
	a.emit("TST", "$255", a.general(ops[0]))
}

// jump goes to a label or, with the same parameters, to another function.
func jump(a *arm64, ops []Op) {
	if m, ok := ops[0].(Mem); ok {
		a.emit("JMP", m.Symbol.Name+"(SB)")
		return
	}
	a.emit("JMP", string(ops[0].(LabelRef)))
}
