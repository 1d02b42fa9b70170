package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// doctorSettings are the settings of train that are not part of the configuration and that
// doctor has too.
var doctorSettings = []string{"preset", "data", "threads", "level", "json"}

func doctorCommand() *cobra.Command {
	var o trainOptions
	o.preset = defaultPreset
	o.config, _ = train.Preset(defaultPreset)
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what keeps a network from learning",
		Long: `Doctor examines what train would train with the same flags: the size of the inputs,
the balance of the classes, examples that the parts share, the signals and the
gradients of the layers, units that are always 0, probabilities of nearly 1, gradients
beside numerical ones in a small network, whether one batch can be learnt by heart,
and the learning rate beside the one of train --find-lr. Each finding is a line, and says what to
change. The exit code is 1 if something is wrong.`,
		Example: "  lanes doctor --preset toy\n  lanes doctor --hidden 100,50 --init he --lr 0.01 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, given, err := o.resolve(cmd)
			switch {
			case err != nil:
				return err
			case s.config.DType == "float64":
				return examine[float64](cmd, s, given)
			}
			return examine[float32](cmd, s, given)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.file, "config", "", "TOML `file` with any of these settings, by the same names")
	addSettings(f, append(o.config.Settings(), setting.List(o.others()).Pick(doctorSettings...)...))
	f.SetNormalizeFunc(shortNames)
	return c
}

// diagnosis is what doctor prints.
type diagnosis struct {
	Findings []train.Finding `json:"findings"`
	Wrong    int             `json:"wrong"`
}

func examine[T kernels.Float](cmd *cobra.Command, s *trainSettings, given []string) error {
	ctx, stop := interruptible(cmd)
	defer stop()
	engine, set, err := begin[T](cmd, s, given)
	if err != nil {
		return err
	}
	run, err := train.New(engine, s.config, set)
	if err != nil {
		return failure{exitUsage, err}
	}
	var d diagnosis
	if d.Findings, err = run.Examine(ctx, set); err != nil {
		return failure{exitFailed, err}
	}
	for _, f := range d.Findings {
		if f.Wrong {
			d.Wrong++
		}
	}
	if err := show(cmd, s.json, d); err != nil {
		return err
	}
	if d.Wrong > 0 {
		return failure{exitFailed, errors.New(number.Count(d.Wrong, "check") + " of " + fmt.Sprint(len(d.Findings)) + " found something wrong")}
	}
	return nil
}

func (d diagnosis) print(out io.Writer) error {
	for _, f := range d.Findings {
		verdict := "well "
		if f.Wrong {
			verdict = "wrong"
		}
		line := fmt.Sprintf("%s  %-13s  %s", verdict, f.Check, f.Says)
		if f.Wrong {
			line += ": " + f.Change
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}
