package picture

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestWeightsOfAUnitAreItsTile(t *testing.T) {
	const side = 4
	first, second := make([]float32, 3*side*side), make([]float32, 3*side*side)
	first[1*side+2] = 0.5              // red at (2, 1)
	first[side*side+3*side+0] = -0.5   // green at (0, 3)
	second[2*side*side+0*side+3] = 2e3 // blue at (3, 0)
	p := Weights([]int{3, side, side}, [][]float32{first, second})
	m := shown(t, p, Light)
	const margin = 8 * density
	tile := (m.Bounds().Dx() - 2*margin) / 2
	zoom := tile / side
	at := func(unit, x, y int) color.RGBA {
		return m.RGBAAt(margin+unit*tile+x*zoom+zoom/2, margin+y*zoom+zoom/2)
	}
	grey := color.RGBA{128, 128, 128, 255}
	require.Equal(t, color.RGBA{255, 128, 128, 255}, at(0, 2, 1))
	require.Equal(t, color.RGBA{128, 1, 128, 255}, at(0, 0, 3))
	require.Equal(t, grey, at(0, 0, 0))
	require.Equal(t, color.RGBA{128, 128, 255, 255}, at(1, 3, 0)) // a scale of its own
	require.Equal(t, grey, at(1, 2, 1))
	require.Equal(t, color.RGBA{}, m.RGBAAt(0, 0)) // nothing between tiles
}

func TestWeightsOfADeadUnitAreGrey(t *testing.T) {
	m := shown(t, Weights([]int{3, 2, 2}, [][]float32{make([]float32, 12)}), Dark)
	require.NotZero(t, pixels(m, color.RGBA{128, 128, 128, 255}))
}

func TestWeightsFillAWideGrid(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 3, 10: 5, 75: 15, 97: 13, 100: 13, 256: 16, 1024: 41} {
		require.Equal(t, want, gridColumns(n), n)
	}
}

func TestWeightsOfAnotherShapePanic(t *testing.T) {
	require.PanicsWithValue(t, "picture: Weights: unit 1 has 11 weights, want 12", func() {
		Weights([]int{3, 2, 2}, [][]float32{make([]float32, 12), make([]float32, 11)})
	})
}

func TestUnitsHaveTheWeightsOfTheirColumn(t *testing.T) {
	w := kernels.NewMat(3, 2, []float64{1, 2, 3, 4, 5, 6})
	require.Equal(t, [][]float32{{1, 3, 5}, {2, 4, 6}}, Units(w, 9))
	require.Equal(t, [][]float32{{1, 3, 5}}, Units(w, 1))
}

func TestTilesHaveAPixelForEachWeight(t *testing.T) {
	m := Tiles([]int{1, 2, 2}, [][]float32{{0, 1, 0, 0}, {0, 0, -2, 0}})
	require.Equal(t, image.Rect(0, 0, 6, 3), m.Bounds())
	require.Equal(t, color.RGBA{255, 255, 255, 255}, m.At(1, 0))
	require.Equal(t, color.RGBA{}, m.At(2, 0))
	require.Equal(t, color.RGBA{1, 1, 1, 255}, m.At(3, 1))
}
