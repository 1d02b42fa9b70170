package picture

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Signal is the standard deviation of something in each layer of a network, the
// first layer first.
type Signal struct {
	Name string
	Std  []float64
	// Later marks a network after training steps. It is dashed, in the colour of
	// the signal before it, which it belongs to.
	Later bool
}

// Mark is a level that signals are compared with.
type Mark struct {
	Name  string
	Level float64
}

// Signals draws signals by layer on a logarithmic scale. What is 0 stands on a
// line of its own below the scale, named 0: there a layer is dead.
func Signals(title, label string, signals []Signal, marks ...Mark) Picture {
	c := chart{width: chartWidth, height: chartHeight + int(line/px), title: title}
	marks = slices.DeleteFunc(slices.Clone(marks), func(m Mark) bool { return !finite(m.Level) || m.Level < leastPositive })
	curves := signalCurves(signals)
	var levels []float64
	for _, m := range marks {
		levels = append(levels, m.Level)
	}
	layers, dead := 1, false
	for _, l := range curves {
		if l.shown() {
			c.legend = append(c.legend, l.entry)
		}
		for _, p := range l.points {
			levels = append(levels, p.Y)
			dead = dead || isDead(p.Y)
		}
		layers = max(layers, len(l.points))
	}
	c.x = axis{label: "layer", min: 0.7, max: float64(layers) + 0.3}
	for l := 1; l <= layers; l++ {
		c.x.ticks = append(c.x.ticks, plot.Tick{Value: float64(l), Label: strconv.Itoa(l)})
	}
	c.y = logarithmic(label, levels...)
	floor := c.y.min
	if dead {
		floor = c.y.extend()
	}
	c.paint = func(canvas draw.Canvas, at transform, t Theme) {
		for _, m := range marks {
			canvas.StrokeLines(draw.LineStyle{Color: t.faint, Width: px}, []vg.Point{at(c.x.min, m.Level), at(c.x.max, m.Level)})
			canvas.FillText(style(labelSize-1, t.faint), at(c.x.min, m.Level).Add(vg.Point{Y: 4 * px}), m.Name)
		}
		for _, l := range curves {
			l.above(floor).drawMarked(canvas, at, t)
		}
	}
	return c.picture()
}

// signalCurves returns a curve for each signal, with a colour for each network.
func signalCurves(signals []Signal) []lines {
	var curves []lines
	colour := -1
	for _, s := range signals {
		e := entry{name: s.Name, width: 1.5 * px, glyph: draw.CircleGlyph{}}
		if s.Later {
			e.dashes, e.glyph = []vg.Length{4 * px, 3 * px}, ring{}
		} else {
			colour++
		}
		e.color = series(max(0, colour))
		l := lines{entry: e}
		for i, v := range s.Std {
			l.points = append(l.points, Point{float64(i + 1), v})
		}
		curves = append(curves, l)
	}
	return curves
}

// above returns the curve with what is dead on the floor.
func (l lines) above(floor float64) lines {
	raised := lines{l.entry, slices.Clone(l.points)}
	for i, p := range raised.points {
		if isDead(p.Y) {
			raised.points[i].Y = floor
		}
	}
	return raised
}

// drawMarked draws the curve with its mark at each point.
func (l lines) drawMarked(canvas draw.Canvas, at transform, t Theme) {
	l.draw(canvas, at, t)
	for _, p := range l.points {
		if finite(p.Y) {
			canvas.DrawGlyphNoClip(l.mark(t), at(p.X, p.Y))
		}
	}
}

// isDead tells whether a standard deviation is 0, or too small to tell from it.
func isDead(v float64) bool { return v < leastPositive }

// extend adds a tick named 0 below a logarithmic axis and returns its place.
func (a *axis) extend() float64 {
	room := (math.Log10(a.max) - math.Log10(a.min)) * 0.12
	a.min = max(a.min*math.Pow(10, -room), math.SmallestNonzeroFloat64)
	a.ticks = append(a.ticks, plot.Tick{Value: a.min, Label: "0"})
	return a.min
}
