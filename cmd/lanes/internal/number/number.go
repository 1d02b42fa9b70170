// Package number writes numbers for people: counts, figures, rates, sizes and times,
// each in one way wherever the command prints it or puts it on a page. What is not
// a finite number is written as Go does, NaN and +Inf; a figure that there is not is
// None. Values of settings have their own form, that which setting them takes.
package number

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// None stands for a figure that there is not.
const None = "-"

// Count returns the number and the noun, which takes an s unless n is 1.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Grouped returns a count with its digits in groups of three: 231,235.
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

// Digits is how many digits behind the point losses and accuracies have.
const Digits = 4

// Fixed returns a number with so many digits behind the point. One that is rounded
// to 0 has no sign.
func Fixed(x float64, digits int) string {
	s := strconv.FormatFloat(x, 'f', digits, 64)
	if strings.HasPrefix(s, "-") && strings.Trim(s, "-0.") == "" {
		return s[1:]
	}
	return s
}

// Figure returns a loss or an accuracy, [None] for nil and NaN.
func Figure(x *float64) string { return Optional(x, Digits, None) }

// Share returns a share of something, a figure of three digits.
func Share(x *float64) string { return Optional(x, 3, None) }

// Optional returns [Fixed], or none for nil and NaN.
func Optional(x *float64, digits int, none string) string {
	if x == nil || math.IsNaN(*x) {
		return none
	}
	return Fixed(*x, digits)
}

// Signed returns a difference with its sign, without one if it is rounded to 0.
func Signed(x float64, digits int) string {
	s := Fixed(x, digits)
	if x > 0 && strings.Trim(s, "0.") != "" && !strings.HasPrefix(s, "+") {
		return "+" + s
	}
	return s
}

// Significant returns a number to so many digits, without zeros at its end: 1.5, 12,
// 1.2e+06.
func Significant(x float64, digits int) string { return strconv.FormatFloat(x, 'g', digits, 64) }

// Padded returns [Significant] with the zeros at its end, so that its width seldom
// changes: 1.500.
func Padded(x float64, digits int) string { return fmt.Sprintf("%#.*g", digits, x) }

// Exact returns the shortest decimal that is the number in its element type, float32
// or float64.
func Exact(x float64, dtype string) string {
	bits := 64
	if dtype == "float32" {
		bits = 32
	}
	return strconv.FormatFloat(x, 'g', -1, bits)
}

// Scientific returns a number with so many digits behind the point and a power of
// ten: 3.561318e-09. Fewer than none are all that it has.
func Scientific(x float64, digits int) string { return strconv.FormatFloat(x, 'e', digits, 64) }

// Rate returns how many of something there are in a second: plainly up to 9,999,
// then in thousands (156k), millions (12M) and thousands of millions (34G).
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

// GFLOPS returns floating-point operations a second, in 1e9.
func GFLOPS(x float64) string { return Fixed(x/1e9, 0) }

// MB returns bytes in millions, as networks count, without the unit.
func MB(bytes float64) string { return Fixed(bytes/1e6, 1) }

// KB returns a size of memory in units of 1,024 bytes.
func KB(bytes int) string { return strconv.Itoa(bytes>>10) + " KB" }

// Percent returns how many hundredths of all are done, rounded down, so that 100 is
// all; 100 of nothing.
func Percent(done, all int64) int64 {
	if all <= 0 {
		return 100
	}
	if done > math.MaxInt64/100 {
		return done / (all / 100)
	}
	return done * 100 / all
}

// Seconds returns a time in seconds with so many digits behind the point: 5.32 s.
func Seconds(s float64, digits int) string { return Fixed(s, digits) + " s" }

// Duration returns a time to the second: 1m30s.
func Duration(d time.Duration) string { return d.Round(time.Second).String() }

// Left returns how long the rest takes if what was done took that time, empty where
// nothing was done yet or nothing is left.
func Left(passed time.Duration, done, rest float64) string {
	left := float64(passed) * rest / done
	if !(left >= 0 && left < math.MaxInt64) || done <= 0 || rest <= 0 {
		return ""
	}
	return Duration(time.Duration(left)) + " left"
}

// Roughly returns how long something is expected to take.
func Roughly(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return fmt.Sprintf("about %d s", max(1, int(d.Seconds()+0.5)))
	case d < 90*time.Minute:
		return fmt.Sprintf("about %d min", int(d.Minutes()+0.5))
	}
	return "about " + Fixed(d.Hours(), 1) + " h"
}

// Power returns a number to its first digit: with a power of ten if it is small or
// large, 4·10^−12, without the digit where that is 1, and else in digits alone.
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
