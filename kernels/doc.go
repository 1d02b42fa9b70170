// Package kernels computes on dense matrices of float32 and float64: matrix
// products and what a network needs around them, in assembly chosen at run
// time, with portable Go behind it.
//
// An [Engine] runs the operations; a [Mat] is a view of a matrix with strides.
//
//	e, err := kernels.New[float32]()
//	c := kernels.NewMat[float32](m, n, nil)
//	e.Gemm(c, 1, a, b.T(), 0) // C = A·Bᵀ
//
// Results have the same bits at [AVX2] and [AVX512] and for any number of threads,
// blocking and batch: each element of a product is one chain of fused
// multiply-adds in a fixed order, and a sum runs in 16 lanes that one fixed tree
// combines. [Generic] is portable Go: it keeps the bounds of errors, and has these
// bits on architectures that always have fused multiply-adds: arm64, loong64,
// ppc64, ppc64le, riscv64 and s390x. On the others, amd64 with any GOAMD64 among
// them, each of its multiply-adds rounds twice, and its bits are the same for any
// number of threads, blocking and batch too.
//
// A shape that does not fit is a programming error: operations panic, naming
// the numbers, before they write anything. They write nothing outside their
// outputs, and read nothing outside their inputs. In steady state they do not
// allocate.
package kernels
