package sweep

import (
	"slices"

	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// TOML returns the sweep as a file that [Sweep.SetTOML] reads.
func (s Sweep) TOML() ([]byte, error) { return s.Settings().TOML() }

// SetTOML sets what the TOML file holds. Besides the sweep's settings it may hold
// preset, the name of a preset of package train: the base to which the file's other
// settings apply.
func (s *Sweep) SetTOML(file []byte) error {
	var preset string
	read := func() ([]string, error) {
		return s.Base.SetTOML(file, append(s.own(), setting.Setting{Name: "preset", Value: &preset})...)
	}
	names, err := read()
	if err != nil || !slices.Contains(names, "preset") {
		return err
	}
	if s.Base, err = train.Preset(preset); err == nil {
		_, err = read() // now over the preset
	}
	return err
}
