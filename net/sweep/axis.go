package sweep

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// axis is a dimension of the grid: settings and the values that they take together.
type axis struct {
	names   []string
	choices []choice
	ordered bool      // the choices are numbers in equal steps
	within  *interval // instead of choices
}

// choice is a point on an axis.
type choice []assignment

// assignment gives a setting a value.
type assignment struct{ name, text string }

// interval is lin:LOW:HIGH or log:LOW:HIGH.
type interval struct {
	kind      string
	low, high float64
	whole     bool
}

// String returns the axis as it is written without a number of values.
func (a axis) String() string {
	return fmt.Sprintf("%s=%s:%g:%g", a.names[0], a.within.kind, a.within.low, a.within.high)
}

// draw returns a random point on the axis.
func (a axis) draw(rng *rand.Rand) choice {
	if a.within != nil {
		return choice{{a.names[0], a.within.at(rng.Float64())}}
	}
	return a.choices[rng.IntN(len(a.choices))]
}

// numeric reports whether the axis is one of numbers, on which close ones do alike.
func (a axis) numeric() bool { return a.within != nil || a.ordered && len(a.choices) > 1 }

// at returns what the axis has at a coordinate; see [mixture].
func (a axis) at(x float64) choice {
	switch {
	case a.within != nil:
		return choice{{a.names[0], a.within.at(x)}}
	case a.ordered:
		x *= float64(len(a.choices) - 1)
	}
	return a.choices[int(math.Round(x))]
}

// snap returns the coordinate of what the axis has at x, which rounding may move.
func (a axis) snap(x float64) float64 {
	if a.within != nil {
		value, _ := strconv.ParseFloat(a.within.at(x), 64) // which at made valid
		return a.within.share(value)
	}
	steps := float64(len(a.choices) - 1)
	return math.Round(x*steps) / steps
}

// coordinate returns where on the axis a configuration lies that [axis.at] made.
func (a axis) coordinate(c train.Config) float64 {
	texts := map[string]string{}
	for _, s := range c.Settings().Pick(a.names...) {
		texts[s.Name] = s.String()
	}
	if a.within != nil {
		value, _ := strconv.ParseFloat(texts[a.names[0]], 64) // which at made valid
		return a.within.share(value)
	}
	i := float64(slices.IndexFunc(a.choices, func(c choice) bool {
		return !slices.ContainsFunc(c, func(a assignment) bool { return texts[a.name] != a.text })
	}))
	if a.ordered {
		i /= float64(len(a.choices) - 1)
	}
	return i
}

// at returns the value that lies at share, from 0 to 1, of the way from low to high. It has
// 6 digits, so that a table shows it as it is.
func (v interval) at(share float64) string {
	x := v.low + float64(share*(v.high-v.low))
	if v.kind == "log" {
		x = v.low * math.Pow(v.high/v.low, share)
	}
	if v.whole {
		return strconv.FormatFloat(math.Round(x), 'f', -1, 64)
	}
	short, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64) // which FormatFloat made valid
	return strconv.FormatFloat(short, 'g', -1, 64)
}

// share returns the share of the way from low to high at which a value lies.
func (v interval) share(value float64) float64 {
	if v.kind == "log" {
		return math.Log(value/v.low) / math.Log(v.high/v.low)
	}
	return (value - v.low) / (v.high - v.low)
}

// parseAxis parses an axis such as lr=1e-3,1e-2; see [Sweep.Axes].
func parseAxis(text string) (axis, error) {
	name, values, ok := strings.Cut(text, "=")
	if !ok {
		return axis{}, fmt.Errorf("axis %q, want a setting and its values, such as lr=1e-3,1e-2", text)
	}
	var c train.Config
	s, err := c.Settings().Find(name)
	if err != nil {
		return axis{}, err
	}
	a := axis{names: []string{name}}
	var texts []string
	switch kind, _, _ := strings.Cut(values, ":"); {
	case kind == "lin" || kind == "log":
		texts, a.within, err = parseRange(values, s)
		a.ordered = true
		if err != nil {
			return axis{}, fmt.Errorf("%s: %w", text, err)
		}
	case s.Type() == "ints":
		texts = strings.Split(values, ";")
	default:
		texts = strings.Split(values, ",")
	}
	seen := map[assignment]bool{}
	for _, t := range texts {
		value, err := parseAssignment(name, strings.TrimSpace(t))
		if err != nil {
			return axis{}, err
		}
		if seen[value] {
			return axis{}, fmt.Errorf("%s: %s occurs twice", text, value.text)
		}
		seen[value] = true
		a.choices = append(a.choices, choice{value})
	}
	return a, nil
}

// parseRange returns the values of KIND:LOW:HIGH:COUNT, or the interval of KIND:LOW:HIGH.
func parseRange(text string, s setting.Setting) ([]string, *interval, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 && len(parts) != 4 {
		return nil, nil, fmt.Errorf("want %s:LOW:HIGH:COUNT", parts[0])
	}
	v := interval{kind: parts[0], whole: s.Type() == "int" || s.Type() == "uint"}
	if !v.whole && s.Type() != "float" {
		return nil, nil, fmt.Errorf("%s is not a number: list its values one by one", s.Name)
	}
	var err error
	for i, end := range []*float64{&v.low, &v.high} {
		if *end, err = strconv.ParseFloat(parts[i+1], 64); err != nil || math.IsInf(*end, 0) || math.IsNaN(*end) {
			return nil, nil, fmt.Errorf("%q is not a number", parts[i+1])
		}
	}
	switch {
	case v.low >= v.high:
		return nil, nil, fmt.Errorf("it begins with %g and ends with %g", v.low, v.high)
	case v.kind == "log" && v.low <= 0:
		return nil, nil, fmt.Errorf("a log range begins above 0, not with %g", v.low)
	case len(parts) == 3:
		return nil, &v, nil
	}
	count, err := strconv.Atoi(parts[3])
	if err != nil || count < 2 || count > maxTrials {
		return nil, nil, fmt.Errorf("%q values, want 2 to %d", parts[3], maxTrials)
	}
	values := make([]string, count)
	for i := range values {
		values[i] = v.at(float64(i) / float64(count-1))
	}
	return values, nil, nil
}

// parseAssignment parses text as a value of the setting, and returns it in its usual form.
func parseAssignment(name, text string) (assignment, error) {
	var c train.Config
	if err := c.Set(name, text); err != nil {
		return assignment{}, err
	}
	s, err := c.Settings().Find(name)
	return assignment{name, s.String()}, err
}

// parseRows returns the axis that the rows make.
func parseRows(rows []string) (axis, error) {
	var a axis
	for _, row := range rows {
		var c choice
		for word := range strings.FieldsSeq(row) {
			name, text, ok := strings.Cut(word, "=")
			if !ok {
				return axis{}, fmt.Errorf("row %q: %q, want a setting and its value, such as lr=1e-3", row, word)
			}
			value, err := parseAssignment(name, text)
			if err != nil {
				return axis{}, fmt.Errorf("row %q: %w", row, err)
			}
			if slices.ContainsFunc(c, func(a assignment) bool { return a.name == name }) {
				return axis{}, fmt.Errorf("row %q: %s occurs twice", row, name)
			}
			c = append(c, value)
			if !slices.Contains(a.names, name) {
				a.names = append(a.names, name)
			}
		}
		if c == nil {
			return axis{}, fmt.Errorf("row %q is empty", row)
		}
		a.choices = append(a.choices, c)
	}
	return a, nil
}
