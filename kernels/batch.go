package kernels

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// Batch is a sequence of matrices of the same shape and strides. Mat is the first;
// matrix s begins at Mat.Data[s*Stride].
type Batch[T Float] struct {
	Mat[T]
	Stride int
}

// NewBatch returns a view of data as count row-major rows×cols matrices, one after the
// other and without padding. If data is nil, it allocates matrices of zeros. It panics if
// count, rows or cols is negative, or if data is shorter than count·rows·cols.
func NewBatch[T Float](count, rows, cols int, data []T) Batch[T] {
	const op = "NewBatch"
	if count < 0 || rows < 0 || cols < 0 {
		panic(fmt.Sprintf("kernels: %s: %d matrices of %d×%d", op, count, rows, cols))
	}
	all := NewMat(countOf(op, count, rows), cols, data)
	b := Batch[T]{all, countOf(op, rows, cols)}
	b.Rows = rows
	return b
}

// GemmBatch computes C_s ← α·A_s·B_s + β·C_s for s = 0 … count-1, with shapes
// (m×k)·(k×n), and gives each C_s the bits that [Engine.Gemm] gives it. Threads share the
// products, or the work of each one if it is large. With a stride of 0, all products use
// the same A or B.
//
// It panics as Gemm does, if count < 0, if a batch exceeds its data, or if two C_s have
// an element in common; their elements may lie between one another. No C_s may overlap
// an A_s or B_s; this is checked for s = 0 only.
func (e *Engine[T]) GemmBatch(count int, c Batch[T], alpha T, a, b Batch[T], beta T) {
	const op = "GemmBatch"
	if count < 0 {
		panic(fmt.Sprintf("kernels: %s: %d products", op, count))
	}
	checkProduct(op, "c", &c.Mat, "a", &a.Mat, "b", &b.Mat)
	if count == 0 || c.empty() {
		return
	}
	c.checkCount(op, "c", count)
	a.checkCount(op, "a", count)
	b.checkCount(op, "b", count)
	for s := 1; s < count && s*c.Stride < c.span(); s++ {
		if meet(s*c.Stride, &c.Mat, &c.Mat) {
			panic(fmt.Sprintf("kernels: %s: matrices of c overlap: %d×%d with strides (%d,%d), %d apart", op, c.Rows, c.Cols, c.RowStride, c.ColStride, c.Stride))
		}
	}
	volume := int64(c.Rows) * int64(c.Cols) * int64(a.Cols)
	if e.threads == 1 || volume >= e.serialVolume() {
		e.multiplyEach(0, count, &c, alpha, &a, &b, beta)
		return
	}
	t := take[batch[T]](&e.pools.batches)
	*t = batch[T]{*e, count, int(max(1, e.serialVolume()/max(1, 2*volume))), c, a, b, alpha, beta}
	t.serial.threads = 1
	parallel(e.threads, ceilDiv(count, t.perPiece), true, t)
	*t = batch[T]{}
	e.pools.batches.Put(t)
}

// checkCount panics unless count matrices fit in the data.
func (m *Batch[T]) checkCount(op, name string, count int) {
	if m.empty() {
		return
	}
	if m.Stride < 0 || m.Stride > 0 && count-1 > (len(m.Data)-m.span())/m.Stride {
		panic(fmt.Sprintf("kernels: %s: %s is %d matrices of %d elements, %d apart, its data has %d elements", op, name, count, m.span(), m.Stride, len(m.Data)))
	}
}

// batch is a call of GemmBatch whose products threads share.
type batch[T Float] struct {
	serial          Engine[T]
	count, perPiece int
	c, a, b         Batch[T]
	alpha, beta     T
}

func (t *batch[T]) run(piece int) {
	lo := piece * t.perPiece
	t.serial.multiplyEach(lo, min(lo+t.perPiece, t.count), &t.c, t.alpha, &t.a, &t.b, t.beta)
}

// multiplyEach computes products lo to hi-1. Those that fit a panel are planned once.
func (e *Engine[T]) multiplyEach(lo, hi int, c *Batch[T], alpha T, a, b *Batch[T], beta T) {
	if alpha == 1 && b.ColStride == 1 && e.isa != portable {
		if p := e.planFor(&c.Mat, &a.Mat, &b.Mat, 0); p.way == onePanel && !p.swapped {
			most := max(1, smallWork/(c.Rows*c.Cols*max(a.Cols, 2*lanes)))
			for s := lo; s < hi; s += most {
				cs, as, bs := c.at(s), a.at(s), b.at(s)
				e.small(min(most, hi-s), &cs, c.Stride, &as, a.Stride, &bs, b.Stride, beta)
			}
			return
		}
	}
	for s := lo; s < hi; s++ {
		cs, as, bs := c.at(s), a.at(s), b.at(s)
		e.gemm(&cs, alpha, &as, &bs, beta, &panel.Epilogue[T]{})
	}
}

// smallWork is the work of a call of small for several products, so that it ends soon.
const smallWork = 1 << 18

// smallGeneric computes products whose operands begin at equal distances.
func smallGeneric[T Float](count int, c *Mat[T], cNext int, a *Mat[T], aNext int, b *Mat[T], bNext int, beta T) {
	for s := range count {
		edgeGeneric(c.Rows, c.Cols, a.Cols, tail(a.Data, s*aNext), a.RowStride, a.ColStride,
			tail(b.Data, s*bNext), b.RowStride, c.Data[s*cNext:], c.RowStride, startOf(beta), beta)
	}
}

// at returns matrix s.
func (m *Batch[T]) at(s int) Mat[T] {
	v := m.Mat
	v.Data = tail(v.Data, s*m.Stride)
	return v
}
