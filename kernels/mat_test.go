package kernels

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSetWritesOneElement(t *testing.T) {
	m := Mat[float32]{make([]float32, 12), 2, 3, 6, 2}
	m.Set(1, 2, 7)
	m.T().Set(1, 0, 5)
	require.Equal(t, []float32{0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 7, 0}, m.Data)
	before := slices.Clone(m.Data)
	for message, f := range map[string]func(){
		"kernels: Set: element (2,0) of a 2×3 matrix":  func() { m.Set(2, 0, 1) },
		"kernels: Set: element (0,3) of a 2×3 matrix":  func() { m.Set(0, 3, 1) },
		"kernels: Set: element (-1,0) of a 2×3 matrix": func() { m.Set(-1, 0, 1) },
	} {
		require.PanicsWithValue(t, message, f)
		require.Equal(t, before, m.Data)
	}
}

func TestStringShowsShapeAndElements(t *testing.T) {
	m := NewMat(2, 3, []float64{1, -2.5, 3, 400, 5, 1e-7})
	require.Equal(t, "2×3\n    1  -2.5      3\n  400     5  1e-07", m.String())
	require.Equal(t, "3×2\n     1    400\n  -2.5      5\n     3  1e-07", m.T().String())
	require.Equal(t, "0×3", Mat[float32]{Cols: 3}.String())
	require.Equal(t, "1×9\n  0  0  0  0  0  0  0  0  …", NewMat[float32](1, 9, nil).String())
	require.Equal(t, "9×1\n  0\n  0\n  0\n  0\n  0\n  0\n  0\n  0\n  …", NewMat[float32](9, 1, nil).String())
}
