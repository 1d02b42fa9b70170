package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
)

// product is a line of a file of shapes: C = A·B, where A is m×k and B is k×n. The form has
// a letter for each operand: N if it is stored row by row, T if its transpose is.
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
		Long: `Gemm measures the products that a file lists, one in each line: form, M, N, K and a
tag, such as "TN 3072 75 300 dW". In the form, T marks an operand that is stored
transposed, N one that is not.`,
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
	s.register(c, 0.15)
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
		a, b, c := operands[T](p)
		median, best := measure(s.seconds, func() { engine.Gemm(c, 1, a, b, 0) })
		flops := net.Plain(p.K, p.N).ForwardFLOPs(p.M) / 1e9
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

// operands returns the matrices of a product.
func operands[T kernels.Float](p product) (a, b, c kernels.Mat[T]) {
	a, b, c = random[T](p.M, p.K), random[T](p.K, p.N), kernels.NewMat[T](p.M, p.N, nil)
	if p.Form[0] == 'T' {
		a = random[T](p.K, p.M).T()
	}
	if p.Form[1] == 'T' {
		b = random[T](p.N, p.K).T()
	}
	return a, b, c
}
