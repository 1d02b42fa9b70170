package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// multiplyTriangle and solveTriangle generate a product with, and a substitution in, a lower
// triangle that is small and may have any strides. Each element of the result is a chain in
// lane 0: what bounds a substitution is that a chain ends with the element before it, and a
// division; and a product, that there is a load for each multiply-add.
func multiplyTriangle(t *target) {
	t.function("func(n int, a *%[1]s, aRow, aCol int, x *%[1]s, step, unit int)")
	s := newTriangle(t)
	// From the last row to the first, since row i reads the x above it.
	last := t.GP64()
	t.LEAQ(Mem{Base: s.n, Disp: -1}, last)
	for _, to := range []struct{ p, stride reg.GPVirtual }{{s.a, s.row}, {s.xi, s.step}} {
		by := t.GP64()
		t.MOVQ(to.stride, by)
		t.IMULQ(last, by)
		t.ADDQ(by, to.p)
	}
	t.loop(s.n, 1, func() {
		diagonal, begun := t.GP64(), t.label("begun")
		t.MOVQ(s.col, diagonal)
		t.IMULQ(last, diagonal)
		sum := t.XMM()
		s.t.load(Mem{Base: s.xi}, sum)
		unit := t.param("unit")
		t.TESTQ(unit, unit)
		t.JNZ(LabelRef(begun))
		either(t, t.VMULSS, t.VMULSD)(Mem{Base: s.a, Index: diagonal, Scale: 1}, sum, sum)
		t.Label(begun)
		s.chain(last, either(t, t.VFMADD231SS, t.VFMADD231SD), sum)
		s.t.store(sum, Mem{Base: s.xi})
		t.SUBQ(s.row, s.a)
		t.SUBQ(s.step, s.xi)
		t.DECQ(last)
	})
	t.end()
}

func solveTriangle(t *target) {
	t.function("func(n int, a *%[1]s, aRow, aCol int, x *%[1]s, step, unit int)")
	s := newTriangle(t)
	done := t.GP64()
	t.XORQ(done, done)
	t.loop(s.n, 1, func() {
		rest := t.XMM()
		s.t.load(Mem{Base: s.xi}, rest)
		diagonal := s.chain(done, either(t, t.VFNMADD231SS, t.VFNMADD231SD), rest)
		unit, divided := t.param("unit"), t.label("divided")
		t.TESTQ(unit, unit)
		t.JNZ(LabelRef(divided))
		either(t, t.VDIVSS, t.VDIVSD)(Mem{Base: diagonal}, rest, rest)
		t.Label(divided)
		s.t.store(rest, Mem{Base: s.xi})
		t.ADDQ(s.row, s.a)
		t.ADDQ(s.step, s.xi)
		t.INCQ(done)
	})
	t.end()
}

// vecTriangle is what both walk along: rows of the triangle, and elements of x.
type vecTriangle struct {
	t                           *target       // of lane 0
	n, a, row, col, x, xi, step reg.GPVirtual // the row and the element that it gives are at a and xi
}

func newTriangle(t *target) *vecTriangle {
	one := *t
	one.scalar = true
	s := &vecTriangle{&one, t.param("n"), t.param("a"), t.stride("aRow"), t.stride("aCol"), t.param("x"), t.GP64(), t.stride("step")}
	t.MOVQ(s.x, s.xi)
	return s
}

// chain runs fma over the first k elements of the row and of x, and returns the address of
// the row's next element.
func (s *vecTriangle) chain(k reg.GPVirtual, fma func(ops ...Op), sum reg.VecVirtual) reg.GPVirtual {
	left, p, q := s.t.GP64(), s.t.GP64(), s.t.GP64()
	s.t.MOVQ(k, left)
	s.t.MOVQ(s.a, p)
	s.t.MOVQ(s.x, q)
	s.t.loop(left, 1, func() {
		v := s.t.XMM()
		s.t.load(Mem{Base: q}, v)
		fma(Mem{Base: p}, v, sum)
		s.t.ADDQ(s.col, p)
		s.t.ADDQ(s.step, q)
	})
	return p
}

// symmetricRows generates the products of a few rows of a triangle and of the columns that
// they stand for: first those of the square on the diagonal, lane 0 alone; then, of four
// rows, those of the rest of the rows, each element of which is loaded once and used for its
// row's sum and for its column's chain.
func symmetricRows(t *target) {
	t.function("func(m, n int, square *%[1]s, far, near int, xr, pr, a *%[1]s, aRow int, x, p *%[1]s)",
		"m must be at most 4, and 4 unless n is 0. Element (i, j), j ≤ i, of the square is square[i*far+j*near];",
		"if square is nil, it was done before.")
	s := &symmetric{t: t, xr: t.param("xr"), pr: t.param("pr")}
	square, rest := t.param("square"), t.label("rest")
	t.TESTQ(square, square)
	t.JZ(LabelRef(rest))
	s.square(square, rest)
	t.Label(rest)
	n, some := t.param("n"), t.label("some")
	t.TESTQ(n, n)
	t.JNZ(LabelRef(some))
	t.end()
	t.Label(some)
	s.rest()
	t.end()
}

type symmetric struct {
	t      *target
	xr, pr reg.GPVirtual
}

// square generates the square of each size.
func (s *symmetric) square(a reg.GPVirtual, done string) {
	far, near := s.t.stride("far"), s.t.stride("near")
	one := *s.t
	one.scalar = true
	m := s.t.param("m")
	for size := 4; size > 0; size-- {
		other := s.t.label("other")
		s.t.CMPQ(m, U32(size))
		s.t.JNE(LabelRef(other))
		xs, ps := make([]reg.VecVirtual, size), make([]reg.VecVirtual, size)
		for i := range size {
			xs[i], ps[i] = s.t.XMM(), s.t.XMM()
			one.load(Mem{Base: s.xr, Disp: i * s.t.size()}, xs[i])
			one.load(Mem{Base: s.pr, Disp: i * s.t.size()}, ps[i])
		}
		rows := []reg.GPVirtual{a}
		for i := 1; i < size; i++ {
			next := s.t.GP64()
			s.t.LEAQ(Mem{Base: rows[i-1], Index: far, Scale: 1}, next)
			rows = append(rows, next)
		}
		near3 := s.t.GP64()
		s.t.LEAQ(Mem{Base: near, Index: near, Scale: 2}, near3)
		fma := either(s.t, s.t.VFMADD231SS, s.t.VFMADD231SD)
		for j := range size {
			for i := range size {
				m := Mem{Base: rows[max(i, j)]}
				switch k := min(i, j); {
				case k == 3:
					m.Index, m.Scale = near3, 1
				case k > 0:
					m.Index, m.Scale = near, uint8(k)
				}
				fma(m, xs[j], ps[i])
			}
		}
		for i := range size {
			one.store(ps[i], Mem{Base: s.pr, Disp: i * s.t.size()})
		}
		s.t.JMP(LabelRef(done))
		s.t.Label(other)
	}
}

// rest generates the rest of four rows, in passes that have the registers for their
// accumulators.
func (s *symmetric) rest() {
	const rows = 4
	perPass := rows
	if s.t.level == avx2 || s.t.level == neon && s.t.elem == f64 {
		perPass = 2
	}
	stride, a, last := s.t.stride("aRow"), s.t.param("a"), s.t.tailOf(s.t.param("n"))
	var sums []Op
	for first := 0; first < rows; first += perPass {
		x, p, row := stream{s.t.param("x"), s.t.size()}, stream{s.t.param("p"), s.t.size()}, stream{s.t.GP64(), s.t.size()}
		s.t.MOVQ(a, row.p)
		stride3 := s.t.GP64()
		s.t.LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
		acc, factors := make([][]reg.VecVirtual, perPass), s.t.vecs(perPass)
		for r := range acc {
			acc[r] = s.t.vecs(lanes / s.t.lanes())
			for _, v := range acc[r] {
				s.t.zero(v)
			}
			s.t.broadcast(Mem{Base: s.xr, Disp: (first + r) * s.t.size()}, factors[r])
		}
		s.t.eachLanes(s.t.param("n"), last, 0, []stream{x, p, row}, func(vectors int, tail *tail) {
			for v := range vectors {
				w := *s.t
				if tail != nil {
					w.mask = tail.of(v)
				}
				xv, pv := w.vec(), w.vec()
				w.load(x.at(&w, v), xv)
				w.load(p.at(&w, v), pv)
				for r := range perPass {
					m, av := row.at(&w, v), w.vec()
					switch r {
					case 1, 2:
						m.Index, m.Scale = stride, uint8(r)
					case 3:
						m.Index, m.Scale = stride3, 1
					}
					w.load(m, av)
					w.fma(av, xv, acc[r][v])
					w.fma(av, factors[r], pv)
				}
				w.store(pv, p.at(&w, v))
			}
		})
		for _, vs := range acc {
			sums = append(sums, s.t.sixteen(vs, s.t.add))
		}
		s.t.LEAQ(Mem{Base: a, Index: stride, Scale: uint8(perPass)}, a)
	}
	per := 16 / s.t.size()
	for r := 0; r < rows; r += per {
		m, sum := Mem{Base: s.pr, Disp: r * s.t.size()}, s.t.pairUp(sums[r:r+per])
		move := either(s.t, s.t.VMOVUPS, s.t.VMOVUPD)
		before := s.t.XMM()
		move(m, before)
		s.t.add(sum, before, before)
		move(before, m)
	}
}
