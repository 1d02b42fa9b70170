package main

import (
	"math"

	"github.com/mmcloughlin/avo/reg"
)

// Constants of package kernels, under the names that they have there.
const (
	leak       = 0.01
	geluLinear = 2 * math.Sqrt2 / (math.SqrtPi)
	geluCubic  = geluLinear * 0.044715
	geluEnd    = 32
	siluEnd    = 800
)

func leakyReLU(t *target) {
	t.function("func(n int, dst, src *%[1]s)")
	n, dst, src, slope := t.param("n"), t.stream("dst", t.size()), t.stream("src", t.size()), t.pinned("leak", leak)
	t.each(n, []stream{dst, src}, func(w *target, u int) {
		x, s := w.vec(), w.vec()
		w.load(src.at(w, u), x)
		w.mul(slope, x, s)
		w.max(x, s, x)
		w.store(x, dst.at(w, u))
	})
	t.end()
}

func leakyReLUBackward(t *target) {
	t.function("func(n int, dx, dy, x *%[1]s)")
	n, dx, dy, x := t.param("n"), t.stream("dx", t.size()), t.stream("dy", t.size()), t.stream("x", t.size())
	slope, zero := t.pinned("leak", leak), t.vec()
	t.zero(zero)
	t.each(n, []stream{dx, dy, x}, func(w *target, u int) {
		d, s, xv := w.vec(), w.vec(), w.vec()
		w.load(dy.at(w, u), d)
		w.load(x.at(w, u), xv)
		w.mul(slope, d, s)
		w.blend(w.compare(notLessOrEqualQuiet, xv, w.narrow(zero)), d, s, d)
		w.store(d, dx.at(w, u))
	})
	t.end()
}

func add(t *target) {
	t.function("func(n int, dst, a, b *%[1]s)")
	n, dst, a, b := t.param("n"), t.stream("dst", t.size()), t.stream("a", t.size()), t.stream("b", t.size())
	t.each(n, []stream{dst, a, b}, func(w *target, u int) {
		sum := w.vec()
		w.load(a.at(w, u), sum)
		w.add(w.operand(b.at(w, u)), sum, sum)
		w.store(sum, dst.at(w, u))
	})
	t.end()
}

func gelu(t *target) {
	t.gated(func(x reg.VecVirtual) reg.VecVirtual {
		t.max(x, t.inRegister(t.constant("geluLow", -geluEnd)), x)
		square, u := t.vec(), t.vec()
		t.mul(x, x, square)
		t.set(t.constant("geluLinear", geluLinear), u)
		t.fma(t.constant("geluCubic", geluCubic), square, u)
		t.mul(x, u, u)
		return u
	})
}

func silu(t *target) {
	t.gated(func(x reg.VecVirtual) reg.VecVirtual {
		t.max(x, t.inRegister(t.constant("siluLow", -siluEnd)), x)
		return x
	})
}

func geluBackward(t *target) {
	t.gatedBackward(func(x reg.VecVirtual) (u, v reg.VecVirtual) {
		t.within(x, "gelu", geluEnd)
		square, u, v := t.vec(), t.vec(), t.vec()
		t.mul(x, x, square)
		t.set(t.constant("geluLinear", geluLinear), u)
		t.move(u, v)
		t.fma(t.constant("geluCubic", geluCubic), square, u)
		t.fma(t.constant("geluSlope", 3*geluCubic), square, v)
		t.mul(x, u, u)
		t.mul(x, v, v)
		return u, v
	})
}

func siluBackward(t *target) {
	t.gatedBackward(func(x reg.VecVirtual) (u, v reg.VecVirtual) {
		t.within(x, "silu", siluEnd)
		return x, x
	})
}

// within moves x to the end of [-end, end] that it lies beyond.
func (t *target) within(x reg.VecVirtual, name string, end float64) {
	t.max(x, t.inRegister(t.constant(name+"Low", -end)), x)
	t.min(x, t.inRegister(t.constant(name+"High", end)), x)
}

// gated generates x·σ(u), where argument moves x into a range and returns u, which has the
// sign of x. It does the operations of gated in package kernels in the same order.
func (t *target) gated(argument func(x reg.VecVirtual) (u reg.VecVirtual)) {
	t.function("func(n int, dst, src *%[1]s)")
	e := t.exponential()
	n, dst, src, zero := t.param("n"), t.stream("dst", t.size()), t.stream("src", t.size()), t.vec()
	t.zero(zero)
	t.eachLanes(n, t.tailOf(n), unrolled, []stream{dst, src}, func(vectors int, tail *tail) {
		for i := range vectors {
			x, small := t.vec(), t.vec()
			t.loadTail(tail, i, src.at(t, i), x)
			u := argument(x)
			z := e.ofNegated(u)
			t.mul(x, z, small)
			t.blend(t.compare(lessQuiet, u, zero), small, x, x)
			t.add(e.one, z, z)
			t.div(x, z, x)
			t.storeTail(tail, i, x, dst.at(t, i))
		}
	})
	t.end()
}

// gatedBackward generates dy·σ(u)·(1 + v·(1-σ(u))) likewise.
func (t *target) gatedBackward(argument func(x reg.VecVirtual) (u, v reg.VecVirtual)) {
	t.function("func(n int, dx, dy, x *%[1]s)")
	e := t.exponential()
	n, dx, dy, from, zero := t.param("n"), t.stream("dx", t.size()), t.stream("dy", t.size()), t.stream("x", t.size()), t.vec()
	t.zero(zero)
	t.eachLanes(n, t.tailOf(n), unrolled, []stream{dx, dy, from}, func(vectors int, tail *tail) {
		for i := range vectors {
			x, sum, over, slope, d := t.vec(), t.vec(), t.vec(), t.vec(), t.vec()
			t.loadTail(tail, i, from.at(t, i), x)
			u, v := argument(x)
			z := e.ofNegated(u)
			t.add(e.one, z, sum)
			t.set(e.one, over)
			t.move(over, slope)
			t.div(over, sum, over)
			t.mul(z, over, z)
			negative := t.compare(lessQuiet, u, zero)
			rest, sigma := t.vec(), t.vec()
			t.blend(negative, over, z, rest)
			t.blend(negative, z, over, sigma)
			t.fma(v, rest, slope)
			t.mul(sigma, slope, slope)
			t.loadTail(tail, i, dy.at(t, i), d)
			t.mul(slope, d, d)
			t.storeTail(tail, i, d, dx.at(t, i))
		}
	})
	t.end()
}

// ofNegated returns e^-|u|.
func (e *exponential) ofNegated(u reg.VecVirtual) reg.VecVirtual {
	x := e.t.vec()
	either(e.t, e.t.VORPS, e.t.VORPD)(e.t.constantBits("sign", either(e.t, uint64(1)<<31, 1<<63)), u, x)
	return e.of(x)
}
