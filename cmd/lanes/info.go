package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/klauspost/cpuid/v2"
	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
)

// machine is what info prints.
type machine struct {
	CPU          string   `json:"cpu"`
	Family       int      `json:"family"` // as package cpuid has it; 0 if unknown, and then the model is too
	Model        int      `json:"model"`
	OS           string   `json:"os"`
	Arch         string   `json:"arch"`
	LogicalCores int      `json:"logical_cores"`
	L1D          int      `json:"l1d_bytes"` // 0 if unknown, as for the others
	L2           int      `json:"l2_bytes"`
	L3           int      `json:"l3_bytes"`
	Levels       []string `json:"levels"`
	Level        string   `json:"level"`
	Threads      int      `json:"threads"`
	Blockings    []sizes  `json:"blockings"`      // of the level in use
	Tuning       *string  `json:"tuning"`         // the file that they come from, null if it is not in use
	NoTuning     string   `json:"tuning_ignored"` // why it is not, if it is there
	CIFAR10      *string  `json:"cifar10"`        // its folder, null if it is not found

	missing error // why it is not
}

// sizes are a blocking for elements of a type.
type sizes struct {
	DType  string `json:"dtype"`
	Origin string `json:"origin"`
	kernels.Blocking
}

func sizesOf[T kernels.Float](e *kernels.Engine[T]) sizes {
	b, origin := e.Blocking()
	return sizes{fmt.Sprintf("%T", T(0)), origin, b}
}

func infoCommand() *cobra.Command {
	var asJSON bool
	var dir string
	c := &cobra.Command{
		Use:   "info",
		Short: "Show the processor, the kernels and the dataset in use",
		Long: `Info shows the processor and its caches, the levels of kernels that it can run, the
level and the threads in use, the blocking of products and its origin (a model of
the caches, or the file of 'lanes tune'), and where CIFAR-10 is.

Blocking: a panel of B has kc rows, a block of A has mc rows, and a slab of B has at
most nc columns, and slab elements for each thread. A B of up to loose elements may be
read in place.`,
		Example: "  lanes info\n  LANES_LEVEL=generic lanes info --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			engine, err := kernels.New[float32]()
			if err != nil {
				return failure{exitUsage, err}
			}
			double, err := kernels.New[float64]()
			if err != nil {
				return failure{exitUsage, err}
			}
			return show(cmd, asJSON, inspect(engine, double, dir))
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

func inspect(engine *kernels.Engine[float32], double *kernels.Engine[float64], dir string) machine {
	cpu := cpuid.CPU
	m := machine{
		CPU: cpu.BrandName, Family: cpu.Family, Model: cpu.Model, OS: runtime.GOOS, Arch: runtime.GOARCH, LogicalCores: runtime.NumCPU(),
		L1D: max(0, cpu.Cache.L1D), L2: max(0, cpu.Cache.L2), L3: max(0, cpu.Cache.L3),
		Levels: levelNames(), Level: engine.Level().String(), Threads: engine.Threads(),
		Blockings: []sizes{sizesOf(engine), sizesOf(double)},
	}
	m.Tuning, m.NoTuning = tuningInUse(kernels.TuningInUse())
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

// tuningInUse returns the path of the file of 'lanes tune' if it is in use, or why it is
// not, from what kernels says of it.
func tuningInUse(path string, err error) (file *string, ignored string) {
	switch {
	case err == nil:
		return &path, ""
	case errors.Is(err, fs.ErrNotExist):
		return nil, ""
	}
	return nil, err.Error()
}

func (m machine) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "processor\t%s, %s, %s/%s\n", m.processor(), number.Count(m.LogicalCores, "logical core"), m.OS, m.Arch)
	fmt.Fprintf(w, "caches\tL1d %s, L2 %s, L3 %s\n", cacheSize(m.L1D), cacheSize(m.L2), cacheSize(m.L3))
	fmt.Fprintf(w, "levels\t%s\n", strings.Join(m.Levels, ", "))
	fmt.Fprintf(w, "in use\t%s, %s\n", m.Level, number.Count(m.Threads, "thread"))
	name := "blocking"
	for _, b := range m.Blockings {
		fmt.Fprintf(w, "%s\t%s: kc %d, mc %d, nc %d, slab %d, loose %d (%s)\n", name, b.DType, b.KC, b.MC, b.NC, b.Slab, b.Loose, b.Origin)
		name = ""
	}
	switch {
	case m.Tuning != nil:
		fmt.Fprintf(w, "tuning\t%s\n", console.Plain(*m.Tuning))
	case m.NoTuning != "":
		fmt.Fprintf(w, "tuning\tignored: %s\n", console.Plain(m.NoTuning))
	default:
		fmt.Fprintf(w, "tuning\tnone; 'lanes tune' measures\n")
	}
	if m.CIFAR10 != nil {
		fmt.Fprintf(w, "CIFAR-10\t%s\n", console.Plain(*m.CIFAR10))
	} else {
		fmt.Fprintf(w, "CIFAR-10\t%s\n", console.OneLine(m.missing))
	}
	return w.Flush()
}

// processor names the processor by its family too, where that is known: the same name
// stands for several.
func (m machine) processor() string {
	if m.Family == 0 {
		return m.CPU
	}
	return fmt.Sprintf("%s, family %d model %d", m.CPU, m.Family, m.Model)
}

func cacheSize(bytes int) string {
	if bytes == 0 {
		return "unknown"
	}
	return number.KB(bytes)
}
