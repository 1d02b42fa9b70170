package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// shown returns the pixels of a picture, in the colours of t.
func shown(t *testing.T, p Picture, theme Theme) *image.RGBA {
	t.Helper()
	b, err := p.PNG(theme)
	require.NoError(t, err)
	m, err := png.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, density*p.Width, density*p.Height), m.Bounds())
	pixels := image.NewRGBA(m.Bounds())
	draw.Draw(pixels, pixels.Rect, m, image.Point{}, draw.Src)
	return pixels
}

// pixels counts those of a colour.
func pixels(m *image.RGBA, c color.RGBA) int {
	n := 0
	for i := 0; i < len(m.Pix); i += 4 {
		if [4]uint8(m.Pix[i:]) == [4]uint8{c.R, c.G, c.B, c.A} {
			n++
		}
	}
	return n
}

func curve(ys ...float64) []Point {
	var points []Point
	for i, y := range ys {
		points = append(points, Point{float64(i + 1), y})
	}
	return points
}

func everyPicture() map[string]Picture {
	nan, inf := math.NaN(), math.Inf(1)
	full := Run{"a", curve(2.3, 2, 1.5), curve(0.1, 0.3), curve(0.2, 0.25)}
	broken := Run{"b", curve(2.3, nan, inf, 2, -inf), curve(nan), curve(nan)}
	return map[string]Picture{
		"loss":                   Loss(full),
		"loss of several":        Loss(full, broken, full, full, full),
		"loss of one step":       Loss(Run{Loss: curve(2.3)}),
		"loss of nothing":        Loss(Run{}),
		"loss, diverged":         Loss(broken),
		"accuracy":               Accuracy(full),
		"accuracy of several":    Accuracy(full, broken, full),
		"accuracy of no epoch":   Accuracy(Run{}),
		"confusion":              Confusion([]string{"cat", "dog"}, [][]int{{3, 1}, {0, 0}}),
		"a list of settings":     Parameter("hidden", []Trial{{"100,25", 0.4}, {"1024,512,256,128,64", nan}}),
		"a setting of few":       Parameter("reg", []Trial{{"0.1", 0.4}, {"0.1", 0.4}, {"1e-4", 0.45}}),
		"a setting of many":      Parameter("lr", manyTrials(1e-4)),
		"a setting of many near": Parameter("momentum", manyTrials(0.1)),
		"a setting of one trial": Parameter("reg", []Trial{{"0.1", 0.4}}),
		"signals":                Signals("Gradients", "deviation", []Signal{{"a", []float64{1e-20, 0, 1}, false}, {"b", []float64{0, 0}, true}}, Mark{"ε", 1e-8}),
		"signals of the dead":    Signals("Gradients", "deviation", []Signal{{"a", []float64{0, 0}, true}}),
		"signals, diverged":      Signals("Gradients", "deviation", []Signal{{"a", []float64{nan, inf}, false}}),
	}
}

func manyTrials(first float64) []Trial {
	var trials []Trial
	for i := range 10 {
		trials = append(trials, Trial{Value: formatted(first * (1 + float64(i*i))), Accuracy: 0.4 + 0.01*float64(i)})
	}
	return trials
}

// Dark alone: what it draws in colours that are not the theme's would be light.
func TestPicturesHaveTheirSizeAndTheColoursOfTheTheme(t *testing.T) {
	for name, p := range everyPicture() {
		t.Run(name, func(t *testing.T) {
			m := shown(t, p, Dark)
			require.Equal(t, Dark.background, m.RGBAAt(0, 0))
			require.Greater(t, pixels(m, Dark.background), p.Width*p.Height)
			require.NotZero(t, pixels(m, Dark.ink))
			require.Less(t, pixels(m, Light.ink)+pixels(m, Light.background), 20) // edges have any colour
		})
	}
}

// The contrast of 3:1 for lines and 4.5:1 for text is that of the Web Content
// Accessibility Guidelines 2.1, sections 1.4.11 and 1.4.3.
func TestColoursStandOutFromTheGround(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		for _, c := range theme.series {
			require.GreaterOrEqual(t, contrast(c, theme.background), 3.0, c)
		}
		for _, c := range []color.RGBA{theme.ink, theme.faint} {
			require.GreaterOrEqual(t, contrast(c, theme.background), 4.5, c)
		}
		for share := 0.0; share <= 1; share += 0.05 {
			cell := theme.tint(theme.full, share)
			require.GreaterOrEqual(t, contrast(theme.on(cell), cell), 3.0, share)
		}
	}
}

func contrast(a, b color.RGBA) float64 {
	luminance := func(c color.RGBA) float64 {
		linear := func(v uint8) float64 {
			if x := float64(v) / 255; x > 0.04045 {
				return math.Pow((x+0.055)/1.055, 2.4)
			}
			return float64(v) / 255 / 12.92
		}
		return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	}
	x, y := luminance(a)+0.05, luminance(b)+0.05
	return max(x, y) / min(x, y)
}
