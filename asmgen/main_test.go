package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/stretchr/testify/require"
)

func TestCommittedFilesAreWhatTheGeneratorsWrite(t *testing.T) {
	fs, err := files()
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
	for _, pattern := range []string{"*.s", "dispatch_*.go", "internal/avx*/*"} {
		there, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		for _, path := range there {
			name, err := filepath.Rel(dir, path)
			require.NoError(t, err)
			require.True(t, generated[name], "nothing generates %s", path)
		}
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
		{"f: VPXORD needs AVX512F, which avx2 has not", func() *build.Context {
			c := function("f", true)
			c.VPXORD(reg.Z1, reg.Z1, reg.Z1)
			c.VZEROUPPER()
			c.RET()
			return c
		}},
		{"f: VADDPS uses Y16, which avx2 has not", func() *build.Context {
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
		{"f: no noescape", func() *build.Context {
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
