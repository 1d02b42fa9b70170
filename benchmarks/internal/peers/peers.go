// Package peers runs other libraries' products of matrices.
//
// [Load] finds OpenBLAS and oneDNN when the program runs, so that it builds
// without them. libxsmm is linked with the build tag libxsmm where it is
// installed as an archive, as in Debian. Without cgo, gonum is the only peer.
package peers

import (
	"os"

	"github.com/lanes-ml/lanes/kernels"
)

// Product is C = op(A)·op(B), where op(A) is M×K, op(B) is K×N, op transposes
// where TransA or TransB says so, and all three are row-major without padding.
type Product[T kernels.Float] struct {
	TransA, TransB bool
	M, N, K        int
	A, B, C        []T
}

// Peer is a library that computes products.
type Peer struct {
	Name       string
	About      string // version and kind of processor that it works for
	MaxThreads int

	// Single and Double compute a product some times over with that many threads.
	// They report whether the library can. Double may be nil.
	Single func(p Product[float32], threads, times int) bool
	Double func(p Product[float64], threads, times int) bool
}

// Absent is a peer that cannot run here.
type Absent struct{ Name, Reason string }

// Load returns the peers for a level, and those that cannot run. At level
// [kernels.Generic] that is gonum alone. The others use the instructions of the
// level at most, for which it must be the first call of the process.
func Load(level kernels.Level) ([]Peer, []Absent) {
	if level == kernels.Generic {
		return []Peer{gonumPeer}, nil
	}
	for name, value := range limits[level] {
		os.Setenv(name, value)
	}
	libraries, absent := loadLibraries()
	return append(libraries, gonumPeer), absent
}

// limits holds what the libraries read from the environment when they are
// loaded or first used.
var limits = map[kernels.Level]map[string]string{
	kernels.AVX2: {
		"OPENBLAS_CORETYPE":  "Haswell",
		"ONEDNN_MAX_CPU_ISA": "AVX2",
		"LIBXSMM_TARGET":     "hsw",
	},
}
