package picture

import (
	"cmp"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Trial is a setting of a sweep and the validation accuracy that it gave.
type Trial struct {
	Value    string
	Accuracy float64
}

// discrete is up to how many values a number is drawn as one of a list.
const discrete = 8

// Parameter draws a setting of a sweep against validation accuracy: words, lists
// and numbers of few values as a row for each, other numbers along an axis, a
// logarithmic one if they are positive and span more than a factor of 30.
func Parameter(name string, trials []Trial) Picture {
	var values []string
	for _, t := range trials {
		if !slices.Contains(values, t.Value) {
			values = append(values, t.Value)
		}
	}
	numbers := make([]float64, len(trials))
	numeric := true
	for i, t := range trials {
		var err error
		numbers[i], err = strconv.ParseFloat(t.Value, 64)
		numeric = numeric && err == nil && finite(numbers[i])
	}
	if numeric && len(values) > discrete {
		return scatter(name, numbers, trials)
	}
	slices.SortStableFunc(values, byNumbers)
	return strips(name, values, trials)
}

// each is the legend of marks, a trial each.
var each = entry{name: "trial", glyph: ring{}, color: series(0)}

func scatter(name string, numbers []float64, trials []Trial) Picture {
	c := chart{width: chartWidth, height: chartHeight, title: name}
	var accuracies []float64
	for _, t := range trials {
		if finite(t.Accuracy) {
			accuracies, c.legend = append(accuracies, t.Accuracy), []entry{each}
		}
	}
	c.x = linear(name, 6, numbers...)
	if low, high := slices.Min(numbers), slices.Max(numbers); low > 0 && high > 30*low {
		c.x = logarithmic(name, numbers...)
	}
	c.y = linear("validation accuracy", 5, accuracies...)
	c.paint = func(canvas draw.Canvas, at transform, t Theme) {
		for i, x := range numbers {
			if finite(trials[i].Accuracy) {
				canvas.DrawGlyph(each.mark(t), at(x, trials[i].Accuracy))
			}
		}
	}
	return c.picture()
}

// mostName is how wide the name of a value or a class may be; it is cut there.
const mostName = 180 * px

// strips draws a row for each value, the first at the top, with the mean.
func strips(name string, values []string, trials []Trial) Picture {
	const row = 44
	mean := entry{name: "mean", glyph: barGlyph{}, color: func(t Theme) color.RGBA { return t.ink }}
	c := chart{
		width: chartWidth, height: 100 + row*len(values), title: name,
		y: axis{min: -0.5, max: float64(len(values)) - 0.5},
	}
	var all []float64
	rows := make([][]float64, len(values))
	for _, t := range trials {
		if i := slices.Index(values, t.Value); finite(t.Accuracy) {
			rows[i] = append(rows[i], t.Accuracy)
			all, c.legend = append(all, t.Accuracy), []entry{each, mean}
		}
	}
	c.x = linear("validation accuracy", 5, all...)
	height := func(i int) float64 { return float64(len(values) - 1 - i) }
	for i, v := range values {
		c.y.ticks = append(c.y.ticks, plot.Tick{Value: height(i), Label: fitted(v, style(labelSize, Light.ink), mostName)})
	}
	c.paint = func(canvas draw.Canvas, at transform, t Theme) {
		for i, accuracies := range rows {
			if len(accuracies) == 0 {
				continue
			}
			canvas.DrawGlyphNoClip(mean.mark(t), at(average(accuracies), height(i)))
			for _, p := range swarm(accuracies, func(a float64) vg.Point { return at(a, height(i)) }) {
				canvas.DrawGlyphNoClip(each.mark(t), p)
			}
		}
	}
	return c.picture()
}

// swarm places marks at the points, the later of those that would overlap a
// little above or below, as long as there is room in the row.
func swarm(accuracies []float64, at func(float64) vg.Point) []vg.Point {
	const apart = 2*markRadius + px
	var placed []vg.Point
	free := func(p vg.Point) bool {
		return !slices.ContainsFunc(placed, func(q vg.Point) bool {
			d := p.Sub(q)
			return d.Dot(d) < apart*apart*0.999
		})
	}
	for _, a := range accuracies {
		p := at(a)
		for _, steps := range []vg.Length{0, 1, -1, 2, -2, 3, -3, 4, -4} {
			if q := p.Add(vg.Point{Y: steps * apart / 2}); free(q) {
				p = q
				break
			}
		}
		placed = append(placed, p)
	}
	return placed
}

// barGlyph is an upright bar.
type barGlyph struct{}

func (barGlyph) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, p vg.Point) {
	half := vg.Point{Y: 3 * s.Radius}
	c.StrokeLines(draw.LineStyle{Color: s.Color, Width: 2 * px}, []vg.Point{p.Sub(half), p.Add(half)})
}

func average(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v / float64(len(values)) // the sum alone may overflow
	}
	return sum
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// byNumbers orders values that are numbers or lists of numbers, short lists
// first, and all others by their letters.
func byNumbers(a, b string) int {
	x, y := numbersOf(a), numbersOf(b)
	if x == nil || y == nil {
		return cmp.Compare(a, b)
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), slices.Compare(x, y))
}

// numbersOf returns the numbers between commas, nil if one is not a number.
func numbersOf(list string) []float64 {
	var numbers []float64
	for word := range strings.SplitSeq(list, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil {
			return nil
		}
		numbers = append(numbers, x)
	}
	return numbers
}
