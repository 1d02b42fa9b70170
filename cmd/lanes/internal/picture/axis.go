package picture

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
)

// axis is one of the two of a chart.
type axis struct {
	label    string
	min, max float64
	ticks    []plot.Tick
	log      bool
}

func (a axis) set(to *plot.Axis, t Theme) {
	to.Min, to.Max = a.min, a.max
	if a.log {
		to.Scale = plot.LogScale{}
	} else {
		to.Scale = linearScale{}
	}
	to.Label.TextStyle.Font = style(labelSize, t.faint).Font
	to.Label.TextStyle.Color = t.faint
	to.Label.Padding = 4 * px
	to.Tick.Label.Font = style(labelSize, t.ink).Font
	to.Tick.Label.Color = t.ink
	to.Tick.LineStyle.Width = 0
	to.Tick.Length = 6 * px
	to.LineStyle = draw.LineStyle{Color: t.faint, Width: px}
	to.Padding = 0
	to.Tick.Marker = plot.ConstantTicks(a.ticks)
}

// linearScale is that of package plot for axes whose length overflows too.
type linearScale struct{}

func (linearScale) Normalize(min, max, x float64) float64 {
	if length := max - min; !math.IsInf(length, 0) {
		return (x - min) / length
	}
	return (x/2 - min/2) / (max/2 - min/2)
}

// linear returns an axis over the values and a little more, with about that many
// ticks at multiples of 1, 2 or 5 times a power of ten. Values that are not finite
// do not count; those that differ by less than can be told from rounding are as
// one.
func linear(label string, about int, values ...float64) axis {
	low, high := bounds(values)
	if size := max(math.Abs(low), math.Abs(high)); high-low <= max(size*1e-9, leastExtent) {
		low, high = low-size/10-0.1, high+size/10+0.1
	}
	low, high = max(low, -math.MaxFloat64), min(high, math.MaxFloat64)
	step := roundStep(high/float64(about) - low/float64(about)) // the difference alone may overflow
	margin := high/25 - low/25
	a := axis{label: label, min: max(low-margin, -math.MaxFloat64), max: min(high+margin, math.MaxFloat64)}
	a.addMultiples(step)
	return a
}

// leastExtent is what an axis reaches over at least: a hundredth of it is still a
// number with all its digits.
const leastExtent = 1e-300

// addMultiples adds a tick at each multiple of step on the axis.
func (a *axis) addMultiples(step float64) {
	first, last := int(math.Ceil(a.min/step)), int(math.Floor(a.max/step))
	for i := first; i <= last; i++ { // a whole number has one zero, a float two
		v := float64(i) * step
		a.ticks = append(a.ticks, plot.Tick{Value: v, Label: tickLabel(v, step, max(math.Abs(a.min), math.Abs(a.max)))})
	}
}

// tickLabel writes a multiple of step on an axis whose largest value has that size:
// plainly where that is short, else with a power of ten.
func tickLabel(v, step, size float64) string {
	if size >= 1e-4 && size < 1e7 {
		return number.Fixed(v, decimals(step))
	}
	if v == 0 {
		return "0"
	}
	digits := max(0, int(math.Floor(math.Log10(math.Abs(v))+1e-9))-int(math.Floor(math.Log10(step)+1e-9)))
	mantissa, exponent, _ := strings.Cut(number.Scientific(v, digits), "e")
	n, _ := strconv.Atoi(exponent) // as Scientific writes it
	return mantissa + "e" + strconv.Itoa(n)
}

// counting returns an axis from 0 to the largest of the values, whole numbers,
// that ends where they do.
func counting(label string, about int, values ...float64) axis {
	_, high := bounds(values)
	a := axis{label: label, max: max(high, 1)}
	a.addMultiples(max(1, roundStep(a.max/float64(about))))
	return a
}

// mostDecades is how many decades a logarithmic axis names.
const mostDecades = 8

// leastPositive is the least number that a logarithmic axis has a place for. Below
// are those that are rounded to few digits.
const leastPositive = 1e-300

// logarithmic returns an axis of whole decades over the values, with at most
// mostDecades ticks. Values that are not finite or below leastPositive do not
// count.
func logarithmic(label string, values ...float64) axis {
	var positive []float64
	for _, v := range values {
		if finite(v) && v >= leastPositive {
			positive = append(positive, v)
		}
	}
	low, high := bounds(positive)
	if len(positive) == 0 {
		low, high = 1, 1
	}
	// 1e-9: a power of ten is its own decade, however Log10 rounds.
	first, last := int(math.Floor(math.Log10(low)+1e-9)), int(math.Ceil(math.Log10(high)-1e-9))
	if first == last {
		first--
	}
	a := axis{label: label, min: math.Pow10(first), max: min(math.Pow10(last), math.MaxFloat64), log: true}
	every := 1
	for (last-first)/every >= mostDecades {
		every++
	}
	for e := min(last, mostDecade); e >= first; e-- {
		tick := plot.Tick{Value: math.Pow10(e)}
		if e%every == 0 {
			tick.Label = power(e)
		}
		a.ticks = append(a.ticks, tick)
	}
	return a
}

// mostDecade is the largest power of ten that is a number.
const mostDecade = 308

// power writes a power of ten as code does, 1e-3, and small ones in full.
func power(e int) string {
	if e >= -2 && e <= 3 {
		return number.Fixed(math.Pow10(e), max(0, -e))
	}
	return "1e" + strconv.Itoa(e)
}

// bounds returns the least and the largest finite value, 0 and 0 of none.
func bounds(values []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsInf(v, 0) && !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		return 0, 0
	}
	return low, high
}

// roundStep returns the least of 1, 2, 5 times a power of ten from x on.
func roundStep(x float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*decade >= x*(1-1e-9) {
			return m * decade
		}
	}
	return 10 * decade
}

// decimals returns how many digits behind the point show multiples of step.
func decimals(step float64) int { return max(0, int(math.Ceil(-math.Log10(step)-1e-9))) }
