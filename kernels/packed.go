package kernels

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// Packed is a copy of a matrix in the order in which the kernels of one level read it.
// [Engine.Pack] makes it. It does not change when the original does.
type Packed[T Float] struct {
	data       []T
	rows, cols int
	isa        isa
	blocking   *blocking // which says where elements lie
}

// Pack returns a packed copy of b, for a matrix that many products use: with small
// batches, packing the weights of a layer costs as much as the product. It panics if b
// exceeds its data.
func (e *Engine[T]) Pack(b Mat[T]) *Packed[T] {
	b.check("Pack", "b")
	blk := e.blockingFor(b.Cols)
	width := roundUp(b.Cols, blk.nr)
	p := &Packed[T]{make([]T, b.Rows*width), b.Rows, b.Cols, e.isa, blk}
	for row := 0; row < b.Rows; row += blk.kc {
		k := min(blk.kc, b.Rows-row)
		e.pack(p.data[row*width:], k*blk.nr, blk.nr, b.Slice(row, row+k, 0, b.Cols).T(), 1)
	}
	return p
}

// GemmPacked computes C ← α·A·B + β·C, with shapes (m×k)·(k×n) and the bits of
// [Engine.Gemm]. It panics as Gemm does, or if b was packed at another level.
func (e *Engine[T]) GemmPacked(c Mat[T], alpha T, a Mat[T], b *Packed[T], beta T) {
	e.packedProduct("GemmPacked", "c", c, alpha, "a", a, "b", b, beta, &panel.Epilogue[T]{})
}

// LinearPacked computes y ← act(x·W + bias), with shapes (m×k)·(k×n) and the bits of
// [Engine.Linear]. It panics as Linear does, or if w was packed at another level.
func (e *Engine[T]) LinearPacked(y, x Mat[T], w *Packed[T], bias []T, act Activation) {
	checkBias("LinearPacked", &y, bias, act)
	e.packedProduct("LinearPacked", "y", y, 1, "x", x, "w", w, 0, &panel.Epilogue[T]{Bias: bias, ReLU: act == ReLU})
}

func (e *Engine[T]) packedProduct(op, cName string, c Mat[T], alpha T, aName string, a Mat[T], bName string, b *Packed[T], beta T, f *panel.Epilogue[T]) {
	c.checkOutput(op, cName)
	a.check(op, aName)
	if a.Rows != c.Rows || b.cols != c.Cols || a.Cols != b.rows {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, %s is %d×%d, %s is %d×%d", op, cName, c.Rows, c.Cols, aName, a.Rows, a.Cols, bName, b.rows, b.cols))
	}
	if b.isa != e.isa {
		panic(fmt.Sprintf("kernels: %s: %s was packed at another level than %v", op, bName, e.level))
	}
	distinct(op, cName, &c, aName, &a)
	if c.empty() {
		return
	}
	t := packed | settled
	p := e.planFor(&c, &a, &Mat[T]{}, t)
	p.blocking = b.blocking
	g := e.product(p, &c, &a, &Mat[T]{}, beta, f)
	g.alphaA, g.packed = alpha, b.data
	g.do()
}
