package npz

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lanes-ml/lanes/kernels"
)

// Len returns the number of elements.
func (a Array) Len() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// IsText reports whether the elements are strings.
func (a Array) IsText() bool { return a.Type[1] == 'U' || a.Type[1] == 'S' }

// size returns the bytes of an element.
func (a Array) size() int {
	n, err := strconv.Atoi(a.Type[2:])
	if err != nil {
		panic(fmt.Sprintf("npz: type %q", a.Type))
	}
	if a.Type[1] == 'U' {
		n *= 4
	}
	return n
}

// Floats sets dst to the elements from number first on, in C order, as numbers rounded to
// T; a truth value is 0 or 1. It panics if the elements are text or are fewer.
func Floats[T kernels.Float](dst []T, a Array, first int) {
	if first < 0 || first+len(dst) > a.Len() {
		panic(fmt.Sprintf("npz: Floats: elements %d to %d of %d", first, first+len(dst)-1, a.Len()))
	}
	order, b := binary.LittleEndian, a.Data[first*a.size():]
	switch a.Type[1:] {
	case "b1":
		convert(dst, b, 1, func(b []byte) T { return T(min(b[0], 1)) })
	case "u1":
		convert(dst, b, 1, func(b []byte) T { return T(b[0]) })
	case "u2":
		convert(dst, b, 2, func(b []byte) T { return T(order.Uint16(b)) })
	case "u4":
		convert(dst, b, 4, func(b []byte) T { return T(order.Uint32(b)) })
	case "u8":
		convert(dst, b, 8, func(b []byte) T { return T(order.Uint64(b)) })
	case "i1":
		convert(dst, b, 1, func(b []byte) T { return T(int8(b[0])) })
	case "i2":
		convert(dst, b, 2, func(b []byte) T { return T(int16(order.Uint16(b))) })
	case "i4":
		convert(dst, b, 4, func(b []byte) T { return T(int32(order.Uint32(b))) })
	case "i8":
		convert(dst, b, 8, func(b []byte) T { return T(int64(order.Uint64(b))) })
	case "f2":
		convert(dst, b, 2, func(b []byte) T { return T(half(order.Uint16(b))) })
	case "f4":
		convert(dst, b, 4, func(b []byte) T { return T(math.Float32frombits(order.Uint32(b))) })
	case "f8":
		convert(dst, b, 8, func(b []byte) T { return T(math.Float64frombits(order.Uint64(b))) })
	default:
		panic(fmt.Sprintf("npz: Floats: elements of type %s", a.Type))
	}
}

func convert[T kernels.Float](dst []T, b []byte, size int, value func([]byte) T) {
	for i := range dst {
		dst[i] = value(b[i*size:][:size])
	}
}

// half returns the number that 16 bits are in IEEE 754's binary16.
func half(h uint16) float64 {
	sign, exponent, fraction := 1.0, int(h>>10&31), float64(h&1023)
	if h>>15 == 1 {
		sign = -1
	}
	switch {
	case exponent == 0: // subnormal
		return sign * math.Ldexp(fraction, -24)
	case exponent < 31:
		return sign * math.Ldexp(1024+fraction, exponent-25)
	case fraction == 0:
		return math.Inf(int(sign))
	}
	return math.NaN()
}

// Texts returns the elements as strings: of text without the zeros behind it, of whole
// numbers in decimal, of other numbers in the shortest form that tells them apart, of
// truth values True or False. An error names an element that is not Unicode by its
// number.
func (a Array) Texts() ([]string, error) {
	all := make([]string, a.Len())
	size := a.size()
	for i := range all {
		b := a.Data[i*size:][:size]
		switch kind := a.Type[1]; kind {
		case 'U':
			var s strings.Builder
			for ; len(b) > 0 && len(strings.TrimRight(string(b), "\x00")) > 0; b = b[4:] {
				r := rune(binary.LittleEndian.Uint32(b))
				if !utf8.ValidRune(r) {
					return nil, fmt.Errorf("element %d: %#x is not a character", i, uint32(r))
				}
				s.WriteRune(r)
			}
			all[i] = s.String()
		case 'S':
			all[i] = strings.TrimRight(string(b), "\x00")
			if !utf8.ValidString(all[i]) {
				return nil, fmt.Errorf("element %d: %q is not UTF-8", i, all[i])
			}
		case 'b':
			all[i] = map[bool]string{false: "False", true: "True"}[b[0] != 0]
		case 'f':
			var v [1]float64
			Floats(v[:], a, i)
			all[i] = strconv.FormatFloat(v[0], 'g', -1, max(32, 8*size))
		default:
			n, err := a.whole(i)
			if err != nil {
				return nil, err
			}
			all[i] = strconv.FormatInt(n, 10)
		}
	}
	return all, nil
}

// Ints returns the elements as whole numbers. An error names an element that is none by
// its number.
func (a Array) Ints() ([]int64, error) {
	if a.IsText() {
		return nil, errors.New("text, want whole numbers")
	}
	all := make([]int64, a.Len())
	for i := range all {
		var err error
		if all[i], err = a.whole(i); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// whole returns element i, which must be a whole number.
func (a Array) whole(i int) (int64, error) {
	size := a.size()
	var wide [8]byte
	copy(wide[:], a.Data[i*size:][:size])
	bits := binary.LittleEndian.Uint64(wide[:])
	switch a.Type[1] {
	case 'f':
		var v [1]float64
		Floats(v[:], a, i)
		if v[0] != math.Trunc(v[0]) || math.Abs(v[0]) > 1<<53 {
			return 0, fmt.Errorf("element %d is %v, want a whole number", i, v[0])
		}
		return int64(v[0]), nil
	case 'i':
		unused := 64 - 8*size
		return int64(bits<<unused) >> unused, nil
	}
	if bits > math.MaxInt64 {
		return 0, fmt.Errorf("element %d is %d, want at most %d", i, bits, int64(math.MaxInt64))
	}
	return int64(bits), nil
}
