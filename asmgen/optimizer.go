package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// factor is the place of a factor in factors of package kernels.
type factor int

const (
	scaleFactor factor = iota
	decayFactor
	keepFactor
	rateFactor
	averageFactor
	beta1Factor
	gain1Factor
	beta2Factor
	gain2Factor
	epsilonFactor
	factorCount
)

// optimizer is a step at work: it has the factors that the step reads in registers.
type optimizer struct {
	t       *target
	factors [factorCount]reg.VecVirtual
}

// of returns a factor as a vector of the width that the step computes with.
func (o *optimizer) of(f factor) Op { return o.t.narrow(o.factors[f]) }

// optimize runs step over the operands w, those named in kept, and grad. The step gets the
// address of each, and the vector of w, which it overwrites. After it, the running mean
// follows the weights, if there is one.
func (t *target) optimize(kept []string, used []factor, step func(o *optimizer, u int, at func(name string) Mem, w reg.VecVirtual)) {
	n, factors, mean := t.param("n"), t.param("factors"), t.stream("mean", t.size())
	names := append([]string{"w", "grad"}, kept...)
	var streams []stream
	for _, name := range names {
		streams = append(streams, t.stream(name, t.size()))
	}
	o := &optimizer{t: t}
	for _, f := range append(used, averageFactor) {
		o.factors[f] = t.vec()
		t.broadcast(Mem{Base: factors, Disp: int(f) * t.size()}, o.factors[f])
	}
	run := func(streams []stream, averaged bool) {
		t.each(n, streams, func(t *target, u int) {
			o := &optimizer{t, o.factors}
			at := func(name string) Mem {
				for i := range names {
					if names[i] == name {
						return streams[i].at(t, u)
					}
				}
				panic("no operand " + name)
			}
			w := o.t.vec()
			o.t.load(at("w"), w)
			step(o, u, at, w)
			o.t.store(w, at("w"))
			if averaged {
				m, distance := o.t.vec(), o.t.vec()
				o.t.load(mean.at(t, u), m)
				o.t.sub(m, w, distance)
				o.t.fma(o.of(averageFactor), distance, m)
				o.t.store(m, mean.at(t, u))
			}
		})
		t.end()
	}
	none := t.label("none")
	t.TESTQ(mean.p, mean.p)
	t.JZ(LabelRef(none))
	run(append(streams, mean), true)
	t.Label(none)
	run(streams, false)
}

// gradient returns the scaled gradient plus the coupled decay of w.
func (o *optimizer) gradient(at func(name string) Mem, w reg.VecVirtual) reg.VecVirtual {
	d := o.t.vec()
	o.t.load(at("grad"), d)
	o.t.mul(o.of(scaleFactor), d, d)
	o.t.fma(o.of(decayFactor), w, d)
	return d
}

// moment returns a moment times beta, which the caller adds to.
func (o *optimizer) moment(m Mem, beta factor) reg.VecVirtual {
	v := o.t.vec()
	o.t.load(m, v)
	o.t.mul(o.of(beta), v, v)
	return v
}

func sgd(t *target) {
	t.function("func(n int, w, grad, mean *%[1]s, factors *[10]%[1]s)")
	t.optimize(nil, []factor{scaleFactor, decayFactor, rateFactor}, func(o *optimizer, _ int, at func(string) Mem, w reg.VecVirtual) {
		o.t.fnma(o.of(rateFactor), o.gradient(at, w), w)
	})
}

func momentum(t *target) { descend(t, false) }
func nesterov(t *target) { descend(t, true) }

func descend(t *target, lookAhead bool) {
	t.function("func(n int, w, v, grad, mean *%[1]s, factors *[10]%[1]s)")
	used := []factor{scaleFactor, decayFactor, rateFactor, beta1Factor}
	t.optimize([]string{"v"}, used, func(o *optimizer, _ int, at func(string) Mem, w reg.VecVirtual) {
		d, old := o.gradient(at, w), o.t.vec()
		v := d
		if lookAhead {
			v = o.t.vec()
			o.t.move(d, v)
		}
		o.t.load(at("v"), old)
		o.t.fma(o.of(beta1Factor), old, v)
		o.t.normal(v)
		o.t.store(v, at("v"))
		if lookAhead {
			o.t.fma(o.of(beta1Factor), v, d)
		}
		o.t.fnma(o.of(rateFactor), d, w)
	})
}

func adam(t *target) {
	t.function("func(n int, w, m, v, grad, mean *%[1]s, factors *[10]%[1]s)")
	used := []factor{scaleFactor, decayFactor, keepFactor, rateFactor, beta1Factor, gain1Factor, beta2Factor, gain2Factor, epsilonFactor}
	t.optimize([]string{"m", "v"}, used, func(o *optimizer, _ int, at func(string) Mem, w reg.VecVirtual) {
		d := o.gradient(at, w)
		m := o.moment(at("m"), beta1Factor)
		o.t.fma(o.of(gain1Factor), d, m)
		o.t.normal(m)
		o.t.store(m, at("m"))

		v, scaled := o.moment(at("v"), beta2Factor), o.t.vec()
		o.t.mul(o.of(gain2Factor), d, scaled)
		o.t.fma(scaled, d, v)
		o.t.normal(v)
		o.t.store(v, at("v"))

		either(o.t, o.t.VSQRTPS, o.t.VSQRTPD)(v, v)
		o.t.add(o.of(epsilonFactor), v, v)
		o.t.div(m, v, m)
		o.t.mul(o.of(keepFactor), w, w)
		o.t.fnma(o.of(rateFactor), m, w)
	})
}

func lion(t *target) {
	t.function("func(n int, w, m, grad, mean *%[1]s, factors *[10]%[1]s)")
	used := []factor{keepFactor, rateFactor, beta1Factor, gain1Factor, beta2Factor, gain2Factor}
	zero, bit := t.vec(), t.vec()
	t.zero(zero)
	t.load(t.constantBits("sign", either(t, uint64(1)<<31, 1<<63)), bit)
	t.optimize([]string{"m"}, used, func(o *optimizer, _ int, at func(string) Mem, w reg.VecVirtual) {
		d := o.t.vec()
		o.t.load(at("grad"), d)
		c := o.moment(at("m"), beta1Factor)
		o.t.fma(o.of(gain1Factor), d, c)
		m := o.moment(at("m"), beta2Factor)
		o.t.fma(o.of(gain2Factor), d, m)
		o.t.normal(m)
		o.t.store(m, at("m"))

		// The rate, which is negative, with c's sign, or c where that is 0 or NaN.
		step, size := o.t.vec(), o.t.vec()
		o.t.and(o.t.narrow(bit), c, step)
		o.t.xor(o.of(rateFactor), step, step)
		o.t.and(o.t.magnitudes(), c, size)
		o.t.blend(o.t.compare(lessQuiet, o.t.narrow(zero), size), step, c, step)
		o.t.fma(o.of(keepFactor), w, step)
		o.t.move(step, w)
	})
}

// normal sets the lanes of x that are subnormal to 0.
func (t *target) normal(x reg.VecVirtual) {
	smallest := either(t, 0x1p-126, 0x1p-1022)
	size := t.vec()
	t.and(t.magnitudes(), x, size)
	t.keep(t.compare(notLessQuiet, size, t.constant("smallest", smallest)), x, x)
}

// magnitudes returns a vector in memory of all bits but the signs.
func (t *target) magnitudes() Mem {
	return t.constantBits("magnitude", either(t, uint64(1)<<31, 1<<63)-1)
}
