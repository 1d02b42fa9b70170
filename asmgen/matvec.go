package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowSums generates the product of a matrix whose rows are contiguous with a vector. As
// many rows are taken at once as make 8 accumulators, or 16 at NEON: their multiply-adds hide each other's
// latency, and a load of x serves them all. Their sums are combined together, 16 bytes of
// rows at a time. Rows that are left are taken one by one.
func rowSums(t *target) {
	t.function("func(m, k int, a *%[1]s, aRow int, x, y *%[1]s, alpha %[1]s, start int, beta %[1]s)")
	s := &rowSumsKernel{t: t, m: t.param("m"), a: t.param("a"), y: t.param("y"), stride: t.stride("aRow")}
	s.tail = t.tailOf(t.param("k"))
	s.alpha = t.everywhere("alpha")
	most := max(8*t.lanes()/lanes, 16/t.size())
	s.odd = []reg.GPVirtual{s.stride}
	for i := 3; i < most; i += 2 {
		next := t.GP64()
		t.LEAQ(Mem{Base: s.odd[len(s.odd)-1], Index: s.stride, Scale: 2}, next)
		s.odd = append(s.odd, next)
	}
	for _, rows := range []int{most, 1} {
		again, fewer := t.label("rows"), t.label("fewer")
		t.Label(again)
		t.CMPQ(s.m, U32(rows))
		t.JL(LabelRef(fewer))
		s.rows(rows)
		t.JMP(LabelRef(again))
		t.Label(fewer)
	}
	t.end()
}

type rowSumsKernel struct {
	t               *target
	m, a, y, stride reg.GPVirtual
	odd             []reg.GPVirtual // 1, 3, 5 and 7 strides
	tail            *tail
	alpha           reg.VecVirtual
}

// rows generates the sums of some rows, and moves on to the next.
func (s *rowSumsKernel) rows(rows int) {
	x, a, k := stream{s.t.param("x"), s.t.size()}, s.t.GP64(), s.t.param("k")
	s.t.MOVQ(s.a, a)
	acc := make([][]reg.VecVirtual, rows)
	for r := range acc {
		acc[r] = s.t.vecs(lanes / s.t.lanes())
		for _, v := range acc[r] {
			s.t.zero(v)
		}
	}
	s.t.eachLanes(k, s.tail, 0, []stream{x, {a, s.t.size()}}, func(vectors int, tail *tail) {
		for v := range vectors {
			some := *s.t
			if tail != nil {
				some.mask = tail.of(v)
			}
			xv := s.t.vec()
			some.load(x.at(s.t, v), xv)
			for r := range rows {
				s.t.fma(some.operand(s.row(a, r, v)), xv, acc[r][v])
			}
		}
	})
	if rows == 1 {
		s.finish(s.t.reduce(acc[0], s.t.add).AsX(), 0, true)
	} else {
		per := 16 / s.t.size()
		for r := 0; r < rows; r += per {
			s.finish(s.t.together(acc[r:r+per]), r, false)
		}
	}
	for r := rows; r > 0; r -= min(r, 8) {
		s.t.LEAQ(Mem{Base: s.a, Index: s.stride, Scale: uint8(min(r, 8))}, s.a)
	}
	s.t.ADDQ(U32(rows*s.t.size()), s.y)
	s.t.SUBQ(U32(rows), s.m)
}

// row is the address of vector v of row r.
func (s *rowSumsKernel) row(a reg.GPVirtual, r, v int) Mem {
	m := Mem{Base: a, Disp: v * s.t.width()}
	switch {
	case r%2 == 1:
		m.Index, m.Scale = s.odd[r/2], 1
	case r == 6:
		m.Index, m.Scale = s.odd[1], 2
	case r > 0:
		m.Index, m.Scale = s.stride, uint8(r)
	}
	return m
}

// finish computes y ← fma(alpha, sum, start) for a sum in each lane, or in lane 0 alone, of
// 16 bytes.
func (s *rowSumsKernel) finish(sum Op, r int, one bool) {
	w := *s.t
	w.scalar = true
	m, from := Mem{Base: s.y, Disp: r * s.t.size()}, s.t.XMM()
	load, store := either(s.t, s.t.VMOVUPS, s.t.VMOVUPD), either(s.t, s.t.VMOVUPS, s.t.VMOVUPD)
	if one {
		load, store = func(ops ...Op) { w.load(ops[0].(Mem), ops[1]) }, func(ops ...Op) { w.store(ops[0], ops[1].(Mem)) }
	}
	s.t.VXORPS(from, from, from)
	begun, start := s.t.label("begun"), s.t.param("start")
	s.t.TESTQ(start, start)
	s.t.JZ(LabelRef(begun))
	load(m, from)
	s.t.CMPQ(start, U32(1))
	s.t.JE(LabelRef(begun))
	p, err := s.t.Param("beta").Resolve()
	if err != nil {
		panic(err)
	}
	beta := s.t.XMM()
	if s.t.elem == f32 {
		s.t.VBROADCASTSS(p.Addr, beta)
	} else {
		s.t.VMOVDDUP(p.Addr, beta)
	}
	s.t.mul(beta, from, from)
	s.t.Label(begun)
	s.t.fma(s.alpha.AsX(), sum, from)
	store(from, m)
}

// together combines the lanes of as many rows as 16 bytes have elements, in the order of
// combine of package kernels, and returns the sums in order.
func (t *target) together(rows [][]reg.VecVirtual) Op {
	xs := make([]Op, len(rows))
	for r, vs := range rows {
		xs[r] = t.sixteen(vs, t.add)
	}
	return t.pairUp(xs)
}

// pairUp goes on where sixteen ends.
func (t *target) pairUp(xs []Op) Op {
	pair := func(a, b Op) Op {
		low, high := t.XMM(), t.XMM()
		t.VUNPCKLPD(b, a, low)
		t.VUNPCKHPD(b, a, high)
		t.add(high, low, low)
		return low
	}
	if t.elem == f64 {
		return pair(xs[0], xs[1])
	}
	a, b := pair(xs[0], xs[1]), pair(xs[2], xs[3])
	even, odd := t.XMM(), t.XMM()
	t.VSHUFPS(U8(0b10_00_10_00), b, a, even)
	t.VSHUFPS(U8(0b11_01_11_01), b, a, odd)
	t.add(odd, even, even)
	return even
}

// rankOne generates alpha·u·vᵀ added to rows that may grow or shrink; rankTwo, two products, in
// one pass over the rows.
func rankOne(t *target) {
	t.function("func(m, n, grow int, a *%[1]s, aStep int, alpha %[1]s, u, v *%[1]s, vStep int)")
	t.rank("")
}

func rankTwo(t *target) {
	t.function("func(m, n, grow int, a *%[1]s, aStep int, alpha %[1]s, u, v *%[1]s, vStep int, u2, v2 *%[1]s)")
	t.rank("", "2")
}

// rank adds products of the parameters u and v with these suffixes.
func (t *target) rank(suffixes ...string) {
	m, n, a, aStep, vStep := t.param("m"), t.param("n"), t.param("a"), t.stride("aStep"), t.stride("vStep")
	alpha := t.everywhere("alpha")
	var us, vs []reg.GPVirtual
	for _, s := range suffixes {
		us, vs = append(us, t.param("u"+s)), append(vs, t.param("v"+s))
	}
	t.loop(m, 1, func() {
		left, row := t.GP64(), stream{t.GP64(), t.size()}
		t.MOVQ(n, left)
		t.MOVQ(a, row.p)
		streams, factors := []stream{row}, t.vecs(len(us))
		for i, u := range us {
			v := stream{t.GP64(), t.size()}
			t.MOVQ(vs[i], v.p)
			streams = append(streams, v)
			t.broadcast(Mem{Base: u}, factors[i])
			t.mul(alpha, factors[i], factors[i])
			t.ADDQ(U32(t.size()), u)
			t.ADDQ(vStep, vs[i])
		}
		t.each(left, streams, func(w *target, u int) {
			sum := w.vec()
			w.load(row.at(w, u), sum)
			for i, v := range streams[1:] {
				x := w.vec()
				w.load(v.at(w, u), x)
				w.fma(w.narrow(factors[i]), x, sum)
			}
			w.store(sum, row.at(w, u))
		})
		t.ADDQ(aStep, a)
		t.ADDQ(t.param("grow"), n)
	})
	t.end()
}
