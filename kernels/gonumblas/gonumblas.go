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

// Implementation implements gonum's [blas.Float32] and [blas.Float64]: Sgemm and
// Dgemm run on a [kernels.Engine], everything else is gonum's own. Sums along
// the rows of a matrix, as in Sgemv, are faster in gonum, since it may split them
// over lanes. At level [kernels.Generic] so are the products on amd64, where
// gonum has assembly for SSE2.
//
// The zero value runs at the level and with the number of threads that
// [kernels.New] takes from LANES_LEVEL, LANES_THREADS and the machine when a
// product is first computed; where those are wrong, the first product panics.
// [New] reports such an error instead.
type Implementation struct {
	gonum.Implementation
	engine32 *kernels.Engine[float32]
	engine64 *kernels.Engine[float64]
}

var (
	_ blas.Float32 = Implementation{}
	_ blas.Float64 = Implementation{}
)

// New returns an implementation whose engines [kernels.New] makes of opts.
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
