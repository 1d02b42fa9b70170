//go:build !purego

package kernels

// rowStretch returns how many of n elements of a row of C vectorRow takes at a
// time: those of as many vectors as asmgen has a kernel for, or all if they are
// few.
func (e *Engine[T]) rowStretch(n int) int {
	lanes := vectorLanes[e.isa]
	switch {
	case n >= 24*lanes && e.level == AVX512:
		return 24 * lanes
	case n >= 12*lanes:
		return 12 * lanes
	}
	return min(n, 6*lanes)
}

// stretch advances n elements of m rows of C by k steps, row by row, n as
// rowStretch gives it. The other arguments are those of panel.
func (e *Engine[T]) stretch(m, n, k int, a []T, aRow, aCol int, b []T, bRow int, c []T, cRow int, s start, beta T) {
	switch e.isa {
	case f32AVX2:
		vectorRowF32AVX2(m, n, k, f32(a), aRow, aCol, f32(b), bRow, f32(c), cRow, int(s), float32(beta))
	case f64AVX2:
		vectorRowF64AVX2(m, n, k, f64(a), aRow, aCol, f64(b), bRow, f64(c), cRow, int(s), float64(beta))
	case f32AVX512:
		vectorRowF32AVX512(m, n, k, f32(a), aRow, aCol, f32(b), bRow, f32(c), cRow, int(s), float32(beta))
	case f64AVX512:
		vectorRowF64AVX512(m, n, k, f64(a), aRow, aCol, f64(b), bRow, f64(c), cRow, int(s), float64(beta))
	}
}
