package kernels

import (
	"math"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// portableShape and blockingGeneric are the tile and the blocking of the portable kernel.
// Sixteen registers hold 4×4 accumulators.
var (
	portableShape   = shape{rows: 4, vectors: 1, lanes: 4, square: 4, short: math.MaxInt}
	blockingGeneric = blocking{mr: 4, nr: 4, kc: 256, mc: 128, nc: 4096, slab: 1 << 20, loose: 1 << 16}
)

// panelGeneric is the panel kernel: see [panel.Args]. The assembly does the same
// with larger tiles.
func panelGeneric[T Float](p *panel.Args[T]) {
	for i := 0; i < p.M; i += 4 {
		a, c, rows := tail(p.A, i/4*p.ATile), p.C[i*p.CRow:], min(4, p.M-i)
		if rows == 4 && p.N == 4 {
			tileGeneric(p.K, a, p.ARow, p.ACol, p.B, p.BRow, c, p.CRow, p.Start, p.Beta)
		} else {
			edgeGeneric(rows, p.N, p.K, a, p.ARow, p.ACol, p.B, p.BRow, c, p.CRow, p.Start, p.Beta)
		}
		if p.None() {
			continue
		}
		for r := range rows {
			finish(c[r*p.CRow:][:p.N], i+r, &p.Epilogue)
		}
	}
}

func edgeGeneric[T Float](m, n, k int, a []T, aRow, aCol int, b []T, bRow int, c []T, cRow int, start int, beta T) {
	for i := range m {
		ci := c[i*cRow:][:n]
		for j := range ci {
			sum := begin(ci[j], start, beta)
			for p := range k {
				sum = mulAdd(a[i*aRow+p*aCol], b[p*bRow+j], sum)
			}
			ci[j] = sum
		}
	}
}

func begin[T Float](c T, start int, beta T) T {
	switch start {
	case panel.FromZero:
		return 0
	case panel.FromC:
		return c
	}
	return T(beta * c)
}

// finish applies the epilogue to a row of C.
func finish[T Float](c []T, i int, f *panel.Epilogue[T]) {
	for j := range f.Bias[:min(len(f.Bias), len(c))] {
		c[j] += f.Bias[j]
	}
	if f.ReLU {
		reluGeneric(c, c)
	}
	if f.Beside == nil {
		return
	}
	d := f.Beside[i*f.BesideRow:][:len(c)]
	switch {
	case f.Mask:
		reluBackwardGeneric(c, c, d)
	case f.Scale != 0:
		axpyGeneric(c, f.Scale, d)
	}
	if f.Rate != 0 {
		axpyGeneric(d, f.Rate, c)
	}
}

func tileGeneric[T Float](k int, a []T, aRow, aCol int, b []T, bRow int, c []T, cRow int, start int, beta T) {
	var acc [4][4]T
	c0, c1, c2, c3 := c[:4], c[cRow:][:4], c[2*cRow:][:4], c[3*cRow:][:4]
	for j := range 4 {
		acc[0][j] = begin(c0[j], start, beta)
		acc[1][j] = begin(c1[j], start, beta)
		acc[2][j] = begin(c2[j], start, beta)
		acc[3][j] = begin(c3[j], start, beta)
	}
	// The compiler keeps scalars in registers, but not arrays.
	s00, s01, s02, s03 := acc[0][0], acc[0][1], acc[0][2], acc[0][3]
	s10, s11, s12, s13 := acc[1][0], acc[1][1], acc[1][2], acc[1][3]
	s20, s21, s22, s23 := acc[2][0], acc[2][1], acc[2][2], acc[2][3]
	s30, s31, s32, s33 := acc[3][0], acc[3][1], acc[3][2], acc[3][3]
	for p := range k {
		bp := b[p*bRow:][:4]
		b0, b1, b2, b3 := bp[0], bp[1], bp[2], bp[3]
		ap := a[p*aCol:]
		x := ap[0]
		s00 = mulAdd(x, b0, s00)
		s01 = mulAdd(x, b1, s01)
		s02 = mulAdd(x, b2, s02)
		s03 = mulAdd(x, b3, s03)
		x = ap[aRow]
		s10 = mulAdd(x, b0, s10)
		s11 = mulAdd(x, b1, s11)
		s12 = mulAdd(x, b2, s12)
		s13 = mulAdd(x, b3, s13)
		x = ap[2*aRow]
		s20 = mulAdd(x, b0, s20)
		s21 = mulAdd(x, b1, s21)
		s22 = mulAdd(x, b2, s22)
		s23 = mulAdd(x, b3, s23)
		x = ap[3*aRow]
		s30 = mulAdd(x, b0, s30)
		s31 = mulAdd(x, b1, s31)
		s32 = mulAdd(x, b2, s32)
		s33 = mulAdd(x, b3, s33)
	}
	c0[0], c0[1], c0[2], c0[3] = s00, s01, s02, s03
	c1[0], c1[1], c1[2], c1[3] = s10, s11, s12, s13
	c2[0], c2[1], c2[2], c2[3] = s20, s21, s22, s23
	c3[0], c3[1], c3[2], c3[3] = s30, s31, s32, s33
}
