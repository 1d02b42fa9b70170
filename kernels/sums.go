package kernels

import "fmt"

// lanes is the number of lanes of a sum, at every level: lane l adds the elements l, l+16,
// l+32, …, and [combine] adds the lanes. So a sum has the same bits for any width of a
// vector. The widest vector, of float32 at AVX-512, has as many.
const lanes = 16

// sumChunk is the largest number of elements that are added in 16 lanes. Longer sums are
// cut into such chunks, which threads share, and the chunks' sums are added in order.
const sumChunk = 1 << 15

// SumSquares returns Σ x[i]², which it adds in 16 lanes of fused multiply-adds for every
// 32768 elements. For n elements the relative error is at most
// (min(n, 32768)/16 + n/32768 + 5)·ε, where ε is half the spacing of floats at 1. A
// subnormal square adds an error of up to half the smallest float; so, in float32,
// SumSquares of 1e-30 is 0. NaN and Inf propagate. The sum of no elements is 0.
func (e *Engine[T]) SumSquares(x []T) T {
	if len(x) <= sumChunk {
		return e.sumSquaresChunk(x)
	}
	chunks := ceilDiv(len(x), sumChunk)
	sums := e.pools.buffer(chunks)
	split(e, e.threads, squaresTask[T]{sums.data, x}, chunks, 1)
	var sum T
	for _, s := range sums.data {
		sum += s
	}
	e.pools.buffers.Put(sums)
	return sum
}

// squaresTask computes the sum of squares of each chunk of x. Its units are chunks.
type squaresTask[T Float] struct{ sums, x []T }

func (t squaresTask[T]) do(e *Engine[T], lo, hi int) {
	for i := lo; i < hi; i++ {
		t.sums[i] = e.sumSquaresChunk(t.x[i*sumChunk : min((i+1)*sumChunk, len(t.x))])
	}
}

func (e *Engine[T]) sumSquaresChunk(x []T) T {
	var acc [lanes]T
	e.sumSquares(&acc, x)
	return combine(&acc)
}

func sumSquaresGeneric[T Float](acc *[lanes]T, x []T) {
	for len(x) >= lanes {
		for l, v := range x[:lanes] {
			acc[l] = mulAdd(v, v, acc[l])
		}
		x = x[lanes:]
	}
	for l, v := range x {
		acc[l] = mulAdd(v, v, acc[l])
	}
}

// combine adds lanes that are 8 apart, then 4, 2 and 1.
func combine[T Float](acc *[lanes]T) T {
	for d := lanes / 2; d > 0; d /= 2 {
		for l := range d {
			acc[l] += acc[l+d]
		}
	}
	return acc[0]
}

// ColSums computes the sum of every column, dst[j] ← Σ_i m[i,j], as one chain of additions
// in ascending i. NaN and Inf propagate. It panics unless len(dst) == m.Cols, or if dst
// overlaps m.
func (e *Engine[T]) ColSums(dst []T, m Mat[T]) {
	m.check("ColSums", "m")
	if len(dst) != m.Cols {
		panic(fmt.Sprintf("kernels: ColSums: m is %d×%d, dst has %d elements", m.Rows, m.Cols, len(dst)))
	}
	row := rowOf(&m, dst)
	distinct("ColSums", "dst", &row, "m", &m)
	for lo := 0; lo < m.Cols; lo += pieceElements {
		hi := min(lo+pieceElements, m.Cols)
		e.colSums(dst[lo:hi], m.Slice(0, m.Rows, lo, hi))
	}
}

// colSums is ColSums for so few columns that a call into assembly ends soon.
func (e *Engine[T]) colSums(dst []T, m Mat[T]) {
	clear(dst)
	if m.ColStride == 1 {
		eachRows(m.Rows, m.Cols, func(i0, i1 int) {
			rows := m.Slice(i0, i1, 0, m.Cols)
			e.columnSums(dst, &rows)
		})
		return
	}
	for i := range m.Rows {
		for j := range dst {
			dst[j] += m.At(i, j)
		}
	}
}
