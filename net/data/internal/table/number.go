package table

import (
	"math"
	"strconv"
)

// number returns the float32 nearest to the decimal number that b begins with,
//
//	[+-] digits [. digits] [(e|E) [+-] digits]
//
// as [strconv.ParseFloat] gives it, and how many bytes the number has. It has none if b
// does not begin with a number or if the number is too large for a float32.
//
// A number w·10^e with few digits is computed with one rounding (Clinger, How to Read
// Floating Point Numbers Accurately, PLDI 1990): w and 10^|e| are exact. With more digits
// it is computed in float64 with an error below 3 units in its last place, and rounded to
// float32, which is right unless it lies that near to the middle of two float32s.
func number(b []byte) (v float32, n int) {
	i := 0
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		i = 1
	}
	w, first := uint64(0), i
	for i < len(b) && b[i]-'0' <= 9 {
		w = 10*w + uint64(b[i]-'0')
		i++
	}
	digits, exponent := i-first, 0
	if i < len(b) && b[i] == '.' {
		i++
		point := i
		for i < len(b) && b[i]-'0' <= 9 {
			w = 10*w + uint64(b[i]-'0')
			i++
		}
		exponent = point - i
		digits -= exponent
	}
	if digits == 0 {
		return 0, 0
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		e, n := power(b[i+1:])
		if n > 0 {
			exponent += e
			i += 1 + n
		}
	}
	if digits <= 19 { // w has not overflowed
		if v, ok := scale(w, exponent); ok {
			if negative {
				v = -v
			}
			return v, i
		}
	}
	wide, err := strconv.ParseFloat(string(b[:i]), 32)
	if err != nil {
		return 0, 0
	}
	return float32(wide), i
}

// power returns the whole number that b begins with, and how many bytes it has. Beyond
// 10,000 it is that large.
func power(b []byte) (e, n int) {
	sign := 1
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '-' {
			sign = -1
		}
		n = 1
	}
	first := n
	for ; n < len(b) && b[n]-'0' <= 9; n++ {
		e = min(10*e+int(b[n]-'0'), 10_000)
	}
	if n == first {
		return 0, 0
	}
	return sign * e, n
}

// scale returns the float32 nearest to w·10^e, or false if it is not found quickly.
func scale(w uint64, e int) (float32, bool) {
	if w < 1<<24 && -len(tens32) < e && e < len(tens32) {
		if e < 0 {
			return float32(w) / tens32[-e], true
		}
		return float32(w) * tens32[e], true
	}
	if w == 0 {
		return 0, true
	}
	if e <= -len(tens64) || e >= len(tens64) {
		return 0, false
	}
	d := float64(w)
	if e < 0 {
		d /= tens64[-e]
	} else {
		d *= tens64[e]
	}
	const half, near = 1 << 28, 8
	below := math.Float64bits(d) & (1<<29 - 1) // what a float32 has no room for
	if below-(half-near) <= 2*near || d < 0x1p-126 || d > math.MaxFloat32 {
		return 0, false
	}
	return float32(d), true
}

// The powers of ten that are exact.
var (
	tens32 = [...]float32{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10}
	tens64 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}
)
