package main

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	_ "gonum.org/v1/plot/vg/vgimg" // PNG
	_ "gonum.org/v1/plot/vg/vgsvg" // SVG
)

// px is a pixel of a picture that is shown 900 pixels wide. A PNG has twice as many in each
// direction, so that it is sharp on dense screens.
const px = vg.Length(1.5)

const (
	width, height = 900 * px, 600 * px
	header        = 62 * px

	// above is the room above the peak, for the names of the shapes.
	above = 1.18
)

var (
	ink    = color.Gray{0x2b}
	faint  = color.Gray{0x80}
	hair   = color.Gray{0xe6}
	beyond = color.Gray{0xf4}

	colors = map[string]color.Color{
		lanes:      color.RGBA{0xd1, 0x22, 0x3f, 0xff},
		"OpenBLAS": color.RGBA{0x2a, 0x6f, 0xbb, 0xff},
		"BLIS":     color.RGBA{0x3f, 0xb5, 0xc9, 0xff},
		"oneDNN":   color.RGBA{0x25, 0x96, 0x6a, 0xff},
		"libxsmm":  color.RGBA{0xe0, 0x9a, 0x1a, 0xff},
		"gonum":    color.RGBA{0x8c, 0x74, 0xb4, 0xff},
	}
)

// drawRoofline draws every shape's rate against its arithmetic intensity, under
// the peak and the bandwidths (Williams, Waterman and Patterson, Roofline,
// Communications of the ACM 52(4), 2009).
func drawRoofline(file string, r *results, s setting) error {
	if !slices.Contains(r.settings, s) {
		return fmt.Errorf("no results for %v", s)
	}
	if len(r.peaks[s]) == 0 || r.peaks[s].median() <= 0 {
		return fmt.Errorf("no peak for %v", s)
	}
	canvas, err := draw.NewFormattedCanvas(width, height, strings.TrimPrefix(filepath.Ext(file), "."))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	f := newRoofline(r, s)
	f.draw(draw.New(canvas))
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	_, err = canvas.WriteTo(out)
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}

type roofline struct {
	*results
	setting
	peak        float64
	left, right float64 // the first and the last intensity
}

func newRoofline(r *results, s setting) roofline {
	square := shape{"NN", 1, 1, 1}.intensity(s.dtype)
	return roofline{r, s, r.peaks[s].median(), 2 * square, 3000 * square}
}

func (f roofline) draw(c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())

	p := plot.New()
	p.BackgroundColor = nil
	axis(&p.X, "operations per byte of A, B and C", f.left, f.right, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
	p.X.Scale = plot.LogScale{}
	axis(&p.Y, "GFLOP/s", 0, f.peak*above, upTo(f.peak)...)
	p.Add(f)
	p.Draw(draw.Crop(c, 12*px, -20*px, 10*px, -header))

	c.FillText(style(17, ink), vg.Point{X: 20 * px, Y: height - 28*px}, "Matrix products: "+f.setting.String())
	c.FillText(style(12, faint), vg.Point{X: 20 * px, Y: height - 50*px}, f.machine.String()+" · circles: square matrices, diamonds: layers of a network")
	f.legend(c)
}

func axis(a *plot.Axis, label string, low, high float64, ticks ...float64) {
	a.Min, a.Max = low, high
	a.Label.Text = label
	a.Label.TextStyle.Font = style(13, ink).Font
	a.Label.TextStyle.Color = ink
	a.Label.Padding = 6 * px
	a.Tick.Label.Font = style(12, ink).Font
	a.Tick.Label.Color = ink
	a.Tick.LineStyle.Width = 0
	a.LineStyle = draw.LineStyle{Color: faint, Width: px}
	a.Padding = 0
	var marks plot.ConstantTicks
	for _, v := range ticks {
		if v >= low && v <= high {
			marks = append(marks, plot.Tick{Value: v, Label: fmt.Sprint(v)})
		}
	}
	a.Tick.Marker = marks
}

// upTo returns five to twelve round numbers from 0 to below top.
func upTo(top float64) (steps []float64) {
	decade := math.Pow(10, math.Floor(math.Log10(top))-1)
	for _, step := range []float64{decade, 2 * decade, 5 * decade, 10 * decade} {
		if top/step > 12 {
			continue
		}
		for v := 0.0; v < top; v += step {
			steps = append(steps, v)
		}
		break
	}
	return steps
}

func style(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size*px),
		Handler: plot.DefaultTextHandler,
	}
}

// legend names the implementations at the upper right.
func (f roofline) legend(c draw.Canvas) {
	at := vg.Point{X: width - 24*px, Y: height - 28*px}
	for _, impl := range slices.Backward(impls) {
		if !f.has(impl) {
			continue
		}
		name := style(13, ink)
		name.XAlign = text.XRight
		c.FillText(name, at, impl)
		at.X -= name.Width(impl) + 14*px
		disc(c, impl, vg.Point{X: at.X + 4*px, Y: at.Y + 4.5*px}, 4.5*px)
		at.X -= 18 * px
	}
}

func (f roofline) has(impl string) bool {
	return slices.ContainsFunc(f.shapes, func(x shape) bool { return f.rate(f.setting, x, impl) > 0 })
}

// Plot draws everything between the axes.
func (f roofline) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	at := func(intensity, gflops float64) vg.Point { return vg.Point{X: x(intensity), Y: y(gflops)} }
	f.shade(c, at)
	f.grid(c, p, at)
	f.roof(c, at)
	for _, impl := range slices.Backward(impls) {
		f.rates(c, impl, at)
	}
}

type transform = func(intensity, gflops float64) vg.Point

// bandwidths are the memories that bound products. The first-level cache seldom does.
var bandwidths = []string{"L2", "DRAM"}

// slope returns the line along which a memory bounds products, up to the peak, and the
// bandwidth; no line if the bandwidth is not known or bounds no product.
func (f roofline) slope(name string, at transform) (line []vg.Point, width float64) {
	samples := f.bandwidths[memory{name, f.level, f.threads}]
	if len(samples) == 0 {
		return nil, 0
	}
	if width = samples.median(); f.left*width >= f.peak {
		return nil, 0
	}
	for x := f.left; x*width < f.peak; x *= 1.01 {
		line = append(line, at(x, x*width))
	}
	return append(line, at(f.peak/width, f.peak)), width
}

// shade fills the area beyond the peak and the fastest memory.
func (f roofline) shade(c draw.Canvas, at transform) {
	line, _ := f.slope(bandwidths[0], at)
	if line == nil {
		line = []vg.Point{at(f.left, f.peak)}
	}
	c.FillPolygon(beyond, append(line, at(f.right, f.peak), at(f.right, f.peak*above), at(f.left, f.peak*above)))
}

// roof draws the peak and the bandwidths.
func (f roofline) roof(c draw.Canvas, at transform) {
	edge := draw.LineStyle{Color: faint, Width: 1.5 * px}
	for _, name := range bandwidths {
		if line, width := f.slope(name, at); line != nil {
			c.StrokeLines(edge, line)
			alongside(c, line, fmt.Sprintf("%s %s GB/s", name, rate(width)))
		}
	}
	c.StrokeLines(edge, []vg.Point{at(f.left, f.peak), at(f.right, f.peak)})
	label := style(12, ink)
	label.XAlign = text.XRight
	c.FillText(label, at(f.right, f.peak).Add(vg.Point{X: -4 * px, Y: 6 * px}), fmt.Sprintf("peak %s GFLOP/s", rate(f.peak)))
}

// alongside writes a label at the upper left of a rising line.
func alongside(c draw.Canvas, line []vg.Point, label string) {
	a, b := line[len(line)/5], line[len(line)/3]
	sty := style(12, ink)
	sty.XAlign = text.XCenter
	sty.Rotation = math.Atan2(float64(b.Y-a.Y), float64(b.X-a.X))
	sin, cos := math.Sincos(sty.Rotation)
	middle := a.Add(b).Scale(0.5)
	c.FillText(sty, middle.Add(vg.Point{X: vg.Length(-sin) * 6 * px, Y: vg.Length(cos) * 6 * px}), label)
}

// grid draws the lines behind the rates, and names the shapes above the peak.
func (f roofline) grid(c draw.Canvas, p *plot.Plot, at transform) {
	thin := draw.LineStyle{Color: hair, Width: px}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if t.Value < f.peak {
			c.StrokeLines(thin, []vg.Point{at(f.left, t.Value), at(f.right, t.Value)})
		}
	}
	small := style(11, faint)
	small.XAlign = text.XCenter
	for _, x := range f.shapes {
		foot, head := at(f.abscissa(x), 0), at(f.abscissa(x), f.peak)
		c.StrokeLines(thin, []vg.Point{foot, head})
		if x.square() {
			c.FillText(small, head.Add(vg.Point{Y: 22 * px}), fmt.Sprintf("%d³", x.m))
			continue
		}
		c.FillText(small, head.Add(vg.Point{Y: 36 * px}), x.form)
		if alike := f.alike(x); x == alike[0] {
			middle := at(x.intensity(f.dtype), f.peak)
			c.FillText(small, middle.Add(vg.Point{Y: 50 * px}), fmt.Sprintf("%d×%d×%d", x.m, x.n, x.k))
		}
	}
}

// rates draws the rates of an implementation: square products as discs on a line, other
// shapes as diamonds.
func (f roofline) rates(c draw.Canvas, impl string, at transform) {
	var squares, others []vg.Point
	for _, x := range f.shapes {
		v := f.rate(f.setting, x, impl)
		if v == 0 {
			continue
		}
		if p := at(f.abscissa(x), v); x.square() {
			squares = append(squares, p)
		} else {
			others = append(others, p)
		}
	}
	line := draw.LineStyle{Color: colors[impl], Width: 1.5 * px}
	radius := 3.5 * px
	if impl == lanes {
		line.Width, radius = 2.5*px, 4.5*px
	}
	c.StrokeLines(line, squares)
	for _, p := range squares {
		disc(c, impl, p, radius)
	}
	for _, p := range others {
		diamond(c, impl, p, 1.4*radius)
	}
}

// alike returns the shapes that have the intensity of x.
func (f roofline) alike(x shape) (alike []shape) {
	for _, y := range f.shapes {
		if !y.square() && math.Abs(x.intensity(f.dtype)/y.intensity(f.dtype)-1) < 1e-9 {
			alike = append(alike, y)
		}
	}
	return alike
}

// abscissa returns the intensity of x, moved a little if other shapes have the same.
func (f roofline) abscissa(x shape) float64 {
	if x.square() {
		return x.intensity(f.dtype)
	}
	alike := f.alike(x)
	place := float64(slices.Index(alike, x)) - float64(len(alike)-1)/2
	return x.intensity(f.dtype) * math.Pow(1.2, place)
}

// disc and diamond draw marks with a white rim, which keeps neighbours apart.
func disc(c draw.Canvas, impl string, p vg.Point, radius vg.Length) {
	for _, layer := range rimmed(impl, radius) {
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: layer.color, Radius: layer.radius, Shape: draw.CircleGlyph{}}, p)
	}
}

func diamond(c draw.Canvas, impl string, p vg.Point, radius vg.Length) {
	for _, layer := range rimmed(impl, radius) {
		r := layer.radius
		c.FillPolygon(layer.color, []vg.Point{{X: p.X - r, Y: p.Y}, {X: p.X, Y: p.Y + r}, {X: p.X + r, Y: p.Y}, {X: p.X, Y: p.Y - r}})
	}
}

type layer struct {
	color  color.Color
	radius vg.Length
}

func rimmed(impl string, radius vg.Length) []layer {
	return []layer{{color.White, radius + px}, {colors[impl], radius}}
}
