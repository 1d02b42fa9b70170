package kernels

// pack copies α·src to dst in panels of width rows, tile elements apart: element (i, p)
// goes to dst[i/width*tile + p*width + i%width]. It packs a block of A, and the transpose
// of a slab of B. What the last panel holds beyond the last row is not specified.
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
		// Vectors are stored whole. The last vector of a panel's width reaches into the
		// next step, and is overwritten by the vectors before it: so these come after it.
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

// mostPacked is the number of elements that one call into assembly packs, so that it ends
// soon: in memory that was never touched, an element takes about 1.5 ns.
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
