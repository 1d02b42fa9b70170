//go:build !purego

package kernels

// packSlack is the room between packed tiles, for lanes stored beyond a tile.
const packSlack = 16

// The tiles are those of asmgen. A panel of B takes half of a first-level cache
// of 32 KB and up, a block of A a fifth of a second-level cache of 1 MB.
var blockings = [...]blocking{
	portable:  blockingGeneric,
	f32AVX2:   {mr: 6, nr: 16, kc: 384, mc: 120, nc: 3072, slab: 3 << 20},
	f64AVX2:   {mr: 6, nr: 8, kc: 384, mc: 60, nc: 1536, slab: 3 << 19},
	f32AVX512: {mr: 8, nr: 48, kc: 384, mc: 120, nc: 3072, slab: 3 << 20},
	f64AVX512: {mr: 8, nr: 24, kc: 384, mc: 64, nc: 1536, slab: 3 << 19},
}

// blockingFor returns the sizes for n columns. Where panels of three vectors
// would leave a narrow one, which loads bound, few columns go in panels of two.
func (e *Engine[T]) blockingFor(n int) *blocking {
	b := &blockings[e.isa]
	if e.isa == f32AVX512 || e.isa == f64AVX512 {
		lanes := b.nr / 3
		if v := ceilDiv(n, lanes); v == 4 || v == 10 || v == 16 {
			return &blockingsOfTwo[e.isa]
		}
	}
	return b
}

// blockingsOfTwo are blockings with panels of two vectors.
var blockingsOfTwo = func() (two [len(blockings)]blocking) {
	for i, b := range blockings {
		b.nr = b.nr / 3 * 2
		two[i] = b
	}
	return two
}()

// panel is panelGeneric at the engine's level.
func (e *Engine[T]) panel(m, n, k int, a []T, aRow, aCol, aTile int, b []T, bRow int, c []T, cRow int, s start, beta T, f epilogue[T]) {
	switch e.isa {
	case f32AVX2:
		gemmF32AVX2(m, n, k, f32(a), aRow, aCol, aTile, f32(b), bRow, f32(c), cRow, int(s), float32(beta), f32(f.bias), f.relu)
	case f64AVX2:
		gemmF64AVX2(m, n, k, f64(a), aRow, aCol, aTile, f64(b), bRow, f64(c), cRow, int(s), float64(beta), f64(f.bias), f.relu)
	case f32AVX512:
		gemmF32AVX512(m, n, k, f32(a), aRow, aCol, aTile, f32(b), bRow, f32(c), cRow, int(s), float32(beta), f32(f.bias), f.relu)
	case f64AVX512:
		gemmF64AVX512(m, n, k, f64(a), aRow, aCol, aTile, f64(b), bRow, f64(c), cRow, int(s), float64(beta), f64(f.bias), f.relu)
	default:
		panelGeneric(m, n, k, a, aRow, aCol, aTile, b, bRow, c, cRow, s, beta, f)
	}
}
