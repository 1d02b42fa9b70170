// Package peers runs other libraries' products of matrices.
//
// [Load] looks for OpenBLAS, BLIS and oneDNN when the program runs, so that it can be built
// without them. libxsmm is linked if the build tag libxsmm is set; it must be installed as
// an archive, as Debian has it. Without cgo, gonum is the only peer.
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
	About      string // the version, and the kind of processor that it takes this one for
	MaxThreads int

	// Single and Double compute a product the given number of times with the given number
	// of threads. They report whether the library can. Double may be nil.
	Single func(p Product[float32], threads, times int) bool
	Double func(p Product[float64], threads, times int) bool
}

// Absent is a peer that cannot run here.
type Absent struct{ Name, Reason string }

// Load returns the peers for a level, and those that cannot run. At level
// [kernels.Generic] the only peer is gonum. The others are limited to the instructions of
// the level; for that, Load must be called before they are used in any other way.
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
// loaded or first used. At AVX-512 they choose for themselves: BLIS 0.9 takes kernels of
// AVX2 on a Zen 4, where its own for AVX-512 are slower.
var limits = map[kernels.Level]map[string]string{
	kernels.AVX2: {
		"OPENBLAS_CORETYPE":  "Haswell",
		"BLIS_ARCH_TYPE":     "3", // haswell
		"ONEDNN_MAX_CPU_ISA": "AVX2",
		"LIBXSMM_TARGET":     "hsw",
	},
}
