package kernels

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// Batch is matrices of one shape, Stride elements apart: Mat is the first, and
// matrix s begins at Mat.Data[s*Stride].
type Batch[T Float] struct {
	Mat[T]
	Stride int
}

// NewBatch views data as count row-major rows×cols matrices without padding,
// one after the other. A nil data allocates zero matrices. It panics if a number
// is negative or data is shorter than that.
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

// GemmBatch computes C_s ← α·A_s·B_s + β·C_s for s = 0 … count-1, each with the
// bits of [Engine.Gemm]. Threads share the products, and each product if it is
// large. A stride of 0 uses one A or B for all. It panics as Gemm does, if a
// batch exceeds its data, or if products overlap in C; they may lie between each
// other. C must not overlap A or B, which is found for the first product alone.
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
			panic(fmt.Sprintf("kernels: %s: products overlap in c: %d×%d with strides (%d,%d), %d apart", op, c.Rows, c.Cols, c.RowStride, c.ColStride, c.Stride))
		}
	}
	volume := c.Rows * c.Cols * a.Cols
	if e.threads == 1 || volume >= serialVolume {
		for s := range count {
			e.multiplyOne(s, &c, alpha, &a, &b, beta)
		}
		return
	}
	t := take[batch[T]](&e.pools.batches)
	*t = batch[T]{*e, count, max(1, serialVolume/max(1, 2*volume)), c, a, b, alpha, beta}
	t.serial.threads = 1
	parallel(e.threads, ceilDiv(count, t.perPiece), t)
	*t = batch[T]{}
	e.pools.batches.Put(t)
}

// checkCount panics unless count matrices lie within the data.
func (m *Batch[T]) checkCount(op, name string, count int) {
	if m.empty() {
		return
	}
	if m.Stride < 0 || m.Stride > 0 && count-1 > (len(m.Data)-m.span())/m.Stride {
		panic(fmt.Sprintf("kernels: %s: %d matrices %s of %d elements, %d apart, its data has %d elements", op, count, name, m.span(), m.Stride, len(m.Data)))
	}
}

// batch is a call of GemmBatch that threads share.
type batch[T Float] struct {
	serial          Engine[T]
	count, perPiece int
	c, a, b         Batch[T]
	alpha, beta     T
}

func (t *batch[T]) run(piece int) {
	for s := piece * t.perPiece; s < min((piece+1)*t.perPiece, t.count); s++ {
		t.serial.multiplyOne(s, &t.c, t.alpha, &t.a, &t.b, t.beta)
	}
}

func (e *Engine[T]) multiplyOne(s int, c *Batch[T], alpha T, a, b *Batch[T], beta T) {
	cs, as, bs := c.at(s), a.at(s), b.at(s)
	e.gemm(&cs, alpha, &as, &bs, beta, &panel.Epilogue[T]{})
}

// at returns matrix s.
func (m *Batch[T]) at(s int) Mat[T] {
	v := m.Mat
	v.Data = tail(v.Data, s*m.Stride)
	return v
}
