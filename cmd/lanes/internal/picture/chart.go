package picture

import (
	"image/color"
	"math"
	"sort"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// chart is a picture with two axes. From top to bottom: the title, the legend,
// the label of y, what paint draws, the label of x.
type chart struct {
	width, height int
	title         string
	legend        []entry
	x, y          axis
	paint         func(c draw.Canvas, at transform, t Theme)
}

// transform returns the place of a point of the data.
type transform = func(x, y float64) vg.Point

// entry is a line of the legend, or a mark if it has a glyph.
type entry struct {
	name   string
	color  func(Theme) color.RGBA
	width  vg.Length
	dashes []vg.Length
	glyph  draw.GlyphDrawer
}

// inset is the margin of a picture, line the height of a line of text.
const (
	inset = 8 * px
	line  = 20 * px
)

func (c chart) picture() Picture {
	return sketch(c.width, c.height, func(canvas draw.Canvas, t Theme) {
		top := canvas.Max.Y - inset - 15*px
		canvas.FillText(bold(titleSize, t.ink), vg.Point{X: inset, Y: top}, c.title)
		top = c.drawLegend(canvas, t, top-line-2*px)
		if c.y.label != "" {
			canvas.FillText(style(labelSize, t.faint), vg.Point{X: inset, Y: top}, c.y.label)
			top -= line
		}

		p := plot.New()
		p.BackgroundColor = nil
		c.x.set(&p.X, t)
		c.y.set(&p.Y, t)
		p.X.Label.Text = c.x.label
		p.Y.LineStyle.Width = 0
		p.Add(plotter(func(inner draw.Canvas) {
			x, y := p.Transforms(&inner)
			at := func(a, b float64) vg.Point { return vg.Point{X: x(a), Y: y(b)} }
			c.grid(inner, at, t)
			c.paint(inner, at, t)
		}))
		canvas.Max.Y = top
		p.Draw(draw.Crop(canvas, inset, -2*inset, inset, 8*px))
	})
}

// plotter makes a function what gonum draws between axes.
type plotter func(draw.Canvas)

func (f plotter) Plot(c draw.Canvas, _ *plot.Plot) { f(c) }

// drawLegend fills lines from left to right, the first at top, and returns where
// the next line of text goes.
func (c chart) drawLegend(canvas draw.Canvas, t Theme, top vg.Length) vg.Length {
	if len(c.legend) == 0 {
		return top
	}
	const sample, gap = 22 * px, 6 * px
	label := style(labelSize, t.ink)
	x := inset
	for i, e := range c.legend {
		e.name = fitted(e.name, label, canvas.Max.X-2*inset-sample-gap)
		wide := sample + gap + label.Width(e.name)
		if i > 0 && x+wide > canvas.Max.X-inset {
			x, top = inset, top-line
		}
		middle := top + 4.5*px
		e.draw(canvas, t, vg.Point{X: x, Y: middle}, vg.Point{X: x + sample, Y: middle})
		canvas.FillText(label, vg.Point{X: x + sample + gap, Y: top}, e.name)
		x += wide + 16*px
	}
	return top - line
}

// fitted returns a text, cut with an ellipsis where it is wider than that.
func fitted(name string, s text.Style, width vg.Length) string {
	if s.Width(name) <= width {
		return name
	}
	letters := []rune(name)
	cut := func(n int) string { return string(letters[:n]) + "…" }
	return cut(sort.Search(len(letters), func(n int) bool { return s.Width(cut(n+1)) > width }))
}

func (e entry) draw(c draw.Canvas, t Theme, from, to vg.Point) {
	if e.width > 0 {
		c.StrokeLines(e.stroke(t), []vg.Point{from, to})
	}
	if e.glyph != nil {
		c.DrawGlyphNoClip(e.mark(t), from.Add(to).Scale(0.5))
	}
}

func (e entry) stroke(t Theme) draw.LineStyle {
	return draw.LineStyle{Color: e.color(t), Width: e.width, Dashes: e.dashes}
}

func (e entry) mark(t Theme) draw.GlyphStyle {
	return draw.GlyphStyle{Color: e.color(t), Radius: markRadius, Shape: e.glyph}
}

const markRadius = 3.5 * px

// ring is a circle that shows what is under it.
type ring struct{}

func (ring) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, p vg.Point) {
	var path vg.Path
	path.Move(vg.Point{X: p.X + s.Radius, Y: p.Y})
	path.Arc(p, s.Radius, 0, 2*math.Pi)
	path.Close()
	c.SetLineStyle(draw.LineStyle{Color: s.Color, Width: 1.25 * px})
	c.Stroke(path)
}

// grid draws a hair line at each tick of y.
func (c chart) grid(canvas draw.Canvas, at transform, t Theme) {
	for _, tick := range c.y.ticks {
		if !tick.IsMinor() {
			canvas.StrokeLines(draw.LineStyle{Color: t.hair, Width: px}, []vg.Point{at(c.x.min, tick.Value), at(c.x.max, tick.Value)})
		}
	}
}
