package kernels

import "fmt"

// Pixels is a matrix of rows of bytes that are centred and scaled where they
// are read, by [Engine.CenterRows]: element (i, j) is
//
//	(T(Data[Rows[i]*Cols+j]) - Mean[j]) · Scale
//
// each operation rounded.
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
