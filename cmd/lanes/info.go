package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/klauspost/cpuid/v2"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/spf13/cobra"
)

func infoCommand() *cobra.Command {
	var asJSON bool
	var dir string
	c := &cobra.Command{
		Use:     "info",
		Short:   "Show the processor, the kernels and the dataset in use",
		Example: "  lanes info\n  lanes info --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return info(cmd, dir, asJSON) },
	}
	c.Flags().StringVar(&dir, "data", "", "folder with CIFAR-10 (default $LANES_DATA, then the user's cache folder)")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func info(cmd *cobra.Command, dir string, asJSON bool) error {
	engine, err := kernels.New[float32]()
	if err != nil {
		return failure{exitUsage, err}
	}
	var levels []string
	for _, l := range kernels.Levels() {
		levels = append(levels, l.String())
	}
	found, missing := data.Find(dir)
	cpu := cpuid.CPU
	if asJSON {
		err := json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{
			"cpu": cpu.BrandName, "os": runtime.GOOS, "arch": runtime.GOARCH,
			"cores": cpu.PhysicalCores, "logical_cores": runtime.NumCPU(),
			"levels": levels, "level": engine.Level().String(), "threads": engine.Threads(),
			"l1d_bytes": cpu.Cache.L1D, "l2_bytes": cpu.Cache.L2, "l3_bytes": cpu.Cache.L3,
			"cifar10": found,
		})
		if err != nil {
			return failure{exitFailed, err}
		}
		return nil
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	name := cpu.BrandName
	if name == "" {
		name = "unknown"
	}
	fmt.Fprintf(w, "processor\t%s, %d logical cores, %s/%s\n", name, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(w, "caches\tL1d %s, L2 %s, L3 %s\n", kilobytes(cpu.Cache.L1D), kilobytes(cpu.Cache.L2), kilobytes(cpu.Cache.L3))
	fmt.Fprintf(w, "levels\t%s\n", strings.Join(levels, ", "))
	fmt.Fprintf(w, "in use\t%v, %d threads\n", engine.Level(), engine.Threads())
	if missing != nil {
		found = "not found: " + missing.Error()
	}
	fmt.Fprintf(w, "CIFAR-10\t%s\n", found)
	w.Flush()
	return nil
}

func kilobytes(n int) string {
	if n <= 0 {
		return "unknown"
	}
	return fmt.Sprintf("%d KB", n>>10)
}
