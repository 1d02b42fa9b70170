//go:build !purego

package kernels

import "github.com/klauspost/cpuid/v2"

// packSlack is the room between packed tiles, for lanes stored beyond a tile.
const packSlack = 16

// blockings have the tiles of asmgen and suit the caches of this machine.
var blockings = blockingsOf(cpuid.CPU.Cache.L2, cpuid.CPU.Cache.L3)

// blockingsOf returns the blocking of each isa for caches of l2 and l3 bytes, 0
// or less where that is unknown. A depth of 384 is long enough to hide loading
// and storing a tile of C, and short enough that the tile's rows of A and a panel
// of B pass through a first-level cache of 32 KB. A block of A takes a sixth of
// the second-level cache, where panels of B and C pass it by; a slab of B takes
// up to half of the last-level cache, which other programs share.
func blockingsOf(l2, l3 int) [f64AVX512 + 1]blocking {
	const kilobyte, megabyte = 1 << 10, 1 << 20
	if l2 <= 0 {
		l2 = 512 * kilobyte
	}
	if l3 <= 0 {
		l3 = 4 * l2
	}
	of := func(mr, nr, size int) blocking {
		const kc = 384
		mc := min(max(l2/6/(kc*size), 4*mr), 240) / mr * mr
		nc := 12 * kilobyte / size / nr * nr
		slab := min(max(l3/2, megabyte), 12*megabyte) / size
		loose := min(3*l2, 3*megabyte)
		if nr*size <= 64 { // a line of each row: those of a panel share few sets of a cache
			loose = l2 / 4
		}
		return blocking{mr, nr, kc, mc, nc, slab, loose / size}
	}
	return [...]blocking{
		portable:  blockingGeneric,
		f32AVX2:   of(6, 16, 4),
		f64AVX2:   of(6, 8, 8),
		f32AVX512: of(8, 48, 4),
		f64AVX512: of(8, 24, 8),
	}
}

// blockingFor returns the sizes for n columns. Where panels of three vectors
// would leave a narrow one, which loads bound, few columns go in panels of two.
func (e *Engine[T]) blockingFor(n int) *blocking {
	b := &blockings[e.isa]
	if n > b.nr && (e.isa == f32AVX512 || e.isa == f64AVX512) {
		switch ceilDiv(n, b.nr/3) {
		case 4, 10, 16:
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
	narrow := n <= vectorLanes[e.isa]
	switch {
	case e.isa == f32AVX2 && narrow:
		gemmNarrowF32AVX2(m, n, k, f32(a), aRow, aCol, aTile, f32(b), bRow, f32(c), cRow, int(s), float32(beta), f32(f.bias), f.relu, f32(f.beside), f.besideRow, float32(f.scale), f.mask)
	case e.isa == f32AVX2:
		gemmF32AVX2(m, n, k, f32(a), aRow, aCol, aTile, f32(b), bRow, f32(c), cRow, int(s), float32(beta), f32(f.bias), f.relu, f32(f.beside), f.besideRow, float32(f.scale), f.mask)
	case e.isa == f64AVX2 && narrow:
		gemmNarrowF64AVX2(m, n, k, f64(a), aRow, aCol, aTile, f64(b), bRow, f64(c), cRow, int(s), float64(beta), f64(f.bias), f.relu, f64(f.beside), f.besideRow, float64(f.scale), f.mask)
	case e.isa == f64AVX2:
		gemmF64AVX2(m, n, k, f64(a), aRow, aCol, aTile, f64(b), bRow, f64(c), cRow, int(s), float64(beta), f64(f.bias), f.relu, f64(f.beside), f.besideRow, float64(f.scale), f.mask)
	case e.isa == f32AVX512 && narrow:
		gemmNarrowF32AVX512(m, n, k, f32(a), aRow, aCol, aTile, f32(b), bRow, f32(c), cRow, int(s), float32(beta), f32(f.bias), f.relu, f32(f.beside), f.besideRow, float32(f.scale), f.mask)
	case e.isa == f32AVX512:
		gemmF32AVX512(m, n, k, f32(a), aRow, aCol, aTile, f32(b), bRow, f32(c), cRow, int(s), float32(beta), f32(f.bias), f.relu, f32(f.beside), f.besideRow, float32(f.scale), f.mask)
	case e.isa == f64AVX512 && narrow:
		gemmNarrowF64AVX512(m, n, k, f64(a), aRow, aCol, aTile, f64(b), bRow, f64(c), cRow, int(s), float64(beta), f64(f.bias), f.relu, f64(f.beside), f.besideRow, float64(f.scale), f.mask)
	case e.isa == f64AVX512:
		gemmF64AVX512(m, n, k, f64(a), aRow, aCol, aTile, f64(b), bRow, f64(c), cRow, int(s), float64(beta), f64(f.bias), f.relu, f64(f.beside), f.besideRow, float64(f.scale), f.mask)
	default:
		panelGeneric(m, n, k, a, aRow, aCol, aTile, b, bRow, c, cRow, s, beta, f)
	}
}

// vectorLanes are the elements of a vector.
var vectorLanes = [...]int{f32AVX2: 8, f64AVX2: 4, f32AVX512: 16, f64AVX512: 8}
