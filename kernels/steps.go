package kernels

import "math"

// steps are the steps of the outer loops of a product, which threads share.
type steps struct {
	width int // loop 5: columns of a slab of B
	depth int // loop 4: rows of a slab of B
	rows  int // loop 3: rows of a block of C
	cols  int // loop 3: columns of a block, less than width if rows are too few for the threads
	whole int // blocks that one thread does; those behind them are divided
	part  int // rows of a part of one
	deep  int // loop 2: rows of a panel of B
}

const (
	// pieceCost is what a piece costs, in multiply-adds.
	pieceCost = 1 << 14
	// piecesPerThread lets the others take work from a thread that starts late: the
	// time of the last piece counts as 1/piecesPerThread longer.
	piecesPerThread = 4
	// panelsPerThread is how many panels of B there are for each thread at least, if threads
	// are to pack panels of their own, and not all of a little B.
	panelsPerThread = 2
	// fewThreads is how many threads find enough work in a slab of nc columns, after which
	// they meet.
	fewThreads = 4
	// evenPart says what division is good enough: one that ends later than an even one by
	// at most 1/evenPart.
	evenPart = 32
	// leastDivided is how many multiply-adds of a thread are worth more than a division into
	// rows, if there is a tile of them for each piece: beside each other, blocks of 100×50×1024
	// take 1.2 times as long at AVX2.
	leastDivided = 256 * pieceCost
	// mostParts is how many parts a block is divided into at most.
	mostParts = 16
	// mostRounds is how many blocks for each thread are tried, if fewer can do.
	mostRounds = 6
	// rereads is what a block costs, in rows, because it reads B again, from a cache that may
	// be another core's. It costs farReads times as much where B overflows half of a second level.
	rereads, farReads = 4, 4
	// trialCost is how many multiply-adds of a thread one more trial is worth: it takes
	// 10 ns. leastTrials are made for any product.
	trialCost, leastTrials = 1 << 15, 4
)

// steps returns the steps of the loops.
func (p plan) steps(m, n, k int) steps {
	s := steps{width: n, depth: max(1, k), rows: min(p.rowsFor(k), roundUp(m, p.mr)), deep: p.kc}
	if p.way == packedSlab {
		slab, most := p.slab*min(p.threads, mostShares), p.nc
		if p.threads > fewThreads { // a slab of all rows of B, if it may be as wide
			most = max(most, slab/roundUp(max(1, k), p.kc)/p.nr*p.nr)
		}
		s.width = roundUp(ceilDiv(n, ceilDiv(n, most)), p.nr)
		s.depth = max(1, slab/(s.width*p.kc)) * p.kc
	}
	once := p.way == packedPanel && m < 2*s.rows && (p.swapped || p.threads > 1)
	if once {
		s.rows = roundUp(m, p.mr) // so that a panel is packed once
	}
	s.cols = roundUp(s.width, p.nr)
	switch {
	case p.threads == 1:
	case p.way == rowByRow:
		s.divideLong(p.blocking, p.threads, m)
	case once && k*n > littleB && s.cols >= panelsPerThread*p.threads*p.nr:
		s.divide(p.blocking, p.threads, m, max(1, k))
		return s
	default:
		most := s.rows
		even := s.divideRows(p.blocking, p.threads, m, max(1, k))
		small := m >= piecesPerThread*p.threads*p.mr && int64(m)*int64(n)*int64(k) < int64(p.threads)*leastDivided
		if !even && !small {
			s.rows = most
			s.divide(p.blocking, p.threads, m, min(max(1, k), s.depth))
			return s
		}
	}
	s.part, s.whole = s.rows, ceilDiv(m, s.rows)*ceilDiv(s.width, s.cols)
	return s
}

// divideLong sets blocks of few rows, which are as wide as they can be: a narrow one would
// meet a few elements of each of B's rows, which may lie in as many pages.
func (s *steps) divideLong(b *blocking, threads, m int) {
	s.rows = min(s.rows, roundUp(ceilDiv(m, piecesPerThread*threads), b.mr))
	if down := ceilDiv(m, s.rows); down < threads {
		abreast := min(ceilDiv(threads, down), ceilDiv(s.width, b.nr))
		s.cols = roundUp(ceilDiv(s.width, abreast), b.nr)
	}
}

// divideRows sets rows, of at most what s has, so that threads which take blocks as wide as
// the slab one after another are done first. It reports whether that is nearly even.
func (s *steps) divideRows(b *blocking, threads, m, k int) bool {
	cost := rereads
	if 3*s.width*k > b.slab { // which is 1.5 times the level or more
		cost *= farReads
	}
	cost += pieceCost / (s.width * k) // in rows
	least, most := math.MaxInt, s.rows
	for rows := most; rows >= min(most, 2*b.mr); rows -= b.mr {
		end := makespan(m, rows, threads) + ceilDiv(ceilDiv(m, rows), threads)*cost + rows/piecesPerThread
		if end < least {
			least, s.rows = end, rows
		}
	}
	return (makespan(m, s.rows, threads)*threads-m)*evenPart <= m
}

// makespan returns how many of m rows the busiest thread computes if threads take pieces
// of so many rows until none is left.
func makespan(m, rows, threads int) int {
	whole := m / rows
	if whole%threads == 0 {
		return whole/threads*rows + m%rows
	}
	return ceilDiv(whole, threads) * rows
}

// divide sets the blocks so that threads which take one after another are done first. It tries
// heights of at most the rows that s has, and beside each other as many blocks as make a whole
// number of rounds of the threads. In the last rounds threads may take parts of a block, so
// that all end together, also where one of them is slower. It stops when an end is good enough,
// or when trying more would take longer than it can save.
func (s *steps) divide(b *blocking, threads, m, k int) {
	panels, fixed := ceilDiv(s.width, b.nr), int64(pieceCost/k)
	total := int64(m) * int64(panels*b.nr)
	least, enough := int64(math.MaxInt64), total/int64(threads)+total/int64(evenPart*threads)
	left := leastTrials + total*int64(k)/int64(threads)/trialCost
	first, tiles := ceilDiv(m, s.rows), ceilDiv(m, b.mr)
	for down := first; down <= tiles && down <= first+2*threads; down++ {
		t := steps{rows: roundUp(ceilDiv(m, down), b.mr)}
		for rounds := ceilDiv(down, threads); rounds <= mostRounds || down == first; rounds++ {
			across := max(1, min(rounds*threads/down, panels))
			t.cols = ceilDiv(panels, across) * b.nr
			blocks := ceilDiv(m, t.rows) * ceilDiv(panels*b.nr, t.cols)
			for parts := 1; parts <= mostParts; parts *= 2 {
				t.part = roundUp(ceilDiv(t.rows, parts), b.mr)
				for late := range min(2, parts, blocks/threads+1) {
					t.whole = (blocks/threads - late) * threads
					if end := t.end(threads, blocks, total, fixed); end < least {
						least, s.rows, s.cols, s.whole, s.part = end, t.rows, t.cols, t.whole, t.part
					}
					if left--; left < 0 || least <= enough {
						return
					}
				}
			}
			if across == panels || rounds >= mostRounds {
				break
			}
		}
	}
}

// end estimates when the threads are done with so many blocks, which are total elements of C,
// if a piece costs fixed elements beside its own, and one for each row and column, whose A or
// B it reads first. Threads that take pieces in turn end at most one piece after the mean.
func (s *steps) end(threads, blocks int, total, fixed int64) int64 {
	whole, part, cols := int64(s.rows)*int64(s.cols), int64(s.part)*int64(s.cols), int64(s.cols)
	aside := int64(s.rows) + cols + fixed
	end := int64(s.whole/threads) * (whole + aside)
	if s.whole == blocks {
		return end + (whole+aside)/piecesPerThread
	}
	aside = int64(s.part) + cols + fixed
	pieces := int64(blocks-s.whole) * int64(ceilDiv(s.rows, s.part))
	rest := max(0, total-int64(s.whole)*whole) + pieces*aside
	rounds := (pieces + int64(threads) - 1) / int64(threads)
	return end + min(rounds*(part+aside), rest/int64(threads)+part+aside) + (part+aside)/piecesPerThread
}

// pieces is how many pieces a slab of that width is divided into, whose blocks are in m rows.
func (s *steps) pieces(m, width int) int {
	blocks := ceilDiv(m, s.rows) * ceilDiv(width, s.cols)
	whole := min(s.whole, blocks)
	return whole + (blocks-whole)*ceilDiv(s.rows, s.part)
}

// piece returns the rows and the columns of a piece, which may have no rows.
func (s *steps) piece(piece, m, width int) (i0, i1, j0, j1 int) {
	block, part, rows := piece, 0, s.rows
	if piece >= s.whole {
		parts := ceilDiv(s.rows, s.part)
		block, part, rows = s.whole+(piece-s.whole)/parts, (piece-s.whole)%parts, s.part
	}
	across := ceilDiv(width, s.cols)
	top := block / across * s.rows
	i0 = top + part*s.part
	i1 = min(i0+rows, top+s.rows, m)
	j0 = block % across * s.cols
	return i0, i1, j0, min(j0+s.cols, width)
}
