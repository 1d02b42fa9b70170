package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// squares advances the chains of pairs of groups at AVX-512: 16 rows of float32, 8 of
// float64, to a register. It takes squares of as many rows, and columns that fill half a
// register, the two of a line of 64 bytes after each other.
//
// A square of float32 takes 16 loads, since a half of a row is broadcast, and a half of
// another replaces its copy under a mask; 24 shuffles, of which the last 8 bring the halves
// of a column together; and 8 multiply-adds. Shuffles bound it, at 12 cycles for 512 bytes:
// with registers of 256 bits it is 24 cycles. It takes 2 accumulators, 16 elements of the
// vector, 8 registers for a square and 2 for a shuffle.
func (g *gemvKernel) squares() {
	columns := 2 * g.half
	upper, ones := g.t.K(), g.t.GP64()
	g.t.MOVQ(U32((1<<columns-1)<<columns), ones)
	g.t.KMOVW(ones.As32(), upper)
	again, rest, last, done := g.t.label("squares"), g.t.label("rest"), g.t.label("last"), g.t.label("done")
	g.t.SUBQ(U32(2*columns), g.k)
	g.t.JL(LabelRef(rest))
	g.t.align()
	g.t.Label(again)
	x := make([]reg.VecVirtual, 2*columns)
	for c := range x {
		x[c] = g.wideElement(c)
	}
	for pair, acc := range g.acc {
		for part := range 2 {
			for c, column := range g.square(pair, part, nil, upper) {
				g.t.fma(column, x[part*columns+c], acc)
			}
		}
	}
	g.next(4)
	g.t.SUBQ(U32(2*columns), g.k)
	g.t.JGE(LabelRef(again))
	g.t.Label(rest)
	g.t.ADDQ(U32(2*columns), g.k)
	g.t.JZ(LabelRef(done))

	// Squares that may have fewer columns.
	g.t.Label(last)
	n, bytes := g.t.clamp(g.k, 0, columns), g.t.GP64()
	lower, higher := g.t.maskOf(n), g.t.K()
	g.t.KSHIFTLW(U8(columns), lower, higher)
	for pair, acc := range g.acc {
		enough := g.t.label("enough")
		for c, column := range g.square(pair, 0, lower, higher) {
			if c > 0 {
				g.t.CMPQ(n, U32(c))
				g.t.JLE(LabelRef(enough))
			}
			g.t.fma(column, g.wideElement(c), acc)
		}
		g.t.Label(enough)
	}
	g.t.MOVQ(n, bytes)
	g.t.inBytes(bytes)
	g.advance(bytes)
	g.t.SUBQ(n, g.k)
	g.t.JNZ(LabelRef(last))
	g.t.Label(done)
}

func (g *gemvKernel) wideElement(c int) reg.VecVirtual {
	v := g.t.ZMM()
	g.t.broadcast(Mem{Base: g.x, Disp: c * g.t.size()}, v)
	return v
}

// square returns the columns of a half of a line of a pair of groups. The masks are those of
// the columns in the lower half of a register, nil for all, and in the upper one.
func (g *gemvKernel) square(pair, part int, lower, upper mask) []reg.VecVirtual {
	group := func(i int) []reg.VecVirtual {
		return g.transpose(func(row int) reg.VecVirtual {
			v, low, high := g.t.ZMM(), g.row(i, row, 2*part), g.row(i, row+g.half, 2*part)
			if lower == nil {
				either(g.t, g.t.VBROADCASTF32X8, g.t.VBROADCASTF64X4)(low, v)
			} else {
				either(g.t, g.t.VBROADCASTF32X8_Z, g.t.VBROADCASTF64X4_Z)(low, lower, v)
			}
			either(g.t, g.t.VBROADCASTF32X8, g.t.VBROADCASTF64X4)(high, upper, v)
			return v
		})
	}
	// A register holds column c and column c+half, each of the rows in its lower half and
	// then of those in its upper half.
	first, second := group(2*pair), group(2*pair+1)
	columns := make([]reg.VecVirtual, 2*g.half)
	for c := range first {
		columns[c], columns[c+g.half] = g.t.ZMM(), g.t.ZMM()
		g.t.VSHUFF64X2(U8(0b10_00_10_00), second[c], first[c], columns[c])
		g.t.VSHUFF64X2(U8(0b11_01_11_01), second[c], first[c], columns[c+g.half])
	}
	return columns
}
