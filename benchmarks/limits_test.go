package benchmarks

import (
	"fmt"
	"testing"

	"github.com/lanes-ml/lanes/benchmarks/internal/machine"
	"github.com/lanes-ml/lanes/kernels"
)

// BenchmarkPeak reports the rate of multiply-adds on registers that %peak
// refers to.
func BenchmarkPeak(b *testing.B) {
	for _, threads := range threadCounts() {
		b.Run(fmt.Sprintf("dtype=float32/level=%v/threads=%d", level, threads), func(b *testing.B) {
			report(b, peak[float32](threads)/1e9, "GFLOP/s")
		})
		b.Run(fmt.Sprintf("dtype=float64/level=%v/threads=%d", level, threads), func(b *testing.B) {
			report(b, peak[float64](threads)/1e9, "GFLOP/s")
		})
	}
}

// BenchmarkBandwidth reports how fast memory is read. On most processors the sizes fit in
// the first-level cache, in the second-level cache, and in none.
func BenchmarkBandwidth(b *testing.B) {
	for _, threads := range threadCounts() {
		for _, memory := range []struct {
			name string
			size int
		}{{"L1", 16 << 10}, {"L2", 256 << 10}, {"DRAM", 256 << 20}} {
			b.Run(fmt.Sprintf("memory=%s/level=%v/threads=%d", memory.name, level, threads), func(b *testing.B) {
				report(b, measured(limit{memory.name, threads}, func() float64 {
					return machine.Bandwidth(measuredLevel(), memory.size, threads)
				})/1e9, "GB/s")
			})
		}
	}
}

// report makes a rate the result of b, or skips b if the rate is not known.
func report(b *testing.B, rate float64, unit string) {
	if rate == 0 {
		b.Skip("not measured on this processor")
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rate, unit)
}

func peak[T kernels.Float](threads int) float64 {
	return measured(limit{fmt.Sprintf("%T", T(0)), threads}, func() float64 {
		return machine.Peak[T](measuredLevel(), threads)
	})
}

// measuredLevel returns the level whose limits apply: for portable code the best, since a
// better compiler could use any instruction for it.
func measuredLevel() kernels.Level {
	if level == kernels.Generic {
		return kernels.Best()
	}
	return level
}

type limit struct {
	name    string
	threads int
}

var limits = map[limit]float64{}

// measured returns the rate of a limit, which it measures at the first call.
func measured(l limit, measure func() float64) float64 {
	rate, ok := limits[l]
	if !ok {
		rate = measure()
		limits[l] = rate
	}
	return rate
}
