package kernels

// shape is that of a tile, which a micro-kernel keeps in registers.
type shape struct {
	rows    int // as A is packed
	vectors int // the widest
	lanes   int // elements of a vector
	size    int // bytes of an element
	square  int // rows that packColumns takes at a time
	slack   int // elements that packing may store behind a tile
	short   int // rows from which on softmaxShort, which computes several at once, is faster
}

// blocking holds the sizes of the loops, in elements.
type blocking struct {
	mr, nr int // a tile of C stays in registers
	kc     int // a panel of B, kc×nr, stays in the first-level cache
	mc     int // a block of A, mc×kc, stays in the second-level cache
	nc     int // columns of a slab of B
	slab   int // elements of a slab of B for each thread that packs and reads it
	loose  int // elements of a B that is better read in place than packed
}

// rowsFor returns the rows of a block of A that is k deep: as many as make it mc×kc,
// where a shallow one counts as deeper, since storing its C is the work. It bounds
// a call of a micro-kernel too, which so ends within about a tenth of a millisecond.
func (b *blocking) rowsFor(k int) int {
	return b.mc * b.kc / min(b.kc, max(k, 32)) / b.mr * b.mr
}

// Bounds of the model. A tile of C is loaded and stored once for each panel: on a Zen 4 at
// AVX2, products of 480×1024×1024 float32 reach 96 GFLOP/s at depth 192 and 99 at 256.
const (
	leastDepth = 224
	mostDepth  = 512
	mostRows   = 240  // of a block: with more, threads share a product less evenly
	slabWidth  = 3840 // bytes of a row of a slab
	mostShares = 8    // threads up to which more make a slab larger
)

// modelled returns the blocking that the model gives a tile. The model is that of Low,
// Igual, Smith and Quintana-Ortí (Analytical Modeling Is Enough for High-Performance BLIS,
// ACM TOMS 43(2), 2016), which counts the ways that operands take in the sets of a cache
// that replaces what was used least recently. With w(x) for the ways that x bytes take, W
// for the ways of a level, and S for the bytes of an element,
//
//	first level   the largest kc with  w(kc·nr·S) + w(2·mr·kc·S) + 1 ≤ W
//	second level  the largest mc with  w(mc·kc·S) + w(2·kc·nr·S) + 1 ≤ W  and  w(mc·kc·S) ≤ W/2
//	last level    a slab of B of  1.5 times a core's second level for each thread, and half the level in all
//
// A panel of B is used again by each tile's rows of A: when the next rows come in, those
// before them are as recent as the panel, so that two lie in the cache. One way is for C.
// Where that leaves a panel less than leastDepth deep, the rows are counted once. If that
// does too, the tile is so wide that its kernel does many multiply-adds for each vector of
// B: it reads the panel from the second level, as deep as was measured of the processor.
//
// A block of A is used again by each panel of B, and two panels lie beside it likewise. The
// second level counts as a core's share of it; pages lie in its sets at random, so that
// more than half of the ways would overflow here and there.
//
// A slab is packed and soon read, so it should be in the second level still, or nearly. On
// a Zen 4, products of 100×3072×1024 with B transposed reach 93 GFLOP/s with slabs of
// 1.5 MB, and 78 with 12 MB; squares of 2048 reach 105 with both (AVX-512, float32).
//
// What comes out, with the bounds above:
//
//	                                       AVX2            AVX-512
//	                                       float32  64     float32  64
//	Zen 3, 32 KB 8-way, 512 KB 8-way   kc  256      256    384      384
//	                                   mc  240      126    168      80
//	Zen 4, 32 KB 8-way, 1 MB 8-way     kc  256      256    384      384
//	                                   mc  240      240    240      168
//	Sapphire Rapids,                   kc  384      256    512      512
//	48 KB 12-way, 2 MB 16-way          mc  240      240    176      240
//	Zen 5, 48 KB 12-way, 1 MB 16-way   kc  384      256    1024     1024
//	                                   mc  240      240    88       64
//
// and slabs of 0.75, 1.5, 3 and 1.5 MB for a thread.
func modelled(s shape, c caches, streamed int) blocking {
	mr, nr := s.rows, s.vectors*s.lanes
	b := blocking{mr: mr, nr: nr, kc: depthOf(nr*s.size, mr*s.size, c.l1, streamed)}
	l2 := cache{c.l2.size / c.l2.cores, c.l2.ways, 1}
	free := min(l2.ways-1-l2.waysFor(2*b.kc*nr*s.size), l2.ways/2)
	b.mc = min(max(free*(l2.size/l2.ways)/(b.kc*s.size), 4*mr), mostRows, mostOfCall/(b.kc*nr)) / mr * mr
	b.nc = slabWidth / s.size / nr * nr
	b.slab = max(min(3*l2.size/2, c.l3.size/2/min(c.l3.cores, mostShares)), b.kc*nr*s.size) / s.size
	loose := min(3*l2.size, 3<<20)
	if nr*s.size <= 64 { // a line of each row: those of a panel share few sets of a cache
		loose = l2.size / 4
	}
	b.loose = loose / s.size
	return b
}

// depthOf returns kc for a first level, and bytes of a row of a panel of B and of a column
// of a tile's rows of A.
func depthOf(panel, tile int, l1 cache, streamed int) int {
	for tiles := 2; tiles > 0; tiles-- {
		for kc := mostDepth; kc >= leastDepth; kc -= 32 {
			if l1.waysFor(kc*panel)+l1.waysFor(tiles*kc*tile)+1 <= l1.ways {
				return kc
			}
		}
	}
	return streamed
}

// forColumns are the blockings of an engine: with panels as wide as the tile, the same for few
// columns, and for these with panels of two vectors.
type forColumns [3]blocking

// fewPanels is up to how many panels of B are packed no deeper than usual: a few columns
// of C cost little to load and store, and a higher block of A is packed in longer pieces. On a
// Zen 5, products of 3072×75×1024 with A transposed reach 180 GFLOP/s so, and 150 at depth 1024.
const fewPanels = 6

func columnsOf(s shape, b blocking) *forColumns {
	few := b
	if b.kc > usual.depth {
		few.kc, few.mc = usual.depth, b.mc*b.kc/usual.depth/b.mr*b.mr
	}
	two := few
	two.nr = 2 * s.lanes
	return &forColumns{b, few, two}
}

// blockingFor returns the sizes for n columns. Where panels of three vectors
// would leave a narrow one, which loads bound, few columns go in panels of two.
func (e *Engine[T]) blockingFor(n int) *blocking {
	all, s := e.blockings, &shapes[e.isa]
	if n > fewPanels*all[0].nr {
		return &all[0]
	}
	if n > all[0].nr && s.vectors == 3 {
		switch ceilDiv(n, s.lanes) {
		case 4, 10, 16:
			return &all[2]
		}
	}
	return &all[1]
}
