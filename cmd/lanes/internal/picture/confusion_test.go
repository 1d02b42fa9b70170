package picture

import (
	"image"
	"image/color"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCellsAreShadedByTheirShareOfTheRow(t *testing.T) {
	m := shown(t, Confusion([]string{"cat", "dog", "cow"}, [][]int{{30, 0, 0}, {1, 1, 2}, {0, 0, 0}}), Light)
	const cell = 35 * density * 35 * density
	require.Greater(t, pixels(m, Light.full), cell*8/10)                     // all of cat
	require.Greater(t, pixels(m, Light.tint(Light.full, 0.5)), cell*8/10)    // two of four
	require.Greater(t, pixels(m, Light.tint(Light.full, 0.25)), 2*cell*8/10) // one of four, twice
	require.Less(t, pixels(m, Light.tint(Light.full, 0.25)), 3*cell)         // no more
}

func TestRowsAreClassesAndColumnsWhatTheyAreTakenFor(t *testing.T) {
	m := shown(t, Confusion([]string{"cat", "dog", "cow"}, [][]int{{9, 0, 0}, {0, 1, 1}, {0, 0, 0}}), Dark)
	var corner image.Point // of the first cell, the only one of that colour
	for corner.Y = range m.Rect.Dy() {
		if corner.X = slices.Index(row(m, corner.Y), Dark.full); corner.X >= 0 {
			break
		}
	}
	const cell = 36 * density
	at := func(i, j int) color.RGBA { return m.RGBAAt(corner.X+cell*j+6, corner.Y+cell*i+6) }
	require.Equal(t, Dark.full, at(0, 0))
	require.Equal(t, Dark.tint(Dark.full, 0.5), at(1, 2))
	require.Equal(t, Dark.background, at(2, 1))
}

// row returns the colours of a line of pixels.
func row(m *image.RGBA, y int) []color.RGBA {
	colours := make([]color.RGBA, m.Rect.Dx())
	for x := range colours {
		colours[x] = m.RGBAAt(x, y)
	}
	return colours
}

func TestConfusionOfAnotherShapePanics(t *testing.T) {
	require.PanicsWithValue(t, "picture: Confusion: 1 rows, 2 classes", func() { Confusion([]string{"a", "b"}, [][]int{{1, 2}}) })
	require.PanicsWithValue(t, "picture: Confusion: a row of 1 counts, 2 classes", func() { Confusion([]string{"a", "b"}, [][]int{{1, 2}, {3}}) })
}
