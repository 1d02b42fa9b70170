// Package setting has named values that flags and TOML files set: how each is
// explained, written and parsed, and which values it may have.
package setting

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Setting is a named value. It implements the interface of a flag's value in
// package pflag.
type Setting struct {
	Name  string
	Help  string // one line; a name for the value may stand in back quotes
	Value any    // *string, *bool, *int, *uint64, *float64, *[]int or *[]string

	// What [Setting.Check] allows: if set, one of these words, or numbers in this
	// range. Item is how its error calls an element of a list, such as "a layer of %d
	// units".
	Words []string
	Range Range
	Item  string
}

// String returns the value as [Setting.Set] takes it.
func (s Setting) String() string {
	switch v := s.Value.(type) {
	case *string:
		return *v
	case *bool:
		return strconv.FormatBool(*v)
	case *int:
		return strconv.Itoa(*v)
	case *uint64:
		return strconv.FormatUint(*v, 10)
	case *float64:
		return strconv.FormatFloat(*v, 'g', -1, 64)
	case *[]int:
		if len(*v) == 0 {
			return noInts
		}
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(*v), "[]"), " ", ",")
	case *[]string:
		return fmt.Sprint(*v)
	}
	return ""
}

// Set parses text and sets the value. The error does not repeat the text. It panics
// if the value is a list of strings, which only a file can set.
func (s Setting) Set(text string) error {
	var err error
	switch v := s.Value.(type) {
	case *string:
		*v = text
	case *bool:
		err = parse(v, text, strconv.ParseBool)
	case *int:
		err = parse(v, text, strconv.Atoi)
	case *uint64:
		err = parse(v, text, func(t string) (uint64, error) { return strconv.ParseUint(t, 10, 64) })
	case *float64:
		err = parse(v, text, func(t string) (float64, error) { return strconv.ParseFloat(t, 64) })
	case *[]int:
		err = parse(v, text, parseInts)
	default:
		panic(fmt.Sprintf("setting: Set: %s is a %T", s.Name, s.Value))
	}
	return err
}

// Type names the kind of value: string, bool, int, uint, float, ints or strings.
func (s Setting) Type() string {
	switch s.Value.(type) {
	case *string:
		return "string"
	case *bool:
		return "bool"
	case *int:
		return "int"
	case *uint64:
		return "uint"
	case *float64:
		return "float"
	case *[]int:
		return "ints"
	}
	return "strings"
}

// parse sets value to what from makes of text. Its error is the cause alone, without
// the function's name and the text that strconv adds.
func parse[V any](value *V, text string, from func(string) (V, error)) error {
	v, err := from(text)
	if number, ok := errors.AsType[*strconv.NumError](err); ok {
		return number.Err
	}
	if err == nil {
		*value = v
	}
	return err
}

// noInts is how an empty list of numbers is written.
const noInts = "none"

func parseInts(text string) ([]int, error) {
	var all []int
	if text == noInts {
		return all, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}
