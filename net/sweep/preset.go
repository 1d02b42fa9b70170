package sweep

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/net/train"
)

// presets are sweeps as files: those of the report that Lanes reproduces.
//
//go:embed presets
var presets embed.FS

// Presets returns the names that [Preset] knows besides those of package train.
func Presets() []string { return []string{"report-grid", "report-depth"} }

// Preset returns a sweep by its name. One of package train's presets is a sweep
// with that base and no axes. An error lists the names.
func Preset(name string) (Sweep, error) {
	if names := append(Presets(), train.Presets()...); !slices.Contains(names, name) {
		last := len(names) - 1
		return Sweep{}, fmt.Errorf("preset %q, want %s or %s", name, strings.Join(names[:last], ", "), names[last])
	}
	s := Sweep{Seeds: 1}
	var err error
	if !slices.Contains(Presets(), name) {
		s.Base, err = train.Preset(name)
		return s, err
	}
	file, err := presets.ReadFile("presets/" + name + ".toml")
	if err == nil {
		err = s.SetTOML(file)
	}
	return s, err
}
