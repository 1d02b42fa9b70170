package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func addBiasRows(t *target) {
	t.function("func(rows, cols int, y *%[1]s, yRow int, bias *%[1]s)")
	rows, row, yRow := t.param("rows"), t.param("y"), t.stride("yRow")
	t.loop(rows, 1, func() {
		y, bias := stream{t.GP64(), t.size()}, t.stream("bias", t.size())
		t.MOVQ(row, y.p)
		t.mapEach(t.param("cols"), y, []stream{y, bias}, func(w *target, at func(stream) Mem) reg.VecVirtual {
			yv, b := w.vec(), w.vec()
			w.load(at(y), yv)
			w.load(at(bias), b)
			w.add(b, yv, yv)
			return yv
		})
		t.ADDQ(yRow, row)
	})
	t.end()
}

func axpy(t *target) {
	t.function("func(n int, y *%[1]s, alpha %[1]s, x *%[1]s)")
	n, y, x := t.param("n"), t.stream("y", t.size()), t.stream("x", t.size())
	alpha := t.everywhere("alpha")
	t.each(n, []stream{y, x}, func(w *target, u int) {
		xv, yv := w.vec(), w.vec()
		w.load(x.at(w, u), xv)
		w.load(y.at(w, u), yv)
		w.fma(w.narrow(alpha), xv, yv)
		w.store(yv, y.at(w, u))
	})
	t.end()
}

func relu(t *target) {
	t.function("func(n int, dst, src *%[1]s)")
	n, dst, src := t.param("n"), t.stream("dst", t.size()), t.stream("src", t.size())
	zero := t.vec()
	t.zero(zero)
	t.mapEach(n, dst, []stream{dst, src}, func(w *target, at func(stream) Mem) reg.VecVirtual {
		x := w.vec()
		w.load(at(src), x)
		w.max(x, w.narrow(zero), x)
		return x
	})
	t.end()
}

func reluBackward(t *target) {
	t.function("func(n int, dst, grad, y *%[1]s)")
	n, dst, grad, y := t.param("n"), t.stream("dst", t.size()), t.stream("grad", t.size()), t.stream("y", t.size())
	zero := t.vec()
	t.zero(zero)
	t.mapEach(n, dst, []stream{dst, grad, y}, func(w *target, at func(stream) Mem) reg.VecVirtual {
		g, yv := w.vec(), w.vec()
		w.load(at(grad), g)
		w.load(at(y), yv)
		w.keepPositive(yv, g, w.narrow(zero), g)
		return g
	})
	t.end()
}

func center(t *target) {
	t.function("func(n int, dst *%[1]s, pixels, next *uint8, mean *%[1]s, scale %[1]s)", "It prefetches n bytes of next.")
	n, dst, mean := t.param("n"), t.stream("dst", t.size()), t.stream("mean", t.size())
	pixels, next := t.stream("pixels", 1), t.stream("next", 1)
	scale := t.everywhere("scale")
	t.each(n, []stream{dst, pixels, next, mean}, func(w *target, u int) {
		if u == 0 { // four vectors of bytes have at most a line of the cache
			w.PREFETCHT0(next.at(w, u))
		}
		p, m := w.vec(), w.vec()
		w.loadBytes(pixels.at(w, u), p)
		w.load(mean.at(w, u), m)
		w.sub(m, p, p)
		w.mul(w.narrow(scale), p, p)
		w.store(p, dst.at(w, u))
	})
	t.end()
}
