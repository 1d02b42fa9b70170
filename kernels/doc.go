// Package kernels computes with dense matrices of float32 and float64: matrix products
// and the other operations that a neural network needs, in assembly that is chosen at
// run time, or in portable Go where there is none.
//
// An [Engine] runs the operations; a [Mat] is a view of a matrix with strides.
//
//	e, err := kernels.New[float32]()
//	c := kernels.NewMat[float32](m, n, nil)
//	e.Gemm(c, 1, a, b.T(), 0) // C = A·Bᵀ
//
// Results have the same bits at [AVX2], [AVX512] and [NEON] and for any number of threads,
// blocking and batch: each element of a product is one chain of fused
// multiply-adds in a fixed order, and a sum runs in 16 lanes that one fixed tree
// combines. [Generic] is portable Go. It keeps the error bounds, and gives the same bits
// as the assembly on architectures that always have fused multiply-adds: arm64, loong64,
// ppc64, ppc64le, riscv64 and s390x. On all others, such as amd64 with any GOAMD64, each
// of its multiply-adds rounds twice; there too its bits do not depend on the number of
// threads, blocking and batch.
//
// A shape that does not fit is a programming error: operations panic with the numbers
// before they write anything. They write nothing outside their outputs, and read nothing
// outside their inputs. In steady state they do not allocate.
package kernels
