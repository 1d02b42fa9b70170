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

func (e *Engine[T]) softmaxRows(b *batch[T]) {
	switch e.isa {
	case f32AVX2:
		softmaxRowsF32AVX2(f32(b.dst.Data), b.dst.RowStride, f32(b.src.Data), b.src.RowStride, b.src.Rows, b.src.Cols, float32(b.scale),
			unsafe.SliceData(b.labels), f32(b.targets), f32(b.tops), f32(b.sums))
	case f64AVX2:
		softmaxRowsF64AVX2(f64(b.dst.Data), b.dst.RowStride, f64(b.src.Data), b.src.RowStride, b.src.Rows, b.src.Cols, float64(b.scale),
			unsafe.SliceData(b.labels), f64(b.targets), f64(b.tops), f64(b.sums))
	case f32AVX512:
		softmaxRowsF32AVX512(f32(b.dst.Data), b.dst.RowStride, f32(b.src.Data), b.src.RowStride, b.src.Rows, b.src.Cols, float32(b.scale),
			unsafe.SliceData(b.labels), f32(b.targets), f32(b.tops), f32(b.sums))
	case f64AVX512:
		softmaxRowsF64AVX512(f64(b.dst.Data), b.dst.RowStride, f64(b.src.Data), b.src.RowStride, b.src.Rows, b.src.Cols, float64(b.scale),
			unsafe.SliceData(b.labels), f64(b.targets), f64(b.tops), f64(b.sums))
	default:
		e.softmaxParts(b)
	}
}

func (e *Engine[T]) softmaxShort(b *batch[T], tiles []T) {
	switch e.isa {
	case f32AVX2:
		softmaxShortF32AVX2(f32(b.dst.Data), b.dst.RowStride, f32(b.src.Data), b.src.RowStride, b.src.Rows, b.src.Cols, float32(b.scale),
			f32(b.tops), f32(b.sums), f32(tiles))
	case f64AVX2:
		softmaxShortF64AVX2(f64(b.dst.Data), b.dst.RowStride, f64(b.src.Data), b.src.RowStride, b.src.Rows, b.src.Cols, float64(b.scale),
			f64(b.tops), f64(b.sums), f64(tiles))
	case f32AVX512:
		softmaxShortF32AVX512(f32(b.dst.Data), b.dst.RowStride, f32(b.src.Data), b.src.RowStride, b.src.Rows, b.src.Cols, float32(b.scale),
			f32(b.tops), f32(b.sums), f32(tiles))
	case f64AVX512:
		softmaxShortF64AVX512(f64(b.dst.Data), b.dst.RowStride, f64(b.src.Data), b.src.RowStride, b.src.Rows, b.src.Cols, float64(b.scale),
			f64(b.tops), f64(b.sums), f64(tiles))
	default:
		e.softmaxParts(b)
	}
}

func (e *Engine[T]) largest(x []T) T {
	switch e.isa {
	case f32AVX2:
		return T(largestF32AVX2(len(x), f32(x)))
	case f64AVX2:
		return T(largestF64AVX2(len(x), f64(x)))
	case f32AVX512:
		return T(largestF32AVX512(len(x), f32(x)))
	case f64AVX512:
		return T(largestF64AVX512(len(x), f64(x)))
	}
	return largestGeneric(x)
}

func (e *Engine[T]) expSum(acc *[lanes]T, dst, src []T, top T) {
	switch e.isa {
	case f32AVX2:
		expSumF32AVX2((*[lanes]float32)(unsafe.Pointer(acc)), len(dst), f32(dst), f32(src), float32(top))
	case f64AVX2:
		expSumF64AVX2((*[lanes]float64)(unsafe.Pointer(acc)), len(dst), f64(dst), f64(src), float64(top))
	case f32AVX512:
		expSumF32AVX512((*[lanes]float32)(unsafe.Pointer(acc)), len(dst), f32(dst), f32(src), float32(top))
	case f64AVX512:
		expSumF64AVX512((*[lanes]float64)(unsafe.Pointer(acc)), len(dst), f64(dst), f64(src), float64(top))
	default:
		expSumGeneric(acc, dst, src, top)
	}
}

func (e *Engine[T]) scale(x []T, factor T) {
	switch e.isa {
	case f32AVX2:
		scaleF32AVX2(len(x), f32(x), float32(factor))
	case f64AVX2:
		scaleF64AVX2(len(x), f64(x), float64(factor))
	case f32AVX512:
		scaleF32AVX512(len(x), f32(x), float32(factor))
	case f64AVX512:
		scaleF64AVX512(len(x), f64(x), float64(factor))
	default:
		scaleGeneric(x, factor)
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

func (e *Engine[T]) pickLabels(b *batch[T]) {
	switch e.isa {
	case f32AVX2:
		pickLabelsF32AVX2(len(b.labels), f32(b.targets), f32(b.src.Data), b.src.RowStride, unsafe.SliceData(b.labels))
	case f64AVX2:
		pickLabelsF64AVX2(len(b.labels), f64(b.targets), f64(b.src.Data), b.src.RowStride, unsafe.SliceData(b.labels))
	case f32AVX512:
		pickLabelsF32AVX512(len(b.labels), f32(b.targets), f32(b.src.Data), b.src.RowStride, unsafe.SliceData(b.labels))
	case f64AVX512:
		pickLabelsF64AVX512(len(b.labels), f64(b.targets), f64(b.src.Data), b.src.RowStride, unsafe.SliceData(b.labels))
	default:
		pickLabelsGeneric(b)
	}
}

func (e *Engine[T]) subtractAtLabels(b *batch[T]) {
	switch e.isa {
	case f32AVX2:
		subtractAtLabelsF32AVX2(len(b.labels), f32(b.dst.Data), b.dst.RowStride, unsafe.SliceData(b.labels), float32(b.scale))
	case f64AVX2:
		subtractAtLabelsF64AVX2(len(b.labels), f64(b.dst.Data), b.dst.RowStride, unsafe.SliceData(b.labels), float64(b.scale))
	case f32AVX512:
		subtractAtLabelsF32AVX512(len(b.labels), f32(b.dst.Data), b.dst.RowStride, unsafe.SliceData(b.labels), float32(b.scale))
	case f64AVX512:
		subtractAtLabelsF64AVX512(len(b.labels), f64(b.dst.Data), b.dst.RowStride, unsafe.SliceData(b.labels), float64(b.scale))
	default:
		subtractAtLabelsGeneric(b)
	}
}
