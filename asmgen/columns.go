package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// together is how many rows the sums of columns take at once, so that a sum is loaded and
// stored once for all of them.
const together = 4

// rowsOf is a matrix whose rows are taken together, or one by one.
type rowsOf struct {
	t                     *target
	first, stride, thrice reg.GPVirtual // thrice is three strides
}

func (t *target) rowsOf(name string) *rowsOf {
	r := &rowsOf{t, t.param(name), t.stride(name + "Row"), t.GP64()}
	t.LEAQ(Mem{Base: r.stride, Index: r.stride, Scale: 2}, r.thrice)
	return r
}

// walk returns a stream along the first row.
func (r *rowsOf) walk() stream {
	p := r.t.GP64()
	r.t.MOVQ(r.first, p)
	return stream{p, r.t.size()}
}

// at is the address of vector u of row i, where s is at the first.
func (r *rowsOf) at(w *target, s stream, i, u int) Mem {
	m := s.at(w, u)
	switch i {
	case 1, 2:
		m.Index, m.Scale = r.stride, uint8(i)
	case 3:
		m.Index, m.Scale = r.thrice, 1
	}
	return m
}

// skip goes on by a number of rows.
func (r *rowsOf) skip(rows int) {
	if rows == 1 {
		r.t.ADDQ(r.stride, r.first)
	} else {
		r.t.LEAQ(Mem{Base: r.first, Index: r.stride, Scale: uint8(rows)}, r.first)
	}
}

// eachRows runs body for the rows of matrices, most of them together and the others one by one,
// and ends the function.
func (t *target) eachRows(most int, matrices []*rowsOf, body func(rows int)) {
	m := t.param("rows")
	for _, rows := range []int{most, 1} {
		again, fewer := t.label("rows"), t.label("fewer")
		t.Label(again)
		t.CMPQ(m, U32(rows))
		t.JL(LabelRef(fewer))
		body(rows)
		for _, r := range matrices {
			r.skip(rows)
		}
		t.SUBQ(U32(rows), m)
		t.JMP(LabelRef(again))
		t.Label(fewer)
	}
	t.end()
}

func columnSums(t *target) {
	t.function("func(rows, cols int, sums, x *%[1]s, xRow int)")
	x := t.rowsOf("x")
	t.eachRows(together, []*rowsOf{x}, func(rows int) {
		sums, xs := t.stream("sums", t.size()), x.walk()
		t.each(t.param("cols"), []stream{sums, xs}, func(w *target, u int) {
			sum := w.vec()
			w.load(sums.at(w, u), sum)
			for i := range rows {
				w.add(w.operand(x.at(w, xs, i, u)), sum, sum)
			}
			w.store(sum, sums.at(w, u))
		})
	})
}

func columnSquares(t *target) {
	t.function("func(rows, cols int, squares, x *%[1]s, xRow int, mean *%[1]s)")
	x := t.rowsOf("x")
	t.eachRows(together, []*rowsOf{x}, func(rows int) {
		squares, mean, xs := t.stream("squares", t.size()), t.stream("mean", t.size()), x.walk()
		t.each(t.param("cols"), []stream{squares, mean, xs}, func(w *target, u int) {
			sum, m, d := w.vec(), w.vec(), w.vec()
			w.load(squares.at(w, u), sum)
			w.load(mean.at(w, u), m)
			for i := range rows {
				w.load(x.at(w, xs, i, u), d)
				w.sub(m, d, d)
				w.fma(d, d, sum)
			}
			w.store(sum, squares.at(w, u))
		})
	})
}

func columnProducts(t *target) {
	t.function("func(rows, cols int, products, sums, dy *%[1]s, dyRow int, x *%[1]s, xRow int, mean *%[1]s)")
	dy, x := t.rowsOf("dy"), t.rowsOf("x")
	t.eachRows(together, []*rowsOf{dy, x}, func(rows int) {
		products, sums, mean := t.stream("products", t.size()), t.stream("sums", t.size()), t.stream("mean", t.size())
		dys, xs := dy.walk(), x.walk()
		t.each(t.param("cols"), []stream{products, sums, mean, dys, xs}, func(w *target, u int) {
			product, sum, m := w.vec(), w.vec(), w.vec()
			w.load(products.at(w, u), product)
			w.load(sums.at(w, u), sum)
			w.load(mean.at(w, u), m)
			for i := range rows {
				d, xv := w.vec(), w.vec()
				w.load(dy.at(w, dys, i, u), d)
				w.load(x.at(w, xs, i, u), xv)
				w.add(d, sum, sum)
				w.sub(m, xv, xv)
				w.fma(d, xv, product)
			}
			w.store(product, products.at(w, u))
			w.store(sum, sums.at(w, u))
		})
	})
}

func normalizedProducts(t *target) {
	t.function("func(rows, cols int, products, sums, dy *%[1]s, dyRow int, x *%[1]s, xRow int, mean, inv *%[1]s)")
	dy, x, mean, inv := t.rowsOf("dy"), t.rowsOf("x"), t.param("mean"), t.param("inv")
	t.eachRows(2, []*rowsOf{dy, x}, func(rows int) {
		means, invs := t.vecs(rows), t.vecs(rows)
		for i := range rows {
			t.broadcast(Mem{Base: mean, Disp: i * t.size()}, means[i])
			t.broadcast(Mem{Base: inv, Disp: i * t.size()}, invs[i])
		}
		t.ADDQ(U8(rows*t.size()), mean)
		t.ADDQ(U8(rows*t.size()), inv)
		products, sums, dys, xs := t.stream("products", t.size()), t.stream("sums", t.size()), dy.walk(), x.walk()
		t.each(t.param("cols"), []stream{products, sums, dys, xs}, func(w *target, u int) {
			product, sum := w.vec(), w.vec()
			w.load(products.at(w, u), product)
			w.load(sums.at(w, u), sum)
			for i := range rows {
				d, xv := w.vec(), w.vec()
				w.load(dy.at(w, dys, i, u), d)
				w.load(x.at(w, xs, i, u), xv)
				w.add(d, sum, sum)
				w.sub(w.narrow(means[i]), xv, xv)
				w.mul(w.narrow(invs[i]), xv, xv)
				w.fma(d, xv, product)
			}
			w.store(product, products.at(w, u))
			w.store(sum, sums.at(w, u))
		})
	})
}

// scaleShift and batchNormInput take factors of a column beside each element.

func scaleShift(t *target) {
	t.function("func(rows, cols int, y *%[1]s, yRow int, x *%[1]s, xRow int, scale, shift *%[1]s, floor %[1]s)")
	rows, firstY, firstX, floor := t.param("rows"), t.param("y"), t.param("x"), t.everywhere("floor")
	t.loop(rows, 1, func() {
		y, x, scale, shift := t.along(firstY), t.along(firstX), t.stream("scale", t.size()), t.stream("shift", t.size())
		t.each(t.param("cols"), []stream{y, x, scale, shift}, func(w *target, u int) {
			xv, v := w.vec(), w.vec()
			w.load(x.at(w, u), xv)
			w.load(shift.at(w, u), v)
			w.fma(w.operand(scale.at(w, u)), xv, v)
			w.max(v, w.narrow(floor), v)
			w.store(v, y.at(w, u))
		})
		t.ADDQ(t.stride("yRow"), firstY)
		t.ADDQ(t.stride("xRow"), firstX)
	})
	t.end()
}

func batchNormInput(t *target) {
	t.function("func(rows, cols int, dx *%[1]s, dxRow int, dy *%[1]s, dyRow int, x *%[1]s, xRow int, mean, a, b, c *%[1]s)")
	rows, firstDX, firstDY, firstX := t.param("rows"), t.param("dx"), t.param("dy"), t.param("x")
	t.loop(rows, 1, func() {
		dx, dy, x := t.along(firstDX), t.along(firstDY), t.along(firstX)
		mean, a, b, c := t.stream("mean", t.size()), t.stream("a", t.size()), t.stream("b", t.size()), t.stream("c", t.size())
		t.each(t.param("cols"), []stream{dx, dy, x, mean, a, b, c}, func(w *target, u int) {
			d, xv, v := w.vec(), w.vec(), w.vec()
			w.load(x.at(w, u), xv)
			w.sub(w.operand(mean.at(w, u)), xv, xv)
			w.load(c.at(w, u), v)
			w.fma(w.operand(b.at(w, u)), xv, v)
			w.load(dy.at(w, u), d)
			w.fma(w.operand(a.at(w, u)), d, v)
			w.store(v, dx.at(w, u))
		})
		t.ADDQ(t.stride("dxRow"), firstDX)
		t.ADDQ(t.stride("dyRow"), firstDY)
		t.ADDQ(t.stride("xRow"), firstX)
	})
	t.end()
}

// along returns a stream from an address.
func (t *target) along(first reg.GPVirtual) stream {
	p := t.GP64()
	t.MOVQ(first, p)
	return stream{p, t.size()}
}
