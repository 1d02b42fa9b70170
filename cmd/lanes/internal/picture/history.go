package picture

import (
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Point is a point of a curve.
type Point struct{ X, Y float64 }

// Run is the history of a training run.
type Run struct {
	Name          string
	Loss          []Point // of the batch, by step
	TrainAccuracy []Point // by epoch, as the next
	ValAccuracy   []Point
}

// The size of a chart: two stand side by side on a page, and one is still read
// where it is shrunk to a phone.
const (
	chartWidth  = 440
	chartHeight = 310
)

// Loss draws the loss history: of one run the loss of every batch and its
// moving mean, of several the moving means.
func Loss(runs ...Run) Picture { return lossChart(runs).picture() }

func lossChart(runs []Run) chart {
	var curves []lines
	for i, r := range runs {
		window := max(1, len(r.Loss)/60)
		mean := lines{entry{name: r.Name, color: series(i), width: nested(i, len(runs))}, movingMean(r.Loss, window)}
		if len(runs) == 1 {
			mean.name = "batch"
			if window > 1 {
				each := entry{name: "batch", width: px, color: func(t Theme) color.RGBA { return t.tint(t.line(0), 0.35) }}
				curves = append(curves, lines{each, r.Loss})
				mean.name = fmt.Sprintf("mean of %d batches", window)
			}
		}
		curves = append(curves, mean)
	}
	c := historyChart("Loss history", len(runs), curves)
	xs, ys := coordinates(curves)
	c.x, c.y = counting("step", 6, xs...), linear("cross-entropy, nats", 7, ys...)
	return c
}

// Accuracy draws the classification accuracy history: of one run on training and
// validation images, of several on the validation images, with that on the
// training images dashed.
func Accuracy(runs ...Run) Picture { return accuracyChart(runs).picture() }

func accuracyChart(runs []Run) chart {
	var curves []lines
	dashed := false
	for i, r := range runs {
		train, val := entry{name: "training", color: series(0), width: strong}, entry{name: "validation", color: series(1), width: strong}
		if len(runs) > 1 {
			train = entry{color: series(i), width: px, dashes: dashes}
			val = entry{name: r.Name, color: series(i), width: nested(i, len(runs))}
			if (lines{val, r.ValAccuracy}).shown() {
				dashed = dashed || lines{train, r.TrainAccuracy}.shown()
			} else {
				train.name = r.Name
			}
		}
		curves = append(curves, lines{train, r.TrainAccuracy}, lines{val, r.ValAccuracy})
	}
	c := historyChart("Classification accuracy history", len(runs), curves)
	if dashed {
		c.legend = append(c.legend, entry{name: "training", width: px, dashes: dashes, color: func(t Theme) color.RGBA { return t.ink }})
	}
	xs, ys := coordinates(curves)
	c.x, c.y = counting("epoch", 8, xs...), linear("share of images classified right", 7, ys...)
	return c
}

// strong is the width of a curve that is read, not just there for comparison.
const strong = 1.5 * px

// dashes are those of curves that are there for comparison.
var dashes = []vg.Length{3 * px, 2 * px}

// nested is the width of curve i of n: the later one of the last four is drawn the narrower
// it is, so that those that lie over each other are all seen.
func nested(i, n int) vg.Length { return strong + vg.Length(min(n-1-i, 3))*1.5*px }

// historyChart has the curves, and in the legend those of them that have a name
// and points. It has room for the names of several runs, a line for each.
func historyChart(title string, runs int, curves []lines) chart {
	c := chart{width: chartWidth, height: chartHeight + int(line/px)*max(0, runs-1), title: title}
	for _, l := range curves {
		if l.name != "" && l.shown() {
			c.legend = append(c.legend, l.entry)
		}
	}
	c.paint = func(canvas draw.Canvas, at transform, t Theme) {
		for _, l := range curves {
			l.draw(canvas, at, t)
		}
	}
	return c
}

func coordinates(curves []lines) (xs, ys []float64) {
	for _, l := range curves {
		for _, p := range l.points {
			xs, ys = append(xs, p.X), append(ys, p.Y)
		}
	}
	return xs, ys
}

// lines are the points of a curve and how it is drawn.
type lines struct {
	entry
	points []Point
}

// draw leaves gaps where a value is not finite, and makes a dot of one point. Of
// more points than a picture has places for it draws those that are seen.
func (l lines) draw(c draw.Canvas, at transform, t Theme) {
	var part []vg.Point
	flush := func() {
		switch {
		case len(part) == 1:
			c.DrawGlyph(draw.GlyphStyle{Color: l.color(t), Radius: 2 * px, Shape: draw.CircleGlyph{}}, part[0])
		case len(part) > 1:
			c.StrokeLines(l.stroke(t), part)
		}
		part = nil
	}
	for _, p := range thinned(l.points, 2*chartWidth*density) {
		if !finitePoint(p) {
			flush()
			continue
		}
		part = append(part, at(p.X, p.Y))
	}
	flush()
}

// thinned returns about as many points as most, if there are more: the lowest and the
// highest of neighbours, and a gap where one of them is not finite.
func thinned(points []Point, most int) []Point {
	if len(points) <= most {
		return points
	}
	var kept []Point
	for around := range slices.Chunk(points, (2*len(points)+most-1)/most) {
		low, high := 0, 0
		for i, p := range around {
			if !finitePoint(p) {
				low, high = i, i
				break
			}
			if p.Y < around[low].Y {
				low = i
			}
			if p.Y > around[high].Y {
				high = i
			}
		}
		kept = append(kept, around[min(low, high)])
		if low != high {
			kept = append(kept, around[max(low, high)])
		}
	}
	return kept
}

// shown tells whether a point of the curve is drawn.
func (l lines) shown() bool { return slices.ContainsFunc(l.points, finitePoint) }

func finitePoint(p Point) bool { return finite(p.X) && finite(p.Y) }

func series(i int) func(Theme) color.RGBA {
	return func(t Theme) color.RGBA { return t.line(i) }
}

// movingMean returns means of up to window points around a point; not of every
// point where the window is wide, so that its cost grows with their number alone.
func movingMean(points []Point, window int) []Point {
	var means []Point
	add := func(i int) {
		m := Point{X: points[i].X}
		around := points[max(0, i-window/2):min(len(points), i+(window+1)/2)]
		for _, p := range around {
			m.Y += p.Y / float64(len(around))
		}
		means = append(means, m)
	}
	every := 1 + window/10
	for i := 0; i < len(points); i += every {
		add(i)
	}
	if n := len(points) - 1; n > 0 && n%every != 0 {
		add(n)
	}
	return means
}
