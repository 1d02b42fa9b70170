package kernels

import "github.com/lanes-ml/lanes/kernels/internal/panel"

// structure is what a product of level 3 knows of its operands, beside their views. The
// zero value is that of Gemm.
type structure struct {
	wanted     wanted
	mirrored   mirrored
	uplo       Uplo // of the packed operand's rows, if it is mirrored
	descending bool // steps of k descend; then k is at most kc, and B is packed
}

// wanted says which elements of C are computed.
type wanted uint8

const (
	wholeC wanted = iota
	upperPart
	lowerPart
)

// mirrored says which operand is symmetric, and has one triangle that is read.
type mirrored uint8

const (
	neither mirrored = iota
	operandA
	operandB
)

// structured returns a product to do, in which B is packed. It has its structure to be set,
// as that of the operands if it is not swapped. It returns nil if there is nothing to do.
func (e *Engine[T]) structured(c *Mat[T], alpha T, a, b *Mat[T], beta T) *product[T] {
	p := e.planFor(c, a, b, scaledB)
	none := &panel.Epilogue[T]{}
	if p.way == nothing {
		return nil
	}
	if p.swapped {
		cT, aT, bT := c.T(), a.T(), b.T()
		g := e.product(p, &cT, &bT, &aT, beta, none)
		g.alphaB = alpha
		return g
	}
	g := e.product(p, c, a, b, beta, none)
	g.alphaA = alpha
	return g
}

// misses reports whether a block of C has no element that is wanted.
func (g *product[T]) misses(i0, i1, j0, j1 int) bool {
	return g.wanted == upperPart && i0 >= j1 || g.wanted == lowerPart && i1 <= j0
}

// divideTriangle makes blocks of C so small that threads, which take the large ones first,
// are done at about the same time.
func (g *product[T]) divideTriangle() {
	if g.threads > 1 {
		rows := roundUp(ceilDiv(g.c.Rows, 2*piecesPerThread*g.threads), g.mr)
		g.rows, g.cols = min(g.rows, max(rows, 2*g.mr)), roundUp(g.width, g.nr)
		g.part, g.whole = g.rows, ceilDiv(g.c.Rows, g.rows)*ceilDiv(g.width, g.cols)
	}
}

// triangleOf computes what is wanted of the panel of C from (i0, j) on: whole rows in
// place, and those that the diagonal cuts a few tiles at a time, through a stage.
func (g *product[T]) triangleOf(args panel.Args[T], i0, j int, staged *buffer[T]) {
	m, a, first := args.M, args.A, j-i0 // row first is cut at the panel's first column
	rows := func(lo, hi int) *panel.Args[T] {
		args.M, args.A = hi-lo, tail(a, lo/g.mr*args.ATile)
		return &args
	}
	strip := 2 * g.mr
	if g.wanted == upperPart {
		whole := max(0, min(first+1, m))
		if whole < m {
			whole = whole / g.mr * g.mr
		}
		if whole > 0 {
			g.tiles(rows(0, whole), i0, j, staged)
		}
		b, n, end := args.B, args.N, min(m, first+args.N)
		args.Padded = false // from column skip on
		for lo := whole; lo < end; lo += strip {
			hi, skip := min(lo+strip, end), max(0, lo-first)
			args.B, args.N = tail(b, skip), n-skip
			g.cutTiles(rows(lo, hi), i0+lo, j+skip, staged)
		}
		return
	}
	n, top := args.N, max(0, first)/g.mr*g.mr
	whole := min(m, max(0, roundUp(max(0, first+n-1), g.mr)))
	for lo := top; lo < whole; lo += strip {
		hi := min(lo+strip, whole)
		args.N = min(n, hi-first)
		g.cutTiles(rows(lo, hi), i0+lo, j, staged)
	}
	if args.N = n; whole < m {
		g.tiles(rows(whole, m), i0+whole, j, staged)
	}
}

// cutTiles runs the panel kernel on a copy of elements of C from (i, j) on, and copies back
// those that are wanted.
func (g *product[T]) cutTiles(args *panel.Args[T], i, j int, buf *buffer[T]) {
	c, staged := g.c.Slice(i, i+args.M, j, j+args.N), NewMat(args.M, args.N, buf.data)
	if args.Start != panel.FromZero {
		g.copyWanted(staged, c, i-j)
	}
	args.C, args.CRow = staged.Data, staged.RowStride
	g.engine.panel(args)
	g.copyWanted(c, staged, i-j)
}

// copyWanted copies the wanted elements of a block of C, whose first row is so much further
// down than its first column is to the right.
func (g *product[T]) copyWanted(dst, src Mat[T], down int) {
	for r := range src.Rows {
		lo, hi := max(0, r+down), src.Cols
		if g.wanted == lowerPart {
			lo, hi = 0, min(src.Cols, r+down+1)
		}
		if lo >= hi {
			continue
		}
		if dst.ColStride == 1 && src.ColStride == 1 {
			copy(dst.Row(r)[lo:hi], src.Row(r)[lo:hi])
		} else {
			copyMat(dst.Slice(r, r+1, lo, hi), src.Slice(r, r+1, lo, hi))
		}
	}
}

// packMirrored packs rows [i0, i1) and columns [p0, p1) of a symmetric matrix, as pack does,
// from the triangle uplo.
func (e *Engine[T]) packMirrored(dst []T, tile, width int, m *Mat[T], uplo Uplo, i0, i1, p0, p1 int, alpha T) {
	mT := m.T()
	left, right := m, &mT // of the diagonal
	if uplo == Upper {
		left, right = right, left
	}
	for lo := i0; lo < i1; lo += width {
		d, hi := dst[(lo-i0)/width*tile:], min(lo+width, i1)
		if q := min(p1, lo); q > p0 {
			e.pack(d, 0, width, left.Slice(lo, hi, p0, q), alpha)
		}
		q0, q1 := max(p0, lo), min(p1, hi) // the columns that the diagonal cuts
		for q := q0; q < q1; q++ {
			column := d[(q-p0)*width:]
			for i := lo; i < q; i++ {
				column[i-lo] = T(alpha * right.Data[i*right.RowStride+q*right.ColStride])
			}
			for i := q; i < hi; i++ {
				column[i-lo] = T(alpha * left.Data[i*left.RowStride+q*left.ColStride])
			}
		}
		if q := max(p0, hi); q < p1 {
			e.pack(d[(q-p0)*width:], 0, width, right.Slice(lo, hi, q, p1), alpha)
		}
	}
}
