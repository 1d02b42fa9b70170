// Package machine measures what bounds a product of matrices: how fast the
// processor multiplies and adds in registers, and how fast it reads memory.
package machine

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lanes-ml/lanes/kernels"
)

// Peak returns the fastest rate, in operations per second, at which the given number of
// threads multiply and add at a level, with all operands in registers. It returns 0 if
// there is no loop for the level.
func Peak[T kernels.Float](level kernels.Level, threads int) float64 {
	loop, flop := multiplyAdd[T](level)
	if loop == nil {
		return 0
	}
	const times = 1 << 12 // some microseconds, beside which reading the clock costs nothing
	return fastest(threads, func(int) int { loop(times); return times * flop })
}

// Bandwidth returns the fastest rate, in bytes per second, at which the given number of
// threads read at a level, each from size bytes of its own. It returns 0 if there is no
// loop for the level.
func Bandwidth(level kernels.Level, size, threads int) float64 {
	loop, block := loads(level)
	if loop == nil {
		return 0
	}
	// A turn takes some microseconds, beside which reading the clock costs nothing.
	part := min(size, turn) / block * block
	buffers, next := make([][]byte, threads), make([]int, threads)
	for t := range buffers {
		buffers[t] = make([]byte, size)
		for i := 0; i < size; i += 512 {
			buffers[t][i] = 1 // else all pages would be the same page of zeros
		}
	}
	return fastest(threads, func(t int) int {
		done := 0
		for ; done < turn; done += part {
			if next[t]+part > size {
				next[t] = 0
			}
			loop(&buffers[t][next[t]], part/block)
			next[t] += part
		}
		return done
	})
}

// turn is the number of bytes that are read between two looks at the clock.
const turn = 1 << 18

const (
	rounds = 9
	window = 10 * time.Millisecond
)

// fastest runs work on the given number of threads at once for a window of time, several
// times, and returns the highest sum of their rates. work gets its thread's number and
// returns how much it did.
func fastest(threads int, work func(thread int) int) (best float64) {
	for range rounds {
		var ready atomic.Int32
		var wait sync.WaitGroup
		rates := make([]float64, threads)
		for t := range threads {
			wait.Go(func() {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				for ready.Add(1); int(ready.Load()) < threads; {
				}
				start, done := time.Now(), 0
				for time.Since(start) < window {
					done += work(t)
				}
				rates[t] = float64(done) / time.Since(start).Seconds()
			})
		}
		wait.Wait()
		sum := 0.0
		for _, r := range rates {
			sum += r
		}
		best = max(best, sum)
	}
	return best
}
