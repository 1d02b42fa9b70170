package picture

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// Weights draws the weights of hidden units as images, a tile for each: weight
// (c·side + y)·side + x of a unit is that of the pixel (x, y) of the channel c, red,
// green or blue. Grey is 0. Each tile has its own scale, on which its largest
// weight is full colour, so that units of small weights show what they look for
// too. Weights panics if a unit has not 3·side² weights.
func Weights(side int, units [][]float32) Picture {
	for u, w := range units {
		if len(w) != 3*side*side {
			panic(fmt.Sprintf("picture: Weights: unit %d has %d weights, want 3·%d²", u, len(w), side))
		}
	}
	columns := gridColumns(len(units))
	rows := (len(units) + columns - 1) / columns
	const gap = 2
	zoom := max(1, maxTiles/(columns*(side+gap)))
	tile, margin := zoom*side+gap*density, int(inset/px)*density
	width, height := columns*tile+2*margin, rows*tile+2*margin
	return Picture{width / density, height / density, func(Theme) image.Image {
		m := image.NewRGBA(image.Rect(0, 0, width, height)) // transparent between tiles
		for u, w := range units {
			drawTile(m, image.Pt(margin+u%columns*tile, margin+u/columns*tile), zoom, side, w)
		}
		return m
	}}
}

// maxTiles is how many pixels wide the tiles may be in all.
const maxTiles = 900 * density

// gridColumns returns how many columns make n tiles a wide grid, without a last
// row of holes where n allows it.
func gridColumns(n int) int {
	wide := int(math.Ceil(math.Sqrt(1.6 * float64(n))))
	for c := wide; c <= wide+4 && c <= n; c++ {
		if n%c == 0 {
			return c
		}
	}
	return max(1, min(wide, n))
}

func drawTile(m *image.RGBA, at image.Point, zoom, side int, weights []float32) {
	var largest float64
	for _, w := range weights {
		if finite(float64(w)) {
			largest = max(largest, math.Abs(float64(w)))
		}
	}
	shade := func(w float32) uint8 {
		if largest == 0 || !finite(float64(w)) {
			return 128
		}
		return uint8(128 + 127*float64(w)/largest)
	}
	for y := range zoom * side {
		for x := range zoom * side {
			i := y/zoom*side + x/zoom
			m.SetRGBA(at.X+x, at.Y+y, color.RGBA{shade(weights[i]), shade(weights[i+side*side]), shade(weights[i+2*side*side]), 255})
		}
	}
}
