package kernels

import (
	"fmt"
	"unsafe"
)

// distinct panics if the output out shares an element with the input in and overlaps
// finds it.
func distinct[T Float](op, outName string, out *Mat[T], inName string, in *Mat[T]) {
	if dataMeets(out, in) && overlaps(out, in) {
		panic(fmt.Sprintf("kernels: %s: %s overlaps %s", op, outName, inName))
	}
}

// dataMeets reports whether the data of x and y have memory in common: where they have
// not, which is what mostly happens, there is nothing more to ask.
func dataMeets[T Float](x, y *Mat[T]) bool {
	x0, y0 := address(unsafe.SliceData(x.Data)), address(unsafe.SliceData(y.Data))
	return x0 < y0+uintptr(len(y.Data))*unsafe.Sizeof(T(0)) && y0 < x0+uintptr(len(x.Data))*unsafe.Sizeof(T(0))
}

// distinctOrSame panics if an output shares an element with an input, as distinct does,
// unless they are the same view. Else an elementwise operation would read what it has
// already written.
func distinctOrSame[T Float](op, outName string, out *Mat[T], inName string, in *Mat[T]) {
	if !dataMeets(out, in) || out.empty() || in.empty() || &out.Data[0] == &in.Data[0] && // their shapes are equal
		(out.Rows == 1 || out.RowStride == in.RowStride) && (out.Cols == 1 || out.ColStride == in.ColStride) {
		return
	}
	distinct(op, outName, out, inName, in)
}

func sameLength[T Float](op, an string, a []T, bn string, b []T) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("kernels: %s: %s has %d elements, %s has %d", op, an, len(a), bn, len(b)))
	}
}

// sameOrApart panics unless the slices have the same length, and are the same or have no
// memory in common: it is the check of an elementwise operation.
func sameOrApart[T Float](op, outName string, out []T, inName string, in []T) {
	if len(out) == len(in) && (len(out) == 0 || &out[0] == &in[0] || !rangesMeet(out, in)) {
		return
	}
	sameLength(op, outName, out, inName, in)
	panic(fmt.Sprintf("kernels: %s: %s overlaps %s in part", op, outName, inName))
}

// plainPair reports whether slices that are not empty and fit a piece have the same length, and
// are the same or have no memory in common. Unlike sameOrApart, it is inlined: a call on 300
// elements takes as long as three such calls of functions.
func plainPair[T Float](x, y []T) bool {
	distance, size := address(unsafe.SliceData(x))-address(unsafe.SliceData(y)), uintptr(len(x))*unsafe.Sizeof(T(0))
	return len(x) == len(y) && uint(len(x)-1) < pieceElements && (distance == 0 || distance >= size && -distance >= size)
}

// apart panics if x and y have memory in common.
func apart[T Float](op, xName string, x []T, yName string, y []T) {
	if len(x) > 0 && len(y) > 0 && rangesMeet(x, y) {
		panic(fmt.Sprintf("kernels: %s: %s overlaps %s", op, xName, yName))
	}
}

// rangesMeet reports whether x and y, which must not be empty, have memory in common.
func rangesMeet[T Float](x, y []T) bool {
	return address(&x[0]) <= address(&y[len(y)-1]) && address(&y[0]) <= address(&x[len(x)-1])
}

func address[T Float](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

// overlaps reports whether two views share an element, in the cases where that is cheap to
// find out: the memory between their first and last elements is disjoint, they begin or
// end at the same element, one has no gaps and contains an end of the other, or they have
// the same strides, as blocks of one matrix do. In all other cases it reports false.
func overlaps[T Float](x, y *Mat[T]) bool {
	if x.empty() || y.empty() {
		return false
	}
	xs, ys := x.Data[:x.span()], y.Data[:y.span()]
	if !rangesMeet(xs, ys) {
		return false
	}
	x0, x1, y0, y1 := &xs[0], &xs[len(xs)-1], &ys[0], &ys[len(ys)-1]
	within := func(p, lo, hi *T) bool { return address(lo) <= address(p) && address(p) <= address(hi) }
	switch {
	case x0 == y0 || x1 == y1,
		x.solid() && (within(y0, x0, x1) || within(y1, x0, x1)),
		y.solid() && (within(x0, y0, y1) || within(x1, y0, y1)):
		return true
	case (x.RowStride == y.RowStride || x.Rows == 1 && y.Rows == 1) && (x.ColStride == y.ColStride || x.Cols == 1 && y.Cols == 1):
		apart := (int(address(y0)) - int(address(x0))) / int(unsafe.Sizeof(*x0))
		return meet(apart, x, y)
	}
	return false
}

// solid reports whether m has no gaps between its elements.
func (m *Mat[T]) solid() bool {
	return (m.ColStride == 1 || m.Cols == 1) && (m.RowStride == m.Cols || m.Rows == 1) ||
		(m.RowStride == 1 || m.Rows == 1) && (m.ColStride == m.Rows || m.Cols == 1)
}

// meet reports whether two views of the same strides share an element if y begins apart
// elements after x, that is, whether
//
//	(i-i')·RowStride + (j-j')·ColStride = apart
//
// for an element (i, j) of x and an (i', j') of y.
func meet[T Float](apart int, x, y *Mat[T]) bool {
	if min(x.Rows, y.Rows) > min(x.Cols, y.Cols) {
		xT, yT := x.T(), y.T()
		x, y = &xT, &yT
	}
	for i := 1 - y.Rows; i < x.Rows; i++ {
		rest := apart - i*x.RowStride
		if x.ColStride == 0 {
			if rest == 0 {
				return true
			}
			continue
		}
		if j := rest / x.ColStride; rest%x.ColStride == 0 && -y.Cols < j && j < x.Cols {
			return true
		}
	}
	return false
}

// operand is a matrix of contiguous rows, or a vector, which has no rows, with the name that
// messages give it. It has no pointer to a matrix, which would be allocated for the name's sake.
type operand[T Float] struct {
	name                  string
	data                  []T
	rows, cols, rowStride int
}

func matrix[T Float](name string, m *Mat[T]) operand[T] {
	return operand[T]{name, m.Data, m.Rows, m.Cols, m.RowStride}
}

func vector[T Float](name string, v []T) operand[T] { return operand[T]{name, v, 0, len(v), 0} }

// like returns the operand as a matrix: a vector is a row of the strides of the other operand.
func (x *operand[T]) like(other *operand[T]) Mat[T] {
	if x.rows == 0 {
		return Mat[T]{x.data, 1, x.cols, other.rowStride, 1}
	}
	return Mat[T]{x.data, x.rows, x.cols, x.rowStride, 1}
}

// mostOperands is how many operands outputsApart takes.
const mostOperands = 8

// outputsApart panics if one of the first n operands, which are written, shares an element
// with another operand and overlaps finds it, unless they are the same matrix.
func outputsApart[T Float](op string, n int, all ...operand[T]) {
	var first, last [mostOperands]uintptr
	for i := range all {
		first[i] = address(unsafe.SliceData(all[i].data))
		last[i] = first[i] + uintptr(len(all[i].data))*unsafe.Sizeof(T(0))
	}
	for i := range n {
		for j := i + 1; j < len(all); j++ {
			if first[i] < last[j] && first[j] < last[i] {
				pairApart(op, &all[i], &all[j])
			}
		}
	}
}

func pairApart[T Float](op string, x, y *operand[T]) {
	if x.rows == 0 && y.rows == 0 {
		apart(op, x.name, x.data, y.name, y.data)
		return
	}
	a, b := x.like(y), y.like(x)
	if x.rows > 0 && y.rows > 0 {
		distinctOrSame(op, x.name, &a, y.name, &b)
	} else {
		distinct(op, x.name, &a, y.name, &b)
	}
}
