package kernels

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// Pixels is a matrix of rows of bytes that are centred and scaled where they
// are read, by [Engine.CenterRows] or a product: element (i, j) is
//
//	(T(Data[Rows[i]*Cols+j]) - Mean[j]) · Scale
//
// each operation rounded. So images need no copy as floats.
type Pixels[T Float] struct {
	Data  []uint8
	Rows  []int
	Cols  int
	Mean  []T
	Scale T
}

func (x *Pixels[T]) check(op string) {
	if x.Cols < 0 || len(x.Mean) != x.Cols {
		panic(fmt.Sprintf("kernels: %s: x has %d columns, mean has %d elements", op, x.Cols, len(x.Mean)))
	}
	for i, r := range x.Rows {
		if x.Cols > 0 && uint(r) >= uint(len(x.Data)/x.Cols) {
			panic(fmt.Sprintf("kernels: %s: rows[%d] is %d, data has %d rows of %d", op, i, r, len(x.Data)/x.Cols, x.Cols))
		}
	}
}

// row returns the bytes of row i.
func (x *Pixels[T]) row(i int) []uint8 { return x.Data[x.Rows[i]*x.Cols:][:x.Cols] }

// LinearPixels is [Engine.Linear] of pixels: it has the bits that Linear has of
// the same matrix as floats. It panics as Linear does, if Mean has not one
// element for each column, or if a row lies beyond Data.
func (e *Engine[T]) LinearPixels(y Mat[T], x *Pixels[T], w Mat[T], bias []T, act Activation) {
	const op = "LinearPixels"
	x.check(op)
	y.checkOutput(op, "y")
	w.check(op, "w")
	if y.Rows != len(x.Rows) || w.Rows != x.Cols || w.Cols != y.Cols {
		panic(fmt.Sprintf("kernels: %s: y is %d×%d, x is %d×%d, w is %d×%d", op, y.Rows, y.Cols, len(x.Rows), x.Cols, w.Rows, w.Cols))
	}
	distinct(op, "y", &y, "w", &w)
	checkBias(op, &y, bias, act)
	if y.empty() {
		return
	}
	g := e.product(y, Mat[T]{Rows: len(x.Rows), Cols: x.Cols}, w, 0, &panel.Epilogue[T]{Bias: bias, ReLU: act == ReLU})
	g.pixels = x
	g.do()
}

// LinearBackwardPixels is [Engine.LinearBackward] of pixels, without the
// gradient with respect to them. It panics as LinearBackward does, if Mean has
// not one element for each column, or if a row lies beyond Data.
func (e *Engine[T]) LinearBackwardPixels(dw Mat[T], db []T, dz Mat[T], x *Pixels[T], w Mat[T], l2 T) {
	const op = "LinearBackwardPixels"
	x.check(op)
	dw.checkOutput(op, "dw")
	dz.check(op, "dz")
	if dz.Rows != len(x.Rows) || dw.Rows != x.Cols || dw.Cols != dz.Cols {
		panic(fmt.Sprintf("kernels: %s: dw is %d×%d, x is %d×%d, dz is %d×%d", op, dw.Rows, dw.Cols, len(x.Rows), x.Cols, dz.Rows, dz.Cols))
	}
	checkWeights(op, &dw, db, &w)
	distinct(op, "dw", &dw, "dz", &dz)
	sums := rowOf(&dz, db)
	distinct(op, "db", &sums, "dz", &dz)
	if dw.empty() {
		e.ColSums(db, dz)
		return
	}
	f := decay(&w, l2)
	g := e.product(dw, Mat[T]{Rows: x.Cols, Cols: len(x.Rows)}, dz, 0, &f)
	g.pixels, g.pixelsT, g.sums = x, true, db
	g.do()
}

// blockOfPixels sets a block of pixels as floats, image after image.
func (g *product[T]) blockOfPixels(args *panel.Args[T], i0, i1, p int) *buffer[T] {
	m, k := i1-i0, args.K
	buf := g.engine.pools.buffer(m * k)
	args.A = buf.data
	if g.pixelsT {
		g.floats(buf.data, p, p+k, i0, i1)
		args.ARow, args.ACol, args.ATile = 1, m, g.mr
	} else {
		g.floats(buf.data, i0, i1, p, p+k)
		args.ARow, args.ACol, args.ATile = k, 1, g.mr*k
	}
	return buf
}

// floats stores pixels [j0, j1) of images [i0, i1) in dst.
func (g *product[T]) floats(dst []T, i0, i1, j0, j1 int) {
	x, n := g.pixels, j1-j0
	for i := range i1 - i0 {
		g.engine.center(dst[i*n:][:n], x.row(i0 + i)[j0:j1], x.Mean[j0:j1], x.Scale)
	}
}
