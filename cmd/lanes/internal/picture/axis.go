package picture

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"
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

// linear returns an axis over the values and a little more, with about that many
// ticks at multiples of 1, 2 or 5 times a power of ten. Values that are not finite
// do not count.
func linear(label string, about int, values ...float64) axis {
	low, high := bounds(values)
	if low == high {
		low, high = low-math.Abs(low)/10-0.1, high+math.Abs(high)/10+0.1
	}
	step := roundStep((high - low) / float64(about))
	margin := (high - low) / 25
	a := axis{label: label, min: low - margin, max: high + margin}
	for i := math.Ceil(a.min / step); i <= math.Floor(a.max/step); i++ {
		a.ticks = append(a.ticks, plot.Tick{Value: i * step, Label: strconv.FormatFloat(i*step, 'f', decimals(step), 64)})
	}
	return a
}

// counting returns an axis from 0 to the largest of the values, whole numbers,
// that ends where they do.
func counting(label string, about int, values ...float64) axis {
	_, high := bounds(values)
	high = max(high, 1)
	step := max(1, roundStep(high/float64(about)))
	a := axis{label: label, max: high}
	for v := 0.0; v <= high; v += step {
		a.ticks = append(a.ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', 0, 64)})
	}
	return a
}

// mostDecades is how many decades a logarithmic axis names.
const mostDecades = 8

// logarithmic returns an axis of whole decades over the values, with at most
// mostDecades ticks. Values that are not finite and positive do not count.
func logarithmic(label string, values ...float64) axis {
	var positive []float64
	for _, v := range values {
		if v > 0 {
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
	a := axis{label: label, min: math.Pow10(first), max: math.Pow10(last), log: true}
	every := 1
	for (last-first)/every >= mostDecades {
		every++
	}
	for e := last; e >= first; e-- {
		tick := plot.Tick{Value: math.Pow10(e)}
		if e%every == 0 {
			tick.Label = power(e)
		}
		a.ticks = append(a.ticks, tick)
	}
	return a
}

// power writes a power of ten as code does, 1e-3, and small ones in full.
func power(e int) string {
	if e >= -2 && e <= 3 {
		return strconv.FormatFloat(math.Pow10(e), 'f', -1, 64)
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
