package sweep

import (
	"embed"
	"slices"

	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// presets has sweeps as files: those of the report that Lanes reproduces, and of what the
// preset quick owes to its ingredients and to depth.
//
//go:embed presets
var presets embed.FS

// Presets returns the names that [Preset] knows besides those of [train.Presets].
func Presets() []string {
	return []string{"report-grid", "report-depth", "quick-ablation", "quick-depth"}
}

// Preset returns the sweep of that name. The name of one of [train.Presets] gives a sweep
// with that base and no axes. The error lists the names.
func Preset(name string) (Sweep, error) {
	if err := setting.OneOf("preset", name, append(Presets(), train.Presets()...)); err != nil {
		return Sweep{}, err
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
