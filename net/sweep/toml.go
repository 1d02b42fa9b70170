package sweep

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/lanes-ml/lanes/net/train"
)

// TOML returns the sweep as a file that [Sweep.SetTOML] reads.
func (s Sweep) TOML() ([]byte, error) {
	settings := s.Settings()
	lists := slices.IndexFunc(settings, func(s train.Setting) bool { return s.Name == "axes" })
	file, err := train.EncodeSettings(settings[:lists])
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(file)
	for i, list := range [][]string{s.Axes, s.Rows} {
		fmt.Fprintf(b, "\n# %s\n%s = [\n", settings[lists+i].Help, settings[lists+i].Name)
		for _, item := range list { // a line each: there may be many
			text, err := json.Marshal(item) // whose escapes TOML has too, unlike some of Go's
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(b, "  %s,\n", text)
		}
		b.WriteString("]\n")
	}
	rest, err := train.EncodeSettings(settings[lists+2:])
	fmt.Fprintf(b, "\n%s", rest)
	return b.Bytes(), err
}

// SetTOML sets what the TOML file holds. Besides the sweep's settings, it may hold
// preset, the name of one of package train's, which then is the base of all that
// the file sets.
func (s *Sweep) SetTOML(file []byte) error {
	var preset string
	read := func() ([]string, error) {
		own := s.Settings()[len(s.Base.Settings()):]
		return s.Base.SetTOML(file, append(own, train.Setting{Name: "preset", Value: &preset})...)
	}
	names, err := read()
	if err != nil || !slices.Contains(names, "preset") {
		return err
	}
	if s.Base, err = train.Preset(preset); err == nil {
		_, err = read() // over the preset
	}
	return err
}
