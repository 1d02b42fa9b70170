//go:build !purego

package kernels

import "unsafe"

func (e *Engine[T]) exp(dst, src []T) {
	switch e.isa {
	case f32AVX2:
		expF32AVX2(len(dst), f32(dst), f32(src))
	case f64AVX2:
		expF64AVX2(len(dst), f64(dst), f64(src))
	case f32AVX512:
		expF32AVX512(len(dst), f32(dst), f32(src))
	case f64AVX512:
		expF64AVX512(len(dst), f64(dst), f64(src))
	default:
		expGeneric(dst, src)
	}
}

func (e *Engine[T]) log(dst, src []T) {
	switch e.isa {
	case f32AVX2:
		logF32AVX2(len(dst), f32(dst), f32(src))
	case f64AVX2:
		logF64AVX2(len(dst), f64(dst), f64(src))
	case f32AVX512:
		logF32AVX512(len(dst), f32(dst), f32(src))
	case f64AVX512:
		logF64AVX512(len(dst), f64(dst), f64(src))
	default:
		logGeneric(dst, src)
	}
}

func (e *Engine[T]) softmaxRows(dst, src Mat[T], scale T, tops, sums []T) {
	switch e.isa {
	case f32AVX2:
		softmaxRowsF32AVX2(f32(dst.Data), dst.RowStride, f32(src.Data), src.RowStride, src.Rows, src.Cols, float32(scale), f32(tops), f32(sums))
	case f64AVX2:
		softmaxRowsF64AVX2(f64(dst.Data), dst.RowStride, f64(src.Data), src.RowStride, src.Rows, src.Cols, float64(scale), f64(tops), f64(sums))
	case f32AVX512:
		softmaxRowsF32AVX512(f32(dst.Data), dst.RowStride, f32(src.Data), src.RowStride, src.Rows, src.Cols, float32(scale), f32(tops), f32(sums))
	case f64AVX512:
		softmaxRowsF64AVX512(f64(dst.Data), dst.RowStride, f64(src.Data), src.RowStride, src.Rows, src.Cols, float64(scale), f64(tops), f64(sums))
	default:
		softmaxRowsGeneric(dst, src, scale, tops, sums)
	}
}

func (e *Engine[T]) softmaxShort(dst, src Mat[T], scale T, tops, sums, tiles []T) {
	switch e.isa {
	case f32AVX2:
		softmaxShortF32AVX2(f32(dst.Data), dst.RowStride, f32(src.Data), src.RowStride, src.Rows, src.Cols, float32(scale), f32(tops), f32(sums), f32(tiles))
	case f64AVX2:
		softmaxShortF64AVX2(f64(dst.Data), dst.RowStride, f64(src.Data), src.RowStride, src.Rows, src.Cols, float64(scale), f64(tops), f64(sums), f64(tiles))
	case f32AVX512:
		softmaxShortF32AVX512(f32(dst.Data), dst.RowStride, f32(src.Data), src.RowStride, src.Rows, src.Cols, float32(scale), f32(tops), f32(sums), f32(tiles))
	case f64AVX512:
		softmaxShortF64AVX512(f64(dst.Data), dst.RowStride, f64(src.Data), src.RowStride, src.Rows, src.Cols, float64(scale), f64(tops), f64(sums), f64(tiles))
	default:
		softmaxRowsGeneric(dst, src, scale, tops, sums)
	}
}

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

func (e *Engine[T]) pickLabels(dst []T, src Mat[T], labels []uint8) {
	switch e.isa {
	case f32AVX2:
		pickLabelsF32AVX2(len(labels), f32(dst), f32(src.Data), src.RowStride, src.ColStride, unsafe.SliceData(labels))
	case f64AVX2:
		pickLabelsF64AVX2(len(labels), f64(dst), f64(src.Data), src.RowStride, src.ColStride, unsafe.SliceData(labels))
	case f32AVX512:
		pickLabelsF32AVX512(len(labels), f32(dst), f32(src.Data), src.RowStride, src.ColStride, unsafe.SliceData(labels))
	case f64AVX512:
		pickLabelsF64AVX512(len(labels), f64(dst), f64(src.Data), src.RowStride, src.ColStride, unsafe.SliceData(labels))
	default:
		pickLabelsGeneric(dst, src, labels)
	}
}

func (e *Engine[T]) subtractAtLabels(dst Mat[T], labels []uint8, v T) {
	switch e.isa {
	case f32AVX2:
		subtractAtLabelsF32AVX2(len(labels), f32(dst.Data), dst.RowStride, dst.ColStride, unsafe.SliceData(labels), float32(v))
	case f64AVX2:
		subtractAtLabelsF64AVX2(len(labels), f64(dst.Data), dst.RowStride, dst.ColStride, unsafe.SliceData(labels), float64(v))
	case f32AVX512:
		subtractAtLabelsF32AVX512(len(labels), f32(dst.Data), dst.RowStride, dst.ColStride, unsafe.SliceData(labels), float32(v))
	case f64AVX512:
		subtractAtLabelsF64AVX512(len(labels), f64(dst.Data), dst.RowStride, dst.ColStride, unsafe.SliceData(labels), float64(v))
	default:
		subtractAtLabelsGeneric(dst, labels, v)
	}
}
