package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/kernels"
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
		Long: `Bench measures kernels whose data is in cache, each for --time seconds in samples of
at least 100 µs, and steps of training. It prints the median and the best sample.`,
		Example: "  lanes bench gemm --threads 1\n  lanes bench elementwise --json\n  lanes bench train",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(benchGemmCommand(), benchElementwiseCommand(), benchBLASCommand(), benchLinalgCommand(), benchTrainCommand())
	return c
}

// register adds the flags; seconds is the default of --time.
func (s *benchSettings) register(c *cobra.Command, seconds float64) {
	f := c.Flags()
	f.IntVar(&s.threads, "threads", 0, threadsUsage)
	f.StringVar(&s.level, "level", "", levelUsage)
	f.StringVar(&s.dtype, "dtype", "float32", "float32 or float64")
	f.Float64Var(&s.seconds, "time", seconds, "seconds for each measurement")
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

// random returns a matrix of random numbers, which repeat after a while: no kernel's time
// depends on them, and drawing many would take longer than measuring.
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

// measure returns the median and the shortest time of a call, in seconds.
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
