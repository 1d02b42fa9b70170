package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/onnx"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/npz"
	"github.com/lanes-ml/lanes/net/safetensors"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// exportFormats are the values of --format, each the extension of its files.
var exportFormats = []string{"safetensors", "npz", "onnx"}

// exportFlags are the flags of export.
type exportFlags struct{ format, file, checkpoint, dtype string }

func exportCommand() *cobra.Command {
	var e exportFlags
	c := &cobra.Command{
		Use:   "export RUN",
		Short: "Write a trained network for other programs",
		Long: `Export writes the network of a run, with what it does to pixels first, to a file
that other programs read, and prints the file's name:

    safetensors  for PyTorch and whatever reads that format
    npz          for numpy
    onnx         for ONNX runtimes, opset 13: pixels, such as (batch,3,32,32), or values
                 to logits or, of a regression, prediction

An image is numbers from 0 to 255: the red plane row by row, then the green, then the
blue, or one plane of grey. The network computes

    x = (pixels - input.mean) · input.scale
    x = relu(x · transpose(layers.0.weight) + layers.0.bias)

and so on for each layer, the last without relu: its x are the logits. A regression
finds target.mean + x / target.scale. A run with other settings of --activation, --norm
or --residual has other layers, which the file's architecture lists in order, as JSON;
layers.N counts those that have tensors, and normalisations have a weight, a bias and,
of batches, a running_mean and a running_var.
What --normalize pca or zca does is folded into layers.0.weight, or is a layer before the
others if the first is in a residual block. With --test-flips, an ONNX file takes the mean
of the logits of an image and of its mirror image; do so with the other formats.

The row of a table is its columns, in the order in which the model has them; a category
is its index. Input i of the network is column input.column[i], or 1 if that column
has category input.category[i], and 0 if not; input.category[i] is -1 for numbers,
and 0 stands for what is missing. An ONNX file does all this itself.

Weights are [outputs, inputs], as in PyTorch. The folder testdata/export of the
sources has programs that read each format.`,
		Example: `  lanes export runs/report-1 --format onnx
  lanes export runs/report-1 -o model.npz --checkpoint last
  lanes export runs/report-1 -o model.onnx --dtype float32`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := e.export(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), console.Plain(file))
			return failed(exitFailed, err)
		},
	}
	f := c.Flags()
	f.StringVar(&e.format, "format", "", strings.Join(exportFormats, ", ")+" (default: the extension of -o)")
	f.StringVarP(&e.file, "output", "o", "", "`file` to write (default model.FORMAT in the run's folder)")
	f.StringVar(&e.checkpoint, "checkpoint", "", checkpointUsage)
	f.StringVar(&e.dtype, "dtype", "", "float32 or float64 (default the run's)")
	return c
}

// export writes the model of the run in a folder, and returns the file's name.
func (e *exportFlags) export(dir string) (string, error) {
	format, err := chooseFormat(e.format, e.file)
	if err != nil {
		return "", failure{exitUsage, err}
	}
	if !slices.Contains([]string{"", "float32", "float64"}, e.dtype) {
		return "", failure{exitUsage, fmt.Errorf("--dtype %q, want float32 or float64", e.dtype)}
	}
	run, checkpoint, err := openRun(dir, e.checkpoint)
	if err != nil {
		return "", err
	}
	file := cmp.Or(e.file, filepath.Join(dir, "model."+format))
	if err := notOfARun(file); err != nil {
		return "", err
	}
	encode := exportAs[float32]
	if cmp.Or(e.dtype, run.Config.DType) == "float64" {
		encode = exportAs[float64]
	}
	content, err := encode(run, checkpoint, format)
	if err != nil {
		return "", err
	}
	return file, failed(exitFailed, train.WriteFile(file, content))
}

// notOfARun returns an error if -o names a file that only a run or a sweep may write.
func notOfARun(output string) error {
	switch {
	case train.InRun(output):
		return failure{exitUsage, fmt.Errorf("-o %s is a file of a run", output)}
	case sweep.InSweep(output):
		return failure{exitUsage, fmt.Errorf("-o %s is a file of a sweep", output)}
	}
	return nil
}

// chooseFormat returns the format that the flag names, or else the file's extension.
func chooseFormat(format, file string) (string, error) {
	if format == "" {
		format = strings.TrimPrefix(filepath.Ext(file), ".")
		if !slices.Contains(exportFormats, format) {
			return "", fmt.Errorf("no --format, want %s", setting.Or(exportFormats))
		}
	}
	if !slices.Contains(exportFormats, format) {
		return "", fmt.Errorf("--format %q, want %s", format, setting.Or(exportFormats))
	}
	return format, nil
}

// exportAs returns the bytes of a checkpoint's model in a format.
func exportAs[T kernels.Float](run *train.Folder, checkpoint, format string) ([]byte, error) {
	engine, model, err := openModel[T](run, checkpoint)
	if err != nil {
		return nil, err
	}
	content, err := encodeModel(model.Unwhitened(engine), format)
	if err != nil {
		return nil, failure{exitFailed, fmt.Errorf("%s: %w", run.Checkpoint(checkpoint), err)}
	}
	return content, nil
}

func encodeModel[T kernels.Float](m *train.Model[T], format string) ([]byte, error) {
	classes, err := json.Marshal(m.Classes)
	if err != nil {
		return nil, err
	}
	input, err := json.Marshal(&m.Input)
	if err != nil {
		return nil, err
	}
	architecture, err := json.Marshal(m.Network.Architecture())
	if err != nil {
		return nil, err
	}
	step := strconv.Itoa(m.Step)
	var b bytes.Buffer
	switch format {
	case "safetensors":
		err = safetensors.Write(&b, m.Tensors(), map[string]string{
			"format":  "pt", // which libraries of this format require
			"classes": string(classes), "step": step, "dataset": m.Dataset, "input": string(input), "architecture": string(architecture),
		})
	case "npz":
		var arrays []npz.Array
		for _, t := range m.Tensors() {
			arrays = append(arrays, npz.Numbers(t))
		}
		arrays = append(arrays, inputArrays(&m.Input)...)
		err = npz.Write(&b, append(arrays, npz.Strings("classes", m.Classes), npz.Strings("architecture", []string{string(architecture)})))
	case "onnx":
		model, err := onnxModel(&m.Input, m.Input.Columns == nil, m.Dataset, m.Classes, step)
		if err != nil {
			return nil, err
		}
		model.Layers, model.Tensors, model.Flips = m.Network.Architecture().Layers, m.Tensors(), m.Config.TestFlips
		return onnx.Encode(model)
	default:
		err = errors.ErrUnsupported // chooseFormat has refused it
	}
	return b.Bytes(), err
}
