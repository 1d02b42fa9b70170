package picture

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
)

// Rates draws the loss of batches, and smoothed, over learning rates that grow step by step.
// The suggested one is marked, unless it is 0. What exceeds three times the first smoothed
// loss is cut off: the slices are changed.
func Rates(batches, smoothed []Point, suggested float64) Picture {
	most := 0.0
	if len(smoothed) > 0 {
		most = 3 * smoothed[0].Y
	}
	above := func(p Point) bool { return p.Y > most }
	curves := []lines{
		{entry{name: "batch", width: px, color: func(t Theme) color.RGBA { return t.tint(t.line(0), 0.35) }}, slices.DeleteFunc(batches, above)},
		{entry{name: "smoothed", width: strong, color: series(0)}, slices.DeleteFunc(smoothed, above)},
	}
	c := historyChart("Loss by learning rate", 1, curves)
	xs, ys := coordinates(curves)
	c.x, c.y = logarithmic("learning rate", xs...), linear("loss", 7, ys...)
	paint := c.paint
	c.paint = func(canvas draw.Canvas, at transform, t Theme) {
		if suggested > 0 {
			foot, head := at(suggested, c.y.min), at(suggested, c.y.max)
			canvas.StrokeLines(draw.LineStyle{Color: t.faint, Width: px, Dashes: dashes}, []vg.Point{foot, head})
			canvas.FillText(style(labelSize-1, t.faint), foot.Add(vg.Point{X: 4 * px, Y: 4 * px}), number.Significant(suggested, 2))
		}
		paint(canvas, at, t)
	}
	return c.picture()
}
