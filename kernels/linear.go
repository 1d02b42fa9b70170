package kernels

import "fmt"

// Activation is a function that a layer applies to each element.
type Activation int

const (
	Identity  Activation = iota
	Rectifier            // max(·, 0), as [Engine.ReLU]
)

// Linear computes a dense layer, y ← act(x·W + bias), where x is N×in, W is
// in×out, bias is added to every row and y is N×out. A nil bias is none. The
// result has the bits of [Engine.Gemm], [Engine.AddBias] and [Engine.ReLU] in
// turn, at a pass over y less for each. It panics as Gemm does, if bias has not
// one element for each column, or if the rows of y are not contiguous.
func (e *Engine[T]) Linear(y, x, w Mat[T], bias []T, act Activation) {
	checkProduct("Linear", "y", &y, "x", &x, "w", &w)
	if bias != nil && len(bias) != y.Cols || y.ColStride != 1 && y.Cols > 1 {
		panic(fmt.Sprintf("kernels: Linear: y is %d×%d with strides (%d,%d), bias has %d elements", y.Rows, y.Cols, y.RowStride, y.ColStride, len(bias)))
	}
	y.ColStride = 1
	e.gemm(&y, 1, &x, &w, 0, epilogue[T]{bias, act == Rectifier})
}
