package safetensors

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// decoded returns the 2×3 matrix that a tensor holds, read into columns.
func decoded[T kernels.Float](t *testing.T, tensor Tensor) []T {
	t.Helper()
	into := kernels.NewMat[T](3, 2, nil)
	require.NoError(t, Decode(tensor, []int{2, 3}, into.T()))
	return into.Data
}

func testDecode[T kernels.Float](t *testing.T, dtype string) {
	columns := []T{1, 4, -2.5, 5, 3, 0x1p-20}
	var file bytes.Buffer
	require.NoError(t, Write(&file, []Tensor{Stream("w", []int{2, 3}, kernels.NewMat(3, 2, columns).T())}, nil))
	tensors, _, err := Read(file.Bytes())
	require.NoError(t, err)
	require.Equal(t, dtype, tensors[0].DType)
	require.Equal(t, []float32{1, 4, -2.5, 5, 3, 0x1p-20}, decoded[float32](t, tensors[0]))
	require.Equal(t, []float64{1, 4, -2.5, 5, 3, 0x1p-20}, decoded[float64](t, tensors[0]))
}

func TestDecodeGivesTheMatrixThatWasStreamedInEitherType(t *testing.T) {
	testDecode[float32](t, "F32")
	testDecode[float64](t, "F64")
}

func TestDecodeRefusesAnotherShapeAndAnotherType(t *testing.T) {
	m := kernels.NewMat[float32](2, 1, []float32{7, 8})
	require.EqualError(t, Decode(example[0], []int{1, 2}, m), "tensor layers.0.weight is [2 1], want [1 2]")
	require.EqualError(t, Decode(Tensor{Name: "n", DType: "I32", Shape: []int{2, 1}, Data: make([]byte, 8)}, []int{2, 1}, m),
		"tensor n is of I32, want F32 or F64")
	require.Equal(t, []float32{7, 8}, m.Data, "nothing was written")
}

func TestStreamTellsThatTheDiskIsFull(t *testing.T) {
	big := Stream("w", []int{64, 64}, kernels.NewMat[float64](64, 64, nil))
	for _, room := range []int{0, 4096, 20000} {
		require.ErrorIs(t, big.WriteData(&fullDisk{room}), errFull, "%d bytes", room)
	}
	require.NoError(t, big.WriteData(&fullDisk{big.Size()}))
}
