package main

import (
	"fmt"
	"math/bits"
)

// word is an instruction that Go's assembler lacks, as its bits without registers. Its
// vectors have 16 bytes.
type word struct {
	name   string
	single uint32 // for lanes of 32 bits
	double uint32 // for lanes of 64 bits, 0 if it has none
	suffix string // of the last operand in the comment
}

var words = map[string]word{
	"FADD":  {name: "FADD", single: 0x4e20d400, double: 0x4e60d400},
	"FSUB":  {name: "FSUB", single: 0x4ea0d400, double: 0x4ee0d400},
	"FMUL":  {name: "FMUL", single: 0x6e20dc00, double: 0x6e60dc00},
	"FDIV":  {name: "FDIV", single: 0x6e20fc00, double: 0x6e60fc00},
	"FCMEQ": {name: "FCMEQ", single: 0x4e20e400, double: 0x4e60e400},
	"FCMGE": {name: "FCMGE", single: 0x6e20e400, double: 0x6e60e400},
	"FCMGT": {name: "FCMGT", single: 0x6ea0e400, double: 0x6ee0e400},
	"FSQRT": {name: "FSQRT", single: 0x6ea1f800, double: 0x6ee1f800},
	"FNEG":  {name: "FNEG", single: 0x6ea0f800, double: 0x6ee0f800},
	"SCVTF": {name: "SCVTF", single: 0x4e21d800, double: 0x4e61d800},
	"NOT":   {name: "NOT", single: 0x6e205800},   // of bytes
	"SXTL":  {name: "SXTL", double: 0x0f20a400},  // from 32 bits
	"FCVTL": {name: "FCVTL", double: 0x0e617800}, // from 32 bits
	"MUL":   {name: "MUL", single: 0x4ea09c00},   // of integers, as is
	"CMGT":  {name: "CMGT", single: 0x4ea03400},
	"SSHR":  {name: "SSHR", single: 0x4f000400},
}

// shifted is the word of a shift to the right of lanes of so many bits.
func (w word) shifted(lanes, by int64) word {
	w.single |= uint32(2*lanes-by) << 16
	w.suffix = fmt.Sprintf(", #%d", by)
	return w
}

// word writes an instruction with a destination and one or two sources.
func (a *arm64) word(w word, e elem, to int, from ...int) {
	code, lanes := w.single, ".4S"
	if e == f64 {
		code, lanes = w.double, ".2D"
	}
	source := lanes
	switch w.name {
	case "NOT":
		lanes, source = ".16B", ".16B"
	case "SXTL", "FCVTL":
		source = ".2S"
	}
	if code == 0 {
		a.fail("%s has no lanes of %s", w.name, e)
	}
	code |= uint32(to)
	comment := fmt.Sprintf("%s V%d%s", w.name, to, lanes)
	for i, n := range from {
		code |= uint32(n) << []int{5, 16}[i]
		comment += fmt.Sprintf(", V%d%s", n, source)
	}
	a.emitWord(code, comment+w.suffix)
}

// byElement writes to ← to + x·y[lane].
func (a *arm64) byElement(e elem, lane, to, x, y int) {
	code, lanes, element := uint32(0x4f801000), ".4S", "S"
	index := uint32(lane>>1)<<11 | uint32(lane&1)<<21
	if e == f64 {
		code, lanes, element, index = 0x4fc01000, ".2D", "D", uint32(lane)<<11
	}
	if bits.Len(uint(lane)) > bits.Len(uint(16/isa{elem: e}.size()-1)) {
		a.fail("lane %d", lane)
	}
	a.emitWord(code|index|uint32(y)<<16|uint32(x)<<5|uint32(to),
		fmt.Sprintf("FMLA V%d%s, V%d%s, V%d.%s[%d]", to, lanes, x, lanes, y, element, lane))
}

func (a *arm64) emitWord(code uint32, comment string) {
	a.emit("WORD", fmt.Sprintf("$0x%08x // %s", code, comment))
}
