package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/kernels"
)

func benchElementwiseCommand() *cobra.Command {
	var s benchSettings
	c := &cobra.Command{
		Use:     "elementwise",
		Short:   "Measure activations, bias-add, axpy, optimisers, dropout, normalisation, softmax, cross-entropy",
		Example: "  lanes bench elementwise --threads 1 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(cmd.Flags().Changed); err != nil {
				return failure{exitUsage, err}
			}
			if s.dtype == "float64" {
				return benchElementwise[float64](cmd.OutOrStdout(), s)
			}
			return benchElementwise[float32](cmd.OutOrStdout(), s)
		},
	}
	s.register(c, 0.15)
	return c
}

func benchElementwise[T kernels.Float](out io.Writer, s benchSettings) error {
	engine, err := newEngine[T](s.level, s.threads)
	if err != nil {
		return failure{exitUsage, err}
	}
	operations := elementwiseOperations(engine)
	if !s.json {
		fmt.Fprintf(out, "%-21s %6s %9s %12s %12s   %v, %s, %s\n", "operation", "rows", "cols", "ns", "best", engine.Level(), number.Count(engine.Threads(), "thread"), s.dtype)
	}
	for _, op := range operations {
		for _, shape := range op.shapes {
			rows, cols := shape[0], shape[1]
			o := newElementwiseOperands[T](rows, cols)
			engine.ReLU(o.y.Data, o.y.Data) // since Adam's second moments are not negative
			median, best := measure(s.seconds, func() { op.call(o) })
			if !s.json {
				fmt.Fprintf(out, "%-21s %6d %9d %12s %12s\n", op.name, rows, cols, number.Fixed(median*1e9, 0), number.Fixed(best*1e9, 0))
				continue
			}
			err := json.NewEncoder(out).Encode(struct {
				Operation string  `json:"operation"`
				Rows      int     `json:"rows"`
				Cols      int     `json:"cols"`
				NS        float64 `json:"ns"`
				Best      float64 `json:"ns_best"`
				Threads   int     `json:"threads"`
				Level     string  `json:"level"`
				DType     string  `json:"dtype"`
			}{op.name, rows, cols, median * 1e9, best * 1e9, engine.Threads(), engine.Level().String(), s.dtype})
			if err != nil {
				return failure{exitFailed, err}
			}
		}
	}
	return nil
}

// elementwiseOperation is an operation that is measured, on shapes of its matrices.
type elementwiseOperation[T kernels.Float] struct {
	name   string
	shapes [][2]int
	call   func(o *elementwiseOperands[T])
}

// elementwiseOperands are matrices of one shape, vectors with an element for each column, if there
// are several rows, vectors with one for each row, and labels.
type elementwiseOperands[T kernels.Float] struct {
	y, x, other kernels.Mat[T]
	columns     [4][]T
	rows        [2][]T
	labels      []int32
}

func newElementwiseOperands[T kernels.Float](rows, cols int) *elementwiseOperands[T] {
	o := &elementwiseOperands[T]{y: random[T](rows, cols), x: random[T](rows, cols), other: random[T](rows, cols), labels: make([]int32, rows)}
	for i := range o.columns {
		if rows > 1 {
			o.columns[i] = random[T](1, cols).Data
		}
	}
	for i := range o.rows {
		o.rows[i] = random[T](1, rows).Data
	}
	for i := range o.labels {
		o.labels[i] = int32(i % 10)
	}
	return o
}

func elementwiseOperations[T kernels.Float](engine *kernels.Engine[T]) []elementwiseOperation[T] {
	relu := [][2]int{{1, 1024}, {1, 4096}, {1, 32768}, {1, 262144}, {1, 4 << 20}, {1, 64 << 20}}
	flat := [][2]int{{1, 300}, {1, 4096}, {1, 32768}, {1, 262144}, {1, 4 << 20}}
	norm := [][2]int{{4, 75}, {64, 64}, {300, 100}, {256, 1024}, {1024, 1024}, {4096, 1024}}
	ops := []elementwiseOperation[T]{
		{"relu", relu, func(o *elementwiseOperands[T]) { engine.ReLU(o.y.Data, o.x.Data) }},
		{"relu_inplace", relu, func(o *elementwiseOperands[T]) { engine.ReLU(o.y.Data, o.y.Data) }},
		{"bias_inplace", [][2]int{{300, 10}, {300, 75}, {300, 1024}, {1024, 1024}, {16384, 4096}},
			func(o *elementwiseOperands[T]) { engine.AddBias(o.y, o.columns[0]) }},
		{"axpy", flat, func(o *elementwiseOperands[T]) {
			engine.Axpy(kernels.NewVec(o.y.Data), 1e-3, kernels.NewVec(o.x.Data))
		}},
		{"add", flat, func(o *elementwiseOperands[T]) { engine.Add(o.y.Data, o.x.Data, o.other.Data) }},
		{"dropout", flat, func(o *elementwiseOperands[T]) { engine.Dropout(o.y.Data, o.x.Data, 0.2, 1) }},
		{"column_moments", norm, func(o *elementwiseOperands[T]) { engine.ColumnMoments(o.columns[0], o.columns[1], o.x) }},
		{"scale_shift_relu", norm, func(o *elementwiseOperands[T]) {
			engine.ScaleShift(o.y, o.x, o.columns[0], o.columns[1], kernels.ReLU)
		}},
		{"batch_norm_backward", norm, func(o *elementwiseOperands[T]) {
			engine.BatchNormBackward(o.y, o.columns[0], o.columns[1], o.other, o.x, o.columns[2], o.columns[3], o.columns[3])
		}},
		{"layer_norm", norm, func(o *elementwiseOperands[T]) {
			engine.LayerNorm(o.y, o.rows[0], o.rows[1], o.x, o.columns[0], o.columns[1], 1e-5)
		}},
		{"layer_norm_backward", norm, func(o *elementwiseOperands[T]) {
			engine.LayerNormBackward(o.y, o.columns[0], o.columns[1], o.other, o.x, o.rows[0], o.rows[1], o.columns[2])
		}},
		{"softmax", [][2]int{{1, 10}, {100, 10}, {300, 10}, {1024, 10}, {49000, 10}, {1, 1000}, {100, 1000}, {1024, 1000}, {10000, 1000}},
			func(o *elementwiseOperands[T]) { engine.Softmax(o.y, o.x) }},
		{"cross_entropy", [][2]int{{100, 10}, {300, 10}, {1024, 10}, {49000, 10}, {100, 1000}, {1024, 1000}, {10000, 1000}},
			func(o *elementwiseOperands[T]) { engine.SoftmaxCrossEntropy(o.y, o.x, o.labels) }},
	}
	for i, name := range []string{"leaky_relu", "gelu", "silu"} {
		a := kernels.LeakyReLU + kernels.Activation(i)
		ops = append(ops,
			elementwiseOperation[T]{name, flat, func(o *elementwiseOperands[T]) { engine.Activate(o.y.Data, o.x.Data, a) }},
			elementwiseOperation[T]{name + "_backward", flat, func(o *elementwiseOperands[T]) {
				engine.ActivateBackward(o.y.Data, o.other.Data, o.x.Data, a)
			}})
	}
	return append(ops, optimizerOperations(engine)...)
}
