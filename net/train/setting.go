package train

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Setting is a value with a name that a file or a command line may set. It is a
// flag's value as the package pflag wants it.
type Setting struct {
	Name  string
	Help  string // a line; a name for the value may stand in back quotes
	Value any    // *string, *bool, *int, *uint64, *float64 or *[]int
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
	}
	return ""
}

// Set parses text. The error does not repeat it.
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
		panic(fmt.Sprintf("train: Set: %s is a %T", s.Name, s.Value))
	}
	return err
}

// Type names the kind of value: string, bool, int, uint, float or ints.
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
	}
	return "ints"
}

// parse leaves out what strconv adds to the cause: its function and the text.
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

// noInts is how an empty list is written.
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

// Find returns the setting of that name. The error of an unknown name has the
// nearest one.
func Find(settings []Setting, name string) (Setting, error) {
	const longest = 100
	if len(name) > longest {
		return Setting{}, fmt.Errorf("unknown setting %q… of %d bytes", name[:longest], len(name))
	}
	best, least := "", 0
	for _, s := range settings {
		if s.Name == name {
			return s, nil
		}
		if d := s.distance(name); best == "" || d < least {
			best, least = s.Name, d
		}
	}
	return Setting{}, fmt.Errorf("unknown setting %q, did you mean %q?", name, best)
}

// distance tells how far the name that somebody typed is from the setting: from
// its name, or from what its help begins with, where that is nearer.
func (s Setting) distance(typed string) int {
	typed = strings.ReplaceAll(strings.ToLower(typed), "_", "-")
	if shorter := min(len(typed), len(s.Name)); shorter >= 3 && typed[:shorter] == s.Name[:shorter] {
		return 0 // hidden-size, regularisation
	}
	help, _, _ := strings.Cut(strings.ReplaceAll(s.Help, " ", "-"), ",")
	return min(editDistance(typed, s.Name), editDistance(typed, help))
}

// editDistance is how many letters must be put in, taken out or changed to turn
// a into b (Levenshtein 1966), row by row of the table of prefixes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
