package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// allowed are the instructions of ARMv8.0 that the translation writes, as Go's assembler or
// the comments of words name them.
var allowed = strings.Fields(`
	MOVD MOVW MOVWU MOVBU MOVHU MOVB MOVH ADD ADDS ADDW ADDSW SUB SUBS AND ANDS ORR EOR NEG NEGS MUL LSL LSR ASR
	CMP TST CSEL JMP BEQ BNE BLT BLE BGT BGE BLO BHS BHI BLS TBZ RET PRFM PCALIGN
	FMOVS FMOVD FMOVQ VMOV VLD1.P VLD1R VST1.P VDUP VEXT VREV64 VZIP1 VZIP2 VUSHLL
	VADD VSUB VAND VORR VEOR VSHL VUSHR VFMLA VFMLS VBSL VBIT VBIF
	VUZP1 VUZP2 FADDS FADDD FSUBS FSUBD FMULS FMULD FDIVS FDIVD FMADDS FMADDD FMSUBS FMSUBD
	FADD FSUB FMUL FDIV FSQRT FNEG FMLA FCMEQ FCMGE FCMGT SCVTF NOT SXTL SSHR FCVTL CMGT`)

// kept are the registers that Go keeps for itself: the platform's, the assembler's, the
// goroutine, the frame pointer and the link register.
var kept = regexp.MustCompile(`\bR(18|27|28|29|30)\b`)

// lintARM64 reports what the assembly of a level of arm64 must not have: an instruction
// beyond ARMv8.0, a register that Go keeps.
func lintARM64(assembly string) error {
	var errs []error
	function := ""
	for line := range strings.Lines(assembly) {
		if name, ok := strings.CutPrefix(line, "TEXT ·"); ok {
			function, _, _ = strings.Cut(name, "(")
		}
		if !strings.HasPrefix(line, "\t") {
			continue
		}
		opcode, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if opcode == "WORD" {
			_, comment, _ := strings.Cut(rest, "// ")
			opcode, _, _ = strings.Cut(comment, " ")
		}
		if !slices.Contains(allowed, opcode) {
			errs = append(errs, fmt.Errorf("%s: %s is not one of the instructions of ARMv8.0 that are allowed", function, opcode))
		}
		if r := kept.FindString(line); r != "" {
			errs = append(errs, fmt.Errorf("%s: %s uses %s, which Go keeps", function, opcode, r))
		}
	}
	return errors.Join(errs...)
}
