package number

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var nan, inf = math.NaN(), math.Inf(1)

func TestCountsTakeAnSUnlessThereIsOne(t *testing.T) {
	for n, want := range map[int]string{0: "0 steps", 1: "1 step", 2: "2 steps", -1: "-1 steps"} {
		require.Equal(t, want, Count(n, "step"))
	}
}

func TestGroupedHasACommaBeforeEachThreeDigits(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -100: "-100", -1000: "-1,000", 231_235: "231,235", math.MaxInt32: "2,147,483,647"} {
		require.Equal(t, want, Grouped(n))
	}
}

func TestFixedAndSignedOfWhatIsRounded(t *testing.T) {
	for _, c := range []struct {
		x             float64
		digits        int
		fixed, signed string
	}{
		{0, 4, "0.0000", "0.0000"},
		{math.Copysign(0, -1), 4, "0.0000", "0.0000"},
		{-1e-9, 4, "0.0000", "0.0000"},
		{1e-5, 4, "0.0000", "0.0000"},
		{-0.0001, 4, "-0.0001", "-0.0001"},
		{0.5, 4, "0.5000", "+0.5000"},
		{0.0088, 3, "0.009", "+0.009"},
		{-1e-9, 0, "0", "0"},
		{999.95, 1, "1000.0", "+1000.0"}, // the float64 is a little more
		{1e15, 1, "1000000000000000.0", "+1000000000000000.0"},
		{nan, 4, "NaN", "NaN"},
		{inf, 4, "+Inf", "+Inf"},
		{-inf, 4, "-Inf", "-Inf"},
	} {
		require.Equal(t, c.fixed, Fixed(c.x, c.digits))
		require.Equal(t, c.signed, Signed(c.x, c.digits))
	}
}

func TestAFigureThatThereIsNotIsADash(t *testing.T) {
	x := 0.54321
	require.Equal(t, []string{"0.5432", "-", "-"}, []string{Figure(&x), Figure(nil), Figure(&nan)})
	require.Equal(t, []string{"0.543", "-", "-"}, []string{Share(&x), Share(nil), Share(&nan)})
	require.Equal(t, []string{"0.54", "", ""}, []string{Optional(&x, 2, ""), Optional(nil, 2, ""), Optional(&nan, 2, "")})
	require.Equal(t, "+Inf", Figure(&inf))
}

func TestRatesAreOfFourCharactersAtMost(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.4: "0", 999.95: "1000", 9999: "9999", 9999.6: "10k", 10_000: "10k", 156_400: "156k", 9_999_400: "9999k", 9_999_600: "10M",
		12_345_678: "12M", 1e10: "10G", 1e15: "1000000G", -20_000: "-20k", -1: "-1", inf: "+Inf", -inf: "-Inf",
	} {
		require.Equal(t, want, Rate(x), "%v", x)
	}
	require.Equal(t, "NaN", Rate(nan))
	require.Equal(t, "157", GFLOPS(157.4e9))
	require.Equal(t, "NaN", GFLOPS(nan))
}

func TestSizesAndShares(t *testing.T) {
	for bytes, want := range map[float64]string{0: "0.0", 49_999: "0.0", 170_498_071: "170.5", 999_950_000: "1000.0", -1e6: "-1.0", 1e15: "1000000000.0"} {
		require.Equal(t, want, MB(bytes))
	}
	require.Equal(t, "32 KB", KB(32<<10))
	for _, c := range [][3]int64{{0, 170, 0}, {1, 3, 33}, {29, 100, 29}, {999, 1000, 99}, {1000, 1000, 100}, {0, 0, 100}, {math.MaxInt64, math.MaxInt64, 100}} {
		require.Equal(t, c[2], Percent(c[0], c[1]))
	}
}

func TestNumbersOfManyDigits(t *testing.T) {
	require.Equal(t, []string{"1.5", "12", "1.2e+06", "NaN", "0"}, []string{Significant(1.5, 2), Significant(12, 2), Significant(1.2e6, 2), Significant(nan, 2), Significant(0, 2)})
	require.Equal(t, []string{"1.500", "1000.", "1.000e+15", "0.000", "NaN"}, []string{Padded(1.5, 4), Padded(999.95, 4), Padded(1e15, 4), Padded(0, 4), Padded(nan, 4)})
	require.Equal(t, []string{"0.1", "0.10000000149011612"}, []string{Exact(float64(float32(0.1)), "float32"), Exact(float64(float32(0.1)), "float64")})
	require.Equal(t, []string{"3.561318e-09", "1e+15", "NaN"}, []string{Scientific(3.561318e-09, 6), Scientific(1e15, -1), Scientific(nan, 3)})
}

func TestTimes(t *testing.T) {
	require.Equal(t, []string{"5.32 s", "0.0 s", "NaN s"}, []string{Seconds(5.321, 2), Seconds(-0.01, 1), Seconds(nan, 1)})
	require.Equal(t, "1m30s", Duration(90*time.Second+300*time.Millisecond))
	for _, c := range []struct {
		done, rest float64
		want       string
	}{{1, 3, "3m0s left"}, {4, 2, "30s left"}, {0, 3, ""}, {3, 0, ""}, {1, -1e-9, ""}, {nan, 1, ""}, {1, nan, ""}, {1e-300, 1e300, ""}, {1, inf, ""}} {
		require.Equal(t, c.want, Left(time.Minute, c.done, c.rest), c)
	}
	for d, want := range map[time.Duration]string{
		0: "about 1 s", 42 * time.Second: "about 42 s", 100 * time.Second: "about 2 min", 2 * time.Hour: "about 2.0 h",
	} {
		require.Equal(t, want, Roughly(d))
	}
}
