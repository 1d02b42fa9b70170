package setting

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// TOML returns a file of the settings, each below a comment with its help.
func (l List) TOML() ([]byte, error) {
	var b bytes.Buffer
	for i, s := range l {
		if text := s.String(); !utf8.ValidString(text) {
			return nil, fmt.Errorf("%s is %q, which is not UTF-8 as a TOML file must be", s.Name, text)
		}
		line, err := s.toml()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "# %s\n%s", strings.ReplaceAll(s.Help, "`", ""), line)
	}
	return b.Bytes(), nil
}

// SetTOML sets the settings that a TOML file holds, and returns their names. An error
// says what is wrong and where: the file's syntax, a value of another type, a name
// that no setting has.
func (l List) SetTOML(file []byte) ([]string, error) {
	if err := bounded(file); err != nil {
		return nil, err
	}
	var values map[string]toml.Primitive
	meta, err := toml.Decode(string(file), &values)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, key := range meta.Keys() {
		s, err := l.Find(strings.Join(key, ".")) // no setting lies in a table
		if err != nil {
			return nil, err
		}
		if err := meta.PrimitiveDecode(values[s.Name], s.tomlTarget()); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		names = append(names, s.Name)
	}
	return names, nil
}

// toml returns the lines of a file that set the value.
func (s Setting) toml() ([]byte, error) {
	value := s.Value
	switch v := value.(type) {
	case *uint64:
		if *v > math.MaxInt64 { // a file's integers end there; larger ones stand in quotes
			value = s.String()
		}
	case *[]int:
		value = append([]int{}, *v...) // nil has no form
	case *[]string:
		b := []byte(s.Name + " = [\n")
		for _, item := range *v { // a line each: there may be many
			text, err := json.Marshal(item) // TOML has all its escapes, unlike Go's
			if err != nil {
				return nil, err
			}
			b = fmt.Appendf(b, "  %s,\n", text)
		}
		return append(b, "]\n"...), nil
	}
	return toml.Marshal(map[string]any{s.Name: value})
}

// tomlTarget returns what a file's value is decoded into.
func (s Setting) tomlTarget() any {
	if v, ok := s.Value.(*uint64); ok {
		return (*tomlUint)(v)
	}
	return s.Value
}

// tomlUint is an integer that may stand in quotes.
type tomlUint uint64

func (u *tomlUint) UnmarshalTOML(value any) error {
	n, err := strconv.ParseUint(fmt.Sprint(value), 10, 64)
	switch value.(type) {
	case int64, string:
		if err == nil {
			*u = tomlUint(n)
			return nil
		}
	}
	return fmt.Errorf("toml: %v is not an integer from 0 to %d", value, uint64(math.MaxUint64))
}
