package kernels

// Sizes of the portable kernel: 4×4 accumulators are what sixteen registers hold.
var blockingGeneric = blocking{mr: 4, nr: 4, kc: 256, mc: 128, nc: 4096, slab: 1 << 20, loose: 1 << 16}

// panelGeneric advances the chains of m×n elements of C, n ≤ nr, by k steps.
// Element (i, p) of A is a[i/mr*aTile+i%mr*aRow+p*aCol], element (p, j) of B
// is b[p*bRow+j], element (i, j) of C is c[i*cRow+j]. The assembly kernels do the
// same with larger tiles.
func panelGeneric[T Float](m, n, k int, a []T, aRow, aCol, aTile int, b []T, bRow int, c []T, cRow int, s start, beta T, f epilogue[T]) {
	for i := 0; i < m; i += 4 {
		at, rows := tail(a, i/4*aTile), min(4, m-i)
		if rows == 4 && n == 4 {
			tileGeneric(k, at, aRow, aCol, b, bRow, c[i*cRow:], cRow, s, beta)
		} else {
			edgeGeneric(rows, n, k, at, aRow, aCol, b, bRow, c[i*cRow:], cRow, s, beta)
		}
		if f.none() {
			continue
		}
		for ii := range rows {
			finish(c[(i+ii)*cRow:][:n], i+ii, f)
		}
	}
}

func edgeGeneric[T Float](m, n, k int, a []T, aRow, aCol int, b []T, bRow int, c []T, cRow int, s start, beta T) {
	for i := range m {
		ci := c[i*cRow:][:n]
		for j := range ci {
			sum := begin(ci[j], s, beta)
			for p := range k {
				sum += a[i*aRow+p*aCol] * b[p*bRow+j]
			}
			ci[j] = sum
		}
	}
}

func begin[T Float](c T, s start, beta T) T {
	switch s {
	case fromZero:
		return 0
	case fromC:
		return c
	}
	return beta * c
}

// finish applies the epilogue to a row of C.
func finish[T Float](c []T, i int, f epilogue[T]) {
	for j := range f.bias[:min(len(f.bias), len(c))] {
		c[j] += f.bias[j]
	}
	if f.relu {
		reluGeneric(c, c)
	}
	if f.beside == nil {
		return
	}
	if d := f.beside[i*f.besideRow:][:len(c)]; f.mask {
		reluBackwardGeneric(c, c, d)
	} else {
		axpyGeneric(c, f.scale, d)
	}
}

func tileGeneric[T Float](k int, a []T, aRow, aCol int, b []T, bRow int, c []T, cRow int, s start, beta T) {
	var acc [4][4]T
	c0, c1, c2, c3 := c[:4], c[cRow:][:4], c[2*cRow:][:4], c[3*cRow:][:4]
	for j := range 4 {
		acc[0][j] = begin(c0[j], s, beta)
		acc[1][j] = begin(c1[j], s, beta)
		acc[2][j] = begin(c2[j], s, beta)
		acc[3][j] = begin(c3[j], s, beta)
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
		s00 += x * b0
		s01 += x * b1
		s02 += x * b2
		s03 += x * b3
		x = ap[aRow]
		s10 += x * b0
		s11 += x * b1
		s12 += x * b2
		s13 += x * b3
		x = ap[2*aRow]
		s20 += x * b0
		s21 += x * b1
		s22 += x * b2
		s23 += x * b3
		x = ap[3*aRow]
		s30 += x * b0
		s31 += x * b1
		s32 += x * b2
		s33 += x * b3
	}
	c0[0], c0[1], c0[2], c0[3] = s00, s01, s02, s03
	c1[0], c1[1], c1[2], c1[3] = s10, s11, s12, s13
	c2[0], c2[1], c2[2], c2[3] = s20, s21, s22, s23
	c3[0], c3[1], c3[2], c3[3] = s30, s31, s32, s33
}
