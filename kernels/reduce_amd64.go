//go:build !purego

package kernels

import "unsafe"

func (e *Engine[T]) sumSquares(acc *[lanes]T, x []T) {
	switch e.isa {
	case f32AVX2:
		sumSquaresF32AVX2((*[lanes]float32)(unsafe.Pointer(acc)), len(x), f32(x))
	case f64AVX2:
		sumSquaresF64AVX2((*[lanes]float64)(unsafe.Pointer(acc)), len(x), f64(x))
	case f32AVX512:
		sumSquaresF32AVX512((*[lanes]float32)(unsafe.Pointer(acc)), len(x), f32(x))
	case f64AVX512:
		sumSquaresF64AVX512((*[lanes]float64)(unsafe.Pointer(acc)), len(x), f64(x))
	default:
		sumSquaresGeneric(acc, x)
	}
}
