package kernels

import "github.com/klauspost/cpuid/v2"

// shape is that of a tile, which a micro-kernel keeps in registers.
type shape struct {
	rows    int // as A is packed
	vectors int // the widest
	lanes   int // elements of a vector
	size    int // bytes of an element
	square  int // rows that packColumns takes at a time
	slack   int // elements that packing may store behind a tile
}

// blocking holds the sizes of the loops, in elements.
type blocking struct {
	mr, nr int // a tile of C stays in registers
	kc     int // a panel of B, kc×nr, stays in the first-level cache
	mc     int // a block of A, mc×kc, stays in the second-level cache
	nc     int // columns of a slab of B
	slab   int // elements of a slab of B: it stays in the last-level cache
	loose  int // elements of a B that is better read in place than packed
}

// rowsFor returns the rows of a block of A that is k deep: as many as make it mc×kc,
// where a shallow one counts as deeper, since storing its C is the work. It bounds
// a call of a micro-kernel too, which so ends within about a tenth of a millisecond.
func (b *blocking) rowsFor(k int) int {
	return roundUp(b.mc*b.kc/min(b.kc, max(k, 32)), b.mr)
}

// blockings suit the caches of this machine.
var blockings = blockingsOf(cpuid.CPU.Cache.L2, cpuid.CPU.Cache.L3)

// blockingsOf returns the blocking of each isa for caches of l2 and l3 bytes, 0
// or less where that is unknown. A depth of 384 is long enough to hide loading
// and storing a tile of C, and short enough that the tile's rows of A and a panel
// of B pass through a first-level cache of 32 KB. A block of A takes a sixth of
// the second-level cache, where panels of B and C pass it by; a slab of B takes
// up to half of the last-level cache, which other programs share.
func blockingsOf(l2, l3 int) (all [len(shapes)]blocking) {
	const kilobyte, megabyte = 1 << 10, 1 << 20
	if l2 <= 0 {
		l2 = 512 * kilobyte
	}
	if l3 <= 0 {
		l3 = 4 * l2
	}
	all[portable] = blockingGeneric
	for i, s := range shapes[portable+1:] {
		const kc = 384
		mr, nr := s.rows, s.vectors*s.lanes
		mc := min(max(l2/6/(kc*s.size), 4*mr), 240) / mr * mr
		nc := 12 * kilobyte / s.size / nr * nr
		slab := min(max(l3/2, megabyte), 12*megabyte) / s.size
		loose := min(3*l2, 3*megabyte)
		if nr*s.size <= 64 { // a line of each row: those of a panel share few sets of a cache
			loose = l2 / 4
		}
		all[portable+1+isa(i)] = blocking{mr, nr, kc, mc, nc, slab, loose / s.size}
	}
	return all
}

// blockingsOfTwo are blockings with panels of two vectors.
var blockingsOfTwo = func() (two [len(blockings)]blocking) {
	for i, b := range blockings {
		b.nr = 2 * shapes[i].lanes
		two[i] = b
	}
	return two
}()

// blockingFor returns the sizes for n columns. Where panels of three vectors
// would leave a narrow one, which loads bound, few columns go in panels of two.
func (e *Engine[T]) blockingFor(n int) *blocking {
	b, s := &blockings[e.isa], &shapes[e.isa]
	if n > b.nr && s.vectors == 3 {
		switch ceilDiv(n, s.lanes) {
		case 4, 10, 16:
			return &blockingsOfTwo[e.isa]
		}
	}
	return b
}
