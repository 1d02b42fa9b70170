//go:build !purego

package kernels

// square is the number of lanes that packTransposed transposes at a time.
var square = [...]int{f32AVX2: 8, f64AVX2: 4, f32AVX512: 8, f64AVX512: 4}

// packAsm packs in assembly where there is a kernel for the operands.
func (e *Engine[T]) packAsm(dst []T, tile, width int, src Mat[T], alpha T) bool {
	switch {
	case e.isa == portable:
		return false
	case src.RowStride == 1:
		e.packContiguous(dst, tile, width, src, alpha)
	case src.ColStride == 1:
		// Vectors are stored whole. What the last of a tile stores beyond the
		// tile's width is overwritten by the vectors before it, so those are last.
		lanes := square[e.isa]
		for i0 := 0; i0 < src.Rows; i0 += width {
			rows := min(width, src.Rows-i0)
			for i := (rows - 1) / lanes * lanes; i >= 0; i -= lanes {
				e.packTransposed(dst[i0/width*tile+i:], width, min(lanes, rows-i), src.Cols, src.Data[(i0+i)*src.RowStride:], src.RowStride, alpha)
			}
		}
	default:
		return false
	}
	return true
}

func (e *Engine[T]) packContiguous(dst []T, tile, width int, src Mat[T], alpha T) {
	n, k := src.Rows, src.Cols
	switch e.isa {
	case f32AVX2:
		packF32AVX2(width, n, k, f32(dst), tile, f32(src.Data), src.ColStride, float32(alpha))
	case f64AVX2:
		packF64AVX2(width, n, k, f64(dst), tile, f64(src.Data), src.ColStride, float64(alpha))
	case f32AVX512:
		packF32AVX512(width, n, k, f32(dst), tile, f32(src.Data), src.ColStride, float32(alpha))
	case f64AVX512:
		packF64AVX512(width, n, k, f64(dst), tile, f64(src.Data), src.ColStride, float64(alpha))
	}
}

func (e *Engine[T]) packTransposed(dst []T, width, n, k int, src []T, srcRow int, alpha T) {
	switch e.isa {
	case f32AVX2:
		packTransposedF32AVX2(n, k, f32(dst), width, f32(src), srcRow, float32(alpha))
	case f64AVX2:
		packTransposedF64AVX2(n, k, f64(dst), width, f64(src), srcRow, float64(alpha))
	case f32AVX512:
		packTransposedF32AVX512(n, k, f32(dst), width, f32(src), srcRow, float32(alpha))
	case f64AVX512:
		packTransposedF64AVX512(n, k, f64(dst), width, f64(src), srcRow, float64(alpha))
	}
}
