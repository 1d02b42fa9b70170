package kernels

// pack copies α·src to dst in tiles of width rows: element (i, p) goes to
// dst[i/width*tile + p*width + i%width]. So it packs a block of A, and through
// its transpose a slab of B. Places beyond the last row stay as they are.
func (e *Engine[T]) pack(dst []T, tile, width int, src Mat[T], alpha T) {
	switch {
	case src.empty():
	case src.RowStride == 1:
		rows := max(1, mostPacked/(width*src.Cols)) * width
		for i := 0; i < src.Rows; i += rows {
			part := src.Slice(i, min(i+rows, src.Rows), 0, src.Cols)
			e.packRows(dst[i/width*tile:], tile, width, part, alpha)
		}
	case src.ColStride == 1:
		// Vectors are stored whole. What the last of a tile stores beyond the
		// tile's width is overwritten by the vectors before it, so those are last.
		square := shapes[e.isa].square
		for i0 := 0; i0 < src.Rows; i0 += width {
			end := min(i0+width, src.Rows)
			for i := i0 + (end-i0-1)/square*square; i >= i0; i -= square {
				e.packColumns(dst[i0/width*tile+i-i0:], width, min(square, end-i), src.Cols, src.Data[i*src.RowStride:], src.RowStride, alpha)
			}
		}
	default:
		packGeneric(dst, tile, width, src, alpha)
	}
}

// mostPacked is how many elements a call into assembly packs, so that it ends soon:
// each takes about a nanosecond and a half, on fresh memory.
const mostPacked = 1 << 16

func packGeneric[T Float](dst []T, tile, width int, src Mat[T], alpha T) {
	for i0 := 0; i0 < src.Rows; i0 += width {
		n := min(width, src.Rows-i0)
		panel := dst[i0/width*tile:]
		for p := range src.Cols {
			d, s := panel[p*width:p*width+n], src.Data[i0*src.RowStride+p*src.ColStride:]
			for i := range d {
				d[i] = T(alpha * s[i*src.RowStride])
			}
		}
	}
}
