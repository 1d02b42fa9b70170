package kernels

import (
	"runtime"
	"slices"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

const (
	// peakWindow is how long a thread measures: long enough that a late start of
	// the others does not count, short enough for the start of a program.
	peakWindow = 5 * time.Millisecond
	// peakLimit ends what threads that share a processor do one after another.
	peakLimit = 15 * time.Millisecond
	// peakSamples is the least number of samples of a thread, of which an interruption
	// spoils one.
	peakSamples = 10
	// peakCalls and peakTiles are the calls of the panel kernel in a sample, and the
	// tiles in each call: about 20 µs in assembly.
	peakCalls, peakTiles = 4, 8
)

// Peak returns the rate, in floating-point operations per second, at which the engine's
// threads together run the panel kernel while its operands stay in the first-level cache.
// A multiply-add is two operations. No product is faster, apart from the noise of
// measuring. Threads beyond [runtime.GOMAXPROCS] do not count. Peak takes 5 to 20 ms, in
// which it keeps all the threads busy. A thread's rate is one that a tenth of its samples
// exceed: interruptions do not lower it.
func (e *Engine[T]) Peak() float64 {
	w := newPeakWork(e, cpuid.CPU.Cache.L1D)
	parallel(e.threads, len(w.rates), true, w)
	sum := 0.0
	for _, r := range w.rates {
		sum += r
	}
	return sum
}

// peakWork is what [Engine.Peak] measures, a piece for each thread. The tiles of C all
// read the same rows of A and the same panel of B.
type peakWork[T Float] struct {
	e     *Engine[T]
	args  panel.Args[T] // without C
	rates []float64     // of the threads
	ends  time.Time
}

// newPeakWork returns the work for a first-level cache of l1 bytes, 0 or less where that
// is unknown. A and B take half of it, so that C passes by.
func newPeakWork[T Float](e *Engine[T], l1 int) *peakWork[T] {
	if l1 <= 0 {
		l1 = 32 << 10
	}
	b, s := &e.blockings[0], &shapes[e.isa]
	k := l1 / 2 / (max(s.size, 4) * (b.mr + b.nr))
	a, panelB := make([]T, b.mr*k+s.slack), make([]T, b.nr*k)
	for _, m := range [][]T{a, panelB} {
		for i := range m {
			m[i] = 0.5 // of which sums of products cost the power that those of other numbers do
		}
	}
	return &peakWork[T]{
		e: e,
		args: panel.Args[T]{
			M: peakTiles * b.mr, N: b.nr, K: k,
			A: a, ARow: 1, ACol: b.mr, ATile: 0,
			B: panelB, BRow: b.nr,
		},
		rates: make([]float64, min(e.threads, runtime.GOMAXPROCS(0))),
		ends:  time.Now().Add(peakLimit),
	}
}

func (w *peakWork[T]) run(thread int) {
	args := w.args
	args.C, args.CRow = make([]T, args.M*args.N), args.N
	flops := float64(peakCalls * 2 * args.M * args.N * args.K)
	var rates []float64
	for start := time.Now(); len(rates) < peakSamples || time.Since(start) < peakWindow && time.Now().Before(w.ends); {
		began := time.Now()
		for range peakCalls {
			w.e.panel(&args)
		}
		rates = append(rates, flops/time.Since(began).Seconds())
	}
	slices.Sort(rates)
	w.rates[thread] = rates[len(rates)*9/10]
}
