package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
)

// Encode returns m as a tensor of that shape, row by row.
func Encode[T kernels.Float](name string, shape []int, m kernels.Mat[T]) Tensor {
	t := Tensor{Name: name, DType: "F64", Shape: shape}
	if _, ok := any(T(0)).(float32); ok {
		t.DType = "F32"
	}
	t.Data = make([]byte, 0, m.Rows*m.Cols*elementSize[t.DType])
	for i := range m.Rows {
		for j := range m.Cols {
			switch v := any(m.At(i, j)).(type) {
			case float32:
				t.Data = binary.LittleEndian.AppendUint32(t.Data, math.Float32bits(v))
			case float64:
				t.Data = binary.LittleEndian.AppendUint64(t.Data, math.Float64bits(v))
			}
		}
	}
	return t
}

// Decode sets m to the tensor's elements, row by row, converted to T. An error says
// that the tensor has not that shape or is not of floats.
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
