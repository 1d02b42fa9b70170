package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/setting"
)

// benchSettings are the flags that every benchmark has.
type benchSettings struct {
	threads int
	level   string
	dtype   string
	seconds float64
	json    bool
}

func benchCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure the kernels",
		Long: `Bench measures kernels on hot data: each for --time seconds, in samples of at
least 100 µs. It prints the median and the best sample.`,
		Example: "  lanes bench gemm --threads 1\n  lanes bench elementwise --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(benchGemmCommand(), benchElementwiseCommand())
	return c
}

func (s *benchSettings) register(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&s.threads, "threads", 0, threadsUsage)
	f.StringVar(&s.level, "level", "", levelUsage)
	f.StringVar(&s.dtype, "dtype", "float32", "float32 or float64")
	f.Float64Var(&s.seconds, "time", 0.15, "seconds for each measurement")
	f.BoolVar(&s.json, "json", false, "print a JSON object per line")
}

func (s *benchSettings) check(changed func(string) bool) error {
	if s.dtype != "float32" && s.dtype != "float64" {
		return fmt.Errorf("--dtype %q, want float32 or float64", s.dtype)
	}
	if !(s.seconds > 0 && s.seconds <= 3600) {
		return fmt.Errorf("--time is %g, want seconds above 0 and up to 3600", s.seconds)
	}
	if s.threads > setting.MaxCount || s.threads < 1 && changed("threads") {
		return fmt.Errorf("--threads is %d, want 1 to %d", s.threads, setting.MaxCount)
	}
	return nil
}

// product is a line of a file of shapes: C = A·B with A m×k and B k×n, each
// stored row by row as it is (N) or transposed (T).
type product struct {
	Form string `json:"form"`
	M    int    `json:"m"`
	N    int    `json:"n"`
	K    int    `json:"k"`
	Tag  string `json:"tag"`
}

// defaultProducts are squares, and the products of the report's two layers.
const defaultProducts = `NN 64 64 64 square
NN 128 128 128 square
NN 256 256 256 square
NN 512 512 512 square
NN 1024 1024 1024 square
NN 2048 2048 2048 square
NN 300 75 3072 fwd
TN 3072 75 300 dW
NT 300 3072 75 dX
NN 300 10 75 fwd
TN 75 10 300 dW
NT 300 75 10 dX
`

func benchGemmCommand() *cobra.Command {
	var s benchSettings
	var path string
	c := &cobra.Command{
		Use:   "gemm",
		Short: "Measure matrix products",
		Long: `Gemm measures the products that a file lists, one on each line: form, M, N, K
and a tag, such as "TN 3072 75 300 dW" for A transposed, N as it is.`,
		Example: "  lanes bench gemm\n  lanes bench gemm --shapes shapes.txt --threads 1 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(cmd.Flags().Changed); err != nil {
				return failure{exitUsage, err}
			}
			products, err := readProducts(path)
			if err != nil {
				return failure{exitData, err}
			}
			if s.dtype == "float64" {
				return benchGemm[float64](cmd.OutOrStdout(), s, products)
			}
			return benchGemm[float32](cmd.OutOrStdout(), s, products)
		},
	}
	s.register(c)
	c.Flags().StringVar(&path, "shapes", "", "file of shapes (default: squares and the report's layers)")
	return c
}

// maxElements bounds a matrix of a benchmark, to 4 GB of float32.
const maxElements = 1 << 30

func readProducts(path string) ([]product, error) {
	var r io.Reader = strings.NewReader(defaultProducts)
	if path != "" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		r = f
	}
	var products []product
	lines := bufio.NewScanner(r)
	for i := 1; lines.Scan(); i++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var p product
		n, _ := fmt.Sscan(lines.Text(), &p.Form, &p.M, &p.N, &p.K, &p.Tag)
		if n < 4 || !slices.Contains([]string{"NN", "TN", "NT", "TT"}, p.Form) {
			return nil, fmt.Errorf("%s:%d: %q, want a form such as NN, then M, N, K and a tag", path, i, lines.Text())
		}
		for _, d := range []int{p.M, p.N, p.K} {
			if d < 1 || d > maxElements {
				return nil, fmt.Errorf("%s:%d: a dimension of %d, want 1 to %d", path, i, d, maxElements)
			}
		}
		if max(p.M*p.N, p.M*p.K, p.K*p.N) > maxElements {
			return nil, fmt.Errorf("%s:%d: a matrix of more than %d elements", path, i, maxElements)
		}
		products = append(products, p)
	}
	return products, lines.Err()
}

func benchGemm[T kernels.Float](out io.Writer, s benchSettings, products []product) error {
	engine, err := newEngine[T](s.level, s.threads)
	if err != nil {
		return failure{exitUsage, err}
	}
	if !s.json {
		fmt.Fprintf(out, "%-4s %6s %6s %6s %10s %10s   %v, %s, %s\n", "form", "m", "n", "k", "GFLOP/s", "best", engine.Level(), number.Count(engine.Threads(), "thread"), s.dtype)
	}
	for _, p := range products {
		a, b, c := random[T](p.M, p.K), random[T](p.K, p.N), kernels.NewMat[T](p.M, p.N, nil)
		if p.Form[0] == 'T' {
			a = random[T](p.K, p.M).T()
		}
		if p.Form[1] == 'T' {
			b = random[T](p.N, p.K).T()
		}
		median, best := measure(s.seconds, func() { engine.Gemm(c, 1, a, b, 0) })
		flops := net.Sizes{p.K, p.N}.ForwardFLOPs(p.M) / 1e9
		if !s.json {
			fmt.Fprintf(out, "%-4s %6d %6d %6d %10s %10s   %s\n", p.Form, p.M, p.N, p.K, number.Fixed(flops/median, 1), number.Fixed(flops/best, 1), p.Tag)
			continue
		}
		err := json.NewEncoder(out).Encode(struct {
			product
			GFLOPS  float64 `json:"gflops"`
			Best    float64 `json:"gflops_best"`
			Threads int     `json:"threads"`
			Level   string  `json:"level"`
			DType   string  `json:"dtype"`
		}{p, flops / median, flops / best, engine.Threads(), engine.Level().String(), s.dtype})
		if err != nil {
			return failure{exitFailed, err}
		}
	}
	return nil
}

func benchElementwiseCommand() *cobra.Command {
	var s benchSettings
	c := &cobra.Command{
		Use:     "elementwise",
		Short:   "Measure ReLU, bias-add, softmax and cross-entropy",
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
	s.register(c)
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

// random returns a matrix of random numbers, which begin anew after a while: no
// kernel's time depends on them, and drawing many takes longer than to measure it.
func random[T kernels.Float](rows, cols int) kernels.Mat[T] {
	m := kernels.NewMat[T](rows, cols, nil)
	rng := rand.New(rand.NewPCG(1, 2))
	const drawn = 1 << 16
	for i := range m.Data[:min(drawn, len(m.Data))] {
		m.Data[i] = T(rng.Float64() - 0.5)
	}
	for n := drawn; n < len(m.Data); n *= 2 {
		copy(m.Data[n:], m.Data[:n])
	}
	return m
}

// measure returns the median and the least seconds of a call.
func measure(seconds float64, call func()) (median, best float64) {
	call()
	repeat := 1
	for {
		if elapsed := sample(repeat, call); elapsed > 100e-6 || repeat > 1<<24 {
			break
		}
		repeat *= 2
	}
	var samples []float64
	for start := time.Now(); time.Since(start).Seconds() < seconds || len(samples) < 5; {
		samples = append(samples, sample(repeat, call)/float64(repeat))
	}
	slices.Sort(samples)
	return samples[len(samples)/2], samples[0]
}

func sample(repeat int, call func()) float64 {
	start := time.Now()
	for range repeat {
		call()
	}
	return time.Since(start).Seconds()
}
