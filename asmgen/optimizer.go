package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func sgd(t *target) {
	t.function("func(n int, w, grad *%[1]s, rate, decay %[1]s)")
	n, w, g := t.param("n"), t.stream("w", t.size()), t.stream("grad", t.size())
	rate, decay := t.everywhere("rate"), t.everywhere("decay")
	t.each(n, []stream{w, g}, func(t *target, u int) {
		wv, d := t.vec(), t.vec()
		t.load(w.at(t, u), wv)
		t.load(g.at(t, u), d)
		t.fma(t.narrow(decay), wv, d)
		t.fnma(t.narrow(rate), d, wv)
		t.store(wv, w.at(t, u))
	})
	t.end()
}

func momentum(t *target) {
	t.function("func(n int, w, v, grad *%[1]s, rate, momentum, decay %[1]s)")
	n, w, v, g := t.param("n"), t.stream("w", t.size()), t.stream("v", t.size()), t.stream("grad", t.size())
	rate, momentum, decay := t.everywhere("rate"), t.everywhere("momentum"), t.everywhere("decay")
	t.each(n, []stream{w, v, g}, func(t *target, u int) {
		wv, vv, d := t.vec(), t.vec(), t.vec()
		t.load(w.at(t, u), wv)
		t.load(v.at(t, u), vv)
		t.load(g.at(t, u), d)
		t.fma(t.narrow(decay), wv, d)
		t.fma(t.narrow(momentum), vv, d)
		t.normal(d)
		t.fnma(t.narrow(rate), d, wv)
		t.store(d, v.at(t, u))
		t.store(wv, w.at(t, u))
	})
	t.end()
}

func adam(t *target) {
	t.function("func(n int, w, m, v, grad *%[1]s, factors *[7]%[1]s)")
	n, factors := t.param("n"), t.param("factors")
	w, m, v, g := t.stream("w", t.size()), t.stream("m", t.size()), t.stream("v", t.size()), t.stream("grad", t.size())
	f := t.vecs(7)
	for i := range f {
		t.broadcast(Mem{Base: factors, Disp: i * t.size()}, f[i])
	}
	t.each(n, []stream{w, m, v, g}, func(t *target, u int) {
		factor := func(i int) Op { return t.narrow(f[i]) }
		decay, beta1, gain1, beta2, gain2, epsilon, rate := factor(0), factor(1), factor(2), factor(3), factor(4), factor(5), factor(6)
		wv, mv, vv, d, scaled := t.vec(), t.vec(), t.vec(), t.vec(), t.vec()
		t.load(w.at(t, u), wv)
		t.load(g.at(t, u), d)
		t.fma(decay, wv, d)

		t.load(m.at(t, u), mv)
		t.mul(beta1, mv, mv)
		t.fma(gain1, d, mv)
		t.normal(mv)
		t.store(mv, m.at(t, u))

		t.load(v.at(t, u), vv)
		t.mul(beta2, vv, vv)
		t.mul(gain2, d, scaled)
		t.fma(scaled, d, vv)
		t.normal(vv)
		t.store(vv, v.at(t, u))

		either(t, t.VSQRTPS, t.VSQRTPD)(vv, vv)
		t.add(epsilon, vv, vv)
		either(t, t.VDIVPS, t.VDIVPD)(vv, mv, mv)
		t.fnma(rate, mv, wv)
		t.store(wv, w.at(t, u))
	})
	t.end()
}

// normal sets the lanes of x that are subnormal to 0.
func (t *target) normal(x reg.VecVirtual) {
	sign := either(t, uint64(1)<<31, 1<<63)
	smallest := either(t, 0x1p-126, 0x1p-1022)
	size := t.vec()
	either(t, t.VANDPS, t.VANDPD)(t.constantBits("magnitude", sign-1), x, size)
	t.keep(t.compare(notLessQuiet, size, t.constant("smallest", smallest)), x, x)
}
