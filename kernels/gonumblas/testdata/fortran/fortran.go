// Fortran is a shared library with the symbols of Fortran's BLAS, computed by Lanes. Loaded
// before another BLAS, it makes test programs for BLAS and LAPACK judge these kernels:
//
//	go build -buildmode=c-shared -o lanes.so ./kernels/gonumblas/testdata/fortran
//	LD_PRELOAD=./lanes.so xblat3d < dblat3.in
package main

// #cgo LDFLAGS: -ldl
// #include "call.h"
import "C"

import (
	"strings"
	"sync"
	"unsafe"

	"gonum.org/v1/gonum/blas"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/kernels/gonumblas"
)

func main() {}

// lanes_compute computes a call, and returns 0 if gonum refuses its arguments.
//
//export lanes_compute
func lanes_compute(r C.enum_routine, isDouble C.int, c *C.call) (done C.int) {
	defer func() {
		if v := recover(); v != nil {
			if text, ok := v.(string); !ok || !strings.HasPrefix(text, "blas: ") {
				panic(v)
			}
			done = 0
		}
	}()
	if isDouble != 0 {
		compute(&doubles, r, c)
	} else {
		compute(&singles, r, c)
	}
	return 1
}

// routines are those of gonum's BLAS for one element type.
type routines[T kernels.Float] struct {
	engine     func() *kernels.Engine[T]
	dot        func(n int, x []T, incX int, y []T, incY int) T
	nrm2, asum func(n int, x []T, incX int) T
	iamax      func(n int, x []T, incX int) int
	swap, copy func(n int, x []T, incX int, y []T, incY int)
	axpy       func(n int, alpha T, x []T, incX int, y []T, incY int)
	rot        func(n int, x []T, incX int, y []T, incY int, c, s T)
	scal       func(n int, alpha T, x []T, incX int)
	gemv       func(tA blas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	ger        func(m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)
	symv       func(ul blas.Uplo, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	syr        func(ul blas.Uplo, n int, alpha T, x []T, incX int, a []T, lda int)
	syr2       func(ul blas.Uplo, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)
	trmv, trsv func(ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []T, lda int, x []T, incX int)
	gemm       func(tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	symm       func(s blas.Side, ul blas.Uplo, m, n int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	syrk       func(ul blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int)
	syr2k      func(ul blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	trmm, trsm func(s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha T, a []T, lda int, b []T, ldb int)
}

var (
	lanes   gonumblas.Implementation
	singles = routines[float32]{
		sync.OnceValue(engine[float32]),
		lanes.Sdot, lanes.Snrm2, lanes.Sasum, lanes.Isamax, lanes.Sswap, lanes.Scopy, lanes.Saxpy, lanes.Srot, lanes.Sscal,
		lanes.Sgemv, lanes.Sger, lanes.Ssymv, lanes.Ssyr, lanes.Ssyr2, lanes.Strmv, lanes.Strsv,
		lanes.Sgemm, lanes.Ssymm, lanes.Ssyrk, lanes.Ssyr2k, lanes.Strmm, lanes.Strsm,
	}
	doubles = routines[float64]{
		sync.OnceValue(engine[float64]),
		lanes.Ddot, lanes.Dnrm2, lanes.Dasum, lanes.Idamax, lanes.Dswap, lanes.Dcopy, lanes.Daxpy, lanes.Drot, lanes.Dscal,
		lanes.Dgemv, lanes.Dger, lanes.Dsymv, lanes.Dsyr, lanes.Dsyr2, lanes.Dtrmv, lanes.Dtrsv,
		lanes.Dgemm, lanes.Dsymm, lanes.Dsyrk, lanes.Dsyr2k, lanes.Dtrmm, lanes.Dtrsm,
	}
)

func engine[T kernels.Float]() *kernels.Engine[T] {
	e, err := kernels.New[T]()
	if err != nil {
		panic(err)
	}
	return e
}

// compute computes a call. A column-major matrix is the transpose of a row-major one: so
// triangles, sides, transpositions and the order of factors are turned round.
func compute[T kernels.Float](f *routines[T], r C.enum_routine, c *C.call) {
	side, uplo, diag := turnedSide(c.side), turnedUplo(c.uplo), blas.Diag(upper(c.diag))
	tA, tB := blas.Transpose(upper(c.transA)), blas.Transpose(upper(c.transB))
	m, n, k, alpha, beta := int(c.m), int(c.n), int(c.k), T(c.alpha), T(c.beta)
	lda, ldb, ldc, incX, incY := int(c.lda), int(c.ldb), int(c.ldc), int(c.incX), int(c.incY)
	x, y := vector[T](c.x, n, incX), vector[T](c.y, n, incY)
	switch r {
	case C.DOT:
		c.result = C.double(f.dot(n, x, incX, y, incY))
	case C.NRM2:
		c.result = C.double(f.nrm2(n, x, incX))
	case C.ASUM:
		c.result = C.double(f.asum(n, x, incX))
	case C.IAMAX:
		c.index = C.int(f.iamax(n, x, incX))
	case C.SWAP:
		f.swap(n, x, incX, y, incY)
	case C.COPY:
		f.copy(n, x, incX, y, incY)
	case C.AXPY:
		f.axpy(n, alpha, x, incX, y, incY)
	case C.ROT:
		f.rot(n, x, incX, y, incY, alpha, beta)
	case C.SCAL:
		if alpha == 0 && n > 0 && incX > 0 { // gonum clears x, but LAPACK's tests need NaN from 0·Inf
			f.engine().Scal(0, kernels.StridedVec(x, n, incX))
			return
		}
		f.scal(n, alpha, x, incX)
	case C.GEMV:
		if tA == blas.NoTrans {
			y = vector[T](c.y, m, incY)
		} else {
			x = vector[T](c.x, m, incX)
		}
		f.gemv(turned(tA), n, m, alpha, matrix[T](c.a, m, n, lda), lda, x, incX, beta, y, incY)
	case C.GER:
		f.ger(n, m, alpha, y, incY, vector[T](c.x, m, incX), incX, matrix[T](c.a, m, n, lda), lda)
	case C.SYMV:
		f.symv(uplo, n, alpha, matrix[T](c.a, n, n, lda), lda, x, incX, beta, y, incY)
	case C.SYR:
		f.syr(uplo, n, alpha, x, incX, matrix[T](c.a, n, n, lda), lda)
	case C.SYR2:
		f.syr2(uplo, n, alpha, x, incX, y, incY, matrix[T](c.a, n, n, lda), lda)
	case C.TRMV:
		f.trmv(uplo, turned(tA), diag, n, matrix[T](c.a, n, n, lda), lda, x, incX)
	case C.TRSV:
		f.trsv(uplo, turned(tA), diag, n, matrix[T](c.a, n, n, lda), lda, x, incX)
	case C.GEMM:
		f.gemm(tB, tA, n, m, k, alpha, operand[T](c.b, tB, k, n, ldb), ldb, operand[T](c.a, tA, m, k, lda), lda, beta, matrix[T](c.c, m, n, ldc), ldc)
	case C.SYMM:
		order := orderOf(side, m, n)
		f.symm(side, uplo, n, m, alpha, matrix[T](c.a, order, order, lda), lda, matrix[T](c.b, m, n, ldb), ldb, beta, matrix[T](c.c, m, n, ldc), ldc)
	case C.SYRK:
		f.syrk(uplo, turned(tA), n, k, alpha, operand[T](c.a, tA, n, k, lda), lda, beta, matrix[T](c.c, n, n, ldc), ldc)
	case C.SYR2K:
		f.syr2k(uplo, turned(tA), n, k, alpha, operand[T](c.a, tA, n, k, lda), lda, operand[T](c.b, tA, n, k, ldb), ldb, beta, matrix[T](c.c, n, n, ldc), ldc)
	case C.TRMM, C.TRSM:
		order, run := orderOf(side, m, n), f.trmm
		if r == C.TRSM {
			run = f.trsm
		}
		run(side, uplo, tA, diag, n, m, alpha, matrix[T](c.a, order, order, lda), lda, matrix[T](c.b, m, n, ldb), ldb)
	}
}

func upper(letter C.char) byte { return byte(letter) &^ 0x20 }

func turned(t blas.Transpose) blas.Transpose {
	switch t {
	case blas.NoTrans:
		return blas.Trans
	case blas.Trans, blas.ConjTrans:
		return blas.NoTrans
	}
	return t
}

func turnedSide(letter C.char) blas.Side {
	switch s := blas.Side(upper(letter)); s {
	case blas.Left:
		return blas.Right
	case blas.Right:
		return blas.Left
	default:
		return s
	}
}

func turnedUplo(letter C.char) blas.Uplo {
	switch u := blas.Uplo(upper(letter)); u {
	case blas.Upper:
		return blas.Lower
	case blas.Lower:
		return blas.Upper
	default:
		return u
	}
}

// orderOf returns the order of a square matrix that stands on a side, already turned, of
// an m×n one.
func orderOf(side blas.Side, m, n int) int {
	if side == blas.Right {
		return m
	}
	return n
}

// operand returns the elements of a matrix of which op is rows×cols.
func operand[T kernels.Float](p unsafe.Pointer, t blas.Transpose, rows, cols, ld int) []T {
	if t != blas.NoTrans {
		rows, cols = cols, rows
	}
	return matrix[T](p, rows, cols, ld)
}

// matrix returns the elements of a column-major rows×cols matrix.
func matrix[T kernels.Float](p unsafe.Pointer, rows, cols, ld int) []T {
	if p == nil || rows < 0 || cols <= 0 || ld < rows {
		return nil
	}
	return unsafe.Slice((*T)(p), (cols-1)*ld+rows)
}

func vector[T kernels.Float](p unsafe.Pointer, n, inc int) []T {
	if p == nil || n <= 0 {
		return nil
	}
	return unsafe.Slice((*T)(p), (n-1)*max(inc, -inc)+1)
}
