package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// outline is what summary prints.
type outline struct {
	Layers []layerOutline `json:"layers"`
	layerCosts
	Architecture net.Architecture `json:"architecture"`
	StepFLOPs    int64            `json:"step_flops"` // of the matrix products, for a training step on a batch
	Batch        int              `json:"batch"`
	DType        string           `json:"dtype"`
	Optimizer    string           `json:"optimizer"`
	Memory       memory           `json:"memory_bytes"`
}

// layerOutline is a layer that has parameters, with what follows it, or the whitening of inputs.
type layerOutline struct {
	Name       string  `json:"name"`
	Type       string  `json:"type"`
	Inputs     int     `json:"inputs"`
	Outputs    int     `json:"outputs"`
	Activation string  `json:"activation,omitempty"` // after it
	Dropout    float64 `json:"dropout,omitempty"`    // after that
	Residual   bool    `json:"residual,omitempty"`   // it is part of a block that adds its input
	layerCosts
}

// layerCosts are the counts of a layer, or of all layers.
type layerCosts struct {
	Weights      int64 `json:"weights"`
	Biases       int64 `json:"biases"` // and scales of normalisations
	Parameters   int64 `json:"parameters"`
	ForwardFLOPs int64 `json:"forward_flops"` // of the matrix products, for one input
}

// memory is what a run holds in bytes, apart from the dataset.
type memory struct {
	Parameters int64 `json:"parameters"`
	Gradients  int64 `json:"gradients"`
	Optimizer  int64 `json:"optimizer"` // its state, such as moments
	Batch      int64 `json:"batch"`     // inputs, the outputs of the layers, and the gradients of these
	Total      int64 `json:"total"`
}

// summarySettings are the settings that a network's size depends on.
var summarySettings = []string{"dataset", "hidden", "activation", "norm", "dropout", "residual", "dtype", "batch", "optimizer", "momentum", "normalize", "components"}

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
train would make from the same flags: shapes, parameters, floating-point operations
of the matrix products, and the memory of training without the dataset.`,
		Example: `  lanes summary runs/report-1
  lanes summary --hidden 1000,500,250,125
  lanes summary --preset report-mlp --json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			var config train.Config
			if len(args) > 0 {
				if cmd.Flags().NFlag() > 1 || cmd.Flags().NFlag() == 1 && !asJSON {
					return failure{exitUsage, errors.New("a run has its own settings: give the run or the flags, not both")}
				}
				folder, checkpoint, err := openRun(args[0], "")
				if err != nil {
					return err
				}
				config = folder.Config
				if config.Dataset == data.Files {
					_, model, err := openModel[float64](folder, checkpoint)
					if err != nil {
						return err
					}
					return show(cmd, asJSON, summarise(config, model.Network.Architecture(), model.Input.Centred()))
				}
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
			spec, ok := data.Lookup(config.Dataset)
			if !ok {
				return failure{exitUsage, fmt.Errorf("dataset %s: the inputs and outputs are those of your data: give a run that was trained on them", config.Dataset)}
			}
			return show(cmd, asJSON, summarise(config, config.Network(), spec.Inputs))
		},
	}
	f := c.Flags()
	f.StringVar(&preset, "preset", defaultPreset, "`name` of the settings, see lanes train --help")
	addSettings(f, typed.Settings().Pick(summarySettings...))
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// summarise counts what a configuration's network costs on examples of so many values.
func summarise(c train.Config, network net.Architecture, values int) outline {
	batch := c.BatchSize()
	o := outline{
		layerCosts: costsOf(network), StepFLOPs: int64(network.StepFLOPs(batch)),
		Architecture: network, Batch: batch, DType: c.DType, Optimizer: c.Optimizer,
	}
	o.addLayers(network, false)
	if input := data.WhiteningFLOPs(c.Normalize, values, c.Components, 1); input > 0 {
		whitening := layerOutline{Name: "input", Type: c.Normalize, Inputs: values, Outputs: network.Inputs, layerCosts: layerCosts{ForwardFLOPs: int64(input)}}
		o.Layers = slices.Insert(o.Layers, 0, whitening)
		o.ForwardFLOPs += whitening.ForwardFLOPs
		o.StepFLOPs += int64(data.WhiteningFLOPs(c.Normalize, values, c.Components, batch))
	}
	m := c.Memory(network)
	o.Memory = memory{int64(m.Parameters), int64(m.Gradients), int64(m.Optimizer), int64(m.Batch), int64(m.Total())}
	return o
}

// addLayers adds the layers of a network, or of a block of one.
func (o *outline) addLayers(a net.Architecture, residual bool) {
	in := a.Inputs
	for _, l := range a.Layers {
		one := net.Architecture{Inputs: in, Layers: net.Layers{l}}
		switch l := l.(type) {
		case net.Residual:
			o.addLayers(net.Architecture{Inputs: in, Layers: net.Layers(l)}, true)
		case net.Activation:
			o.Layers[len(o.Layers)-1].Activation = l.String()
		case net.Dropout:
			o.Layers[len(o.Layers)-1].Dropout = l.Rate
		default:
			o.Layers = append(o.Layers, layerOutline{
				Name: fmt.Sprintf("layers.%d", len(o.Layers)), Type: net.TypeName(l), Inputs: in, Outputs: one.Outputs(), Residual: residual, layerCosts: costsOf(one),
			})
		}
		in = one.Outputs()
	}
}

func costsOf(a net.Architecture) layerCosts {
	return layerCosts{int64(a.Weights()), int64(a.Biases()), int64(a.Params()), int64(a.ForwardFLOPs(1))}
}

func (o outline) print(out io.Writer) error {
	w := &console.Lines{Out: out}
	w.Printf("%-11s %-10s %7s %7s %11s %7s %11s %14s\n", "layer", "type", "inputs", "outputs", "weights", "biases", "parameters", "FLOPs forward")
	for _, l := range o.Layers {
		w.Printf("%-11s %-10s %7d %7d %11d %7d %11d %14d\n", l.Name, l.Type, l.Inputs, l.Outputs, l.Weights, l.Biases, l.Parameters, l.ForwardFLOPs)
	}
	w.Printf("%-11s %-10s %7s %7s %11d %7d %11d %14d\n", "all", "", "", "", o.Weights, o.Biases, o.Parameters, o.ForwardFLOPs)
	w.Printf(`
%s
%s MFLOPs for an image, %s GFLOPs for a training step on %d

memory of training with %s in %s
parameters %10s MB
gradients  %10s MB
optimizer  %10s MB
batch      %10s MB
all        %10s MB
`, o.Architecture.Layers, number.Significant(float64(o.ForwardFLOPs)/1e6, 4), number.Significant(float64(o.StepFLOPs)/1e9, 4), o.Batch, o.Optimizer, o.DType,
		megabytes(o.Memory.Parameters), megabytes(o.Memory.Gradients), megabytes(o.Memory.Optimizer),
		megabytes(o.Memory.Batch), megabytes(o.Memory.Total))
	return w.Err
}

func megabytes(n int64) string { return number.MB(float64(n)) }
