// Package number formats numbers for people: counts, losses and accuracies, rates,
// sizes and times, the same way wherever the command prints them or puts them on a
// page. NaN and infinities look as Go prints them; a missing figure is [None]. The
// values of settings are formatted by package setting, in the form that it also reads.
package number

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// None is printed in place of a missing figure.
const None = "-"

// Count returns the number followed by the noun, with an s unless n is 1.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Grouped returns a count with commas between groups of three digits: 231,235.
func Grouped(n int) string {
	sign, s := "", strconv.Itoa(n)
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Digits is the number of decimals of losses and accuracies.
const Digits = 4

// Fixed returns a number with the given number of decimals. A number that rounds to 0
// has no sign.
func Fixed(x float64, digits int) string {
	s := strconv.FormatFloat(x, 'f', digits, 64)
	if strings.HasPrefix(s, "-") && strings.Trim(s, "-0.") == "" {
		return s[1:]
	}
	return s
}

// Figure returns a loss or an accuracy, and [None] for nil and NaN.
func Figure(x *float64) string { return Optional(x, Digits, None) }

// Share returns a share between 0 and 1 with three decimals, and [None] for nil and NaN.
func Share(x *float64) string { return Optional(x, 3, None) }

// Optional is [Fixed], but returns none for nil and NaN.
func Optional(x *float64, digits int, none string) string {
	if x == nil || math.IsNaN(*x) {
		return none
	}
	return Fixed(*x, digits)
}

// Signed is [Fixed] with a plus before positive numbers; one that rounds to 0 has no sign.
func Signed(x float64, digits int) string {
	s := Fixed(x, digits)
	if x > 0 && strings.Trim(s, "0.") != "" && !strings.HasPrefix(s, "+") {
		return "+" + s
	}
	return s
}

// Significant returns a number rounded to the given number of significant digits,
// without trailing zeros: 1.5, 12, 1.2e+06.
func Significant(x float64, digits int) string { return strconv.FormatFloat(x, 'g', digits, 64) }

// Padded is [Significant] with trailing zeros, which keep the width the same: 1.500.
func Padded(x float64, digits int) string { return fmt.Sprintf("%#.*g", digits, x) }

// Exact returns the shortest decimal number that reads back as x in the element type,
// float32 or float64.
func Exact(x float64, dtype string) string {
	bits := 64
	if dtype == "float32" {
		bits = 32
	}
	return strconv.FormatFloat(x, 'g', -1, bits)
}

// Scientific returns a number with the given number of decimals and a power of ten:
// 3.561318e-09. With -1 decimals it has all the digits that it needs.
func Scientific(x float64, digits int) string { return strconv.FormatFloat(x, 'e', digits, 64) }

// Rate returns a number per second, as it is up to 9999, and above that in thousands
// (156k), millions (12M) or billions (34G).
func Rate(x float64) string {
	unit := ""
	for _, next := range []string{"k", "M", "G"} {
		if !(math.Abs(math.Round(x)) >= 10_000) || math.IsInf(x, 0) {
			break
		}
		x, unit = x/1000, next
	}
	return Fixed(x, 0) + unit
}

// GFLOPS returns floating-point operations per second in units of 1e9.
func GFLOPS(x float64) string { return Fixed(x/1e9, 0) }

// MB returns a number of bytes in units of 1e6, without the unit.
func MB(bytes float64) string { return Fixed(bytes/1e6, 1) }

// KB returns a number of bytes in units of 1,024, with the unit.
func KB(bytes int) string { return strconv.Itoa(bytes>>10) + " KB" }

// Percent returns done as a percentage of all. It rounds down, so that 100 means that
// everything is done. It is 100 if all is 0.
func Percent(done, all int64) int64 {
	if all <= 0 {
		return 100
	}
	if done > math.MaxInt64/100 {
		return done / (all / 100)
	}
	return done * 100 / all
}

// Seconds returns a number of seconds with the given number of decimals: 5.32 s.
func Seconds(s float64, digits int) string { return Fixed(s, digits) + " s" }

// Duration returns a duration rounded to seconds: 1m30s.
func Duration(d time.Duration) string { return d.Round(time.Second).String() }

// Left estimates the time that the rest of the work takes when the work done so far took
// the passed time: 3m0s left. It is empty if nothing is done yet or nothing is left.
func Left(passed time.Duration, done, rest float64) string {
	left := float64(passed) * rest / done
	if !(left >= 0 && left < math.MaxInt64) || done <= 0 || rest <= 0 {
		return ""
	}
	return Duration(time.Duration(left)) + " left"
}

// Roughly returns an expected duration: about 42 s, about 2 min, about 1.5 h.
func Roughly(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return fmt.Sprintf("about %d s", max(1, int(d.Seconds()+0.5)))
	case d < 90*time.Minute:
		return fmt.Sprintf("about %d min", int(d.Minutes()+0.5))
	}
	return "about " + Fixed(d.Hours(), 1) + " h"
}

// Power returns a number rounded to one digit. A small or large number is the digit
// and the exponent of ten (4·10^−12 is "4" and "−12"), without the digit if it is 1;
// any other has digits and no exponent.
func Power(x float64) (digits, exponent string) {
	digits, power, ok := strings.Cut(Scientific(x, 0), "e")
	n, err := strconv.Atoi(power)
	if !ok || err != nil || n >= -3 && n <= 3 {
		return Significant(x, 1), ""
	}
	if digits == "1" {
		digits = ""
	}
	return digits, strings.Replace(strconv.Itoa(n), "-", "−", 1)
}
