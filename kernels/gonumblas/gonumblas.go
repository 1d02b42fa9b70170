// Package gonumblas lets programs that use gonum multiply matrices with the
// kernels of this module:
//
//	blas32.Use(gonumblas.Implementation{})
//	blas64.Use(gonumblas.Implementation{})
package gonumblas

import (
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/lanes-ml/lanes/kernels"
)

// Implementation implements gonum's [blas.Float32] and [blas.Float64]. Sgemm and Dgemm run
// on a [kernels.Engine]; all else is gonum's own. Sums along the rows of a matrix, as in
// Sgemv, are faster in gonum, which may split a sum over lanes. On amd64 at level
// [kernels.Generic], products are faster in gonum too, which has assembly for SSE2.
//
// The zero value has the level and the number of threads that [kernels.New] finds in
// LANES_LEVEL, LANES_THREADS and the machine at the first product. If New returns an
// error, the first product panics with it; use [New] to get the error instead.
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
	default32 = sync.OnceValue(mustEngine[float32])
	default64 = sync.OnceValue(mustEngine[float64])
)

func mustEngine[T kernels.Float]() *kernels.Engine[T] {
	e, err := kernels.New[T]()
	if err != nil {
		panic(err)
	}
	return e
}

func (impl Implementation) float32s() *kernels.Engine[float32] {
	if impl.engine32 != nil {
		return impl.engine32
	}
	return default32()
}

func (impl Implementation) float64s() *kernels.Engine[float64] {
	if impl.engine64 != nil {
		return impl.engine64
	}
	return default64()
}
