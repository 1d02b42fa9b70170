package main

import (
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/toy"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
)

// gradTolerance is the relative error at and above which a gradient is wrong.
const gradTolerance = 1e-8

// compositionTolerance is the same for compositions of layers, whose losses are rounded more.
const compositionTolerance = 1e-6

func gradcheckCommand() *cobra.Command {
	var asJSON bool
	var seed uint64
	var compositions int
	c := &cobra.Command{
		Use:   "gradcheck",
		Short: "Compare analytic with numerical gradients",
		Long: `Gradcheck compares the gradients of every parameter with numerical ones, in
float64, on the report's toy problem and on random networks of 1 to 5 layers. It
fails if a relative error, |a-n| / max(1e-8, |a|+|n|), is 1e-8 or more. It goes on
with random compositions of layers of all types, for which the error is
|a-n| / max(1e-7, |a|+|n|), and fails if one is 1e-6 or more.`,
		Example: "  lanes gradcheck\n  lanes gradcheck --seed 7 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			engine, err := kernels.New[float64]()
			if err != nil {
				return failure{exitUsage, err}
			}
			r, err := checkGradients(engine, seed, compositions)
			if err != nil {
				return failure{exitFailed, err}
			}
			if err := show(cmd, asJSON, r); err != nil {
				return err
			}
			return r.verdict()
		},
	}
	c.Flags().Uint64Var(&seed, "seed", 0, "seed of the random networks (default 0)")
	c.Flags().IntVar(&compositions, "compositions", 200, "`number` of random compositions of layers")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// gradReport is what gradcheck prints.
type gradReport struct {
	Largest   float64       `json:"largest"`
	Tolerance float64       `json:"tolerance"`
	Problems  []gradProblem `json:"problems"`

	Compositions compositions `json:"compositions"`
}

// compositions are networks of layers of all types.
type compositions struct {
	Count     int     `json:"count"`
	Largest   float64 `json:"largest"`
	Tolerance float64 `json:"tolerance"`
	Parameter string  `json:"parameter"` // of the largest error, and its seed
	Seed      uint64  `json:"seed"`
}

func (c *compositions) add(seed uint64, errors []net.GradError) {
	for _, e := range errors {
		if e.Max > c.Largest || math.IsNaN(e.Max) {
			c.Largest, c.Parameter, c.Seed = e.Max, e.Name, seed
		}
	}
}

type gradProblem struct {
	Name   string             `json:"name"`
	Errors map[string]float64 `json:"max_relative_error"` // by parameter

	errors []net.GradError
}

func checkGradients(engine *kernels.Engine[float64], seed uint64, count int) (*gradReport, error) {
	problem, err := toy.New(engine)
	if err != nil {
		return nil, err
	}
	r := &gradReport{Tolerance: gradTolerance}
	r.add("toy problem", problem.CheckGradients())
	for layers := 1; layers <= 5; layers++ {
		n, x, labels := net.RandomProblem(engine, seed, layers)
		r.add("random network of "+number.Count(layers, "layer"), net.CheckGradients(n, x, labels, toy.Regularisation))
	}
	r.Compositions = compositions{Count: count, Tolerance: compositionTolerance}
	for i := range uint64(max(0, count)) {
		r.Compositions.add(seed+i, net.CheckComposition(engine, seed+i))
	}
	return r, nil
}

func (r *gradReport) add(name string, errors []net.GradError) {
	p := gradProblem{name, map[string]float64{}, errors}
	for _, e := range errors {
		p.Errors[e.Name] = e.Max
		if e.Max > r.Largest || math.IsNaN(e.Max) {
			r.Largest = e.Max
		}
	}
	r.Problems = append(r.Problems, p)
}

// verdict fails unless every gradient is right.
func (r *gradReport) verdict() error {
	for _, of := range []struct{ largest, tolerance float64 }{{r.Largest, gradTolerance}, {r.Compositions.Largest, compositionTolerance}} {
		if !(of.largest < of.tolerance) { // or it is NaN
			return failure{exitFailed, fmt.Errorf("a relative error is %s, want below %g", number.Scientific(of.largest, 6), of.tolerance)}
		}
	}
	return nil
}

func (r *gradReport) print(out io.Writer) error {
	for _, p := range r.Problems {
		fmt.Fprintf(out, "%s\n", p.Name)
		for _, e := range p.errors {
			fmt.Fprintln(out, e)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "largest relative error: %s\n", number.Scientific(r.Largest, 6))
	c := r.Compositions
	_, err := fmt.Fprintf(out, "and of %s of layers: %s (%s of seed %d)\n", number.Count(c.Count, "random composition"), number.Scientific(c.Largest, 6), c.Parameter, c.Seed)
	return err
}
