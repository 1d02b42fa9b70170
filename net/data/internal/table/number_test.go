package table

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireExact holds a number to strconv's, which rounds correctly.
func requireExact(t *testing.T, s string) {
	t.Helper()
	want, err := strconv.ParseFloat(s, 32)
	got, n := number([]byte(s))
	if err != nil {
		require.Zero(t, n, s)
		return
	}
	require.Equal(t, len(s), n, s)
	require.Equal(t, math.Float32bits(float32(want)), math.Float32bits(got), s)
}

func TestNumbersAreThoseOfStrconv(t *testing.T) {
	for _, s := range []string{
		"0", "-0", "+7", "5.", ".5", "-.5e1", "00012", "0.1", "16777216", "16777217", "16777219", "-16777217.0",
		"3.4028235e38", "3.4028236e38", "1e39", "-1e400", "1e-45", "7e-46", "1.17549435e-38", "1.1754943e-38", "1e-400", "0e99999999999",
		"9007199254740993", "18446744073709551615", "18446744073709551616", "123456789012345678901234567890",
		"0.000000000000000000000000000000000000011754943508222875", "8.5899345920000001e9", "1E5", "1e+5", "1e05", "4.35", "2.2250738585072014e-308",
	} {
		requireExact(t, s)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	n := 50_000
	if testing.Short() {
		n = 5_000
	}
	for range n {
		f := math.Float32frombits(rng.Uint32())
		if f != f || math.IsInf(float64(f), 0) {
			continue
		}
		// The middle of two float32s is the worst case: at it, and a little beside it.
		middle := (float64(f) + float64(math.Nextafter32(f, 0))) / 2
		precision := rng.IntN(20) - 1
		requireExact(t, strconv.FormatFloat(float64(f), "eg"[rng.IntN(2)], precision, 64))
		requireExact(t, strconv.FormatFloat(middle, 'e', precision, 64))
		requireExact(t, strconv.FormatFloat(middle, 'e', -1, 64)+"1"[:rng.IntN(2)])
		requireExact(t, fmt.Sprintf("%d.%0*de%d", rng.Uint64()>>rng.IntN(64), 1+rng.IntN(9), rng.IntN(1000), rng.IntN(60)-30))
	}
	for m := uint32(1 << 23); m < 1<<24; m += 49_999 { // middles that have few digits
		requireExact(t, fmt.Sprint(2*uint64(m)+1))
		requireExact(t, fmt.Sprintf("%d.%d", m, 5))
		requireExact(t, fmt.Sprintf("%d.5000000000000001", m))
		requireExact(t, fmt.Sprintf("%d.4999999999999999", m))
	}
}

func TestWhatIsNoNumberIsNone(t *testing.T) {
	for s, want := range map[string]int{
		"": 0, "-": 0, ".": 0, "-.": 0, "e5": 0, "x": 0, "inf": 0, "NaN": 0, "--1": 0, "0x10": 1, "1_000": 1, "1e": 1, "1e+": 1, "1.2.3": 3, "12,": 2, "1 ": 1,
		"1e39": 0, strings.Repeat("9", 40): 0,
	} {
		_, n := number([]byte(s))
		require.Equal(t, want, n, s)
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0.1", "-16777217", "1e-45", "9007199254740993.5e-3", "5."} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, n := number(b)
		if n == 0 {
			require.Zero(t, v)
			return
		}
		want, err := strconv.ParseFloat(string(b[:n]), 32)
		require.NoError(t, err)
		require.Equal(t, math.Float32bits(float32(want)), math.Float32bits(v), "%q", b[:n])
	})
}
