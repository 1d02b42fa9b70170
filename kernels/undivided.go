package kernels

import (
	"math/bits"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
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

// mostSmall bounds the dimensions of the products that isSmall finds: below it, planFor gives
// no other way for such views.
const mostSmall = 48

// isSmall reports whether C = A·B needs no more than one call of small, which is what mostly
// becomes of a small product: to check and to plan it in general takes as long as to multiply
// matrices of 8×8. The views have contiguous rows and lie within their data, the shapes fit,
// and no output overlaps an input.
func (e *Engine[T]) isSmall(c, a, b *Mat[T]) bool {
	m, n, k := c.Rows, c.Cols, a.Cols
	return uint(m-1) < mostSmall && uint(n-2) < mostSmall-1 && uint(k-2) < mostSmall-1 && n <= e.blockings[0].nr &&
		a.Rows == m && b.Cols == n && b.Rows == k && c.ColStride == 1 && a.ColStride == 1 && b.ColStride == 1 &&
		c.RowStride >= n && uint(c.RowStride|a.RowStride|b.RowStride)>>(bits.UintSize/2-1) == 0 &&
		(m-1)*c.RowStride+n <= len(c.Data) && (m-1)*a.RowStride+k <= len(a.Data) && (k-1)*b.RowStride+n <= len(b.Data) &&
		!dataMeets(c, a) && !dataMeets(c, b) && e.isa != portable
}

// onePanel calls a kernel once, for a product that fits a panel.
func (e *Engine[T]) onePanel(blk *blocking, c, a, b *Mat[T], beta T, f *panel.Epilogue[T]) {
	var scratch *buffer[T]
	if b.ColStride != 1 {
		scratch = e.pools.buffer(blk.kc * blk.nr)
		e.pack(scratch.data, 0, blk.nr, b.T(), 1)
		b = &Mat[T]{scratch.data, b.Rows, b.Cols, blk.nr, 1}
	}
	if f.None() && e.isa != portable {
		e.small(1, c, 0, a, 0, b, 0, beta)
	} else {
		e.panel(&panel.Args[T]{
			M: c.Rows, N: c.Cols, K: a.Cols, A: a.Data, ARow: a.RowStride, ACol: a.ColStride, ATile: blk.mr * a.RowStride,
			B: b.Data, BRow: b.RowStride, Padded: scratch != nil, C: c.Data, CRow: c.RowStride, Start: startOf(beta), Beta: beta, Epilogue: *f,
		})
	}
	if scratch != nil {
		e.pools.buffers.Put(scratch)
	}
}

// panels computes a product panel by panel, and in so few rows at a time that the
// kernel returns soon.
func (e *Engine[T]) panels(blk *blocking, c, a, b *Mat[T], beta T, f *panel.Epilogue[T]) {
	var scratch *buffer[T] // for a panel of B
	if b.ColStride != 1 {
		scratch = e.pools.buffer(blk.kc * blk.nr)
		defer e.pools.buffers.Put(scratch)
	}
	args := panel.Args[T]{
		ARow: a.RowStride, ACol: a.ColStride, ATile: blk.mr * a.RowStride,
		BRow: b.RowStride, Padded: scratch != nil, CRow: c.RowStride, Start: startOf(beta), Beta: beta,
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
