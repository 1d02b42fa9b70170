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
		Short:   "Measure ReLU, bias-add, axpy, Adam, softmax and cross-entropy",
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
	operations := []struct {
		name   string
		shapes [][2]int
		call   func(y, x kernels.Mat[T], bias []T, labels []int32)
	}{
		{"relu", [][2]int{{1, 1024}, {1, 4096}, {1, 32768}, {1, 262144}, {1, 4 << 20}, {1, 64 << 20}},
			func(y, x kernels.Mat[T], _ []T, _ []int32) { engine.ReLU(y.Data, x.Data) }},
		{"relu_inplace", [][2]int{{1, 1024}, {1, 4096}, {1, 32768}, {1, 262144}, {1, 4 << 20}, {1, 64 << 20}},
			func(y, _ kernels.Mat[T], _ []T, _ []int32) { engine.ReLU(y.Data, y.Data) }},
		{"bias_inplace", [][2]int{{300, 10}, {300, 75}, {300, 1024}, {1024, 1024}, {16384, 4096}},
			func(y, _ kernels.Mat[T], bias []T, _ []int32) { engine.AddBias(y, bias) }},
		{"axpy", [][2]int{{1, 300}, {1, 4096}, {1, 32768}, {1, 262144}, {1, 4 << 20}},
			func(y, x kernels.Mat[T], _ []T, _ []int32) {
				engine.Axpy(kernels.NewVec(y.Data), 1e-3, kernels.NewVec(x.Data))
			}},
		{"adam", [][2]int{{4, 300}, {4, 4096}, {4, 32768}, {4, 262144}, {4, 4 << 20}},
			func(y, x kernels.Mat[T], _ []T, _ []int32) {
				engine.Adam(y.Row(0), y.Row(1), y.Row(2), x.Row(0), kernels.AdamStep{Step: 10, LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8})
			}},
		{"softmax", [][2]int{{1, 10}, {100, 10}, {300, 10}, {1024, 10}, {49000, 10}, {1, 1000}, {100, 1000}, {1024, 1000}, {10000, 1000}},
			func(y, x kernels.Mat[T], _ []T, _ []int32) { engine.Softmax(y, x) }},
		{"cross_entropy", [][2]int{{100, 10}, {300, 10}, {1024, 10}, {49000, 10}, {100, 1000}, {1024, 1000}, {10000, 1000}},
			func(y, x kernels.Mat[T], _ []T, labels []int32) { engine.SoftmaxCrossEntropy(y, x, labels) }},
	}
	if !s.json {
		fmt.Fprintf(out, "%-14s %6s %9s %12s %12s   %v, %s, %s\n", "operation", "rows", "cols", "ns", "best", engine.Level(), number.Count(engine.Threads(), "thread"), s.dtype)
	}
	for _, op := range operations {
		for _, shape := range op.shapes {
			rows, cols := shape[0], shape[1]
			x, y := random[T](rows, cols), random[T](rows, cols)
			engine.ReLU(y.Data, y.Data) // since Adam's second moments are not negative
			bias, labels := make([]T, cols), make([]int32, rows)
			for i := range labels {
				labels[i] = int32(i % 10)
			}
			median, best := measure(s.seconds, func() { op.call(y, x, bias, labels) })
			if !s.json {
				fmt.Fprintf(out, "%-14s %6d %9d %12s %12s\n", op.name, rows, cols, number.Fixed(median*1e9, 0), number.Fixed(best*1e9, 0))
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
