package kernels

// parts divide C into parts of whole rows, or of whole columns, each of which one thread
// computes as a product of its own. It packs what it needs of B, so that threads need not meet,
// and read nothing that another has packed, which may lie in the caches of another core: on a
// Zen 5 whose two cores are 0.5 µs apart, there and back, two threads multiply 300×3072 and
// 3072×1024 at 370 GFLOP/s so, and at 305 from slabs that they pack together.
type parts struct {
	count  int // 0 if threads share slabs
	ofRows bool
}

// Losses are in 1/1024 of the time of a product.
const (
	mostLoss   = 48 // of a division into parts
	partsEach  = 4  // parts for a thread at most, of which others take some if it is slower
	leastTiles = 8  // of rows or columns of a part, if a thread has several
	// repacking is what packing an element of an operand costs, in multiply-adds.
	repacking = 20
)

// parts returns the parts of an m×n matrix C that lose least: because threads have more tiles to
// compute than others, or because all of B is packed for each, or of an A that is packed.
func (p plan) parts(m, n int, packsA bool) (best parts) {
	if p.way != packedSlab || p.threads == 1 {
		return parts{}
	}
	least := mostLoss + 1
	for _, ofRows := range []bool{false, true} {
		tiles, again := ceilDiv(n, p.nr), 0
		if ofRows {
			tiles, again = ceilDiv(m, p.mr), 1024*repacking/m
		} else if packsA {
			again = 1024 * repacking / n
		}
		idle := 1024*roundUp(tiles, p.threads)/tiles - 1024
		for each := partsEach; each >= 1; each /= 2 {
			count, enough := each*p.threads, each*p.threads
			if each > 1 {
				enough *= leastTiles
			}
			if loss := idle + again*count; loss < least && tiles >= enough {
				least, best = loss, parts{count, ofRows}
			}
		}
	}
	return best
}

// bounds returns the rows and the columns of part i of an m×n matrix.
func (p parts) bounds(i, m, n int, b *blocking) (i0, i1, j0, j1 int) {
	between := func(size, tile int) (int, int) {
		tiles := ceilDiv(size, tile)
		return tiles * i / p.count * tile, min(tiles*(i+1)/p.count*tile, size)
	}
	if p.ofRows {
		i0, i1 = between(m, b.mr)
		return i0, i1, 0, n
	}
	j0, j1 = between(n, b.nr)
	return 0, m, j0, j1
}

// eachPart are the tasks that compute parts.
type eachPart[T Float] product[T]

func (t *eachPart[T]) run(piece int) {
	g := (*product[T])(t)
	i0, i1, j0, j1 := g.parts.bounds(piece, g.c.Rows, g.c.Cols, g.blocking)
	h := take[product[T]](&g.engine.pools.products)
	*h = *g
	h.c, h.a, h.b = g.c.Slice(i0, i1, j0, j1), g.a.Slice(i0, i1, 0, g.a.Cols), g.b.Slice(0, g.b.Rows, j0, j1)
	h.Epilogue = g.Epilogue.From(i0, j0)
	h.parts, h.threads, h.sums = parts{}, 1, nil
	if g.sums != nil && i0 == 0 {
		h.sums = g.sums[j0:]
	}
	h.steps = h.plan.steps(h.c.Rows, h.c.Cols, h.a.Cols)
	h.do()
}
