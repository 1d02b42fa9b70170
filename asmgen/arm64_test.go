package main

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/stretchr/testify/require"
)

func TestTranslationRefusesWhatARM64Lacks(t *testing.T) {
	for message, emit := range map[string]func(c *build.Context){
		"VADDPS Y0, Y0, Y0: Y0 does not have 16 bytes":     func(c *build.Context) { c.VADDPS(reg.Y0, reg.Y0, reg.Y0) },
		"VPXORD has no translation to arm64":               func(c *build.Context) { c.VPXORD(reg.X0, reg.X0, reg.X0) },
		"BSFQ has no translation to arm64":                 func(c *build.Context) { c.BSFQ(reg.RAX, reg.RBX) },
		"JL reads flags that no instruction above it sets": func(c *build.Context) { c.JL(LabelRef("end")) },
		"JZ reads flags that no instruction above it sets": func(c *build.Context) {
			c.TESTQ(reg.RAX, reg.RAX)
			c.Label("between")
			c.JZ(LabelRef("end"))
			c.TESTQ(reg.RAX, reg.RAX)
			c.JNZ(LabelRef("between"))
		},
		"VCMPPS $0x00, X0, X0, X1: the predicate is none of comparis": func(c *build.Context) { c.VCMPPS(U8(3), reg.X0, reg.X0, reg.X1) },
		"this order of elements is not that of an instruction":        func(c *build.Context) { c.VPERMILPS(U8(0), reg.X0, reg.X1) },
		"lanes of two registers cannot be joined":                     func(c *build.Context) { c.VMOVSS(reg.X0, reg.X1, reg.X2) },
		"the sum is a factor":                                         func(c *build.Context) { c.VFMSUB231PS(reg.X0, reg.X1, reg.X1) },
		"has variables on the stack":                                  func(c *build.Context) { c.AllocLocal(8) },
	} {
		t.Run(message, func(t *testing.T) {
			c := build.NewContext()
			c.Function("f")
			c.Attributes(attr.NOSPLIT)
			c.Pragma("noescape")
			c.SignatureExpr("func(p *float32)")
			emit(c)
			c.Label("end")
			c.RET()
			f, err := c.Result()
			require.NoError(t, err)
			_, err = compile(f, neon)
			require.ErrorContains(t, err, strings.Replace(message, "$0x00", "$0x03", 1))
		})
	}
}

func TestLintOfARM64FindsWhatItMustNotHave(t *testing.T) {
	for _, c := range []struct{ message, line string }{
		{"f: FCVTL2 is not one of the instructions of ARMv8.0", "\tWORD $0x4e617800 // FCVTL2 V0.2D, V0.4S"},
		{"f: SDOT is not one of the instructions of ARMv8.0", "\tWORD $0x4e829420 // SDOT V0.4S, V1.16B, V2.16B"},
		{"f: ZLD1W is not one of the instructions of ARMv8.0", "\tZLD1W (R1), P0, [Z1]"},
		{"f: MOVD uses R18, which Go keeps", "\tMOVD R1, R18"},
		{"f: ADD uses R27, which Go keeps", "\tADD $8, R27, R27"},
		{"f: FMOVQ uses R28, which Go keeps", "\tFMOVQ 8(R28), F1"},
		{"f: MOVD uses R29, which Go keeps", "\tMOVD R29, R1"},
		{"f: MOVD uses R30, which Go keeps", "\tMOVD R30, (R1)"},
	} {
		err := lintARM64("TEXT ·f(SB), NOSPLIT, $0-8\n" + c.line + "\n\tRET\n")
		require.ErrorContains(t, err, c.message)
	}
	require.NoError(t, lintARM64("TEXT ·f(SB), NOSPLIT, $0-8\n\tMOVD R1, R17\n\tRET\n"))
}

// TestWordsAreTheInstructionsOfTheirComments has LLVM assemble the comments, for a processor
// with nothing beyond ARMv8.0.
func TestWordsAreTheInstructionsOfTheirComments(t *testing.T) {
	mc, err := exec.LookPath("llvm-mc-19")
	if err != nil {
		t.Skip("llvm-mc-19 is not on this machine")
	}
	fs, err := generate()
	require.NoError(t, err)
	word := regexp.MustCompile(`\tWORD \$0x(..)(..)(..)(..) // (.*)\n`)
	wants := map[string]string{} // bytes, by instruction
	for _, f := range fs {
		for _, m := range word.FindAllStringSubmatch(string(f.data), -1) {
			wants[strings.ToLower(m[5])] = "[0x" + strings.Join([]string{m[4], m[3], m[2], m[1]}, ",0x") + "]"
		}
	}
	require.Greater(t, len(wants), 1000)
	var source, want strings.Builder
	for instruction, bytes := range wants {
		source.WriteString(instruction + "\n")
		want.WriteString(bytes + "\n")
	}
	c := exec.Command(mc, "-triple=aarch64", "-show-encoding")
	c.Stdin = strings.NewReader(source.String())
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%.2000s", out)
	var got strings.Builder
	for _, m := range regexp.MustCompile(`encoding: (\[.*\])`).FindAllStringSubmatch(string(out), -1) {
		got.WriteString(m[1] + "\n")
	}
	require.Equal(t, want.String(), got.String())
}
