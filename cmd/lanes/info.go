package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/klauspost/cpuid/v2"
	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
)

// machine is what info prints.
type machine struct {
	CPU          string   `json:"cpu"`
	OS           string   `json:"os"`
	Arch         string   `json:"arch"`
	LogicalCores int      `json:"logical_cores"`
	L1D          int      `json:"l1d_bytes"` // 0 where unknown, as the others
	L2           int      `json:"l2_bytes"`
	L3           int      `json:"l3_bytes"`
	Levels       []string `json:"levels"`
	Level        string   `json:"level"`
	Threads      int      `json:"threads"`
	CIFAR10      *string  `json:"cifar10"` // its folder, null if it is not found

	missing error // why it is not
}

func infoCommand() *cobra.Command {
	var asJSON bool
	var dir string
	c := &cobra.Command{
		Use:   "info",
		Short: "Show the processor, the kernels and the dataset in use",
		Long: `Info shows the processor and its caches, the levels of kernels that it can run,
the level and the threads in use, and where CIFAR-10 is.`,
		Example: "  lanes info\n  LANES_LEVEL=generic lanes info --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			engine, err := kernels.New[float32]()
			if err != nil {
				return failure{exitUsage, err}
			}
			return show(cmd, asJSON, inspect(engine, dir))
		},
	}
	c.Flags().StringVar(&dir, "data", "", dataUsage)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// levelNames lists the levels that this machine can run.
func levelNames() []string {
	var names []string
	for _, l := range kernels.Levels() {
		names = append(names, l.String())
	}
	return names
}

func inspect(engine *kernels.Engine[float32], dir string) machine {
	cpu := cpuid.CPU
	m := machine{
		CPU: cpu.BrandName, OS: runtime.GOOS, Arch: runtime.GOARCH, LogicalCores: runtime.NumCPU(),
		L1D: max(0, cpu.Cache.L1D), L2: max(0, cpu.Cache.L2), L3: max(0, cpu.Cache.L3),
		Levels: levelNames(), Level: engine.Level().String(), Threads: engine.Threads(),
	}
	if m.CPU == "" {
		m.CPU = "unknown"
	}
	found, err := data.Find(dir)
	if err != nil {
		m.missing = err
	} else {
		m.CIFAR10 = &found
	}
	return m
}

func (m machine) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "processor\t%s, %s, %s/%s\n", m.CPU, number.Count(m.LogicalCores, "logical core"), m.OS, m.Arch)
	fmt.Fprintf(w, "caches\tL1d %s, L2 %s, L3 %s\n", cacheSize(m.L1D), cacheSize(m.L2), cacheSize(m.L3))
	fmt.Fprintf(w, "levels\t%s\n", strings.Join(m.Levels, ", "))
	fmt.Fprintf(w, "in use\t%s, %s\n", m.Level, number.Count(m.Threads, "thread"))
	if m.CIFAR10 != nil {
		fmt.Fprintf(w, "CIFAR-10\t%s\n", plain(*m.CIFAR10))
	} else {
		fmt.Fprintf(w, "CIFAR-10\t%s\n", oneLine(m.missing))
	}
	return w.Flush()
}

func cacheSize(bytes int) string {
	if bytes == 0 {
		return "unknown"
	}
	return number.KB(bytes)
}
