package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// hiding is how many vectors sums are made in, so that additions do not wait for each other:
// where 16 lanes are fewer, sums of several rows are made together.
const hiding = 4

// layerNormRows generates LayerNorm of rows that are read three times while they are in the
// first-level cache: for the mean, for the variance, and to normalise.
func layerNormRows(t *target) {
	t.function("func(rows, cols int, y *%[1]s, yRow int, x *%[1]s, xRow int, mean, inv, gamma, beta *%[1]s, m, eps %[1]s)")
	cols, mean, inv := t.param("cols"), t.param("mean"), t.param("inv")
	y, x, r := t.rowsOf("y"), t.rowsOf("x"), t.tailOf(cols)
	t.eachRows(max(1, hiding*t.lanes()/lanes), []*rowsOf{y, x}, func(rows int) {
		means := t.laneSumsOf(rows, cols, r, x, nil)
		for i := range means {
			means[i] = t.average(means[i], Mem{Base: mean, Disp: i * t.size()})
		}
		invs := t.laneSumsOf(rows, cols, r, x, means)
		for i, v := range invs {
			t.divideFirst(v, "m")
			t.add(t.everywhere("eps").AsX(), v.AsX(), v.AsX())
			either(t, t.VSQRTPS, t.VSQRTPD)(v.AsX(), v.AsX())
			one := t.vec()
			t.load(t.constant("one", 1), one)
			t.div(one.AsX(), v.AsX(), v.AsX())
			either(t, t.VMOVSS, t.VMOVSD)(v.AsX(), Mem{Base: inv, Disp: i * t.size()})
			t.splat(v, v)
		}
		t.ADDQ(U8(rows*t.size()), mean)
		t.ADDQ(U8(rows*t.size()), inv)

		n, xs, ys, gamma, beta := t.copyOf(cols), x.walk(), y.walk(), t.stream("gamma", t.size()), t.stream("beta", t.size())
		t.eachLanes(n, r, unrolled, []stream{xs, ys, gamma, beta}, func(vectors int, tail *tail) {
			for v := range vectors {
				g, b := t.vec(), t.vec()
				t.loadTail(tail, v, gamma.at(t, v), g)
				t.loadTail(tail, v, beta.at(t, v), b)
				for i := range rows {
					xv, to := t.vec(), t.vec()
					t.loadTail(tail, v, x.at(t, xs, i, v), xv)
					t.sub(means[i], xv, xv)
					t.mul(invs[i], xv, xv)
					t.move(b, to)
					t.fma(g, xv, to)
					t.storeTail(tail, v, to, y.at(t, ys, i, v))
				}
			}
		})
	})
}

// laneSumsOf returns for each of some rows the sum of its elements or, if there are means, of
// the squares of their deviations, in lane 0.
func (t *target) laneSumsOf(rows int, cols reg.GPVirtual, r *tail, x *rowsOf, means []reg.VecVirtual) []reg.VecVirtual {
	acc := make([][]reg.VecVirtual, rows)
	for i := range acc {
		acc[i] = t.zeros(lanes / t.lanes())
	}
	n, xs := t.copyOf(cols), x.walk()
	t.eachLanes(n, r, unrolled, []stream{xs}, func(vectors int, tail *tail) {
		for v := range vectors {
			for i := range rows {
				sum := acc[i][v%len(acc[i])]
				xv := t.vec()
				t.loadTail(tail, v, x.at(t, xs, i, v), xv)
				if means == nil {
					t.add(xv, sum, sum)
				} else {
					t.squareOf(xv, means[i], tail, v, sum)
				}
			}
		}
	})
	sums := make([]reg.VecVirtual, rows)
	for i := range sums {
		sums[i] = t.reduce(acc[i], t.add)
	}
	return sums
}

// squareOf adds the square of the deviation of x, vector v of 16 elements or of the tail.
func (t *target) squareOf(x, mean reg.VecVirtual, tail *tail, v int, sum reg.VecVirtual) {
	t.sub(mean, x, x)
	if tail != nil {
		t.keep(tail.of(v), x, x)
	}
	t.fma(x, x, sum)
}

// average divides lane 0 of a sum by m, stores it, and copies it to every lane.
func (t *target) average(sum reg.VecVirtual, m Mem) reg.VecVirtual {
	t.divideFirst(sum, "m")
	either(t, t.VMOVSS, t.VMOVSD)(sum.AsX(), m)
	t.splat(sum, sum)
	return sum
}

// divideFirst divides 16 bytes of lanes by a parameter.
func (t *target) divideFirst(v reg.VecVirtual, by string) {
	t.div(v.AsX(), t.everywhere(by).AsX(), v.AsX())
}

func (t *target) zeros(n int) []reg.VecVirtual {
	vs := t.vecs(n)
	for _, v := range vs {
		t.zero(v)
	}
	return vs
}

func (t *target) copyOf(r reg.GPVirtual) reg.GPVirtual {
	n := t.GP64()
	t.MOVQ(r, n)
	return n
}

// layerNormInputRows generates the gradient of the input, in two passes over a row.
func layerNormInputRows(t *target) {
	t.function("func(rows, cols int, dx *%[1]s, dxRow int, dy *%[1]s, dyRow int, x *%[1]s, xRow int, mean, inv, gamma *%[1]s, m %[1]s)")
	rows, dxs, dys, xs := t.param("rows"), t.param("dx"), t.param("dy"), t.param("x")
	mean, inv, r := t.param("mean"), t.param("inv"), t.tailOf(t.param("cols"))
	t.loop(rows, 1, func() {
		b := t.backwardRow(mean, inv)
		sums, products := t.zeros(lanes/t.lanes()), t.zeros(lanes/t.lanes())
		dy, x, gamma := t.along(dys), t.along(xs), t.stream("gamma", t.size())
		t.eachLanes(t.param("cols"), r, unrolled, []stream{dy, x, gamma}, func(vectors int, tail *tail) {
			for v := range vectors {
				g, normal := b.load(tail, v, dy, x, gamma)
				b.addTo(sums[v%len(sums)], products[v%len(products)], g, normal, tail, v)
			}
		})
		sum, product := t.reduce(sums, t.add), t.reduce(products, t.add)
		for _, v := range []reg.VecVirtual{sum, product} {
			t.divideFirst(v, "m")
			t.splat(v, v)
		}
		dx, dy, x, gamma := t.along(dxs), t.along(dys), t.along(xs), t.stream("gamma", t.size())
		t.eachLanes(t.param("cols"), r, unrolled, []stream{dx, dy, x, gamma}, func(vectors int, tail *tail) {
			for v := range vectors {
				g, normal := b.load(tail, v, dy, x, gamma)
				b.input(g, normal, sum, product)
				t.storeTail(tail, v, g, dx.at(t, v))
			}
		})
		t.ADDQ(U8(t.size()), mean)
		t.ADDQ(U8(t.size()), inv)
		t.ADDQ(t.stride("dxRow"), dxs)
		t.ADDQ(t.stride("dyRow"), dys)
		t.ADDQ(t.stride("xRow"), xs)
	})
	t.end()
}

// backwardRow is a row of LayerNormBackward, with its moments in every lane.
type backwardRow struct {
	t         *target
	mean, inv reg.VecVirtual
}

func (t *target) backwardRow(mean, inv reg.GPVirtual) *backwardRow {
	b := &backwardRow{t, t.vec(), t.vec()}
	t.broadcast(Mem{Base: mean}, b.mean)
	t.broadcast(Mem{Base: inv}, b.inv)
	return b
}

// load returns dy·gamma and x̂ for vector v.
func (b *backwardRow) load(tail *tail, v int, dy, x, gamma stream) (g, normal reg.VecVirtual) {
	g, normal = b.t.vec(), b.t.vec()
	factor := b.t.vec()
	b.t.loadTail(tail, v, dy.at(b.t, v), g)
	b.t.loadTail(tail, v, gamma.at(b.t, v), factor)
	b.t.mul(factor, g, g)
	b.t.loadTail(tail, v, x.at(b.t, v), normal)
	b.t.sub(b.mean, normal, normal)
	b.t.mul(b.inv, normal, normal)
	return g, normal
}

func (b *backwardRow) addTo(sum, product, g, normal reg.VecVirtual, tail *tail, v int) {
	if tail != nil {
		b.t.keep(tail.of(v), normal, normal)
	}
	b.t.add(g, sum, sum)
	b.t.fma(g, normal, product)
}

// input computes g ← inv·(g - sum - x̂·product).
func (b *backwardRow) input(g, normal, sum, product Op) {
	b.t.sub(sum, g, g)
	b.t.fnma(product, normal, g)
	b.t.mul(b.t.narrow(b.inv), g, g)
}

// The passes over a row that is too long for one call.

func laneSums(t *target) {
	t.function("func(acc *[16]%[1]s, n int, x *%[1]s)")
	n, x := t.param("n"), t.stream("x", t.size())
	t.accumulate(n, []stream{x}, func(tail *tail, v int, acc reg.VecVirtual) {
		xv := t.vec()
		t.loadTail(tail, v, x.at(t, v), xv)
		t.add(xv, acc, acc)
	})
}

func laneSquares(t *target) {
	t.function("func(acc *[16]%[1]s, n int, x *%[1]s, mean %[1]s)")
	n, x, mean := t.param("n"), t.stream("x", t.size()), t.everywhere("mean")
	t.accumulate(n, []stream{x}, func(tail *tail, v int, acc reg.VecVirtual) {
		xv := t.vec()
		t.loadTail(tail, v, x.at(t, v), xv)
		t.squareOf(xv, mean, tail, v, acc)
	})
}

func normalize(t *target) {
	t.function("func(n int, y, x, gamma, beta *%[1]s, mean, inv %[1]s)")
	n, y, x := t.param("n"), t.stream("y", t.size()), t.stream("x", t.size())
	gamma, beta, mean, inv := t.stream("gamma", t.size()), t.stream("beta", t.size()), t.everywhere("mean"), t.everywhere("inv")
	t.each(n, []stream{y, x, gamma, beta}, func(w *target, u int) {
		xv, v := w.vec(), w.vec()
		w.load(x.at(w, u), xv)
		w.sub(w.narrow(mean), xv, xv)
		w.mul(w.narrow(inv), xv, xv)
		w.load(beta.at(w, u), v)
		w.fma(w.operand(gamma.at(w, u)), xv, v)
		w.store(v, y.at(w, u))
	})
	t.end()
}

func laneProducts(t *target) {
	t.function("func(products, acc *[16]%[1]s, n int, dy, x, gamma *%[1]s, mean, inv %[1]s)", "acc has the sums.")
	n, products := t.param("n"), t.param("products")
	dy, x, gamma := t.stream("dy", t.size()), t.stream("x", t.size()), t.stream("gamma", t.size())
	b := &backwardRow{t, t.everywhere("mean"), t.everywhere("inv")}
	t.accumulate(n, []stream{dy, x, gamma}, func(tail *tail, v int, acc reg.VecVirtual) {
		product := t.vec()
		at := Mem{Base: products, Disp: v % (lanes / t.lanes()) * t.width()}
		g, normal := b.load(tail, v, dy, x, gamma)
		t.load(at, product)
		b.addTo(acc, product, g, normal, tail, v)
		t.store(product, at)
	})
}

func layerNormInput(t *target) {
	t.function("func(n int, dx, dy, x, gamma *%[1]s, mean, inv, sum, product %[1]s)")
	n, dx, dy, x, gamma := t.param("n"), t.stream("dx", t.size()), t.stream("dy", t.size()), t.stream("x", t.size()), t.stream("gamma", t.size())
	b := &backwardRow{t, t.everywhere("mean"), t.everywhere("inv")}
	sum, product := t.everywhere("sum"), t.everywhere("product")
	t.each(n, []stream{dx, dy, x, gamma}, func(w *target, u int) {
		some := backwardRow{w, b.mean, b.inv}
		g, normal := w.vec(), w.vec()
		w.load(dy.at(w, u), g)
		w.mul(w.operand(gamma.at(w, u)), g, g)
		w.load(x.at(w, u), normal)
		w.sub(w.narrow(b.mean), normal, normal)
		w.mul(w.narrow(b.inv), normal, normal)
		some.input(g, normal, w.narrow(sum), w.narrow(product))
		w.store(g, dx.at(w, u))
	})
	t.end()
}
