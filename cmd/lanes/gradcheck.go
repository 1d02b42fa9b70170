package main

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/train"
	"github.com/spf13/cobra"
)

// gradTolerance is the relative error above which a gradient is wrong.
const gradTolerance = 1e-8

func gradcheckCommand() *cobra.Command {
	var asJSON bool
	var seed uint64
	c := &cobra.Command{
		Use:   "gradcheck",
		Short: "Compare analytic with numerical gradients",
		Long: `Gradcheck compares the gradients of every parameter with numerical ones, in
float64, on the report's toy problem and on random networks of 1 to 5 layers. It
fails if a relative error, |a-n| / max(1e-8, |a|+|n|), is 1e-8 or more.`,
		Example: "  lanes gradcheck\n  lanes gradcheck --seed 7 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return gradcheck(cmd, seed, asJSON)
		},
	}
	c.Flags().Uint64Var(&seed, "seed", 0, "seed of the random networks")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func gradcheck(cmd *cobra.Command, seed uint64, asJSON bool) error {
	engine, err := kernels.New[float64]()
	if err != nil {
		return failure{exitUsage, err}
	}
	type check struct {
		Problem string             `json:"problem"`
		Errors  map[string]float64 `json:"max_relative_error"`
	}
	var checks []check
	largest := 0.0
	report := func(problem string, errs []net.GradError) {
		c := check{problem, map[string]float64{}}
		if !asJSON {
			cmd.Println(problem)
		}
		for _, e := range errs {
			c.Errors[e.Name] = e.Max
			if e.Max > largest || math.IsNaN(e.Max) {
				largest = e.Max
			}
			if !asJSON {
				cmd.Println(" ", e)
			}
		}
		checks = append(checks, c)
	}

	var toy train.Run[float64]
	toy.OnToy(engine)
	x, labels := toy.Train.Draw([]int{0, 1, 2, 3, 4})
	report("toy problem", net.CheckGradients(toy.Network, x, labels, 0.05))
	for layers := 1; layers <= 5; layers++ {
		n, x, labels := net.RandomProblem(engine, seed, layers)
		report(fmt.Sprintf("random network, %d layers", layers), net.CheckGradients(n, x, labels, 0.05))
	}
	if asJSON {
		err := json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"largest": largest, "tolerance": gradTolerance, "checks": checks})
		if err != nil {
			return failure{exitFailed, err}
		}
	} else {
		cmd.Printf("largest relative error: %e\n", largest)
	}
	if !(largest < gradTolerance) {
		return failure{exitFailed, fmt.Errorf("a relative error of %e, want below %g", largest, gradTolerance)}
	}
	return nil
}
