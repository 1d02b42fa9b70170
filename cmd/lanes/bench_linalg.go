package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
)

func benchLinalgCommand() *cobra.Command {
	s := benchSettings{dtype: "float64"} // which gonum's matrices have
	var sizes []int
	var match string
	var own bool
	c := &cobra.Command{
		Use:   "linalg",
		Short: "Measure gonum's matrix operations on the kernels",
		Long: `Linalg measures what gonum's package mat does with n×n matrices of float64: products,
factorisations, solutions, inverses, singular values and eigenvalues, with its BLAS on the
kernels of this program, or with --gonum on its own. It prints milliseconds.`,
		Example: "  lanes bench linalg --sizes 500,1000 --threads 1\n  lanes bench linalg --match Cholesky --gonum",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(cmd.Flags().Changed); err != nil {
				return failure{exitUsage, err}
			}
			for _, n := range sizes {
				if n < 1 || n > largestMatrix {
					return failure{exitUsage, fmt.Errorf("--sizes has %d, want 1 to %d", n, largestMatrix)}
				}
			}
			impl, level, threads, err := s.implementation(own)
			if err != nil {
				return failure{exitUsage, err}
			}
			defer blas64.Use(blas64.Implementation())
			blas64.Use(impl)
			return benchLinalg(cmd.OutOrStdout(), s, level, threads, sizes, match)
		},
	}
	f := c.Flags()
	f.IntVar(&s.threads, "threads", 0, threadsUsage)
	f.StringVar(&s.level, "level", "", levelUsage)
	f.Float64Var(&s.seconds, "time", 0.5, "seconds for each measurement")
	f.BoolVar(&s.json, "json", false, "print a JSON object per line")
	f.IntSliceVar(&sizes, "sizes", []int{50, 200, 500, 1000}, "sizes n of the matrices")
	f.StringVar(&match, "match", "", "measure only what contains these words, such as 'SVD thin'")
	f.BoolVar(&own, "gonum", false, gonumUsage)
	return c
}

// largestMatrix bounds n, so that a matrix takes at most 2 GB.
const largestMatrix = 1 << 14

func benchLinalg(out io.Writer, s benchSettings, level string, threads int, sizes []int, match string) error {
	if !s.json {
		fmt.Fprintf(out, "%-16s %6s %12s %12s   %s, %s\n", "operation", "n", "ms", "best", level, number.Count(threads, "thread"))
	}
	for _, n := range sizes {
		for _, op := range linalgOperations(n) {
			if !contains(match, op.name, n) {
				continue
			}
			median, best := measure(s.seconds, op.call)
			if !s.json {
				fmt.Fprintf(out, "%-16s %6d %12s %12s\n", op.name, n, number.Fixed(median*1e3, 4), number.Fixed(best*1e3, 4))
				continue
			}
			err := json.NewEncoder(out).Encode(struct {
				Operation string  `json:"operation"`
				N         int     `json:"n"`
				MS        float64 `json:"ms"`
				Best      float64 `json:"ms_best"`
				Threads   int     `json:"threads"`
				Level     string  `json:"level"`
			}{op.name, n, median * 1e3, best * 1e3, threads, level})
			if err != nil {
				return failure{exitFailed, err}
			}
		}
	}
	return nil
}

// linalgOperation is what a call does with n×n matrices.
type linalgOperation struct {
	name string
	call func()
}

func linalgOperations(n int) []linalgOperation {
	rng := rand.New(rand.NewPCG(1, 2))
	normal := func(rows, cols int) *mat.Dense {
		data := make([]float64, rows*cols)
		for i := range data {
			data[i] = rng.NormFloat64()
		}
		return mat.NewDense(rows, cols, data)
	}
	a, b, x := normal(n, n), normal(n, n), normal(n, 1).ColView(0)
	symmetric, definite := mat.NewSymDense(n, nil), mat.NewSymDense(n, nil)
	definite.SymOuterK(1, a)
	for i := range n {
		definite.SetSym(i, i, definite.At(i, i)+float64(n))
		for j := i; j < n; j++ {
			symmetric.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	var c mat.Dense
	var v mat.VecDense
	var outer mat.SymDense
	return []linalgOperation{
		{"Mul", func() { c.Mul(a, b) }},
		{"MulVec", func() { v.MulVec(a, x) }},
		{"SymOuterK", func() { outer.SymOuterK(1, a) }},
		{"Cholesky", func() { new(mat.Cholesky).Factorize(definite) }},
		{"LU", func() { new(mat.LU).Factorize(a) }},
		{"Solve", func() { new(mat.Dense).Solve(a, b) }},
		{"SolveVec", func() { new(mat.VecDense).SolveVec(a, x) }},
		{"Inverse", func() { new(mat.Dense).Inverse(a) }},
		{"QR", func() { new(mat.QR).Factorize(a) }},
		{"SVD values", func() { new(mat.SVD).Factorize(a, mat.SVDNone) }},
		{"SVD thin", func() { new(mat.SVD).Factorize(a, mat.SVDThin) }},
		{"EigenSym values", func() { new(mat.EigenSym).Factorize(symmetric, false) }},
		{"EigenSym", func() { new(mat.EigenSym).Factorize(symmetric, true) }},
		{"Eigen", func() { new(mat.Eigen).Factorize(a, mat.EigenRight) }},
	}
}
