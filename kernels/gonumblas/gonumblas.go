// Package gonumblas lets programs that use gonum compute with the kernels of this module:
//
//	blas32.Use(gonumblas.Implementation{})
//	blas64.Use(gonumblas.Implementation{})
//
// All that gonum's packages blas32, blas64, lapack64 and mat do then runs on them.
package gonumblas

import (
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/lanes-ml/lanes/kernels"
)

// Implementation implements gonum's [blas.Float32] and [blas.Float64] on a
// [kernels.Engine]: every routine that a dense matrix needs has the engine's formula, error
// bound, and promise of equal bits for any number of threads. It panics where gonum's own
// does, with the same texts.
//
// gonum's own are the routines of band matrices (gbmv, sbmv, tbmv, tbsv) and of packed ones
// (spmv, spr, spr2, tpmv, tpsv), Dsdot and Sdsdot, and those of plane rotations other than
// rot (rotg, rotm, rotmg).
//
// As BLAS defines it, alpha = 0 reads no matrix or vector that it multiplies, beta = 0 does
// not read the result, and the triangle that is not named is never touched. Unlike gonum's,
// no routine skips zeros: 0·NaN and 0·Inf are NaN. An output must not overlap another
// operand; the engine panics where it finds that.
//
// The zero value has the level and the number of threads that [kernels.New] finds in
// LANES_LEVEL, LANES_THREADS and the machine at the first call. If New returns an error,
// the first call panics with it; use [New] to get the error instead. On amd64 at level
// [kernels.Generic], gonum is faster, which has assembly for SSE2.
type Implementation struct {
	gonum.Implementation
	engine32 *kernels.Engine[float32]
	engine64 *kernels.Engine[float64]
}

var (
	_ blas.Float32 = Implementation{}
	_ blas.Float64 = Implementation{}
)

// New returns an implementation with engines that [kernels.New] makes from opts, or its
// error.
func New(opts ...kernels.Option) (Implementation, error) {
	e32, err := kernels.New[float32](opts...)
	if err != nil {
		return Implementation{}, err
	}
	e64, err := kernels.New[float64](opts...)
	return Implementation{engine32: e32, engine64: e64}, err
}

// The engines of the zero value.
var (
	default32 lazy[float32]
	default64 lazy[float64]
)

// lazy makes an engine when it is first asked for. (The calls of a sync.OnceValue take as
// long as the product of two short vectors.)
type lazy[T kernels.Float] struct {
	made atomic.Pointer[kernels.Engine[T]]
}

func (l *lazy[T]) get() *kernels.Engine[T] {
	if e := l.made.Load(); e != nil {
		return e
	}
	return l.make()
}

func (l *lazy[T]) make() *kernels.Engine[T] {
	e, err := kernels.New[T]()
	if err != nil {
		panic(err)
	}
	l.made.CompareAndSwap(nil, e)
	return l.made.Load()
}

func (impl Implementation) float32s() *kernels.Engine[float32] {
	if impl.engine32 != nil {
		return impl.engine32
	}
	return default32.get()
}

func (impl Implementation) float64s() *kernels.Engine[float64] {
	if impl.engine64 != nil {
		return impl.engine64
	}
	return default64.get()
}
