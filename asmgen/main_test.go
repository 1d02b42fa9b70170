package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/stretchr/testify/require"
)

// generate is [files], run once for all tests.
var generate = sync.OnceValues(files)

func TestCommittedFilesAreWhatTheGeneratorsWrite(t *testing.T) {
	fs, err := generate()
	require.NoError(t, err)
	generated := map[string]bool{}
	for _, f := range fs {
		generated[f.name] = true
		committed, err := os.ReadFile(filepath.Join(dir, f.name))
		require.NoError(t, err, "run go generate ./...")
		if string(committed) != string(f.data) {
			t.Errorf("%s is stale or edited: run go generate ./...", f.name)
		}
		require.Less(t, strings.Count(string(f.data), "\n"), 3000, "lines of %s", f.name)
	}
	for _, pattern := range []string{"*.s", "dispatch_*.go", "internal/*/*"} {
		there, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		for _, path := range there {
			name, err := filepath.Rel(dir, path)
			require.NoError(t, err)
			byHand := filepath.Dir(path) == filepath.Dir(filepath.FromSlash(argsFile))
			require.NotEqual(t, byHand, generated[name], "nothing generates %s", path)
		}
	}
}

// TestAssemblyHasTheCoefficientsOfThePortableCode compares bits: a coefficient that is
// wrong in its last digit changes so few results that a sample may miss them all.
func TestAssemblyHasTheCoefficientsOfThePortableCode(t *testing.T) {
	fs, err := generate()
	require.NoError(t, err)
	coefficient := regexp.MustCompile(`(?m)^\t[qr] :?= .*?(\d\.\d{8,}(?:e-\d+)?)\)?$`)
	constant := regexp.MustCompile(`(?:DATA|//) (\w+)_f\d\d(?:<>\+0|\nDATA constants<>\+\d+)\(SB\)/\d, \$0x([0-9a-f]+)`)
	for _, of := range []struct {
		function string
		bits     int
		many     int // coefficients
		in       int // files of a level
	}{{"exp", 32, 5, 2}, {"exp", 64, 10, 2}, {"log", 32, 4, 1}, {"log", 64, 7, 1}} {
		want := map[string]uint64{}
		add := func(name, number string) {
			x, err := strconv.ParseFloat(number, of.bits)
			require.NoError(t, err)
			if want[of.function+name] = math.Float64bits(x); of.bits == 32 {
				want[of.function+name] = uint64(math.Float32bits(float32(x)))
			}
		}
		source, err := os.ReadFile(filepath.Join(dir, "explog.go"))
		require.NoError(t, err)
		_, body, _ := strings.Cut(strings.ReplaceAll(string(source), "\r\n", "\n"), fmt.Sprintf("\nfunc %s%d(", of.function, of.bits))
		body, _, _ = strings.Cut(body, "\n}\n")
		for i, c := range coefficient.FindAllStringSubmatch(body, -1) {
			add("C"+string(rune('A'+i)), c[1])
		}
		require.Len(t, want, of.many, "coefficients of %s%d", of.function, of.bits)
		for _, c := range regexp.MustCompile(`(?m)^\t\tln2(Hi|Lo) += (\S+)$`).FindAllStringSubmatch(body, -1) {
			add("Ln2"+c[1], c[2])
		}
		require.Len(t, want, of.many+2)

		found := 0
		for _, f := range fs {
			if !strings.Contains(f.name, fmt.Sprintf("_f%d_", of.bits)) {
				continue
			}
			got := map[string]uint64{}
			for _, c := range constant.FindAllStringSubmatch(string(f.data), -1) {
				if _, ok := want[c[1]]; ok {
					got[c[1]], err = strconv.ParseUint(c[2], 16, 64)
					require.NoError(t, err)
				}
			}
			if len(got) > 0 {
				require.Equal(t, want, got, "%s in %s", of.function, f.name)
				found++
			}
		}
		require.GreaterOrEqual(t, found, of.in*len(levels), "files with %s%d", of.function, of.bits)
	}
}

func TestLintFindsWhatBreaksAtRunTime(t *testing.T) {
	function := func(name string, noescape bool) *build.Context {
		c := build.NewContext()
		c.Function(name)
		c.Attributes(attr.NOSPLIT)
		c.SignatureExpr("func(p *float32)")
		if noescape {
			c.Pragma("noescape")
		}
		return c
	}
	for _, broken := range []struct {
		message string
		emit    func() *build.Context
	}{
		{"f: VPXORD needs AVX512F, which avx2 lacks", func() *build.Context {
			c := function("f", true)
			c.VPXORD(reg.Z1, reg.Z1, reg.Z1)
			c.VZEROUPPER()
			c.RET()
			return c
		}},
		{"f: VADDPS uses Y16, which avx2 lacks", func() *build.Context {
			c := function("f", true)
			live := make([]reg.VecVirtual, 17)
			for i := range live {
				live[i] = c.YMM()
				c.VXORPS(live[i], live[i], live[i])
			}
			for _, v := range live[1:] {
				c.VADDPS(v, live[0], live[0])
			}
			c.VMOVUPS(live[0], Mem{Base: c.Load(c.Param("p"), c.GP64())})
			c.VZEROUPPER()
			c.RET()
			return c
		}},
		{"f: RET without VZEROUPPER", func() *build.Context {
			c := function("f", true)
			c.RET()
			return c
		}},
		{"f: JMP to another function with a frame on the stack", func() *build.Context {
			c := function("f", true)
			c.AllocLocal(8)
			c.Instruction(&ir.Instruction{Opcode: "JMP", Operands: []Op{Mem{Symbol: Symbol{Name: "·g"}, Base: reg.StaticBase}}, IsTerminal: true})
			return c
		}},
		{"f: not noescape", func() *build.Context {
			c := function("f", false)
			c.VZEROUPPER()
			c.RET()
			return c
		}},
	} {
		f, err := broken.emit().Result()
		require.NoError(t, err)
		_, err = compile(f, avx2)
		require.ErrorContains(t, err, broken.message)
	}
}
