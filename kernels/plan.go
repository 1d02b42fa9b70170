package kernels

import "unsafe"

// plan is how a product C = A·B is computed, where C is m×n, A is m×k and B is k×n.
// [Engine.planFor] makes it from shapes, strides and threads. No plan changes a bit of the
// result. It has no more than four fields, which the compiler keeps in registers.
type plan struct {
	way
	swapped   bool // Cᵀ = Bᵀ·Aᵀ is computed instead, and the other fields describe that
	*blocking      // sizes that suit the caches
	threads   int
}

// way says who computes a product, and where B is read. The ways stand in the order in
// which planFor tries them; its table has their conditions.
type way uint8

const (
	nothing      way = iota // none
	outerProduct            // threads compute rows of C, with a kernel of their own
	columns                 // threads compute chains over columns of B, with a kernel of their own
	onePanel                // the caller calls the panel kernel once, with A in place
	panels                  // the caller takes panel after panel, with A in place
	prepacked               // threads compute blocks, and read a B that is packed already
	rowByRow                // threads compute long pieces of rows of C, with a kernel of their own
	inPlace                 // threads compute blocks, and read B where it is
	packedPanel             // each block packs the panels of B that it needs
	packedSlab              // threads pack a slab of B together, and all blocks read it
)

// traits are what the choice depends on besides shapes, strides and threads.
type traits uint8

const (
	summed  traits = 1 << iota // the columns of B are summed as its panels pass
	scaledA                    // α is not 1, and A is packed for it
	scaledB                    // the same of B
	packed                     // B is packed already
	settled                    // C must not be swapped for its transpose
)

// Measured with BenchmarkGemmThresholds.
const (
	// Volumes, m·n·k.
	undividedVolume      = 48 * 48 * 48 // below which division among threads and blocks costs more than it saves
	undividedVolumeOfRow = 4096         // the same if C is one row
	undividedVolumeAlone = 80 * 80 * 80 // the same if B has contiguous rows and there is one thread
	serialVolume         = 30 * 30 * 30 // the same of a second thread, for each lane of a vector
	serialElements       = 60 * 60 * 60 // the same in products of vectors, which read or write so many elements of a matrix

	// Rows of C, m.
	narrowRows = 12 // below which packing a slab of B costs more than it saves
	fewRows    = 64 // up to which it does if B has contiguous rows

	// Depths, k.
	thinDepth    = 2 // up to which storing C takes almost all of the time
	shallowDepth = 8 // below which it does if the rows of C are long, and B is not worth packing

	// Elements.
	swappedA = 1 << 12 // of A, above which swapping is worth a copy of C
	littleB  = 1 << 14 // of a B that stays in cache, whatever m is
	tinyB    = 1 << 12 // of a B that each thread packs for itself, rather than wait for the others
)

// planFor returns the plan of c = a·b:
//
//	way          who                                 which products
//	nothing                                          C is empty
//	outerProduct threads, rows of C                  k is 1, and B and C have contiguous rows
//	(swapped)    those below, of Cᵀ = Bᵀ·Aᵀ          C has contiguous columns; or C is narrow, or fills no
//	                                                 vectors, and A has contiguous columns
//	columns      threads, pieces of a row of C       C is one row, and B has contiguous columns
//	onePanel     the caller                          small ones of a panel,
//	panels       the caller                          and of several
//	prepacked    threads, blocks of C                B is packed
//	rowByRow     threads, pieces of rows of C        C is one row; or k is so small that storing C is the work
//	inPlace      threads, blocks of C                B has contiguous rows, and is used by few rows of A or fits a cache
//	packedPanel  threads, blocks of C                few rows, or a tiny B; or no more rows than a block's, for threads
//	packedSlab   threads, even parts or blocks of C  all others
func (e *Engine[T]) planFor(c, a, b *Mat[T], t traits) plan {
	m, n, k := c.Rows, c.Cols, a.Cols
	switch {
	case m == 0 || n == 0:
		return plan{way: nothing}
	case k == 1 && b.ColStride == 1 && c.ColStride == 1 && t&(scaledB|packed) == 0 && e.isa != portable:
		return plan{way: outerProduct, threads: e.threadsFrom(serialElements, int64(m)*int64(n))}
	case t&settled == 0 && (c.ColStride != 1 && c.RowStride == 1 || narrowC(c, a) || n == 1 && e.chains(m, c.RowStride, a.ColStride, t)):
		return e.planSwapped(c, a, b, t)
	case t&(settled|summed|packed) == 0 && e.wastesLanes(c, a):
		p := e.planSwapped(c, a, b, t)
		p.way = packedPanel // that all of Cᵀ's few rows use
		return p
	case m == 1 && b.ColStride != 1 && e.chains(n, c.ColStride, b.RowStride, t&^scaledA):
		return plan{way: columns, threads: e.threadsFrom(serialElements, int64(n)*int64(k))}
	}
	blk := e.blockingFor(n)
	volume, limit := int64(m)*int64(n)*int64(k), int64(undividedVolume)
	switch {
	case m == 1:
		limit = undividedVolumeOfRow
	case b.ColStride == 1 && e.threads > 1:
		limit = e.serialVolume()
	case b.ColStride == 1:
		limit = undividedVolumeAlone
	}
	switch {
	case volume >= limit || t&(scaledA|scaledB|packed) != 0 || c.ColStride != 1:
	case n <= blk.nr && k <= blk.kc && m <= blk.mc:
		return plan{way: onePanel, blocking: blk}
	default:
		return plan{way: panels, blocking: blk}
	}
	return plan{e.sharedWay(blk, c, a, b, t), false, blk, e.threadsFor(volume)}
}

// threadsFor returns how many threads a product of this volume is worth.
func (e *Engine[T]) threadsFor(volume int64) int { return e.threadsFrom(e.serialVolume(), volume) }

func (e *Engine[T]) threadsFrom(least, work int64) int {
	if work < least {
		return 1
	}
	return e.threads
}

// serialVolume is the volume that a thread computes in about 4 µs. Where a message to another
// core and back takes 0.5 µs, on a Zen 5, a second thread helps from 5 µs on at AVX2 and AVX-512.
func (e *Engine[T]) serialVolume() int64 { return int64(shapes[e.isa].lanes) * serialVolume }

// chains reports whether the kernel for chains over columns of B can compute a C of one
// row: of n elements that lie stride apart, where the elements of a column lie along apart.
func (e *Engine[T]) chains(n, stride, along int, t traits) bool {
	return n >= shapes[e.isa].square && stride == 1 && along == 1 && t&(scaledA|scaledB|summed|packed) == 0 && e.isa != portable
}

// narrowC reports whether the panels of C would be narrow and those of Cᵀ full.
func narrowC[T Float](c, a *Mat[T]) bool {
	return c.Cols < narrowRows && c.Rows > 2*c.Cols && a.RowStride == 1 && a.ColStride != 1 && c.Rows*a.Cols > swappedA
}

// wastesLanes reports whether vectors that hold rows of C would be a tenth wider than C, and those
// that hold columns would not, of which A packs many. Depth 300 and 1024, on a Zen 5 at AVX-512:
// products of 3072×50 with A transposed reach 119 and 112 GFLOP/s, swapped 144 and 140; of
// 3072×100 146 and 138, swapped 161 and 156; of 3072×75, which almost fills its
// vectors, 163 and 138, swapped 150 and 145.
func (e *Engine[T]) wastesLanes(c, a *Mat[T]) bool {
	s := &shapes[e.isa]
	return s.lanes*s.size == 64 && 10*roundUp(c.Cols, s.lanes) >= 11*c.Cols && c.Cols >= narrowRows && c.Rows >= 512 &&
		c.ColStride == 1 && a.RowStride == 1 && a.ColStride != 1 && a.Cols >= 64
}

// planSwapped returns the plan of Cᵀ = Bᵀ·Aᵀ. α stays with the elements of A.
func (e *Engine[T]) planSwapped(c, a, b *Mat[T], t traits) plan {
	if t&scaledA != 0 {
		t ^= scaledA | scaledB
	}
	cT, aT, bT := c.T(), a.T(), b.T()
	p := e.planFor(&cT, &bT, &aT, t|settled)
	p.swapped = true
	return p
}

// sharedWay returns the way of a product that is divided into blocks.
func (e *Engine[T]) sharedWay(blk *blocking, c, a, b *Mat[T], t traits) way {
	m, n, k := c.Rows, c.Cols, a.Cols
	asItIs := b.ColStride == 1 && t&scaledB == 0 // B's rows are contiguous, and no α need be packed into them
	switch {
	case t&packed != 0:
		return prepacked
	case asItIs && t&(scaledA|summed) == 0 && c.ColStride == 1 && k > 0 && e.isa != portable &&
		(m == 1 || k <= thinDepth || k < shallowDepth && n >= 4*blk.nr):
		return rowByRow
	case asItIs && (m <= fewRows || k < shallowDepth || k*n <= blk.loose && !aliased(b) && (m <= e.processor.someRows || k*n <= littleB)):
		return inPlace
	case m < narrowRows || k < shallowDepth && m <= blk.mc || k*n <= tinyB:
		return packedPanel
	case e.threads > 1 && b.ColStride != 1 && t&scaledB == 0 && m < 2*blk.rowsFor(k) && (n >= panelsPerThread*e.threads*blk.nr || k*n <= littleB):
		return packedPanel // for which threads need not meet
	}
	return packedSlab
}

// aliased reports whether so many rows of B are 4 KB apart, or a multiple of that, that they
// contend for a few sets of the caches. On a Sapphire Rapids, products of 300×1024×512 reach 113
// GFLOP/s with such a B in place, and 163 packed; of 80×1024×512 121 and 133.
func aliased[T Float](b *Mat[T]) bool {
	return b.Rows > 64 && b.RowStride*int(unsafe.Sizeof(b.Data[0]))%4096 == 0
}
