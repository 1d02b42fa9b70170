package setting

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// MaxCount is the largest count that a setting takes, so that the product of two
// counts fits into an int64.
const MaxCount = 1_000_000_000

// Range is the interval of numbers that a setting may have. The zero Range allows
// every number.
type Range struct {
	Least, Most float64
	Below       bool // Most itself is not allowed
	OrZero      bool // 0 is allowed too, and means none
}

// Finite is the range of finite numbers from 0 on.
func Finite() Range { return Range{Most: math.MaxFloat64} }

// Holds reports whether x lies in the range. NaN never does, but in the zero Range.
func (r Range) Holds(x float64) bool {
	return r == Range{} || x == 0 && r.OrZero || x >= r.Least && (x < r.Most || x == r.Most && !r.Below)
}

// String says what the range is, as in "1 to 10".
func (r Range) String() string {
	least, most := strconv.FormatFloat(r.Least, 'f', -1, 64), strconv.FormatFloat(r.Most, 'f', -1, 64)
	switch {
	case r.Below:
		return "at least " + least + " and below " + most
	case r.Most == math.MaxFloat64:
		return "a finite number, at least " + least
	}
	return least + " to " + most
}

// Check returns an error that begins with the setting's name if the value is not one
// of its words or lies outside its range.
func (s Setting) Check() error {
	switch v := s.Value.(type) {
	case *string:
		if s.Words != nil {
			return OneOf(s.Name, *v, s.Words)
		}
	case *int:
		return s.inRange(float64(*v))
	case *uint64:
		return s.inRange(float64(*v))
	case *float64:
		return s.inRange(*v)
	case *[]int:
		for _, n := range *v {
			if !s.Range.Holds(float64(n)) {
				return fmt.Errorf("%s has "+s.Item+", want %v", s.Name, n, s.Range)
			}
		}
	}
	return nil
}

func (s Setting) inRange(x float64) error {
	if !s.Range.Holds(x) {
		return fmt.Errorf("%s is %s, want %v", s.Name, s, s.Range)
	}
	return nil
}

// OneOf returns an error that names the words, of which there are two or more, if value
// is not one of them.
func OneOf(name, value string, words []string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return fmt.Errorf("%s %q, want %s", name, value, Or(words))
}

// Or joins words, of which there are two or more, as in "a, b or c".
func Or(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
