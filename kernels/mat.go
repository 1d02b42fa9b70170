package kernels

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
	"text/tabwriter"
)

// Float is the set of element types.
type Float interface{ float32 | float64 }

// Mat is a view of a Rows×Cols matrix: element (i, j) is
// Data[i*RowStride+j*ColStride]. With strides, a transpose or a block of a matrix is a view
// too: no element is copied.
type Mat[T Float] struct {
	Data                 []T
	Rows, Cols           int
	RowStride, ColStride int
}

// NewMat returns a view of data as a row-major rows×cols matrix without padding. If data
// is nil, it allocates a matrix of zeros. It panics if rows or cols is negative, or if data
// is shorter than rows·cols.
func NewMat[T Float](rows, cols int, data []T) Mat[T] {
	if data == nil && rows > 0 && cols > 0 {
		data = make([]T, countOf("NewMat", rows, cols))
	}
	m := Mat[T]{Data: data, Rows: rows, Cols: cols, RowStride: cols, ColStride: 1}
	m.check("NewMat", "matrix")
	return m
}

// countOf returns rows·cols for rows and cols of at least 0. It panics if that overflows.
func countOf(op string, rows, cols int) int {
	if cols > 0 && rows > math.MaxInt/cols {
		panic(fmt.Sprintf("kernels: %s: a %d×%d matrix has more elements than an int counts", op, rows, cols))
	}
	return rows * cols
}

// T returns the transposed view.
func (m Mat[T]) T() Mat[T] {
	m.Rows, m.Cols = m.Cols, m.Rows
	m.RowStride, m.ColStride = m.ColStride, m.RowStride
	return m
}

// Slice returns the view of rows [i0, i1) and columns [j0, j1). It panics if
// they do not lie within m.
func (m Mat[T]) Slice(i0, i1, j0, j1 int) Mat[T] {
	if i0 < 0 || i1 < i0 || i1 > m.Rows || j0 < 0 || j1 < j0 || j1 > m.Cols {
		panic(fmt.Sprintf("kernels: Slice: rows [%d,%d) and columns [%d,%d) of a %d×%d matrix", i0, i1, j0, j1, m.Rows, m.Cols))
	}
	m.Rows, m.Cols = i1-i0, j1-j0
	if m.empty() {
		m.Data = nil
		return m
	}
	first := i0*m.RowStride + j0*m.ColStride
	m.Data = m.Data[first : first+m.span()]
	return m
}

// part is Slice, and cheaper where that is all of m.
func (m Mat[T]) part(i0, i1, j0, j1 int) Mat[T] {
	if i1-i0 == m.Rows && j1-j0 == m.Cols {
		return m
	}
	return m.Slice(i0, i1, j0, j1)
}

// At returns element (i, j). It panics if that lies outside m.
func (m Mat[T]) At(i, j int) T {
	if uint(i) >= uint(m.Rows) || uint(j) >= uint(m.Cols) {
		panic(fmt.Sprintf("kernels: At: element (%d,%d) of a %d×%d matrix", i, j, m.Rows, m.Cols))
	}
	return m.Data[i*m.RowStride+j*m.ColStride]
}

// Set sets element (i, j) to v. It panics if that lies outside m.
func (m Mat[T]) Set(i, j int, v T) {
	if uint(i) >= uint(m.Rows) || uint(j) >= uint(m.Cols) {
		panic(fmt.Sprintf("kernels: Set: element (%d,%d) of a %d×%d matrix", i, j, m.Rows, m.Cols))
	}
	m.Data[i*m.RowStride+j*m.ColStride] = v
}

// String returns the shape and the elements, a line for each row, in columns: of a
// large matrix the first eight rows and columns.
func (m Mat[T]) String() string {
	const most = 8
	var b strings.Builder
	fmt.Fprintf(&b, "%d×%d\n", m.Rows, m.Cols)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for i := range min(m.Rows, most) {
		for j := range min(m.Cols, most) {
			fmt.Fprintf(w, "%.5g\t", m.At(i, j))
		}
		if m.Cols > most {
			fmt.Fprint(w, "…\t")
		}
		fmt.Fprintln(w)
	}
	if m.Rows > most {
		fmt.Fprintln(w, "…\t")
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// Row returns the elements of row i. It panics unless 0 ≤ i < m.Rows, or if they are not
// contiguous.
func (m Mat[T]) Row(i int) []T {
	if uint(i) >= uint(m.Rows) || m.ColStride != 1 && m.Cols > 1 {
		panic(fmt.Sprintf("kernels: Row: row %d of a %d×%d matrix with column stride %d", i, m.Rows, m.Cols, m.ColStride))
	}
	if m.Cols == 0 {
		return nil
	}
	return m.Data[i*m.RowStride:][:m.Cols]
}

func (m Mat[T]) empty() bool { return m.Rows == 0 || m.Cols == 0 }

// span returns one more than the offset of the last element of a matrix that is not empty.
func (m Mat[T]) span() int { return (m.Rows-1)*m.RowStride + (m.Cols-1)*m.ColStride + 1 }

// plain reports whether m has contiguous rows, is not empty, has numbers so small that
// their products are ints, and lies within its data: what check finds out with more effort
// for any view.
func (m *Mat[T]) plain() bool {
	return m.ColStride == 1 && uint(m.Rows-1|m.Cols-1|m.RowStride)>>(bits.UintSize/2-1) == 0 &&
		(m.Rows-1)*m.RowStride+m.Cols <= len(m.Data)
}

// check panics unless every element of m lies within its data. The assembly relies on it,
// so products are computed in 128 bits: a stride cannot pass it by overflow.
func (m *Mat[T]) check(op, name string) {
	if m.Rows > 0 && m.Cols > 0 && m.RowStride >= 0 && m.ColStride >= 0 {
		h1, down := bits.Mul64(uint64(m.Rows-1), uint64(m.RowStride))
		h2, right := bits.Mul64(uint64(m.Cols-1), uint64(m.ColStride))
		last, carry := bits.Add64(down, right, 0)
		if h1|h2|carry == 0 && last < uint64(len(m.Data)) {
			return
		}
	} else if m.Rows >= 0 && m.Cols >= 0 && m.empty() {
		return
	}
	panic(fmt.Sprintf("kernels: %s: %s is %d×%d with strides (%d,%d), its data has %d elements",
		op, name, m.Rows, m.Cols, m.RowStride, m.ColStride, len(m.Data)))
}

// checkOutput is check for a matrix that is written, in which no two elements may be in
// the same place. Elements (i, j) and (i', j') are if (i-i')·RowStride = (j'-j)·ColStride;
// the smallest solution is i-i' = ColStride/g and j'-j = RowStride/g, where g is the
// greatest common divisor of the strides.
func (m *Mat[T]) checkOutput(op, name string) {
	m.check(op, name)
	if m.Rows <= 1 && m.Cols <= 1 || m.ColStride == 1 && m.RowStride >= m.Cols || m.empty() {
		return
	}
	if g := gcd(m.RowStride, m.ColStride); g == 0 || m.ColStride/g < m.Rows && m.RowStride/g < m.Cols {
		panic(fmt.Sprintf("kernels: %s: elements of %s overlap: %d×%d with strides (%d,%d)",
			op, name, m.Rows, m.Cols, m.RowStride, m.ColStride))
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
