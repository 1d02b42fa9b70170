package table

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Column is a column of a table. A column of categories has their names; one of numbers
// has none.
type Column struct {
	Name       string
	Categories []string
}

// kind is what becomes of a column's fields.
type kind uint8

const (
	numeric kind = iota
	text         // categories
	ignored
)

// maxCategories is how many different texts all columns may have.
const maxCategories = 1 << 17

// column is a column of a file while it is read.
type column struct {
	name  string
	at    int // from 1
	kind  kind
	fixed bool // the kind is not learned from the fields
	// required says that no field may be missing, and what is then.
	required string

	categories map[string]int32
	names      []string
	closed     bool // there are no other categories
	room       *int // for more categories, of all columns

	// How many fields are numbers and other texts, and the first of the latter.
	numbers, texts int
	line           int
	first          string
}

// String names the column in errors.
func (c *column) String() string {
	if c.name == "" || c.name == unnamed(c.at) {
		return fmt.Sprintf("column %d", c.at)
	}
	return fmt.Sprintf("column %d (%s)", c.at, c.shown())
}

// shown returns the start of the column's name, in quotes if it would break a line.
func (c *column) shown() string {
	if strings.ContainsFunc(c.name, unicode.IsControl) {
		return fmt.Sprintf("%.40q", c.name)
	}
	return fmt.Sprintf("%.40s", c.name)
}

// unnamed is the name of a column without one.
func unnamed(at int) string { return fmt.Sprintf("column %d", at) }

// value returns the number that stands for a field: itself, the index of a category, or
// NaN if it is missing or an unknown category. line is the field's.
func (c *column) value(field []byte, line int) (float32, error) {
	if c.missing(field) {
		if c.required != "" {
			return 0, errors.New(c.required)
		}
		return float32(math.NaN()), nil
	}
	v, isNumber := float32(0), false
	if c.kind == numeric || !c.fixed {
		n := 0
		v, n = number(field)
		isNumber = n == len(field)
	}
	switch {
	case isNumber:
		c.numbers++
	case c.kind == numeric && c.fixed:
		return 0, fmt.Errorf("%.40q is not a number", field)
	default:
		if c.texts == 0 {
			c.line, c.first = line, string(field[:min(len(field), 40)])
		}
		c.texts++
	}
	if c.kind == text {
		return c.category(field)
	}
	if !isNumber {
		v = float32(math.NaN())
	}
	return v, nil
}

// missing reports whether a field has no value. For classes only an empty one has none.
func (c *column) missing(field []byte) bool {
	if len(field) == 0 {
		return true
	}
	if c.required != "" && c.kind == text || len(field) > 4 {
		return false
	}
	switch strings.ToLower(string(field)) {
	case "na", "n/a", "nan", "null", "none", "?":
		return true
	}
	return false
}

// category returns the index of a category, which it may add.
func (c *column) category(field []byte) (float32, error) {
	i, ok := c.categories[string(field)]
	switch {
	case ok:
		return float32(i), nil
	case c.closed && c.required != "":
		return 0, fmt.Errorf("%.40q is none of the classes", field)
	case c.closed:
		return float32(math.NaN()), nil
	case *c.room == 0:
		return 0, fmt.Errorf("more than %d different texts, too many for categories", maxCategories)
	case !utf8.Valid(field) || bytes.IndexByte(field, 0) >= 0:
		return 0, fmt.Errorf("%.40q is not UTF-8", field)
	}
	*c.room--
	i = int32(len(c.names))
	name := string(field)
	c.categories[name] = i
	c.names = append(c.names, name)
	return float32(i), nil
}

// reset forgets what was learned of the fields, except for the kind.
func (c *column) reset() {
	c.numbers, c.texts = 0, 0
	if !c.closed {
		c.categories, c.names = map[string]int32{}, nil
	}
}

// settle returns the kind of a column whose fields are all counted. It is an error if most
// are numbers and a few are not.
func (c *column) settle() (kind, error) {
	switch {
	case c.fixed:
		return c.kind, nil
	case c.texts == 0:
		return numeric, nil
	case c.numbers >= 9*c.texts:
		return 0, fmt.Errorf("line %d, %v: %q is not a number, but %d other fields of the column are", c.line, c, c.first, c.numbers)
	}
	return text, nil
}

// Order returns names in order, numbers by their value and before other texts, and where
// each goes.
func Order(names []string) (sorted []string, to []int32) {
	order, values := make([]int, len(names)), make([]float64, len(names))
	for i, name := range names {
		v, err := strconv.ParseFloat(name, 64)
		if order[i], values[i] = i, v; err != nil || math.IsNaN(v) {
			values[i] = math.Inf(1)
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(values[i], values[j]), strings.Compare(names[i], names[j]))
	})
	sorted, to = make([]string, len(names)), make([]int32, len(names))
	for place, i := range order {
		sorted[place], to[i] = names[i], int32(place)
	}
	return sorted, to
}
