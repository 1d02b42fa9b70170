package safetensors

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
)

// Stream returns m as a tensor of that shape, row by row. It copies nothing: the
// tensor has no Data, and writing it reads m, which must keep its values until then.
func Stream[T kernels.Float](name string, shape []int, m kernels.Mat[T]) Tensor {
	t := Tensor{Name: name, DType: "F64", Shape: shape}
	if _, ok := any(T(0)).(float32); ok {
		t.DType = "F32"
	}
	t.length = m.Rows * m.Cols * elementSize[t.DType]
	t.write = func(w io.Writer) error { return writeMat(w, m) }
	return t
}

// writeMat writes the elements row by row, in pieces of a few kilobytes.
func writeMat[T kernels.Float](w io.Writer, m kernels.Mat[T]) error {
	const piece = 1 << 12
	b := make([]byte, 0, min(piece, 8*m.Rows*m.Cols)+8)
	for i := range m.Rows {
		for j := range m.Cols {
			switch v := any(m.At(i, j)).(type) {
			case float32:
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
			case float64:
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
			}
			if len(b) >= piece {
				if _, err := w.Write(b); err != nil {
					return err
				}
				b = b[:0]
			}
		}
	}
	_, err := w.Write(b)
	return err
}

// Decode sets m to the elements of the tensor, row by row, converted to T. It returns an
// error if the tensor has another shape or is not of type F32 or F64.
func Decode[T kernels.Float](t Tensor, shape []int, m kernels.Mat[T]) error {
	if !slices.Equal(t.Shape, shape) {
		return fmt.Errorf("tensor %s is %v, want %v", t.Name, t.Shape, shape)
	}
	var at func(i int) T
	switch t.DType {
	case "F32":
		at = func(i int) T { return T(math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))) }
	case "F64":
		at = func(i int) T { return T(math.Float64frombits(binary.LittleEndian.Uint64(t.Data[8*i:]))) }
	default:
		return fmt.Errorf("tensor %s is of %s, want F32 or F64", t.Name, t.DType)
	}
	for i := range m.Rows {
		for j := range m.Cols {
			m.Data[i*m.RowStride+j*m.ColStride] = at(i*m.Cols + j)
		}
	}
	return nil
}
