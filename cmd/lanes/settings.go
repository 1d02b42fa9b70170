package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// countOrNone is the range of counts that are 0 if none was given.
var countOrNone = setting.Range{Least: 1, Most: setting.MaxCount, OrZero: true}

// addSettings adds a flag for each setting, with its value as the default.
func addSettings(f *pflag.FlagSet, settings setting.List) {
	for _, s := range settings {
		flag := f.VarPF(s, s.Name, "", s.Help)
		if s.Type() == "bool" {
			flag.NoOptDefVal = "true" // the flag alone
		}
	}
}

// shortNames lets --val and --test stand for --val-share and --test-share.
func shortNames(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	if name == "val" || name == "test" {
		name += "-share"
	}
	return pflag.NormalizedName(name)
}

// resolve returns the settings that the preset, the file and the flags give, each
// overriding the one before, and the names of those that the file or a flag set.
func (o *trainOptions) resolve(cmd *cobra.Command) (*trainSettings, []string, error) {
	for _, name := range []string{"resume", "config"} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed && f.Value.String() == "" { // from a shell variable that is not set
			return nil, nil, failure{exitUsage, fmt.Errorf("--%s has an empty name", name)}
		}
	}
	if o.resume != "" {
		return o.resolveResume(cmd)
	}
	s := &trainSettings{preset: o.preset}
	if f := cmd.Flags(); !f.Changed("preset") && !f.Changed("dataset") && holdsFiles(o.dir) {
		s.preset = data.Files
	}
	given, err := s.readFile(o.file, cmd.Flags().Changed("preset"))
	if err != nil {
		return nil, nil, failure{exitUsage, err}
	}
	set, err := s.setFlags(cmd.Flags())
	if err != nil {
		return nil, nil, err
	}
	if spec, _ := data.Lookup(s.config.Dataset); spec.Fixed && slices.Contains(set, "data") {
		return nil, nil, failure{exitUsage, fmt.Errorf("--data does not go with %s, whose data is fixed", spec.Title)}
	}
	given = append(given, set...)
	if !slices.Contains(given, "dataset") && holdsFiles(s.dir) {
		s.config.Dataset = data.Files
	}
	return s, given, nil
}

// holdsFiles reports whether dir, or else LANES_DATA, names data that is not CIFAR-10.
func holdsFiles(dir string) bool {
	format, err := data.Detect(cmp.Or(dir, os.Getenv("LANES_DATA")))
	return err == nil && format != "cifar10"
}

// readFile sets the preset's values and then the file's, and returns the names in the
// file. The file may name the preset, unless that is fixed.
func (s *trainSettings) readFile(path string, presetFixed bool) (names []string, err error) {
	if path == "" {
		s.config, err = train.Preset(s.preset)
		if err != nil {
			err = fmt.Errorf("--%w", err)
		}
		return nil, err
	}
	text, err := setting.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	file := trainSettings{preset: s.preset} // read twice, because it may name the preset
	if _, err = file.config.SetTOML(text, file.others()...); err == nil {
		if presetFixed {
			file.preset = s.preset
		}
		s.config, err = train.Preset(file.preset)
	}
	if err == nil {
		names, err = s.config.SetTOML(text, s.others()...)
	}
	if err == nil {
		err = s.validate()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return names, nil
}

// changeable are the settings that may be given when a run is resumed.
var changeable = []string{"iters", "epochs", "patience", "data", "threads", "level", "checkpoint-every", "keep-epochs", "tensorboard", "json"}

// resolveResume returns the settings of a run, as flags change them.
func (o *trainOptions) resolveResume(cmd *cobra.Command) (*trainSettings, []string, error) {
	var err error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		_, isSetting := f.Value.(setting.Setting)
		if err == nil && (isSetting || f.Name == "config") && !slices.Contains(changeable, f.Name) {
			err = fmt.Errorf("--%s does not go with --resume: the run has its own configuration", f.Name)
		}
	})
	if err != nil {
		return nil, nil, failure{exitUsage, err}
	}
	folder, _, err := openRun(o.resume, "")
	if err != nil {
		return nil, nil, err
	}
	once, err := folder.DataFolder()
	if err != nil {
		return nil, nil, failure{exitData, err}
	}
	s := &trainSettings{config: folder.Config, preset: o.preset, out: o.resume, remembered: once}
	set, err := s.setFlags(cmd.Flags())
	return s, append(set, "dataset"), err
}

// setFlags sets the settings whose flags were given, and returns their names.
func (s *trainSettings) setFlags(f *pflag.FlagSet) (set []string, err error) {
	if f.Changed("iters") && f.Changed("epochs") {
		return nil, failure{exitUsage, errors.New("--epochs and --iters exclude each other")}
	}
	f.Visit(func(flag *pflag.Flag) {
		given, ok := flag.Value.(setting.Setting)
		if !ok || err != nil {
			return
		}
		set = append(set, given.Name)
		switch given.Name {
		case "iters", "epochs", "threads":
			if given.String() == "0" { // which stands for no flag, and is no value
				err = fmt.Errorf("%s is 0, want 1 to %d", given.Name, setting.MaxCount)
				return
			}
		}
		if other, notThere := s.others().Find(given.Name); notThere == nil {
			err = other.Set(given.String())
		} else {
			err = s.config.Set(given.Name, given.String())
		}
	})
	if err == nil {
		err = s.validate()
	}
	if err != nil {
		return nil, failure{exitUsage, fmt.Errorf("--%w", err)}
	}
	s.config, err = s.config.Resolve()
	return set, err
}

func (s *trainSettings) validate() error {
	if err := s.others().Check(); err != nil {
		return err
	}
	if s.config.Dataset == train.Own {
		return errors.New("dataset own is for programs that train on their own examples")
	}
	return s.config.Validate()
}
