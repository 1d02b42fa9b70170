package kernels

import (
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tunedFile is a valid file for the processor it names.
const tunedFile = `{
  "processor": {"vendor": "AuthenticAMD", "family": 25, "model": 1, "l1d_bytes": 32768, "l2_bytes": 524288, "l3_bytes": 33554432},
  "blockings": {"avx2/float32": {"kc": 192, "mc": 96, "nc": 3000, "slab": 1000000, "loose": 5}}
}`

var tunedOn = Processor{"AuthenticAMD", 25, 1, 32768, 524288, 33554432}

func TestTuningFileIsReadOrRefused(t *testing.T) {
	change := func(from, to string) string {
		require.Contains(t, tunedFile, from)
		return strings.Replace(tunedFile, from, to, 1)
	}
	for _, c := range []struct{ name, text, want string }{
		{"valid", tunedFile, ""},
		{"empty", "", "EOF"},
		{"not JSON", "kc = 5", "invalid character"},
		{"cut off", tunedFile[:len(tunedFile)-9], "unexpected EOF"},
		{"two objects", tunedFile + "{}", "text after the object"},
		{"another vendor", change("AuthenticAMD", "GenuineIntel"), "measured on"},
		{"another model", change(`"model": 1`, `"model": 17`), "measured on"},
		{"another cache", change("524288", "1048576"), "measured on"},
		{"unknown field", change("family", "stepping"), "unknown field"},
		{"unknown level", change("avx2/float32", "avx9/float32"), `unknown level and type "avx9/float32"`},
		{"level generic", change("avx2/float32", "generic/float32"), `unknown level and type "generic/float32"`},
		{"wrong type", change("192", `"192"`), "cannot unmarshal"},
		{"too long", tunedFile + strings.Repeat(" ", mostOfFile), "more than 65536 bytes"},
	} {
		tuning, err := parseTuning([]byte(c.text), tunedOn)
		if c.want == "" {
			require.NoError(t, err, c.name)
			require.Equal(t, Blocking{192, 96, 3000, 1000000, 5}, tuning.Blockings["avx2/float32"])
			continue
		}
		require.ErrorContains(t, err, c.want, c.name)
	}
}

func TestBlockingOutOfRangeIsRefused(t *testing.T) {
	good := Blocking{256, 96, 3072, 1 << 20, 1 << 15}
	require.NoError(t, good.check(narrow32))
	for name, b := range map[string]Blocking{
		"kc is 31":         {31, 96, 3072, 1 << 20, 0},
		"kc is 1025":       {1025, 96, 3072, 1 << 20, 0},
		"mc is 5":          {256, 5, 3072, 1 << 20, 0},
		"mc is 1081":       {256, 1081, 3072, 1 << 20, 0}, // so that a call ends soon
		"nc is 15":         {256, 96, 15, 1 << 20, 0},
		"nc is 100000000":  {256, 96, 100000000, 1 << 20, 0},
		"slab is 4095":     {256, 96, 3072, 4095, 0},
		"slab is 67108865": {256, 96, 3072, 1<<26 + 1, 0},
		"loose is -1":      {256, 96, 3072, 1 << 20, -1},
	} {
		require.ErrorContains(t, b.check(narrow32), name)
	}
	if AVX2.Available() {
		_, err := New[float32](WithLevel(AVX2), WithBlocking(Blocking{}))
		require.EqualError(t, err, "kernels: blocking: kc is 0, want 32 to 1024")
	}
}

func TestTuningComesFromItsFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lanes", "tuning.json")
	check := func(want error, contains, origin string) {
		t.Helper()
		c := choose(path)
		require.Equal(t, path, c.path)
		if contains == "" {
			require.ErrorIs(t, c.err, want)
		} else {
			require.ErrorContains(t, c.err, contains)
		}
		require.Equal(t, "fixed", c.origin[portable])
		for key, i := range tunable() {
			if i != portable && key != "avx2/float64" {
				require.Equal(t, origin, c.origin[i], key)
			}
		}
	}
	t.Setenv("LANES_TUNING", "")
	check(fs.ErrNotExist, "", "model")

	tuning := Tuning{ThisProcessor(), map[string]Blocking{}}
	b := Blocking{200, 100, 3000, 100000, 7}
	for key := range tunable() {
		if key != "avx2/float64" { // which stays with the model
			tuning.Blockings[key] = b
		}
	}
	require.NoError(t, os.Mkdir(filepath.Dir(path), 0o777))
	text, err := json.Marshal(tuning)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o666))
	check(nil, "", "file")
	if i := isaOf[float32](AVX2); i != portable {
		require.Equal(t, blocking{6, 16, 200, 96, 2992, 100000, 7}, choose(path).blockings[i][0])
		require.Equal(t, "model", choose(path).origin[isaOf[float64](AVX2)])
	}

	t.Setenv("LANES_TUNING", "off")
	check(ErrTuningOff, "", "model")

	t.Setenv("LANES_TUNING", "")
	require.NoError(t, os.WriteFile(path, text[1:], 0o666))
	check(nil, path+": ", "model")

	tuning.Processor.Family++
	text, err = json.Marshal(tuning)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o666))
	check(nil, path+": measured on", "model")
}

func TestTuningIsOffOrUnset(t *testing.T) {
	t.Setenv("LANES_TUNING", "on")
	_, err := New[float32]()
	require.EqualError(t, err, `kernels: LANES_TUNING: "on", want off, or nothing`)
}

// Engines of different blockings give the same bits, also with matrices that another packed.
func TestEngineUsesItsBlocking(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const m, n, k = 61, 530, 147
	a, b := guardedMat[float32](t, rng, m, k, k, 1, "end"), guardedMat[float32](t, rng, k, n, n, 1, "end")
	c := NewMat[float32](m, n, nil)
	for _, l := range Levels() {
		machine, err := New[float32](WithLevel(l))
		require.NoError(t, err)
		want := Blocking{40, 20, 100, 40 * 100, 3}
		other, err := New[float32](WithLevel(l), WithBlocking(want))
		require.NoError(t, err)
		got, origin := other.Blocking()
		if l == Generic {
			require.Equal(t, "fixed", origin)
		} else {
			require.Equal(t, "option", origin)
			require.Equal(t, 40, got.KC)
			require.Equal(t, 40, other.blockingFor(n).kc)
			require.Equal(t, 40, other.blockingFor(10*16).kc)
		}
		bits := gemmOracle(machine, c, 1, a, b, 0)
		for _, packer := range []*Engine[float32]{machine, other} {
			p := packer.Pack(b)
			for _, e := range []*Engine[float32]{machine, other} {
				clear(c.Data)
				e.GemmPacked(c, 1, a, p, 0)
				requireBits(t, bits, elements(c), "packed, %v", l)
				clear(c.Data)
				e.Gemm(c, 1, a, b, 0)
				requireBits(t, bits, elements(c), "%v", l)
			}
		}
	}
}
