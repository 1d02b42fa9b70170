package main

import . "github.com/mmcloughlin/avo/operand"

// rowsAtOnce is how many rows of b axpyRows adds while an element of y is in a register. Their
// lines may lie in one set of the first-level cache, with others that are fetched.
const rowsAtOnce = 4

// axpyRows generates y ← y + Σ_p a[p]·b[p,·], for each element one chain over ascending p. y
// stays in the first-level cache, and rows of b are read from end to end, as processors foresee
// it; the next rows are fetched meanwhile. With rowsAtOnce elements of a in registers, a vector
// of each row is a multiply-add with an operand in memory; y adds a load and a store for all of
// them.
func axpyRows(t *target) {
	t.function("func(n, k int, a *%[1]s, aStep int, b *%[1]s, bRow int, y *%[1]s)")
	k, a, aStep, b, bRow := t.param("k"), t.param("a"), t.stride("aStep"), t.param("b"), t.stride("bRow")
	for _, rows := range []int{rowsAtOnce, 1} {
		again, fewer := t.label("rows"), t.label("fewer")
		t.Label(again)
		t.CMPQ(k, U32(rows))
		t.JL(LabelRef(fewer))
		y, x := t.stream("y", t.size()), t.vecs(rows)
		streams := []stream{y}
		for _, v := range x {
			t.broadcast(Mem{Base: a}, v)
			t.ADDQ(aStep, a)
			row := t.GP64()
			t.MOVQ(b, row)
			t.ADDQ(bRow, b)
			streams = append(streams, stream{row, t.size()})
		}
		fetches, ahead := rows == rowsAtOnce && t.level != neon, t.GP64()
		if fetches {
			t.MOVQ(bRow, ahead)
			t.SHLQ(U8(2), ahead) // rowsAtOnce of them
		}
		t.each(t.param("n"), streams, func(w *target, u int) {
			sum := w.vec()
			w.load(y.at(w, u), sum)
			for r, v := range x {
				if fetches && w.mask == nil && !w.scalar && u*w.width()%64 == 0 {
					next := streams[1+r].at(w, u)
					next.Index, next.Scale = ahead, 1
					w.PREFETCHT0(next)
				}
				w.fma(w.operand(streams[1+r].at(w, u)), w.narrow(v), sum)
			}
			w.store(sum, y.at(w, u))
		})
		t.SUBQ(U32(rows), k)
		t.JMP(LabelRef(again))
		t.Label(fewer)
	}
	t.end()
}
