package kernels

import (
	"fmt"
	"math/bits"
	"unsafe"
)

// Vec is a view of a vector, whose elements lie equally far apart. It is small enough to be
// passed in registers, so that an operation on a few elements is not dearer than they are.
// The zero Vec has no elements.
type Vec[T Float] struct {
	first  *T // the one with the lowest address
	n, inc int
}

// NewVec returns a view of all of data.
func NewVec[T Float](data []T) Vec[T] { return Vec[T]{unsafe.SliceData(data), len(data), 1} }

// StridedVec returns a view of n elements of data, of which element i is data[i*inc], or, as
// BLAS has it, data[(i-n+1)*inc] where inc is negative: then the last element is the first
// in memory. With an inc of 0, which only operands that are not written may have, all are
// data[0]. It panics if n is negative, or if data is too short.
func StridedVec[T Float](data []T, n, inc int) Vec[T] {
	if inc != 1 || uint(n) > uint(len(data)) {
		checkStrided(len(data), n, inc)
	}
	return Vec[T]{unsafe.SliceData(data), n, inc}
}

func checkStrided(length, n, inc int) {
	if n == 0 {
		return
	}
	if over, last := bits.Mul64(uint64(n-1), uint64(max(inc, -inc))); n < 0 || over != 0 || last >= uint64(length) {
		panic(fmt.Sprintf("kernels: StridedVec: %d elements with increment %d, the data has %d", n, inc, length))
	}
}

// Len returns the number of elements.
func (v Vec[T]) Len() int { return v.n }

// At returns element i. It panics if that lies outside v.
func (v Vec[T]) At(i int) T { return *v.element("At", i) }

// Set sets element i to x. It panics if that lies outside v.
func (v Vec[T]) Set(i int, x T) { *v.element("Set", i) = x }

func (v Vec[T]) element(op string, i int) *T {
	if uint(i) >= uint(v.n) {
		panic(fmt.Sprintf("kernels: %s: element %d of a vector of %d", op, i, v.n))
	}
	at, _ := v.place(i)
	return &v.memory()[at]
}

// flat returns the elements of a vector whose increment is 1, memory those of any with what
// lies between them.
func (v Vec[T]) flat() []T { return unsafe.Slice(v.first, v.n) }

func (v Vec[T]) memory() []T {
	if v.n == 0 {
		return nil
	}
	return unsafe.Slice(v.first, (v.n-1)*v.step()+1)
}

// step is how far elements lie apart.
func (v Vec[T]) step() int { return max(v.inc, -v.inc) }

// place returns the index in memory of element i, and the distance to that of the next.
func (v Vec[T]) place(i int) (at, inc int) {
	if v.inc < 0 {
		return (i - v.n + 1) * v.inc, v.inc
	}
	return i * v.inc, v.inc
}

// slice returns the view of elements [lo, hi).
func (v Vec[T]) slice(lo, hi int) Vec[T] {
	if lo == hi {
		return Vec[T]{}
	}
	first := lo
	if v.inc < 0 {
		first = v.n - hi
	}
	return Vec[T]{&v.memory()[first*v.step()], hi - lo, v.inc}
}

// mat returns v as a matrix of one row, with the elements in the order in which memory has
// them.
func (v Vec[T]) mat() Mat[T] { return Mat[T]{v.memory(), 1, v.n, 0, v.step()} }

// values returns the elements [lo, hi), in buf unless they are contiguous already.
func (v Vec[T]) values(lo, hi int, buf []T) []T {
	if v.inc == 1 {
		return v.flat()[lo:hi]
	}
	buf, data := buf[:hi-lo], v.memory()
	at, inc := v.place(lo)
	for i := range buf {
		buf[i] = data[at]
		at += inc
	}
	return buf
}

// setValues sets the elements from lo on to what values returned.
func (v Vec[T]) setValues(lo int, values []T) {
	if v.inc == 1 {
		return
	}
	data := v.memory()
	at, inc := v.place(lo)
	for _, x := range values {
		data[at] = x
		at += inc
	}
}

// vecPiece is how many elements of a vector that is not contiguous are copied at a time.
const vecPiece = 128

// checkOutput panics if two elements are in the same place of a vector that is written.
func (v Vec[T]) checkOutput(op, name string) {
	if v.inc == 0 && v.n > 1 {
		panic(fmt.Sprintf("kernels: %s: the %d elements of %s have increment 0", op, v.n, name))
	}
}

// checkLength panics unless v has n elements, as many as what.
func (v Vec[T]) checkLength(op, name string, n int, what string) {
	if v.n != n {
		panic(fmt.Sprintf("kernels: %s: %s has %d elements, %s %d", op, name, v.n, what, n))
	}
}

// apartOrSame panics unless the vectors are the same or share no element, in the cases that
// [overlaps] finds. Else an elementwise operation would read what it has already written.
func apartOrSame[T Float](op, outName string, out Vec[T], inName string, in Vec[T]) {
	if out != in {
		apartFrom(op, outName, out, inName, in)
	}
}

// flatPair reports whether the vectors are equally long, contiguous, and the same or apart:
// for those, which nearly all are, an operation need not check more.
func flatPair[T Float](y, x Vec[T]) bool {
	distance, size := address(y.first)-address(x.first), uintptr(y.n)*unsafe.Sizeof(T(0))
	return x.n == y.n && x.inc == 1 && y.inc == 1 && (distance == 0 || distance >= size && -distance >= size)
}

// apartFrom panics if the vectors share an element, in the cases that [overlaps] finds.
func apartFrom[T Float](op, outName string, out Vec[T], inName string, in Vec[T]) {
	if meetIn(out, in) {
		x, y := out.mat(), in.mat()
		distinct(op, outName, &x, inName, &y)
	}
}

// meetIn reports whether the memory between the first and the last elements of two vectors
// meets.
func meetIn[T Float](v, w Vec[T]) bool {
	v0, w0, size := address(v.first), address(w.first), unsafe.Sizeof(T(0))
	return v0 <= w0+uintptr((w.n-1)*w.step())*size && w0 <= v0+uintptr((v.n-1)*v.step())*size
}

// apartFromMat panics if v shares an element with m, in the cases that [overlaps] finds.
func apartFromMat[T Float](op, name string, v Vec[T], matName string, m *Mat[T]) {
	v0, m0, size := address(v.first), address(unsafe.SliceData(m.Data)), unsafe.Sizeof(T(0))
	if v0 < m0+uintptr(len(m.Data))*size && m0 <= v0+uintptr((v.n-1)*v.step())*size {
		mv := v.mat()
		distinct(op, name, &mv, matName, m)
	}
}

// apartFromDiagonal panics if v begins or ends at an end of the diagonal of a, a square
// matrix with a triangle that is not referred to. LAPACK may keep v in that triangle, so
// that nothing else is found cheaply.
func apartFromDiagonal[T Float](op, name string, v Vec[T], a *Mat[T]) {
	if v.n == 0 || a.empty() {
		return
	}
	memory := v.memory()
	first, last := &a.Data[0], &a.Data[a.span()-1]
	for _, p := range [2]*T{&memory[0], &memory[len(memory)-1]} {
		if p == first || p == last {
			panic(fmt.Sprintf("kernels: %s: %s overlaps a", op, name))
		}
	}
}
