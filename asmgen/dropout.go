package main

import . "github.com/mmcloughlin/avo/operand"

// dropout generates the hash of dropoutGeneric in package kernels for every element, in lanes
// of 32 bits. A lane of float64 has two of these, which hold the same, so that the comparison
// sets all of it.
func dropout(t *target) {
	t.function("func(n int, dst, src *%[1]s, first, second uint32, limit int32, factor %[1]s)")
	n, dst, src, factor := t.param("n"), t.stream("dst", t.size()), t.stream("src", t.size()), t.everywhere("factor")
	twice := func(b uint64) uint64 {
		if t.elem == f64 {
			b |= b << 32
		}
		return b
	}
	keys := t.vecs(3)
	for i, name := range []string{"first", "second", "limit"} {
		p, err := t.Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		t.VBROADCASTSS(p.Addr, keys[i])
	}
	counter, second, limit := keys[0], keys[1], keys[2]
	counts := make([]uint64, t.lanes())
	for i := range counts {
		counts[i] = twice(uint64(i))
	}
	t.VPADDD(t.table("counts", counts...), counter, counter)
	t.each(n, []stream{dst, src}, func(w *target, u int) {
		h, upper, x := w.vec(), w.vec(), w.vec()
		w.VPSRLD(U8(16), w.narrow(counter), upper)
		either(w, w.VXORPS, w.VXORPD)(upper, w.narrow(counter), h)
		w.VPMULLD(w.constantBits("multiplyFirst", twice(0x7feb352d)), h, h)
		either(w, w.VXORPS, w.VXORPD)(w.narrow(second), h, h)
		w.VPSRLD(U8(15), h, upper)
		either(w, w.VXORPS, w.VXORPD)(upper, h, h)
		w.VPMULLD(w.constantBits("multiplySecond", twice(0x846ca68b)), h, h)
		w.load(src.at(w, u), x)
		w.mul(w.narrow(factor), x, x)
		w.keep(w.larger(h, w.narrow(limit)), x, x)
		w.store(x, dst.at(w, u))
		step := w.constantBits("vector", twice(uint64(w.lanes())))
		if w.scalar {
			step = w.constantBits("element", twice(1))
		}
		w.VPADDD(step, w.narrow(counter), w.narrow(counter))
	})
	t.end()
}

// larger returns the mask of the lanes in which the integer of a is larger than that of b.
func (t *target) larger(a, b Op) mask {
	if t.level != avx512 {
		m := t.vec()
		t.VPCMPGTD(b, a, m)
		return m
	}
	m := t.K()
	either(t, t.VPCMPGTD, t.VPCMPGTQ)(b, a, m)
	return m
}
