package train

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// EncodeSettings returns a TOML file of the settings, each below a comment that
// explains it.
func EncodeSettings(settings []Setting) ([]byte, error) {
	var b bytes.Buffer
	for _, s := range settings {
		if text := s.String(); !utf8.ValidString(text) {
			return nil, fmt.Errorf("%s is %q, which is not UTF-8 as a TOML file must be", s.Name, text)
		}
		line, err := toml.Marshal(map[string]any{s.Name: s.tomlValue()})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		fmt.Fprintf(&b, "# %s\n%s\n", strings.ReplaceAll(s.Help, "`", ""), line)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// DecodeSettings sets the settings that a TOML file holds, and returns their
// names. An error says what is wrong where: the file's syntax, a value of
// another type, a name that no setting has.
func DecodeSettings(file []byte, settings []Setting) ([]string, error) {
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
		s, err := Find(settings, strings.Join(key, ".")) // in a table there is none
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

// tomlValue returns the value as a file has it. A file's whole numbers end below
// 2^63, so that larger ones stand in quotes there.
func (s Setting) tomlValue() any {
	switch v := s.Value.(type) {
	case *uint64:
		if *v > math.MaxInt64 {
			return s.String()
		}
	case *[]int:
		return append([]int{}, *v...) // nil has no form
	}
	return s.Value
}

// tomlTarget returns what a file's value is decoded into.
func (s Setting) tomlTarget() any {
	if v, ok := s.Value.(*uint64); ok {
		return (*tomlUint)(v)
	}
	return s.Value
}

// tomlUint is a number that may stand in quotes.
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
	return fmt.Errorf("toml: %v is no whole number from 0 to %d", value, uint64(math.MaxUint64))
}

// TOML returns the configuration as a file that [Config.SetTOML] reads.
func (c Config) TOML() ([]byte, error) { return EncodeSettings(c.Settings()) }

// SetTOML sets what the TOML file holds; as in [Config.Set], one of iters and
// epochs clears the other, unless the file holds both. Besides the
// configuration's, the file may hold other settings. It returns the names that
// it found.
func (c *Config) SetTOML(file []byte, others ...Setting) ([]string, error) {
	names, err := DecodeSettings(file, append(c.Settings(), others...))
	if err != nil {
		return nil, err
	}
	if !(slices.Contains(names, "iters") && slices.Contains(names, "epochs")) {
		for _, name := range names {
			c.chooseLength(name)
		}
	}
	return names, nil
}
