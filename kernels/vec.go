package kernels

import (
	"fmt"
	"math/bits"
)

// Vec is a view of a vector of N elements. Element i is Data[i*Inc], or, as BLAS has it,
// Data[(i-N+1)*Inc] where Inc is negative: then the last element is the first in memory.
// With an Inc of 0, which only operands that are not written may have, all are Data[0].
type Vec[T Float] struct {
	Data   []T
	N, Inc int
}

// NewVec returns a view of all of data.
func NewVec[T Float](data []T) Vec[T] { return Vec[T]{data, len(data), 1} }

// check panics unless every element of v lies within its data.
func (v *Vec[T]) check(op, name string) {
	if v.Inc == 1 && uint(v.N) <= uint(len(v.Data)) {
		return
	}
	v.checkAny(op, name)
}

func (v *Vec[T]) checkAny(op, name string) {
	if v.N == 0 {
		return
	}
	if v.N > 0 {
		if over, last := bits.Mul64(uint64(v.N-1), uint64(v.step())); over == 0 && last < uint64(len(v.Data)) {
			return
		}
	}
	panic(fmt.Sprintf("kernels: %s: %s has %d elements with increment %d, its data has %d", op, name, v.N, v.Inc, len(v.Data)))
}

// checkOutput is check for a vector that is written, in which no two elements may be in the
// same place.
func (v *Vec[T]) checkOutput(op, name string) {
	v.check(op, name)
	if v.Inc == 0 && v.N > 1 {
		panic(fmt.Sprintf("kernels: %s: the %d elements of %s have increment 0", op, v.N, name))
	}
}

// checkLength panics unless v has n elements, as many as what.
func (v *Vec[T]) checkLength(op, name string, n int, what string) {
	if v.N != n {
		panic(fmt.Sprintf("kernels: %s: %s has %d elements, %s %d", op, name, v.N, what, n))
	}
}

// step is how far elements lie apart.
func (v *Vec[T]) step() int { return max(v.Inc, -v.Inc) }

// slice returns the view of elements [lo, hi).
func (v Vec[T]) slice(lo, hi int) Vec[T] {
	first := lo
	if v.Inc < 0 {
		first = v.N - hi
	}
	if v.N = hi - lo; v.N == 0 {
		v.Data = nil
		return v
	}
	v.Data = v.Data[first*v.step():][:(v.N-1)*v.step()+1]
	return v
}

// mat returns v as a matrix of one row, with the elements in the order in which memory has
// them.
func (v *Vec[T]) mat() Mat[T] {
	return Mat[T]{v.Data, 1, v.N, 0, v.step()}
}

// values returns the elements [lo, hi), in buf unless they are contiguous already.
func (v *Vec[T]) values(lo, hi int, buf []T) []T {
	if v.Inc == 1 {
		return v.Data[lo:hi]
	}
	buf = buf[:hi-lo]
	at, inc := v.place(lo)
	for i := range buf {
		buf[i] = v.Data[at]
		at += inc
	}
	return buf
}

// setValues sets the elements from lo on to what values returned.
func (v *Vec[T]) setValues(lo int, values []T) {
	if v.Inc == 1 {
		return
	}
	at, inc := v.place(lo)
	for _, x := range values {
		v.Data[at] = x
		at += inc
	}
}

// place returns the index of element i in the data, and the distance to that of the next.
func (v *Vec[T]) place(i int) (at, inc int) {
	if v.Inc < 0 {
		return (i - v.N + 1) * v.Inc, v.Inc
	}
	return i * v.Inc, v.Inc
}

// vecPiece is how many elements of a vector that is not contiguous are copied at a time.
const vecPiece = 128

// apartOrSame panics unless the vectors are the same or share no element, in the cases that
// [overlaps] finds. Else an elementwise operation would read what it has already written.
func apartOrSame[T Float](op, outName string, out *Vec[T], inName string, in *Vec[T]) {
	if len(out.Data) == 0 || len(in.Data) == 0 || &out.Data[0] == &in.Data[0] && out.Inc == in.Inc {
		return
	}
	apartFrom(op, outName, out, inName, in)
}

// apartFrom panics if the vectors share an element, in the cases that [overlaps] finds.
func apartFrom[T Float](op, outName string, out *Vec[T], inName string, in *Vec[T]) {
	x, y := out.mat(), in.mat()
	distinct(op, outName, &x, inName, &y)
}

// apartFromDiagonal panics if v begins or ends at an end of the diagonal of a, a square
// matrix with a triangle that is not referred to. LAPACK may keep v in that triangle, so
// that nothing else is found cheaply.
func apartFromDiagonal[T Float](op, name string, v *Vec[T], a *Mat[T]) {
	if v.N == 0 || a.empty() {
		return
	}
	first, last := address(&a.Data[0]), address(&a.Data[a.span()-1])
	for _, p := range [2]uintptr{address(&v.Data[0]), address(&v.Data[(v.N-1)*v.step()])} {
		if p == first || p == last {
			panic(fmt.Sprintf("kernels: %s: %s overlaps a", op, name))
		}
	}
}
