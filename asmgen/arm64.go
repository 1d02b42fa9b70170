package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/reg"
)

// arm64 translates a function to arm64. Generators write all functions with avo, which
// knows amd64 alone; at a level of arm64 their vectors have 16 bytes, and each instruction
// becomes those of arm64 that do the same to every bit, except that an instruction on lane 0
// clears the other lanes. What has no translation is an error: a wider vector, an instruction
// that is not in [translations], flags of one that sets none.
//
// General register n of amd64 is Rn, and vector register n is Vn. R4, which would be the
// stack pointer, R16, R17, R19 and R20 hold what an instruction needs on the way, and so do
// the vector registers that the function leaves. R26 points to the constants of the file.
// Go keeps R18, R27 to R30 for itself.
type arm64 struct {
	lines     []string
	constants *constants
	pooled    bool  // whether R26 is used
	left      []int // vector registers that the function leaves
	taken     int   // of these, by the instruction at work
	labels    int
	flags     bool // whether flags of the instruction at work are read
	err       error
}

const (
	addressTemporary = "R16"
	valueTemporary   = "R17"
	pool             = "R26"
)

// compileARM64 assigns registers, translates, lints, and prints.
func compileARM64(f *ir.File) ([]byte, error) {
	if err := pass.Concat(
		pass.Verify,
		pass.FunctionPass(pass.PruneJumpToFollowingLabel),
		pass.FunctionPass(pass.PruneDanglingLabels),
		pass.FunctionPass(pass.LabelTarget),
		pass.FunctionPass(pass.CFG),
		pass.InstructionPass(pass.ZeroExtend32BitOutputs),
		pass.FunctionPass(pass.Liveness),
		pass.FunctionPass(pass.AllocateRegisters),
		pass.FunctionPass(pass.BindRegisters),
		pass.FunctionPass(pass.VerifyAllocation),
		pass.FunctionPass(pass.PruneSelfMoves),
	).Execute(f); err != nil {
		return nil, err
	}
	b := bytes.NewBufferString(generated + "//go:build !purego\n\n#include \"textflag.h\"\n")
	pooled := constantsOf(f)
	for _, fn := range f.Functions() {
		a := &arm64{constants: pooled, left: vectorsLeft(fn)}
		if err := a.function(fn); err != nil {
			return nil, fmt.Errorf("%s: %w", fn.Name, err)
		}
		fmt.Fprintf(b, "\n// %s\nTEXT ·%s(SB), NOSPLIT, $0-%d\n", fn.Stub(), fn.Name, fn.ArgumentBytes())
		if a.pooled {
			fmt.Fprintf(b, "\tMOVD $constants<>(SB), %s\n", pool)
		}
		for _, line := range a.lines {
			b.WriteString(line + "\n")
		}
	}
	pooled.print(b)
	return b.Bytes(), errors.Join(lintPragmas(f), lintARM64(b.String()))
}

// vectorsLeft returns the vector registers that a function does not use.
func vectorsLeft(fn *ir.Function) (left []int) {
	var used [32]bool
	for _, i := range fn.Instructions() {
		for _, r := range i.Registers() {
			if p, ok := r.(reg.Physical); ok && r.Kind() == reg.KindVector {
				used[p.PhysicalIndex()] = true
			}
		}
	}
	for n, u := range used {
		if !u {
			left = append(left, n)
		}
	}
	return left
}

// function translates every instruction.
func (a *arm64) function(fn *ir.Function) error {
	if fn.LocalSize > 0 {
		return errors.New("has variables on the stack")
	}
	set := false // whether the flags are those of an instruction above, with no label between
	for at, node := range fn.Nodes {
		switch n := node.(type) {
		case ir.Label:
			a.lines = append(a.lines, string(n)+":")
			set = false
		case *ir.Instruction:
			opcode := n.OpcodeWithSuffixes()
			translate, ok := translations[opcode]
			if !ok {
				return fmt.Errorf("%s has no translation to arm64", opcode)
			}
			if n.Opcode != "JMP" && reads(opcode) && !set {
				return fmt.Errorf("%s reads flags that no instruction above it sets", opcode)
			}
			if sets(opcode) {
				set = true
			}
			a.taken, a.flags = 0, sets(opcode) && flagsRead(fn.Nodes[at+1:])
			if translate(a, n.Operands); a.err != nil {
				return fmt.Errorf("%s %s: %w", opcode, operands(n.Operands), a.err)
			}
		}
	}
	return nil
}

// conditions are what jumps and conditional moves test, by their names in both instruction
// sets.
var conditions = map[string]string{
	"E": "EQ", "Z": "EQ", "NE": "NE", "NZ": "NE",
	"L": "LT", "LE": "LE", "G": "GT", "GE": "GE",
	"LT": "LT", "GT": "GT", "EQ": "EQ",
	"B": "LO", "AE": "HS", "A": "HI", "BE": "LS",
}

func reads(opcode string) bool {
	for _, prefix := range []string{"J", "CMOVQ"} {
		if c, ok := strings.CutPrefix(opcode, prefix); ok && conditions[c] != "" {
			return true
		}
	}
	return false
}

// settings are the instructions whose flags can be read, which are the same in both
// instruction sets but for the carry of an addition.
var settings = []string{"ADDQ", "ADDL", "SUBQ", "INCQ", "DECQ", "NEGQ", "ANDQ", "CMPQ", "TESTQ", "TESTB"}

func sets(opcode string) bool { return slices.Contains(settings, opcode) }

// flagsRead reports whether the flags are read before they are set again. Where flags are
// read after a label, nothing sets them, which is an error there.
func flagsRead(nodes []ir.Node) bool {
	for _, node := range nodes {
		i, ok := node.(*ir.Instruction)
		switch {
		case !ok || i.IsTerminal || i.IsUnconditionalBranch():
			return false
		case reads(i.Opcode):
			return true
		case sets(i.Opcode):
			return false
		}
	}
	return false
}

func (a *arm64) fail(format string, args ...any) {
	if a.err == nil {
		a.err = fmt.Errorf(format, args...)
	}
}

// emit writes an instruction of Go's assembler.
func (a *arm64) emit(opcode string, operands ...string) {
	a.lines = append(a.lines, strings.TrimRight("\t"+opcode+" "+strings.Join(operands, ", "), " "))
}

// label returns a label that no generator uses.
func (a *arm64) label() string {
	a.labels++
	return fmt.Sprintf("lane_%d", a.labels)
}

func (a *arm64) here(label string) { a.lines = append(a.lines, label+":") }

// temporary returns a vector register that the function leaves.
func (a *arm64) temporary() int {
	if a.taken == len(a.left) {
		a.fail("no vector register is left for it")
		return 0
	}
	a.taken++
	return a.left[a.taken-1]
}

func general(n int) string { return "R" + strconv.Itoa(n) }

// physical returns the number of an allocated register of a kind.
func physical(op Op, kind reg.Kind) (n int, ok bool) {
	r, ok := op.(reg.Physical)
	if !ok || r.Kind() != kind {
		return 0, false
	}
	return int(r.PhysicalIndex()), true
}

// general returns the name of a general register.
func (a *arm64) general(op Op) string {
	n, ok := physical(op, reg.KindGP)
	if !ok {
		a.fail("%s is not a general register", op.Asm())
	}
	return general(n)
}

// value returns an operand that may be a constant, or a value in memory, which it loads.
func (a *arm64) value(op Op) string {
	switch op := op.(type) {
	case Constant:
		return "$" + strconv.FormatInt(a.constant(op), 10)
	case Mem:
		a.emit("MOVD", a.address(op), valueTemporary)
		return valueTemporary
	}
	return a.general(op)
}

func (a *arm64) constant(op Op) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(op.Asm(), "$"), 0, 64)
	if err != nil {
		a.fail("%s is not a constant", op.Asm())
	}
	return n
}

// address returns an operand of a load or store of a general register or of one element.
func (a *arm64) address(m Mem) string {
	if m.Base != reg.FramePointer && m.Base != reg.StaticBase && m.Index != nil && m.Scale == 1 && m.Disp == 0 {
		return fmt.Sprintf("(%s)(%s)", a.general(m.Base), a.general(m.Index))
	}
	return a.addressOfVector(m)
}

// addressOfVector returns an operand of a load or store of 16 bytes, which Go's assembler
// allows no index.
func (a *arm64) addressOfVector(m Mem) string {
	if m.Base == reg.FramePointer {
		return m.Asm()
	}
	base, offset := a.place(m)
	if offset == 0 {
		return "(" + base + ")"
	}
	return fmt.Sprintf("%d(%s)", offset, base)
}

// pointer returns a register that holds an address.
func (a *arm64) pointer(m Mem) string {
	base, offset := a.place(m)
	if offset != 0 {
		a.emit("ADD", fmt.Sprintf("$%d", offset), base, addressTemporary)
		base = addressTemporary
	}
	return base
}

// place returns a base register and an offset for an address.
func (a *arm64) place(m Mem) (base string, offset int) {
	switch m.Base {
	case reg.StaticBase:
		a.pooled = true
		base, offset = pool, a.constants.offset(m)
	case reg.FramePointer:
		a.fail("the address of a parameter is not in a register")
	default:
		base, offset = a.general(m.Base), m.Disp
	}
	if m.Index != nil && m.Scale != 0 {
		a.emit("ADD", shifted(a.general(m.Index), bits.TrailingZeros8(m.Scale)), base, addressTemporary)
		base = addressTemporary
	}
	return base, offset
}

func shifted(register string, by int) string {
	if by == 0 {
		return register
	}
	return fmt.Sprintf("%s<<%d", register, by)
}

func operands(ops []Op) string {
	var all []string
	for _, op := range ops {
		all = append(all, op.Asm())
	}
	return strings.Join(all, ", ")
}
