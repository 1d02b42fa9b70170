//go:build !purego

package kernels

import "unsafe"

func (e *Engine[T]) softmaxRows(c *rowChunk[T]) {
	switch e.isa {
	case f32AVX2:
		softmaxRowsF32AVX2(f32(c.dst.Data), c.dst.RowStride, f32(c.src.Data), c.src.RowStride, c.src.Rows, c.src.Cols, float32(c.scale),
			unsafe.SliceData(c.labels), f32(c.targets), f32(c.tops), f32(c.sums))
	case f64AVX2:
		softmaxRowsF64AVX2(f64(c.dst.Data), c.dst.RowStride, f64(c.src.Data), c.src.RowStride, c.src.Rows, c.src.Cols, float64(c.scale),
			unsafe.SliceData(c.labels), f64(c.targets), f64(c.tops), f64(c.sums))
	case f32AVX512:
		softmaxRowsF32AVX512(f32(c.dst.Data), c.dst.RowStride, f32(c.src.Data), c.src.RowStride, c.src.Rows, c.src.Cols, float32(c.scale),
			unsafe.SliceData(c.labels), f32(c.targets), f32(c.tops), f32(c.sums))
	case f64AVX512:
		softmaxRowsF64AVX512(f64(c.dst.Data), c.dst.RowStride, f64(c.src.Data), c.src.RowStride, c.src.Rows, c.src.Cols, float64(c.scale),
			unsafe.SliceData(c.labels), f64(c.targets), f64(c.tops), f64(c.sums))
	default:
		e.softmaxParts(c)
	}
}

func (e *Engine[T]) softmaxShort(c *rowChunk[T], tiles []T) {
	switch e.isa {
	case f32AVX2:
		softmaxShortF32AVX2(f32(c.dst.Data), c.dst.RowStride, f32(c.src.Data), c.src.RowStride, c.src.Rows, c.src.Cols, float32(c.scale),
			f32(c.tops), f32(c.sums), f32(tiles))
	case f64AVX2:
		softmaxShortF64AVX2(f64(c.dst.Data), c.dst.RowStride, f64(c.src.Data), c.src.RowStride, c.src.Rows, c.src.Cols, float64(c.scale),
			f64(c.tops), f64(c.sums), f64(tiles))
	case f32AVX512:
		softmaxShortF32AVX512(f32(c.dst.Data), c.dst.RowStride, f32(c.src.Data), c.src.RowStride, c.src.Rows, c.src.Cols, float32(c.scale),
			f32(c.tops), f32(c.sums), f32(tiles))
	case f64AVX512:
		softmaxShortF64AVX512(f64(c.dst.Data), c.dst.RowStride, f64(c.src.Data), c.src.RowStride, c.src.Rows, c.src.Cols, float64(c.scale),
			f64(c.tops), f64(c.sums), f64(tiles))
	default:
		e.softmaxParts(c)
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
