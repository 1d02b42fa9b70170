package kernels

import "github.com/lanes-ml/lanes/kernels/internal/panel"

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

// onePanel calls the panel kernel once, for a product that fits a panel.
func (e *Engine[T]) onePanel(blk *blocking, c, a, b *Mat[T], beta T, f *panel.Epilogue[T]) {
	var p panel.Args[T]
	setPanel(&p, blk, c, a, b, beta)
	if !f.None() {
		p.Epilogue = *f
	}
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

// setPanel sets the operands of a product that fits a panel, with A and B in place. It sets
// field by field: a literal would be made elsewhere and copied.
func setPanel[T Float](p *panel.Args[T], blk *blocking, c, a, b *Mat[T], beta T) {
	p.M, p.N, p.K = c.Rows, c.Cols, a.Cols
	p.A, p.ARow, p.ACol, p.ATile = a.Data, a.RowStride, a.ColStride, blk.mr*a.RowStride
	p.B, p.BRow = b.Data, b.RowStride
	p.C, p.CRow = c.Data, c.RowStride
	p.Start, p.Beta = startOf(beta), beta
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
