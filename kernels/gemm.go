package kernels

import (
	"fmt"

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
	if alpha == 1 && e.isSmall(&c, &a, &b) {
		e.small(1, &c, 0, &a, 0, &b, 0, beta)
		return
	}
	checkProduct("Gemm", "c", &c, "a", &a, "b", &b)
	e.gemm(&c, alpha, &a, &b, beta, &panel.Epilogue[T]{})
}

// checkProduct panics unless c = a·b fits.
func checkProduct[T Float](op, cName string, c *Mat[T], aName string, a *Mat[T], bName string, b *Mat[T]) {
	if !(c.plain() && c.RowStride >= c.Cols && a.plain() && b.plain()) {
		c.checkOutput(op, cName)
		a.check(op, aName)
		b.check(op, bName)
	}
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, %s is %d×%d, %s is %d×%d", op, cName, c.Rows, c.Cols, aName, a.Rows, a.Cols, bName, b.Rows, b.Cols))
	}
	distinct(op, cName, c, aName, a)
	distinct(op, cName, c, bName, b)
}

// gemm computes a product with an epilogue, which requires that the rows of c are
// contiguous.
func (e *Engine[T]) gemm(c *Mat[T], alpha T, a, b *Mat[T], beta T, f *panel.Epilogue[T]) {
	var t traits
	if alpha != 1 {
		t |= scaledA
	}
	if !f.None() {
		t |= settled
	}
	e.compute(e.planFor(c, a, b, t), c, alpha, a, b, beta, f)
}

// compute does what the plan says.
func (e *Engine[T]) compute(p plan, c *Mat[T], alpha T, a, b *Mat[T], beta T, f *panel.Epilogue[T]) {
	switch {
	case p.way == nothing:
	case p.swapped:
		e.gemmSwapped(p, c, alpha, a, b, beta)
	case p.way == outerProduct:
		e.outerProduct(p.threads, c, alpha, a, b, beta, f)
	case p.way == columns:
		e.rowTimesColumns(p.threads, c, alpha, a, b, beta, f)
	case p.way == onePanel:
		e.onePanel(p.blocking, c, a, b, beta, f)
	case p.way == panels:
		e.panels(p.blocking, c, a, b, beta, f)
	default:
		g := e.product(p, c, a, b, beta, f)
		g.alphaA = alpha
		g.do()
	}
}

// gemmSwapped computes Cᵀ = Bᵀ·Aᵀ. α stays with the elements of A.
func (e *Engine[T]) gemmSwapped(p plan, c *Mat[T], alpha T, a, b *Mat[T], beta T) {
	cT, bT, aT, f := c.T(), b.T(), a.T(), panel.Epilogue[T]{}
	switch p.way {
	case outerProduct:
		e.outerProduct(p.threads, &cT, 1, &bT, &aT, beta, &f)
	case columns:
		e.rowTimesColumns(p.threads, &cT, 1, &bT, &aT, beta, &f)
	case onePanel, panels:
		e.panels(p.blocking, &cT, &bT, &aT, beta, &f)
	default:
		g := e.product(p, &cT, &bT, &aT, beta, &f)
		g.alphaB = alpha
		g.do()
	}
}

// product is a call of Gemm that is divided. Its five loops are those of Goto and van de
// Geijn (Anatomy of High-Performance Matrix Multiplication, ACM TOMS 34(3), 2008), numbered
// as in BLIS. Loops 5 and 4 pack B slab by slab. Loop 3 hands blocks of C to threads, whose
// block of A stays in the second-level cache. Loop 2 walks a block panel by panel, and loop
// 1, which is the panel kernel, tile by tile, while the panel of B stays in the first-level
// cache and the tile in registers. Threads meet twice for a slab: after packing, and when
// its blocks are done. A slab is smaller than BLIS's, so that the second-level caches of the
// threads nearly hold it: to write it to memory and read it back costs more than to meet.
type product[T Float] struct {
	engine         *Engine[T]
	c, a, b        Mat[T]
	alphaA, alphaB T // α, at whichever operand was A
	beta           T
	panel.Epilogue[T]
	plan
	parts
	steps
	structure

	sums []T  // of the columns of B, or nil
	one  [1]T // a row of A that sums them

	packed         []T // the slab, or all of B
	p0, p1, j0, j1 int // the slab's rows and columns in B
	task           int // panels of the slab in a task of packing
}

// product returns a product to set up and do.
func (e *Engine[T]) product(p plan, c, a, b *Mat[T], beta T, f *panel.Epilogue[T]) *product[T] {
	g := take[product[T]](&e.pools.products)
	g.engine, g.c, g.a, g.b, g.beta, g.Epilogue, g.plan = e, *c, *a, *b, beta, *f, p
	g.steps = p.steps(c.Rows, c.Cols, a.Cols)
	if c.ColStride != 1 && p.way == inPlace && c.Rows <= 2*p.mr {
		// Two tiles gain little from a panel that stays in cache, and C is copied for each.
		g.deep = max(p.kc, mostOfCall/(2*p.mr*p.nr))
	}
	g.alphaA, g.alphaB, g.one = 1, 1, [1]T{1}
	return g
}

// do computes the product, and returns g to its pool.
func (g *product[T]) do() {
	if g.structure == (structure{}) {
		g.parts = g.plan.parts(g.c.Rows, g.c.Cols, g.a.ColStride != 1 || g.alphaA != 1)
	}
	if g.parts.count > 0 {
		parallel(g.threads, g.parts.count, true, (*eachPart[T])(g))
	} else {
		g.multiply()
	}
	pool := &g.engine.pools.products
	*g = product[T]{}
	pool.Put(g)
}

func (g *product[T]) multiply() {
	n, k := g.c.Cols, g.a.Cols
	if g.way == packedSlab {
		buf := g.engine.pools.buffer(min(g.depth, k) * g.width)
		defer g.engine.pools.buffers.Put(buf)
		g.packed = buf.data
	}
	for g.j0 = 0; g.j0 < n; g.j0 += g.width { // loop 5
		g.j1 = min(g.j0+g.width, n)
		for g.p0 = 0; g.p0 == 0 || g.p0 < k; g.p0 += g.depth { // loop 4
			g.p1 = min(g.p0+g.depth, k)
			if g.way == packedSlab {
				parallel(g.threads, g.packings(), true, (*packing[T])(g))
			}
			pieces := g.pieces(g.c.Rows, g.j1-g.j0)
			parallel(g.threads, pieces, pieces <= g.whole, (*blocks[T])(g)) // loop 3
		}
	}
}

// blocks are the tasks of loop 3: blocks of C, and parts of them.
type blocks[T Float] product[T]

func (t *blocks[T]) run(piece int) {
	g := (*product[T])(t)
	if g.wanted == lowerPart { // long rows first
		piece = g.pieces(g.c.Rows, g.j1-g.j0) - 1 - piece
	}
	i0, i1, j0, j1 := g.piece(piece, g.c.Rows, g.j1-g.j0)
	switch {
	case i0 >= i1 || g.misses(i0, i1, g.j0+j0, g.j0+j1):
	case g.way == rowByRow:
		g.rowwise(i0, i1, g.j0+j0, g.j0+j1)
	default:
		g.block(i0, i1, g.j0+j0, g.j0+j1)
	}
}

// block adds the slab's part to rows [i0, i1) and columns [j0, j1) of C.
func (g *product[T]) block(i0, i1, j0, j1 int) {
	args := panel.Args[T]{M: i1 - i0, Start: startOf(g.beta), Beta: g.beta, Padded: g.way != inPlace}
	if g.p0 > 0 {
		args.Start = panel.FromC
	}
	var staged, panelB *buffer[T] // panels of C, if its rows are not contiguous, and of B
	if g.c.ColStride != 1 || g.wanted != wholeC {
		staged = g.engine.pools.buffer(args.M * g.nr)
		defer g.engine.pools.buffers.Put(staged)
	}
	if g.way == packedPanel {
		panelB = g.engine.pools.buffer(g.deep * g.nr)
		defer g.engine.pools.buffers.Put(panelB)
	}
	size := shapes[g.engine.isa].size
	if g.packed != nil {
		args.NextStride = ceilDiv(2*g.mr*g.nr*size, args.M)
	}
	for p := g.p0; p == g.p0 || p < g.p1; p += g.deep {
		args.K = min(g.deep, g.p1-p)
		buf := g.blockOfA(&args, i0, i1, p)
		if g.descending {
			args.A, args.ACol = args.A[(args.K-1)*args.ACol:], -args.ACol
		}
		for j := j0; j < j1; j += g.nr { // loop 2
			args.N = min(g.nr, j1-j)
			args.B, args.BRow = g.panelOfB(p, j, args.K, args.N, panelB)
			if g.packed != nil {
				args.Next = g.panelAfter(p, j, j0, j1)
			}
			if panelB != nil && g.b.ColStride == 1 && g.mirrored != operandB {
				args.Next, args.NextStride = nil, g.b.RowStride*size
				if j+g.nr < j1 {
					args.Next = tail(g.b.Data, p*g.b.RowStride+j+g.nr)
				}
			}
			if g.descending {
				args.B, args.BRow = args.B[(args.K-1)*args.BRow:], -args.BRow
			}
			if p+args.K == g.a.Cols {
				args.Epilogue = g.Epilogue.From(i0, j)
			}
			if g.wanted != wholeC {
				g.triangleOf(args, i0, j, staged)
			} else {
				g.tiles(&args, i0, j, staged)
			}
			if g.sums != nil && i0 == 0 {
				g.sum(&args, j, p)
			}
		}
		if buf != nil {
			g.engine.pools.buffers.Put(buf)
		}
		args.Start = panel.FromC
	}
}

// tiles runs the panel kernel, which is loop 1, on the panel of C from (i, j) on.
func (g *product[T]) tiles(args *panel.Args[T], i, j int, staged *buffer[T]) {
	if g.c.ColStride != 1 {
		g.throughStage(args, i, j, staged)
		return
	}
	args.C, args.CRow = g.c.Data[i*g.c.RowStride+j:], g.c.RowStride
	g.panel(args)
}

// panel runs the panel kernel. If each block packs its panels of B, it fetches what the next one
// is packed from: two tiles fetch a line of each row of it, so they have a call of their own.
func (g *product[T]) panel(args *panel.Args[T]) {
	const line = 64
	size, strip := shapes[g.engine.isa].size, 2*g.mr
	if g.way != packedPanel || args.M <= strip || !args.None() || g.engine.isa == portable {
		g.engine.panel(args)
		return
	}
	m, a, c, next := args.M, args.A, args.C, args.Next
	rest := mostOfCall / (g.nr * max(args.K, 32)) / g.mr * g.mr
	for lo, col := 0, 0; lo < m; lo, col = lo+args.M, col+line/size {
		args.M, args.Next = min(strip, m-lo), tail(next, col)
		if next == nil || col >= g.nr {
			args.M, args.Next = min(rest, m-lo), nil
		}
		args.A, args.C = tail(a, lo/g.mr*args.ATile), c[lo*args.CRow:]
		g.engine.panel(args)
	}
	args.M, args.A, args.C, args.Next = m, a, c, next
}

// throughStage runs the panel kernel on a copy of the panel of C from (i, j) on.
func (g *product[T]) throughStage(args *panel.Args[T], i, j int, buf *buffer[T]) {
	c, staged := g.c.Slice(i, i+args.M, j, j+args.N), NewMat(args.M, args.N, buf.data)
	if args.Start != panel.FromZero {
		g.engine.stage(staged, c)
	}
	args.C, args.CRow = staged.Data, staged.RowStride
	g.panel(args)
	g.engine.unstage(c, staged)
}

// stage copies c to a matrix with contiguous rows, and unstage copies it back. Where the columns
// of c are contiguous, squares are transposed in registers; what does not fill one is copied
// twice.
func (e *Engine[T]) stage(staged, c Mat[T]) {
	square := shapes[e.isa].square
	if c.RowStride != 1 || c.Cols < square || e.isa == portable {
		copyMat(staged, c)
		return
	}
	for j := 0; j < c.Cols; j += square {
		j := min(j, c.Cols-square)
		e.packColumns(staged.Data[j:], staged.RowStride, square, c.Rows, c.Data[j*c.ColStride:], c.ColStride, 1)
	}
}

func (e *Engine[T]) unstage(c, staged Mat[T]) {
	square := shapes[e.isa].square
	if c.RowStride != 1 || c.Rows < square || e.isa == portable {
		copyMat(c, staged)
		return
	}
	for i := 0; i < c.Rows; i += square {
		i := min(i, c.Rows-square)
		e.packColumns(c.Data[i:], c.ColStride, square, c.Cols, staged.Data[i*staged.RowStride:], staged.RowStride, 1)
	}
}

// sum advances the sums of the columns of B from j by a panel from row p of B: one
// more row of C, whose row of A is all ones.
func (g *product[T]) sum(of *panel.Args[T], j, p int) {
	args := panel.Args[T]{M: 1, N: of.N, K: of.K, A: g.one[:], B: of.B, BRow: of.BRow, Padded: of.Padded, C: g.sums[j:], Start: panel.FromC}
	if p == 0 {
		args.Start = panel.FromZero
	}
	g.engine.panel(&args)
}

// panelOfB returns k rows from p and n columns from j of B as the panel kernel reads
// them: element (p, j) is data[p*row+j].
func (g *product[T]) panelOfB(p, j, k, n int, buf *buffer[T]) (data []T, row int) {
	switch g.way {
	case inPlace:
		return tail(g.b.Data, p*g.b.RowStride+j), g.b.RowStride
	case packedPanel:
		g.packB(buf.data, 0, p, p+k, j, j+n)
		return buf.data, g.nr
	}
	return tail(g.packed, (p-g.p0)*roundUp(g.j1-g.j0, g.nr)+(j-g.j0)*k), g.nr
}

// panelAfter returns the panel of B that a block multiplies with after that from (p, j) on. After
// the last one comes the next block, which begins with the first.
func (g *product[T]) panelAfter(p, j, j0, j1 int) []T {
	if j += g.nr; j >= j1 {
		p, j = p+g.deep, j0
	}
	if p >= g.p1 {
		p = g.p0
	}
	next, _ := g.panelOfB(p, j, min(g.deep, g.p1-p), 0, nil)
	return next
}

// blockOfA sets the block of A from row p of B on: in place where its rows are
// contiguous, since each is then read in order, or where at most two panels use it and it is
// near; else packed in the returned buffer.
func (g *product[T]) blockOfA(args *panel.Args[T], i0, i1, p int) *buffer[T] {
	a := g.a.Slice(i0, i1, p, p+args.K)
	if g.alphaA == 1 && g.mirrored != operandA && (a.ColStride == 1 || g.c.Cols <= 2*g.nr && g.a.Rows*g.a.Cols <= g.engine.processor.nearA) {
		args.A, args.ARow, args.ACol, args.ATile = a.Data, a.RowStride, a.ColStride, g.mr*a.RowStride
		return nil
	}
	tile := g.mr*a.Cols + shapes[g.engine.isa].slack
	buf := g.engine.pools.buffer(ceilDiv(a.Rows, g.mr) * tile)
	if g.mirrored == operandA {
		g.engine.packMirrored(buf.data, tile, g.mr, &g.a, g.uplo, i0, i1, p, p+args.K, g.alphaA)
	} else {
		g.engine.pack(buf.data, tile, g.mr, a, g.alphaA)
	}
	args.A, args.ARow, args.ACol, args.ATile = buf.data, 1, g.mr, tile
	return buf
}

// packB packs rows [p0, p1) and columns [j0, j1) of B.
func (g *product[T]) packB(dst []T, tile, p0, p1, j0, j1 int) {
	if bT := g.b.T(); g.mirrored == operandB {
		g.engine.packMirrored(dst, tile, g.nr, &bT, g.uplo, j0, j1, p0, p1, g.alphaB)
	} else {
		g.engine.pack(dst, tile, g.nr, bT.Slice(j0, j1, p0, p1), g.alphaB)
	}
}

// packing are the tasks that pack a slab: each packs panels side by side, from as
// many rows of B as a panel is deep.
type packing[T Float] product[T]

// packings sets the panels of a task and returns the number of tasks.
func (g *product[T]) packings() int {
	across, down := ceilDiv(g.j1-g.j0, g.nr), ceilDiv(g.p1-g.p0, g.kc)
	g.task = max(1, min(across, ceilDiv(across*down, piecesPerThread*g.threads)))
	return down * ceilDiv(across, g.task)
}

func (t *packing[T]) run(piece int) {
	g := (*product[T])(t)
	width := roundUp(g.j1-g.j0, g.nr)
	across := ceilDiv(width, g.task*g.nr)
	p, j := g.p0+piece/across*g.kc, g.j0+piece%across*g.task*g.nr
	k := min(g.kc, g.p1-p)
	g.packB(g.packed[(p-g.p0)*width+(j-g.j0)*k:], k*g.nr, p, p+k, j, min(j+g.task*g.nr, g.j1))
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
