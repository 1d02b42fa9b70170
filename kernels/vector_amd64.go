//go:build !purego

package kernels

// rowWidths are the elements of a row of C that vectorRow takes at a time.
var rowWidths = [...][]int{
	portable:  nil,
	f32AVX2:   {96, 48},
	f64AVX2:   {48, 24},
	f32AVX512: {384, 192, 96},
	f64AVX512: {192, 96, 48},
}

// row advances the first elements of a row of n elements of C by k steps, and
// returns how many it did: 0 where too few are left for it. The arguments are
// those of panel.
func (e *Engine[T]) row(n, k int, a []T, aCol int, b []T, bRow int, c []T, s start, beta T) int {
	for _, w := range rowWidths[e.isa] {
		if w > n {
			continue
		}
		switch e.isa {
		case f32AVX2:
			vectorRowF32AVX2(w, k, f32(a), aCol, f32(b), bRow, f32(c), int(s), float32(beta))
		case f64AVX2:
			vectorRowF64AVX2(w, k, f64(a), aCol, f64(b), bRow, f64(c), int(s), float64(beta))
		case f32AVX512:
			vectorRowF32AVX512(w, k, f32(a), aCol, f32(b), bRow, f32(c), int(s), float32(beta))
		case f64AVX512:
			vectorRowF64AVX512(w, k, f64(a), aCol, f64(b), bRow, f64(c), int(s), float64(beta))
		}
		return w
	}
	return 0
}
