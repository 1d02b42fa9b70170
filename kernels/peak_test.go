package kernels

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPeakIsOfThreadsThatRunAtOnce(t *testing.T) {
	eachEngine(t, []int{1, 2, 1000}, func(t *testing.T, e *Engine[float32]) {
		w := newPeakWork(e, 0)
		require.Len(t, w.rates, min(e.threads, runtime.GOMAXPROCS(0)))
		peak := e.Peak()
		require.Greater(t, peak, 1e6)
		require.Less(t, peak, 1e15)
	})
}

func TestPeakStaysInTheFirstLevelCache(t *testing.T) {
	testPeakSize[float32](t)
	testPeakSize[float64](t)
}

func testPeakSize[T Float](t *testing.T) {
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		for _, l1 := range []int{16 << 10, 32 << 10, 48 << 10, 128 << 10} {
			w := newPeakWork(e, l1)
			size := max(shapes[e.isa].size, 4)
			held := size * (shapes[e.isa].rows*w.args.K + w.args.N*w.args.K)
			require.LessOrEqual(t, held, l1/2, "A and B")
			require.Greater(t, held, l1/2-size*1000, "A and B take what there is")
			require.LessOrEqual(t, w.args.N, len(w.args.B)/w.args.K)
		}
		require.Equal(t, newPeakWork(e, 32<<10).args.K, newPeakWork(e, -1).args.K)
	})
}

// The kernel reads and writes what the sum of products of 0.5 and 0.5 takes.
func TestPeakRunsTheWholePanel(t *testing.T) {
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[float64]) {
		args := newPeakWork(e, 0).args
		args.C, args.CRow = make([]float64, args.M*args.N), args.N
		e.panel(&args)
		for i, c := range args.C {
			require.Equal(t, 0.25*float64(args.K), c, "%d", i)
		}
	})
}
