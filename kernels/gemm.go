package kernels

import (
	"fmt"
	"math"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// Gemm computes C ← α·A·B + β·C, where C is m×n, A is m×k and B is k×n.
//
// Every element is one chain of fused multiply-adds over ascending p,
//
//	s ← β·c[i,j];  s ← fma(α·a[i,p], b[p,j], s) for p = 0 … k-1;  c[i,j] ← s
//
// so its bits depend on row i of A, column j of B and c[i,j] alone. With
// γ = k·ε/(1-k·ε), where ε is half the spacing of floats at 1, and with
// β = 0 and α = 1 the error is at most γ·Σ|a[i,p]|·|b[p,j]| (Higham, Accuracy
// and Stability of Numerical Algorithms, §3.1); other α and β add a rounding
// each. At level [Generic], where that does not fuse, every step rounds twice.
//
// NaN and Inf propagate: no zero is skipped. β = 0 does not read C. Where several
// NaNs meet, which of them results is not defined: it depends on the shape. Each
// product or sum that is subnormal adds up to half of the smallest float to the
// error.
//
// C must not overlap A or B. Gemm panics if the shapes do not fit, if a view
// exceeds its data, if elements of C overlap, or if C shares an element with A or
// B where that is cheap to know: in views that begin or end together, of which
// one has no gaps, or that have the same strides. Others that overlap, such as a
// block and a transposed block of one matrix, are not found, and give results
// that depend on the level.
func (e *Engine[T]) Gemm(c Mat[T], alpha T, a, b Mat[T], beta T) {
	checkProduct("Gemm", "c", &c, "a", &a, "b", &b)
	e.gemm(&c, alpha, &a, &b, beta, &panel.Epilogue[T]{})
}

// checkProduct panics unless c = a·b fits.
func checkProduct[T Float](op, cName string, c *Mat[T], aName string, a *Mat[T], bName string, b *Mat[T]) {
	c.checkOutput(op, cName)
	a.check(op, aName)
	b.check(op, bName)
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, %s is %d×%d, %s is %d×%d", op, cName, c.Rows, c.Cols, aName, a.Rows, a.Cols, bName, b.Rows, b.Cols))
	}
	distinct(op, cName, c, aName, a)
	distinct(op, cName, c, bName, b)
}

// gemm computes a product with an epilogue, for which the rows of c must be
// contiguous.
func (e *Engine[T]) gemm(c *Mat[T], alpha T, a, b *Mat[T], beta T, f *panel.Epilogue[T]) {
	switch {
	case c.empty():
	case isSmall(e.threads, c, a, b) && alpha == 1 && c.ColStride == 1 && !(f.None() && betterSwapped(c, a)):
		e.small(c, a, b, beta, f)
	case f.None() && (c.ColStride != 1 && c.RowStride == 1 || betterSwapped(c, a)):
		// Cᵀ = Bᵀ·Aᵀ. α stays with the elements of A.
		g := e.product(c.T(), b.T(), a.T(), beta, f)
		g.alphaB = alpha
		g.do()
	default:
		g := e.product(*c, *a, *b, beta, f)
		g.alphaA = alpha
		g.do()
	}
}

// isSmall reports whether a product is not worth a division into pieces.
func isSmall[T Float](threads int, c, a, b *Mat[T]) bool {
	limit := smallBelow
	if c.Rows == 1 {
		limit = rowBelow
	} else if b.ColStride == 1 && threads > 1 {
		limit = serialBelow
	} else if b.ColStride == 1 {
		limit = plainBelow
	}
	return c.Rows*c.Cols*a.Cols < limit
}

// betterSwapped reports whether c = a·b is faster as cᵀ = bᵀ·aᵀ, since the
// panels of cᵀ are full where those of c are narrow.
func betterSwapped[T Float](c, a *Mat[T]) bool {
	return c.Cols < narrow && c.Rows > 2*c.Cols && a.RowStride == 1 && a.ColStride != 1 && c.Rows*a.Cols > swappedFrom
}

// Measured with BenchmarkGemmThresholds.
const (
	// smallBelow is the m·n·k under which packing for all costs more than it
	// saves.
	smallBelow = 48 * 48 * 48
	rowBelow   = 4096 // if C is one row
	// plainBelow is the m·n·k under which one thread need not divide a product
	// whose B has contiguous rows, and serialBelow that under which a second
	// thread costs more than it saves.
	plainBelow  = 80 * 80 * 80
	serialBelow = 60 * 60 * 60
	// swappedFrom is the m·k from which a transposed product is worth a copy of C.
	swappedFrom = 4096
	// narrow is the m, and shallow the k, under which packing costs more than it
	// saves for any size, and few the m of a B whose rows are contiguous.
	narrow  = 12
	shallow = 8
	few     = 64
	// little is the k·n of a B that stays in cache for any m, tiny that up to which
	// threads rather pack B for themselves than wait for each other.
	little = 1 << 14
	tiny   = 1 << 12
	// thin is the k up to which storing C is all the work, shallow that for
	// long rows.
	thin = 2
	// piecesPerThread lets a thread that starts late leave work to the others:
	// a piece counts as much longer as its part of this.
	piecesPerThread = 4
	// pieceCost is what a piece costs, in multiply-adds.
	pieceCost = 1 << 14
)

// startOf returns how chains with a β begin.
func startOf[T Float](beta T) int {
	switch beta {
	case 0:
		return panel.FromZero
	case 1:
		return panel.FromC
	}
	return panel.FromBetaC
}

// small multiplies on the caller's thread. It reads A where it is, and B too if
// its rows are contiguous.
func (e *Engine[T]) small(c, a, b *Mat[T], beta T, f *panel.Epilogue[T]) {
	blk := e.blockingFor(c.Cols)
	if c.Cols > blk.nr || a.Cols > blk.kc || c.Rows > blk.mc {
		e.panels(blk, c, a, b, beta, f)
		return
	}
	var p panel.Args[T] // set field by field: a literal would be made elsewhere and copied
	p.M, p.N, p.K = c.Rows, c.Cols, a.Cols
	p.A, p.ARow, p.ACol, p.ATile = a.Data, a.RowStride, a.ColStride, blk.mr*a.RowStride
	p.B, p.BRow = b.Data, b.RowStride
	p.C, p.CRow = c.Data, c.RowStride
	p.Start, p.Beta, p.Epilogue = startOf(beta), beta, *f
	var scratch *buffer[T]
	if b.ColStride != 1 {
		scratch = e.pools.buffer(blk.kc * blk.nr)
		e.pack(scratch.data, 0, blk.nr, b.T(), 1)
		p.B, p.BRow = scratch.data, blk.nr
	}
	e.panel(&p)
	if scratch != nil {
		e.pools.buffers.Put(scratch)
	}
}

// panels is small for several panels, or for so many rows that the kernel would
// not return soon.
func (e *Engine[T]) panels(blk *blocking, c, a, b *Mat[T], beta T, f *panel.Epilogue[T]) {
	var scratch *buffer[T] // for a panel of B
	if b.ColStride != 1 {
		scratch = e.pools.buffer(blk.kc * blk.nr)
		defer e.pools.buffers.Put(scratch)
	}
	args := panel.Args[T]{
		ARow: a.RowStride, ACol: a.ColStride, ATile: blk.mr * a.RowStride,
		BRow: b.RowStride, CRow: c.RowStride, Start: startOf(beta), Beta: beta,
	}
	rows := blk.rowsFor(a.Cols)
	for p := 0; p == 0 || p < a.Cols; p += blk.kc {
		args.K = min(blk.kc, a.Cols-p)
		for j := 0; j < c.Cols; j += blk.nr {
			args.N = min(blk.nr, c.Cols-j)
			args.B = tail(b.Data, p*b.RowStride+j)
			if scratch != nil {
				e.pack(scratch.data, 0, blk.nr, b.Slice(p, p+args.K, j, j+args.N).T(), 1)
				args.B, args.BRow = scratch.data, blk.nr
			}
			for i := 0; i < c.Rows; i += rows {
				args.M = min(rows, c.Rows-i)
				args.A, args.C = tail(a.Data, i*a.RowStride+p*a.ColStride), c.Data[i*c.RowStride+j:]
				if p+args.K == a.Cols {
					args.Epilogue = f.From(i, j)
				}
				e.panel(&args)
			}
		}
		args.Start = panel.FromC
	}
}

// tail is s[i:], or nothing where a product of depth 0 has no elements.
func tail[T Float](s []T, i int) []T {
	if i >= len(s) {
		return nil
	}
	return s[i:]
}

// product is a call of Gemm. Its five loops are those of Goto and van de Geijn
// (Anatomy of High-Performance Matrix Multiplication, ACM TOMS 34(3), 2008),
// numbered as in BLIS: loops 5 and 4 pack B slab by slab, loop 3 hands blocks
// of C to threads, loops 2 and 1 walk a block panel by panel and tile by tile. A
// slab holds several panels' depth, so that most products need one: threads
// then meet twice, after packing and at the end.
type product[T Float] struct {
	engine         *Engine[T]
	c, a, b        Mat[T]
	alphaA, alphaB T // α, at whichever operand was A
	beta           T
	panel.Epilogue[T]
	blocking

	sums  []T        // of the columns of B, if they are wanted
	ready *Packed[T] // B, if it is packed already
	one   [1]T

	source       source
	p0, j0       int // the slab's first row and column in B
	depth, width int // its rows and columns
	packed       []T // its panels
	packing      bool
	panels       int // in one piece of packing
	rows, cols   int // of C in one piece of loop 3
	abreast      int // pieces of loop 3 side by side
}

// source is where the micro-kernel finds B.
type source int

const (
	inPlace     source = iota // its rows are contiguous and it is used too little to pack
	rowByRow                  // its rows are contiguous, and C is a row or of few steps
	packedPanel               // each piece packs the panels that it needs: no other does
	packedSlab                // packed once for all
)

// product returns a product to set up and do.
func (e *Engine[T]) product(c, a, b Mat[T], beta T, f *panel.Epilogue[T]) *product[T] {
	g := take[product[T]](&e.pools.products)
	g.engine, g.c, g.a, g.b, g.beta, g.Epilogue = e, c, a, b, beta, *f
	g.alphaA, g.alphaB, g.one = 1, 1, [1]T{1}
	g.blocking = *e.blockingFor(c.Cols)
	return g
}

// do multiplies and gives the product back.
func (g *product[T]) do() {
	threads := g.engine.threads
	if g.c.Rows*g.c.Cols*g.a.Cols < serialBelow {
		threads = 1
	}
	g.multiply(threads, g.bestSource())
	pool := &g.engine.pools.products
	*g = product[T]{}
	pool.Put(g)
}

func (g *product[T]) bestSource() source {
	m, n, k := g.c.Rows, g.c.Cols, g.a.Cols
	switch {
	case g.ready != nil:
		return packedSlab
	case (m == 1 || k <= thin || k < shallow && n >= 4*g.nr) && g.byRow():
		return rowByRow
	case (m <= few || k < shallow || k*n <= g.loose && (m <= 8*few || k*n <= little)) && g.b.ColStride == 1 && g.alphaB == 1:
		return inPlace
	case m < narrow || k < shallow && m <= g.mc || k*n <= tiny:
		return packedPanel
	}
	return packedSlab
}

// byRow reports whether rows of C may be computed on their own.
func (g *product[T]) byRow() bool {
	return g.engine.isa != portable && g.a.Cols > 0 && g.c.ColStride == 1 && g.b.ColStride == 1 &&
		g.alphaA*g.alphaB == 1 && g.sums == nil
}

func (g *product[T]) multiply(threads int, from source) {
	n, k := g.c.Cols, g.a.Cols
	g.source = from
	width, depth := n, max(1, k)
	switch {
	case g.ready != nil:
		g.packed = g.ready.data
	case from == packedSlab:
		width = min(g.nc, roundUp(n, g.nr))
		depth = max(1, g.slab/(width*g.kc)) * g.kc
		buf := g.engine.pools.buffer(min(depth, k) * width)
		defer g.engine.pools.buffers.Put(buf)
		g.packed = buf.data
	}
	for g.j0 = 0; g.j0 < n; g.j0 += width { // loop 5
		g.width = min(width, n-g.j0)
		pieces := g.divide(threads)
		for g.p0 = 0; g.p0 == 0 || g.p0 < k; g.p0 += depth { // loop 4
			g.depth = min(depth, k-g.p0)
			if from == packedSlab && g.ready == nil {
				g.pack(threads)
			}
			parallel(threads, pieces, g) // loop 3
		}
	}
}

// divide sets the size of the pieces of the slab's part of C, and returns
// their number. Of the heights whose block of A is as large as mc×kc at most it
// takes the one with which threads that take piece after piece are done first;
// pieces stand side by side where there are too few rows.
func (g *product[T]) divide(threads int) int {
	m := g.c.Rows
	g.rows = min(g.rowsFor(g.a.Cols), roundUp(m, g.mr))
	if threads > 1 {
		cost := pieceCost / (g.width * max(1, g.a.Cols)) // in rows
		least := math.MaxInt
		for rows := g.rows; rows >= min(g.rows, 2*g.mr); rows -= g.mr {
			end := makespan(m, rows, threads) + ceilDiv(ceilDiv(m, rows), threads)*cost + rows/piecesPerThread
			if end < least {
				least, g.rows = end, rows
			}
		}
	}
	down := ceilDiv(m, g.rows)
	g.abreast = 1
	if down < threads {
		g.abreast = min(ceilDiv(threads, down), ceilDiv(g.width, g.nr))
	}
	g.cols = roundUp(ceilDiv(g.width, g.abreast), g.nr)
	g.abreast = ceilDiv(g.width, g.cols)
	return down * g.abreast
}

// makespan is how many of m rows the busiest thread computes if threads take
// pieces of that many rows until none is left.
func makespan(m, rows, threads int) int {
	whole := m / rows
	if whole%threads == 0 {
		return whole/threads*rows + m%rows
	}
	return ceilDiv(whole, threads) * rows
}

// pack packs the slab.
func (g *product[T]) pack(threads int) {
	panels, down := ceilDiv(g.width, g.nr), ceilDiv(g.depth, g.kc)
	g.panels = max(1, min(panels, ceilDiv(panels*down, piecesPerThread*threads)))
	g.packing = true
	parallel(threads, down*ceilDiv(panels, g.panels), g)
	g.packing = false
}

// run does a piece: packs panels of the slab, or computes a block.
func (g *product[T]) run(piece int) {
	if g.packing {
		width := g.panels * g.nr
		across := ceilDiv(g.width, width)
		p, j := piece/across*g.kc, piece%across*width
		k := min(g.kc, g.depth-p)
		b := g.b.Slice(g.p0+p, g.p0+p+k, g.j0+j, g.j0+min(j+width, g.width))
		g.engine.pack(g.packed[p*roundUp(g.width, g.nr)+j*k:], k*g.nr, g.nr, b.T(), g.alphaB)
		return
	}
	i, j := piece/g.abreast*g.rows, piece%g.abreast*g.cols
	if g.source == rowByRow {
		g.rowwise(i, min(i+g.rows, g.c.Rows), j, min(j+g.cols, g.width))
		return
	}
	g.block(i, min(i+g.rows, g.c.Rows), j, min(j+g.cols, g.width))
}

// block adds the slab's part to rows [i0, i1) and columns [j0, j1) of the
// slab's columns of C.
func (g *product[T]) block(i0, i1, j0, j1 int) {
	args := panel.Args[T]{M: i1 - i0, Start: startOf(g.beta), Beta: g.beta}
	if g.p0 > 0 {
		args.Start = panel.FromC
	}
	var scratch, panelB *buffer[T] // panels of C, if its rows are not contiguous, and of B
	if g.c.ColStride != 1 {
		scratch = g.engine.pools.buffer(args.M * g.nr)
		defer g.engine.pools.buffers.Put(scratch)
	}
	if g.source == packedPanel {
		panelB = g.engine.pools.buffer(g.kc * g.nr)
		defer g.engine.pools.buffers.Put(panelB)
	}
	for p := 0; p == 0 || p < g.depth; p += g.kc {
		args.K = min(g.kc, g.depth-p)
		buf := g.blockOfA(&args, i0, i1, g.p0+p)
		for j := j0; j < j1; j += g.nr { // loop 2
			args.N = min(g.nr, j1-j)
			args.B, args.BRow = g.panelOfB(p, j, args.K, args.N, panelB)
			c := g.c.Slice(i0, i1, g.j0+j, g.j0+j+args.N)
			staged := c
			if scratch != nil {
				staged = NewMat(args.M, args.N, scratch.data)
				if args.Start != panel.FromZero {
					copyMat(staged, c)
				}
			}
			args.C, args.CRow = staged.Data, staged.RowStride
			if g.p0+p+args.K == g.a.Cols {
				args.Epilogue = g.Epilogue.From(i0, g.j0+j)
			}
			g.engine.panel(&args) // loop 1
			if scratch != nil {
				copyMat(c, staged)
			}
			if g.sums != nil && i0 == 0 {
				g.sum(&args, g.j0+j, g.p0+p)
			}
		}
		if buf != nil {
			g.engine.pools.buffers.Put(buf)
		}
		args.Start = panel.FromC
	}
}

// sum advances the sums of the columns of B from j by a panel from row p of B: one
// more row of C, whose row of A is all ones.
func (g *product[T]) sum(of *panel.Args[T], j, p int) {
	args := panel.Args[T]{M: 1, N: of.N, K: of.K, A: g.one[:], B: of.B, BRow: of.BRow, C: g.sums[j:], Start: panel.FromC}
	if p == 0 {
		args.Start = panel.FromZero
	}
	g.engine.panel(&args)
}

// panelOfB returns k rows of the slab from p and n columns from j as the
// micro-kernel reads them: element (p, j) is data[p*row+j].
func (g *product[T]) panelOfB(p, j, k, n int, buf *buffer[T]) (data []T, row int) {
	switch g.source {
	case inPlace:
		return tail(g.b.Data, (g.p0+p)*g.b.RowStride+g.j0+j), g.b.RowStride
	case packedPanel:
		b := g.b.Slice(g.p0+p, g.p0+p+k, g.j0+j, g.j0+j+n)
		g.engine.pack(buf.data, 0, g.nr, b.T(), g.alphaB)
		return buf.data, g.nr
	}
	return tail(g.packed, p*roundUp(g.width, g.nr)+j*k), g.nr
}

// blockOfA sets the block of A from row p of B on: in place where its rows are
// contiguous, since each is then read in order, or where at most two panels use it;
// else packed in the returned buffer.
func (g *product[T]) blockOfA(args *panel.Args[T], i0, i1, p int) *buffer[T] {
	a := g.a.Slice(i0, i1, p, p+args.K)
	if g.alphaA == 1 && (a.ColStride == 1 || g.c.Cols <= 2*g.nr) {
		args.A, args.ARow, args.ACol, args.ATile = a.Data, a.RowStride, a.ColStride, g.mr*a.RowStride
		return nil
	}
	tile := g.mr*a.Cols + shapes[g.engine.isa].slack
	buf := g.engine.pools.buffer(ceilDiv(a.Rows, g.mr) * tile)
	g.engine.pack(buf.data, tile, g.mr, a, g.alphaA)
	args.A, args.ARow, args.ACol, args.ATile = buf.data, 1, g.mr, tile
	return buf
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
func roundUp(a, b int) int { return ceilDiv(a, b) * b }

func copyMat[T Float](dst, src Mat[T]) {
	for i := range src.Rows {
		d, s := dst.Data[i*dst.RowStride:], src.Data[i*src.RowStride:]
		for j := range src.Cols {
			d[j*dst.ColStride] = s[j*src.ColStride]
		}
	}
}
