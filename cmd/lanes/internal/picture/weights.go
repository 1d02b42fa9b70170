package picture

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/lanes-ml/lanes/kernels"
)

// DrawsWeights reports whether [Weights] draws units of inputs of that shape: images of
// one channel or of three, and not larger than a tile may be.
func DrawsWeights(dims []int) bool {
	return len(dims) == 3 && (dims[0] == 1 || dims[0] == 3) && max(dims[1], dims[2]) <= maxTiles
}

// Weights draws the weights of hidden units as images, a tile for each. Dims are channels,
// height and width: weight (c·height + y)·width + x of a unit is that of the pixel (x, y) of
// the channel c, red, green or blue, or of the only one. Grey is 0. Each tile has its own
// scale, on which its largest weight is full colour, so that units of small weights show
// what they look for too. Weights panics unless [DrawsWeights] and each unit has as many
// weights.
func Weights(dims []int, units [][]float32) Picture {
	t := shapeOf(dims, units)
	const gap = 2
	zoom := max(1, maxTiles/(gridColumns(len(units))*(t.width+gap)))
	margin := int(inset/px) * density
	size := t.grid(len(units), zoom, gap*density).Add(image.Pt(2*margin, 2*margin))
	return Picture{size.X / density, size.Y / density, func(Theme) image.Image {
		m := image.NewRGBA(image.Rectangle{Max: size}) // transparent between tiles
		drawTiles(m, image.Pt(margin, margin), t, units, zoom, gap*density)
		return m
	}}
}

// Tiles is [Weights] with one pixel for each weight, and a gap of one.
func Tiles(dims []int, units [][]float32) image.Image {
	t := shapeOf(dims, units)
	m := image.NewRGBA(image.Rectangle{Max: t.grid(len(units), 1, 1)})
	drawTiles(m, image.Point{}, t, units, 1, 1)
	return m
}

// Units returns the columns of w, which are the weights of the units of a layer; the first
// most of them if there are more.
func Units[T kernels.Float](w kernels.Mat[T], most int) [][]float32 {
	units := make([][]float32, min(w.Cols, most))
	for j := range units {
		units[j] = make([]float32, w.Rows)
	}
	for i := range w.Rows {
		for j, v := range w.Row(i)[:len(units)] {
			units[j][i] = float32(v)
		}
	}
	return units
}

// shapeOf returns the shape of a tile. It panics as [Weights] does.
func shapeOf(dims []int, units [][]float32) tileShape {
	if !DrawsWeights(dims) {
		panic(fmt.Sprintf("picture: Weights: shape %v, want 1 or 3 channels, height and width", dims))
	}
	t := tileShape{dims[0], dims[1], dims[2]}
	for u, w := range units {
		if want := t.channels * t.height * t.width; len(w) != want {
			panic(fmt.Sprintf("picture: Weights: unit %d has %d weights, want %d", u, len(w), want))
		}
	}
	return t
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
	for c := wide - 1; c*c >= n && n%wide < wide/2; c-- {
		if n%c == 0 {
			return c
		}
	}
	return max(1, min(wide, n))
}

// tileShape is the shape of an image in a tile.
type tileShape struct{ channels, height, width int }

// grid returns the size of n tiles with a gap after each.
func (t tileShape) grid(n, zoom, gap int) image.Point {
	columns := gridColumns(n)
	return image.Pt(columns*(zoom*t.width+gap), (n+columns-1)/columns*(zoom*t.height+gap))
}

// drawTiles draws a tile for each unit, the first one at a place.
func drawTiles(m *image.RGBA, at image.Point, t tileShape, units [][]float32, zoom, gap int) {
	columns := gridColumns(len(units))
	for u, w := range units {
		drawTile(m, at.Add(image.Pt(u%columns*(zoom*t.width+gap), u/columns*(zoom*t.height+gap))), zoom, t, w)
	}
}

func drawTile(m *image.RGBA, at image.Point, zoom int, t tileShape, weights []float32) {
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
	next := 0 // from a channel to the next one
	if t.channels == 3 {
		next = t.height * t.width
	}
	for y := range zoom * t.height {
		for x := range zoom * t.width {
			i := y/zoom*t.width + x/zoom
			m.SetRGBA(at.X+x, at.Y+y, color.RGBA{shade(weights[i]), shade(weights[i+next]), shade(weights[i+2*next]), 255})
		}
	}
}
