//go:build !purego

package kernels

import "unsafe"

// packSlack is the room between packed tiles, for lanes stored beyond a tile.
const packSlack = 8

// Sizes for AVX2: the panel of B takes half of a first-level cache of 32 KB,
// the block of A half of a second-level cache of 256 KB.
var blockingF32AVX2 = blocking{mr: 6, nr: 16, kc: 384, mc: 120, nc: 3072, slab: 3 << 20}

// assembly reports whether the engine's level has kernels in assembly for T.
func (e *Engine[T]) assembly() bool { return e.level == AVX2 && unsafe.Sizeof(T(0)) == 4 }

func (e *Engine[T]) blocking() blocking {
	if e.assembly() {
		return blockingF32AVX2
	}
	return blockingGeneric
}

// panel is panelGeneric at the engine's level.
func (e *Engine[T]) panel(m, n, k int, a []T, aRow, aCol, aTile int, b []T, bRow int, c []T, cRow int, s start, beta T) {
	if !e.assembly() {
		panelGeneric(m, n, k, a, aRow, aCol, aTile, b, bRow, c, cRow, s, beta)
		return
	}
	switch {
	case n == 16:
		gemm6x16F32AVX2(m, k, f32(a), aRow, aCol, aTile, f32(b), bRow, f32(c), cRow, int(s), float32(beta))
	case n > 8:
		gemm6x16TailF32AVX2(m, k, f32(a), aRow, aCol, aTile, f32(b), bRow, f32(c), cRow, int(s), float32(beta), n-8)
	case n == 8:
		gemm6x8F32AVX2(m, k, f32(a), aRow, aCol, aTile, f32(b), bRow, f32(c), cRow, int(s), float32(beta))
	default:
		gemm6x8TailF32AVX2(m, k, f32(a), aRow, aCol, aTile, f32(b), bRow, f32(c), cRow, int(s), float32(beta), n)
	}
}

// packAsm packs in assembly where there is a kernel for the operands.
func (e *Engine[T]) packAsm(dst []T, tile, width int, src Mat[T], alpha T) bool {
	if !e.assembly() || src.RowStride != 1 {
		return false
	}
	if width == blockingF32AVX2.mr {
		pack6F32AVX2(src.Rows, src.Cols, f32(dst), tile, f32(src.Data), src.ColStride, float32(alpha))
	} else {
		pack16F32AVX2(src.Rows, src.Cols, f32(dst), tile, f32(src.Data), src.ColStride, float32(alpha))
	}
	return true
}

// f32 returns a pointer to the elements of s, which are float32.
func f32[T Float](s []T) *float32 { return (*float32)(unsafe.Pointer(unsafe.SliceData(s))) }
