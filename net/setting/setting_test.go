package setting

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// values has a setting of each type.
type values struct {
	dtype  string
	last   bool
	batch  int
	seed   uint64
	lr     float64
	hidden []int
	axes   []string
}

func (v *values) list() List {
	return List{
		{Name: "dtype", Help: "element type, float32 or float64", Value: &v.dtype, Words: []string{"float32", "float64"}},
		{Name: "keep-last", Help: "train on the last batch too", Value: &v.last},
		{Name: "batch", Help: "`images` in a batch", Value: &v.batch, Range: Range{Least: 1, Most: 10, OrZero: true}},
		{Name: "seed", Help: "seed of the weights", Value: &v.seed},
		{Name: "lr", Help: "learning rate", Value: &v.lr, Range: Finite()},
		{Name: "hidden", Help: "sizes of layers", Value: &v.hidden, Range: Range{Least: 1, Most: MaxCount}, Item: "a layer of %d units"},
		{Name: "axes", Help: "what is varied", Value: &v.axes},
	}
}

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
		for _, *v = range []int{0, 1, -1, MaxCount, math.MaxInt, math.MinInt, rng.Int()} {
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
	case *[]string:
		for _, *v = range [][]string{nil, {""}, {"lr=1,2", "a\"b\\c\n<&>\u2028ü"}} {
			see()
		}
	}
}

func TestEverySettingsWholeRangeGoesThroughFlagsAndFilesAndBack(t *testing.T) {
	var c, got values
	settings, again := c.list(), got.list()
	for i, s := range settings {
		n := 0
		extremes(s, func() {
			n++
			want := fmt.Sprintf("%#v", s.String())
			if s.Type() != "strings" {
				require.NoError(t, again[i].Set(s.String()), "%s %s", s.Name, want)
				require.Equal(t, s.String(), again[i].String())
			}
			if _, ok := s.Value.(*float64); ok {
				require.Equal(t, math.Signbit(*s.Value.(*float64)), math.Signbit(*again[i].Value.(*float64)))
			}
			got = values{hidden: []int{7}, seed: 7, axes: []string{"7"}}
			text, err := settings.TOML()
			require.NoError(t, err)
			names, err := again.SetTOML(text)
			require.NoError(t, err, "%s", text)
			require.Len(t, names, len(settings))
			for k := range settings {
				require.Equal(t, settings[k].String(), again[k].String(), settings[k].Name)
			}
		})
		require.Positive(t, n, s.Name)
		c = values{}
	}
}

func TestNameThatNoFileHoldsIsAnError(t *testing.T) {
	out := "a\xffb"
	_, err := List{{Name: "out", Value: &out}}.TOML()
	require.EqualError(t, err, `out is "a\xffb", which is not UTF-8 as a TOML file must be`)
}

func TestFilesOfEarlierVersionsSetTheirSeed(t *testing.T) {
	for text, want := range map[string]uint64{"5": 5, "9223372036854775807": math.MaxInt64, `"6"`: 6, "0x10": 16} {
		var c values
		_, err := c.list().SetTOML([]byte("seed = " + text))
		require.NoError(t, err)
		require.Equal(t, want, c.seed)
	}
	for _, text := range []string{"-1", "1.0", "1e3", "true", `"-1"`, `""`, `"18446744073709551616"`, "[1]", "9223372036854775808"} {
		var c values
		_, err := c.list().SetTOML([]byte("seed = " + text))
		require.ErrorContains(t, err, "toml: ", text)
		require.Zero(t, c.seed)
	}
}

func TestFileHasALineForEachStringOfAList(t *testing.T) {
	text, err := (&values{axes: []string{"lr=1,2", "hidden=5;6"}, hidden: []int{3, 4}}).list()[5:].TOML()
	require.NoError(t, err)
	require.Equal(t, "# sizes of layers\nhidden = [3, 4]\n\n# what is varied\naxes = [\n  \"lr=1,2\",\n  \"hidden=5;6\",\n]\n", string(text))
}

func TestNearestNameIsSuggested(t *testing.T) {
	for typed, want := range map[string]string{
		"learning_rate": "lr", "Seed": "seed", "hiden": "hidden", "hidden-size": "hidden", "data-type": "dtype", "batchsize": "batch",
	} {
		_, err := new(values).list().Find(typed)
		require.EqualError(t, err, `unknown setting "`+typed+`", did you mean "`+want+`"?`)
	}
}

func TestPickReturnsTheSettingsInOrder(t *testing.T) {
	v := values{lr: 2, batch: 3}
	picked := v.list().Pick("lr", "batch")
	require.Len(t, picked, 2)
	require.Equal(t, "2 3", picked[0].String()+" "+picked[1].String())
	require.PanicsWithValue(t, `setting: Pick: unknown setting "sed", did you mean "seed"?`, func() { v.list().Pick("lr", "sed") })
}

func TestCheckNamesWhatIsNotAllowed(t *testing.T) {
	nan := math.NaN()
	valid := values{dtype: "float32", batch: 10, lr: 1, hidden: []int{1, MaxCount}, seed: math.MaxUint64, axes: []string{"x"}}
	require.NoError(t, valid.list().Check())
	valid.batch = 0 // which stands for none
	require.NoError(t, valid.list().Check())
	for message, set := range map[string]func(*values){
		`dtype "int8", want float32 or float64`:               func(v *values) { v.dtype = "int8" },
		"batch is 11, want 1 to 10":                           func(v *values) { v.batch = 11 },
		"batch is -1, want 1 to 10":                           func(v *values) { v.batch = -1 },
		"lr is NaN, want a finite number, at least 0":         func(v *values) { v.lr = nan },
		"lr is +Inf, want a finite number, at least 0":        func(v *values) { v.lr = math.Inf(1) },
		"hidden has a layer of 0 units, want 1 to 1000000000": func(v *values) { v.hidden = []int{5, 0} },
	} {
		v := valid
		set(&v)
		require.EqualError(t, v.list().Check(), message)
	}
}

func TestRangesHoldTheirEnds(t *testing.T) {
	for _, c := range []struct {
		Range
		text    string
		in, out []float64
	}{
		{Range{}, "", []float64{math.Inf(-1), 0, math.MaxFloat64}, nil},
		{Range{Most: 1}, "0 to 1", []float64{0, 0.5, 1}, []float64{-1e-300, 1.0000001}},
		{Range{Most: 1, Below: true}, "at least 0 and below 1", []float64{0, 0.9999999}, []float64{-1, 1}},
		{Range{Least: 2, Most: 3, OrZero: true}, "2 to 3", []float64{0, 2, 3}, []float64{1, 4}},
		{Finite(), "a finite number, at least 0", []float64{0, math.MaxFloat64}, []float64{-1, math.Inf(1)}},
	} {
		for _, x := range c.in {
			require.True(t, c.Holds(x), "%v in %v", x, c.Range)
		}
		for _, x := range c.out {
			require.False(t, c.Holds(x), "%v in %v", x, c.Range)
		}
		if c.Range != (Range{}) {
			require.False(t, c.Holds(math.NaN()))
			require.Equal(t, c.text, c.String())
		}
	}
}

func TestListOfStringsIsSetByFilesAlone(t *testing.T) {
	require.PanicsWithValue(t, "setting: Set: axes is a *[]string", func() { new(values).list()[6].Set("x") })
}
