package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// extremes sets the setting to values from all of its range, one after the other.
func extremes(s Setting, see func()) {
	rng := rand.New(rand.NewPCG(1, 2))
	switch v := s.Value.(type) {
	case *string:
		for _, *v = range []string{"", "a", " a ", "a\"b\\c'd", "tab\tend\n\r", "\x01\x7f\u2028ü", "# no", "[x]", "'''", `"""`} {
			see()
		}
	case *bool:
		for _, *v = range []bool{true, false} {
			see()
		}
	case *int:
		for _, *v = range []int{0, 1, -1, most, math.MaxInt, math.MinInt, rng.Int()} {
			see()
		}
	case *uint64:
		for _, *v = range []uint64{0, 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64, rng.Uint64() | 1<<63, rng.Uint64()} {
			see()
		}
	case *float64:
		for _, *v = range []float64{0, 1, -1, math.Copysign(0, -1), 0.1 + 0.2, 1e22, 1e-7, math.SmallestNonzeroFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), rng.Float64()} {
			see()
		}
	case *[]int:
		for _, *v = range [][]int{nil, {}, {0}, {1, 2, 3}, {math.MaxInt, math.MinInt}} {
			see()
		}
	}
}

func TestEverySettingsWholeRangeGoesThroughFlagsAndFilesAndBack(t *testing.T) {
	var c, got Config
	settings, again := c.Settings(), got.Settings()
	for i, s := range settings {
		n := 0
		extremes(s, func() {
			n++
			want := fmt.Sprintf("%#v", s.String())
			require.NoError(t, again[i].Set(s.String()), "%s %s", s.Name, want)
			require.Equal(t, s.String(), again[i].String())
			if _, ok := s.Value.(*float64); ok {
				require.Equal(t, math.Signbit(*s.Value.(*float64)), math.Signbit(*again[i].Value.(*float64)))
			}
			got = Config{Hidden: []int{7}, Seed: 7}
			text, err := EncodeSettings(settings)
			require.NoError(t, err)
			names, err := DecodeSettings(text, again)
			require.NoError(t, err, "%s", text)
			require.Len(t, names, len(settings))
			for k := range settings {
				require.Equal(t, settings[k].String(), again[k].String(), settings[k].Name)
			}
		})
		require.Positive(t, n, s.Name)
		c = Config{}
	}
}

func TestNameThatNoFileHoldsIsAnError(t *testing.T) {
	out := "a\xffb"
	_, err := EncodeSettings([]Setting{{Name: "out", Value: &out}})
	require.EqualError(t, err, `out is "a\xffb", which is not UTF-8 as a TOML file must be`)
}

func TestEverySeedIsReadFromItsRunsFolder(t *testing.T) {
	for _, seed := range []uint64{0, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64} {
		c := presetOf(t, "toy")
		c.Seed = seed
		r := kept[float32](t, filepath.Join(t.TempDir(), "run"), c, nil, 1)
		do(t, r)
		f, err := Open(r.Folder.Dir)
		require.NoError(t, err)
		require.Equal(t, c, f.Config)
		m, err := OpenModel(newEngine[float32](t), f.Checkpoint("last"))
		require.NoError(t, err)
		require.Equal(t, seed, m.Config.Seed)
	}
}

func TestFilesOfEarlierVersionsSetTheirSeed(t *testing.T) {
	for text, want := range map[string]uint64{"5": 5, "9223372036854775807": math.MaxInt64, `"6"`: 6, "0x10": 16} {
		var c Config
		_, err := c.SetTOML([]byte("seed = " + text))
		require.NoError(t, err)
		require.Equal(t, want, c.Seed)
	}
	for _, text := range []string{"-1", "1.0", "1e3", "true", `"-1"`, `""`, `"18446744073709551616"`, "[1]", "9223372036854775808"} {
		var c Config
		_, err := c.SetTOML([]byte("seed = " + text))
		require.ErrorContains(t, err, "toml: ", text)
		require.Zero(t, c.Seed)
	}
}
