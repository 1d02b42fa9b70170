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
	upper, ones := g.K(), g.GP64()
	g.MOVQ(U32((1<<columns-1)<<columns), ones)
	g.KMOVW(ones.As32(), upper)
	again, rest, last, done := g.label("squares"), g.label("rest"), g.label("last"), g.label("done")
	g.SUBQ(U32(2*columns), g.k)
	g.JL(LabelRef(rest))
	g.align()
	g.Label(again)
	x := make([]reg.VecVirtual, 2*columns)
	for c := range x {
		x[c] = g.wideElement(c)
	}
	for pair, acc := range g.acc {
		for part := range 2 {
			for c, column := range g.square(pair, part, nil, upper) {
				g.fma(column, x[part*columns+c], acc)
			}
		}
	}
	g.next(4)
	g.SUBQ(U32(2*columns), g.k)
	g.JGE(LabelRef(again))
	g.Label(rest)
	g.ADDQ(U32(2*columns), g.k)
	g.JZ(LabelRef(done))

	// Squares that may have fewer columns.
	g.Label(last)
	n, bytes := g.clamp(g.k, 0, columns), g.GP64()
	lower, higher := g.maskOf(n), g.K()
	g.KSHIFTLW(U8(columns), lower, higher)
	for pair, acc := range g.acc {
		enough := g.label("enough")
		for c, column := range g.square(pair, 0, lower, higher) {
			if c > 0 {
				g.CMPQ(n, U32(c))
				g.JLE(LabelRef(enough))
			}
			g.fma(column, g.wideElement(c), acc)
		}
		g.Label(enough)
	}
	g.MOVQ(n, bytes)
	g.inBytes(bytes)
	g.advance(bytes)
	g.SUBQ(n, g.k)
	g.JNZ(LabelRef(last))
	g.Label(done)
}

func (g *gemvKernel) wideElement(c int) reg.VecVirtual {
	v := g.ZMM()
	g.broadcast(Mem{Base: g.x, Disp: c * g.size()}, v)
	return v
}

// square returns the columns of a half of a line of a pair of groups. The masks are those of
// the columns in the lower half of a register, nil for all, and in the upper one.
func (g *gemvKernel) square(pair, part int, lower, upper mask) []reg.VecVirtual {
	group := func(i int) []reg.VecVirtual {
		return g.transpose(func(row int) reg.VecVirtual {
			v, low, high := g.ZMM(), g.row(i, row, 2*part), g.row(i, row+g.half, 2*part)
			if lower == nil {
				either(g.target, g.VBROADCASTF32X8, g.VBROADCASTF64X4)(low, v)
			} else {
				either(g.target, g.VBROADCASTF32X8_Z, g.VBROADCASTF64X4_Z)(low, lower, v)
			}
			either(g.target, g.VBROADCASTF32X8, g.VBROADCASTF64X4)(high, upper, v)
			return v
		})
	}
	// A register holds column c and column c+half, each of the rows in its lower half and
	// then of those in its upper half.
	first, second := group(2*pair), group(2*pair+1)
	columns := make([]reg.VecVirtual, 2*g.half)
	for c := range first {
		columns[c], columns[c+g.half] = g.ZMM(), g.ZMM()
		g.VSHUFF64X2(U8(0b10_00_10_00), second[c], first[c], columns[c])
		g.VSHUFF64X2(U8(0b11_01_11_01), second[c], first[c], columns[c+g.half])
	}
	return columns
}
