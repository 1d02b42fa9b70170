package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/net/train"
)

// outline is what summary prints.
type outline struct {
	Layers       []layerOutline `json:"layers"`
	Weights      int            `json:"weights"`
	Biases       int            `json:"biases"`
	Parameters   int            `json:"parameters"`
	ForwardFLOPs int64          `json:"forward_flops"` // of the matrix products, for one input
	StepFLOPs    int64          `json:"step_flops"`    // the same, for a training step on a batch
	Batch        int            `json:"batch"`
	DType        string         `json:"dtype"`
	Optimizer    string         `json:"optimizer"`
	Memory       memory         `json:"memory_bytes"`
}

type layerOutline struct {
	Name         string `json:"name"`
	Inputs       int    `json:"inputs"`
	Outputs      int    `json:"outputs"`
	ReLU         bool   `json:"relu"`
	Weights      int    `json:"weights"`
	Biases       int    `json:"biases"`
	Parameters   int    `json:"parameters"`
	ForwardFLOPs int64  `json:"forward_flops"`
}

// memory is what a run holds in bytes, apart from the dataset.
type memory struct {
	Parameters int64 `json:"parameters"`
	Gradients  int64 `json:"gradients"`
	Optimizer  int64 `json:"optimizer"` // what it carries from step to step
	Batch      int64 `json:"batch"`     // inputs, what the layers make of them, and the gradients of that
	Total      int64 `json:"total"`
}

// summarySettings are the settings that a network's size depends on.
var summarySettings = []string{"dataset", "hidden", "dtype", "batch", "optimizer", "momentum"}

func summaryCommand() *cobra.Command {
	var preset string
	var asJSON bool
	typed, err := train.Preset(defaultPreset)
	if err != nil {
		panic(err) // it is part of the program
	}
	c := &cobra.Command{
		Use:   "summary [RUN]",
		Short: "Show the layers of a network, and what they cost",
		Long: `Summary shows the layers of a run's network or, without a run, of the one that
train would make of the same flags: shapes, parameters, floating-point operations
of the matrix products, and the memory of training, apart from the dataset.`,
		Example: `  lanes summary runs/report-1
  lanes summary --hidden 1000,500,250,125
  lanes summary --preset report-mlp --json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			var config train.Config
			if len(args) > 0 {
				if cmd.Flags().NFlag() > 1 || cmd.Flags().NFlag() == 1 && !asJSON {
					return failure{exitUsage, errors.New("a run has its own settings: leave out either it or the flags")}
				}
				folder, _, err := openRun(args[0], "")
				if err != nil {
					return err
				}
				config = folder.Config
			} else {
				var err error
				if config, err = train.Preset(preset); err != nil {
					return failure{exitUsage, fmt.Errorf("--%w", err)}
				}
				for _, name := range summarySettings {
					if cmd.Flags().Changed(name) {
						if err := config.Set(name, cmd.Flags().Lookup(name).Value.String()); err != nil {
							return failure{exitUsage, fmt.Errorf("--%w", err)}
						}
					}
				}
				if err := config.Validate(); err != nil {
					return failure{exitUsage, fmt.Errorf("--%w", err)}
				}
			}
			return show(cmd, asJSON, summarise(config))
		},
	}
	f := c.Flags()
	f.StringVar(&preset, "preset", defaultPreset, orList(train.Presets()))
	for _, name := range summarySettings {
		s, err := train.Find(typed.Settings(), name)
		if err != nil {
			panic(err)
		}
		f.Var(s, s.Name, s.Help)
	}
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// summarise counts a network by the formulas of [net.Network].
func summarise(c train.Config) outline {
	o := outline{Batch: c.BatchSize(), DType: c.DType, Optimizer: c.Optimizer}
	sizes := c.Sizes()
	rows := max(o.Batch, train.ScoreBatch)
	floats := int64(rows) * int64(sizes[0])
	for l, in := range sizes[:len(sizes)-1] {
		out := sizes[l+1]
		layer := layerOutline{
			Name: fmt.Sprintf("layers.%d", l), Inputs: in, Outputs: out, ReLU: l+2 < len(sizes),
			Weights: in * out, Biases: out, Parameters: in*out + out, ForwardFLOPs: 2 * int64(in) * int64(out),
		}
		products := int64(3) // forward, and for the gradients of weights and inputs
		if l == 0 {
			products = 2 // nothing needs those of the images
		}
		o.Weights += layer.Weights
		o.Biases += layer.Biases
		o.ForwardFLOPs += layer.ForwardFLOPs
		o.StepFLOPs += products * layer.ForwardFLOPs * int64(o.Batch)
		o.Layers = append(o.Layers, layer)
		floats += 2 * int64(rows) * int64(out)
	}
	o.Parameters = o.Weights + o.Biases

	copies := int64(0)
	switch {
	case c.Optimizer == "adam":
		copies = 2
	case c.Momentum > 0:
		copies = 1
	}
	element := int64(4)
	if c.DType == "float64" {
		element = 8
	}
	m := &o.Memory
	m.Parameters = element * int64(o.Parameters)
	m.Gradients, m.Optimizer, m.Batch = m.Parameters, copies*m.Parameters, element*floats
	m.Total = m.Parameters + m.Gradients + m.Optimizer + m.Batch
	return o
}

func (o outline) print(out io.Writer) error {
	w := &lines{out: out}
	w.printf("%-12s %7s %7s %11s %7s %11s %14s\n", "layer", "inputs", "outputs", "weights", "biases", "parameters", "FLOPs forward")
	for _, l := range o.Layers {
		w.printf("%-12s %7d %7d %11d %7d %11d %14d\n", l.Name, l.Inputs, l.Outputs, l.Weights, l.Biases, l.Parameters, l.ForwardFLOPs)
	}
	w.printf("%-12s %7s %7s %11d %7d %11d %14d\n", "all", "", "", o.Weights, o.Biases, o.Parameters, o.ForwardFLOPs)
	w.printf(`
ReLU after each layer but the last
%.4g MFLOPs for an image, %.4g GFLOPs for a training step on %d

memory of training with %s in %s
parameters %10.1f MB
gradients  %10.1f MB
optimizer  %10.1f MB
batch      %10.1f MB
all        %10.1f MB
`, float64(o.ForwardFLOPs)/1e6, float64(o.StepFLOPs)/1e9, o.Batch, o.Optimizer, o.DType,
		megabytes(o.Memory.Parameters), megabytes(o.Memory.Gradients), megabytes(o.Memory.Optimizer),
		megabytes(o.Memory.Batch), megabytes(o.Memory.Total))
	return w.err
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }
