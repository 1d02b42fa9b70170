//go:build !purego

package kernels

import "unsafe"

func (e *Engine[T]) sumLosses(acc *[lanes]T, sums, targets, tops []T) {
	switch e.isa {
	case f32AVX2:
		sumLossesF32AVX2((*[lanes]float32)(unsafe.Pointer(acc)), len(sums), f32(sums), f32(targets), f32(tops))
	case f64AVX2:
		sumLossesF64AVX2((*[lanes]float64)(unsafe.Pointer(acc)), len(sums), f64(sums), f64(targets), f64(tops))
	case f32AVX512:
		sumLossesF32AVX512((*[lanes]float32)(unsafe.Pointer(acc)), len(sums), f32(sums), f32(targets), f32(tops))
	case f64AVX512:
		sumLossesF64AVX512((*[lanes]float64)(unsafe.Pointer(acc)), len(sums), f64(sums), f64(targets), f64(tops))
	default:
		sumLossesGeneric(acc, sums, targets, tops)
	}
}

func (e *Engine[T]) pickLabels(c *rowChunk[T]) {
	switch e.isa {
	case f32AVX2:
		pickLabelsF32AVX2(len(c.labels), f32(c.targets), f32(c.src.Data), c.src.RowStride, unsafe.SliceData(c.labels))
	case f64AVX2:
		pickLabelsF64AVX2(len(c.labels), f64(c.targets), f64(c.src.Data), c.src.RowStride, unsafe.SliceData(c.labels))
	case f32AVX512:
		pickLabelsF32AVX512(len(c.labels), f32(c.targets), f32(c.src.Data), c.src.RowStride, unsafe.SliceData(c.labels))
	case f64AVX512:
		pickLabelsF64AVX512(len(c.labels), f64(c.targets), f64(c.src.Data), c.src.RowStride, unsafe.SliceData(c.labels))
	default:
		pickLabelsGeneric(c)
	}
}

func (e *Engine[T]) subtractAtLabels(c *rowChunk[T]) {
	switch e.isa {
	case f32AVX2:
		subtractAtLabelsF32AVX2(len(c.labels), f32(c.dst.Data), c.dst.RowStride, unsafe.SliceData(c.labels), float32(c.scale))
	case f64AVX2:
		subtractAtLabelsF64AVX2(len(c.labels), f64(c.dst.Data), c.dst.RowStride, unsafe.SliceData(c.labels), float64(c.scale))
	case f32AVX512:
		subtractAtLabelsF32AVX512(len(c.labels), f32(c.dst.Data), c.dst.RowStride, unsafe.SliceData(c.labels), float32(c.scale))
	case f64AVX512:
		subtractAtLabelsF64AVX512(len(c.labels), f64(c.dst.Data), c.dst.RowStride, unsafe.SliceData(c.labels), float64(c.scale))
	default:
		subtractAtLabelsGeneric(c)
	}
}
