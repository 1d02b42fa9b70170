package peers

import (
	"math"
	"runtime"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

var gonumPeer = Peer{
	Name:       "gonum",
	MaxThreads: math.MaxInt,
	Single: func(p Product[float32], threads, times int) bool {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		tA, lda := stored(p.TransA, p.M, p.K)
		tB, ldb := stored(p.TransB, p.K, p.N)
		for range times {
			gonum.Implementation{}.Sgemm(tA, tB, p.M, p.N, p.K, 1, p.A, lda, p.B, ldb, 0, p.C, p.N)
		}
		return true
	},
	Double: func(p Product[float64], threads, times int) bool {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		tA, lda := stored(p.TransA, p.M, p.K)
		tB, ldb := stored(p.TransB, p.K, p.N)
		for range times {
			gonum.Implementation{}.Dgemm(tA, tB, p.M, p.N, p.K, 1, p.A, lda, p.B, ldb, 0, p.C, p.N)
		}
		return true
	},
}

// stored returns BLAS's letter for a matrix if op of it is rows×cols, and the length of
// its rows in memory.
func stored(trans bool, rows, cols int) (blas.Transpose, int) {
	if trans {
		return blas.Trans, rows
	}
	return blas.NoTrans, cols
}
