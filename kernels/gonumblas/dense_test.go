package gonumblas

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lanes-ml/lanes/kernels"
)

func TestDenseIsSharedWhereRowsAreContiguous(t *testing.T) {
	data := []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	whole := kernels.NewMat(3, 4, data)
	for name, c := range map[string]struct {
		m      kernels.Mat[float64]
		shared bool
	}{
		"whole":               {whole, true},
		"block":               {whole.Slice(1, 3, 1, 3), true},
		"row of a transpose":  {whole.T().Slice(2, 3, 0, 3), false},
		"column":              {whole.Slice(0, 3, 2, 3), true},
		"column, wide stride": {kernels.Mat[float64]{Data: data, Rows: 2, Cols: 1, RowStride: 3, ColStride: 5}, true},
		"row, short stride":   {kernels.Mat[float64]{Data: data, Rows: 1, Cols: 4, RowStride: 0, ColStride: 1}, true},
		"transpose":           {whole.T(), false},
		"every other":         {kernels.Mat[float64]{Data: data, Rows: 2, Cols: 2, RowStride: 6, ColStride: 2}, false},
		"one row repeated":    {kernels.Mat[float64]{Data: data, Rows: 2, Cols: 3, RowStride: 0, ColStride: 1}, false},
	} {
		d, shared := ToDense(c.m)
		require.Equal(t, c.shared, shared, name)
		rows, cols := d.Dims()
		require.Equal(t, []int{c.m.Rows, c.m.Cols}, []int{rows, cols}, name)
		back := FromDense(d)
		for i := range rows {
			for j := range cols {
				require.Equal(t, c.m.At(i, j), d.At(i, j), name)
				require.Equal(t, c.m.At(i, j), back.At(i, j), name)
			}
		}
		was := c.m.At(rows-1, cols-1)
		back.Set(rows-1, cols-1, -1) // reaches d, and m where that is shared
		require.EqualValues(t, -1, d.At(rows-1, cols-1), name)
		require.Equal(t, shared, c.m.At(rows-1, cols-1) == -1, name)
		c.m.Set(rows-1, cols-1, was)
	}
	empty, shared := ToDense(kernels.Mat[float64]{Cols: 3})
	require.True(t, empty.IsEmpty())
	require.False(t, shared)
	require.Zero(t, FromDense(new(mat.Dense)).Rows)
	require.Panics(t, func() { ToDense(kernels.Mat[float64]{Data: data, Rows: 4, Cols: 4, RowStride: 4, ColStride: 1}) })
}
