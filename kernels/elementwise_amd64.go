//go:build !purego

package kernels

import "unsafe"

func (e *Engine[T]) addBiasRows(y *Mat[T], bias []T) {
	switch e.isa {
	case f32AVX2:
		addBiasF32AVX2(y.Rows, y.Cols, f32(y.Data), y.RowStride, f32(bias))
	case f64AVX2:
		addBiasF64AVX2(y.Rows, y.Cols, f64(y.Data), y.RowStride, f64(bias))
	case f32AVX512:
		addBiasF32AVX512(y.Rows, y.Cols, f32(y.Data), y.RowStride, f32(bias))
	case f64AVX512:
		addBiasF64AVX512(y.Rows, y.Cols, f64(y.Data), y.RowStride, f64(bias))
	default:
		addBiasGeneric(y, bias)
	}
}

func (e *Engine[T]) axpy(y []T, alpha T, x []T) {
	switch e.isa {
	case f32AVX2:
		axpyF32AVX2(len(y), f32(y), float32(alpha), f32(x))
	case f64AVX2:
		axpyF64AVX2(len(y), f64(y), float64(alpha), f64(x))
	case f32AVX512:
		axpyF32AVX512(len(y), f32(y), float32(alpha), f32(x))
	case f64AVX512:
		axpyF64AVX512(len(y), f64(y), float64(alpha), f64(x))
	default:
		axpyGeneric(y, alpha, x)
	}
}

func (e *Engine[T]) relu(dst, src []T) {
	switch e.isa {
	case f32AVX2:
		reluF32AVX2(len(dst), f32(dst), f32(src))
	case f64AVX2:
		reluF64AVX2(len(dst), f64(dst), f64(src))
	case f32AVX512:
		reluF32AVX512(len(dst), f32(dst), f32(src))
	case f64AVX512:
		reluF64AVX512(len(dst), f64(dst), f64(src))
	default:
		reluGeneric(dst, src)
	}
}

func (e *Engine[T]) reluBackward(dst, grad, y []T) {
	switch e.isa {
	case f32AVX2:
		reluBackwardF32AVX2(len(dst), f32(dst), f32(grad), f32(y))
	case f64AVX2:
		reluBackwardF64AVX2(len(dst), f64(dst), f64(grad), f64(y))
	case f32AVX512:
		reluBackwardF32AVX512(len(dst), f32(dst), f32(grad), f32(y))
	case f64AVX512:
		reluBackwardF64AVX512(len(dst), f64(dst), f64(grad), f64(y))
	default:
		reluBackwardGeneric(dst, grad, y)
	}
}

func (e *Engine[T]) center(dst []T, pixels []uint8, mean []T, scale T) {
	switch e.isa {
	case f32AVX2:
		centerF32AVX2(len(dst), f32(dst), unsafe.SliceData(pixels), f32(mean), float32(scale))
	case f64AVX2:
		centerF64AVX2(len(dst), f64(dst), unsafe.SliceData(pixels), f64(mean), float64(scale))
	case f32AVX512:
		centerF32AVX512(len(dst), f32(dst), unsafe.SliceData(pixels), f32(mean), float32(scale))
	case f64AVX512:
		centerF64AVX512(len(dst), f64(dst), unsafe.SliceData(pixels), f64(mean), float64(scale))
	default:
		centerGeneric(dst, pixels, mean, scale)
	}
}
