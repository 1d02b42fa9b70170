package kernels

import (
	"fmt"
	"unsafe"
)

// AddBias adds bias to every row of y: y[i,j] ← y[i,j] + bias[j], rounded once. NaN and
// Inf propagate. It panics unless len(bias) == y.Cols, or if bias overlaps y.
func (e *Engine[T]) AddBias(y Mat[T], bias []T) {
	if y.plain() && y.RowStride == y.Cols && len(bias) == y.Cols && y.Rows*y.Cols <= pieceElements && clearlyApartFrom(&y, bias) {
		e.addBias(&y, bias)
		return
	}
	y.checkOutput("AddBias", "y")
	if len(bias) != y.Cols {
		panic(fmt.Sprintf("kernels: AddBias: y is %d×%d, bias has %d elements", y.Rows, y.Cols, len(bias)))
	}
	row := rowOf(&y, bias)
	distinct("AddBias", "y", &y, "bias", &row)
	if y.empty() {
		return
	}
	size := y.Cols // cost of a row in elements; with padding after it, at least a vector
	if y.RowStride > y.Cols {
		size = max(size, lanes)
	}
	switch {
	case y.ColStride == 1 && y.Cols > pieceElements:
		for i := range y.Rows {
			e.Axpy(NewVec(y.Row(i)), 1, NewVec(bias))
		}
	case y.Rows*size <= pieceElements:
		e.addBias(&y, bias)
	default:
		split(e, e.threads, biasTask[T]{y, bias}, y.Rows, max(1, pieceElements/size))
	}
}

// biasTask is AddBias, whose units are rows.
type biasTask[T Float] struct {
	y    Mat[T]
	bias []T
}

func (t biasTask[T]) do(e *Engine[T], lo, hi int) {
	y := t.y.Slice(lo, hi, 0, t.y.Cols)
	e.addBias(&y, t.bias)
}

func (e *Engine[T]) addBias(y *Mat[T], bias []T) {
	switch {
	case y.ColStride != 1:
		addBiasGeneric(y, bias)
	case y.RowStride == y.Cols && 0 < y.Cols && (y.Cols < shortBias && y.Rows*y.Cols >= 2*shortBias || y.Cols < lanes && y.Rows*y.Cols >= 8*lanes):
		e.addShortBias(y, bias)
	default:
		e.addBiasRows(y, bias)
	}
}

// addShortBias adds the bias to several rows at a time, as if they were one, with a copy
// of the bias for each. Row by row, the end of a row within a vector would delay the
// next. The rows must have no padding between them.
func (e *Engine[T]) addShortBias(y *Mat[T], bias []T) {
	repeat := max(1, lanes/(y.Cols&-y.Cols))              // so many rows end where a vector ends
	for y.Cols*repeat < min(shortBias, y.Rows*y.Cols/8) { // to copy more takes longer than it saves
		repeat *= 2
	}
	buf := e.pools.buffer(min(repeat, y.Rows) * y.Cols)
	for n := copy(buf.data, bias); n < len(buf.data); n *= 2 {
		copy(buf.data[n:], buf.data[:n])
	}
	whole := y.Rows / repeat
	e.addBiasRows(&Mat[T]{y.Data, whole, len(buf.data), len(buf.data), 1}, buf.data)
	if n := (y.Rows - whole*repeat) * y.Cols; n > 0 {
		rest := y.Data[whole*repeat*y.Cols:]
		e.addBiasRows(&Mat[T]{rest, 1, n, n, 1}, buf.data[:n])
	}
	e.pools.buffers.Put(buf)
}

// clearlyApartFrom reports whether the data of y and bias have no memory in common.
func clearlyApartFrom[T Float](y *Mat[T], bias []T) bool {
	size := unsafe.Sizeof(T(0))
	y0, b0 := address(unsafe.SliceData(y.Data)), address(unsafe.SliceData(bias))
	return y0 >= b0+uintptr(len(bias))*size || b0 >= y0+uintptr(len(y.Data))*size
}

// shortBias is the number of columns from which on a row is worth a loop of its own.
const shortBias = 512

func addBiasGeneric[T Float](y *Mat[T], bias []T) {
	for i := range y.Rows {
		for j, b := range bias {
			y.Data[i*y.RowStride+j*y.ColStride] += b
		}
	}
}
