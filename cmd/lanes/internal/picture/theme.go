package picture

import (
	"image/color"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Theme is the colours of a picture.
type Theme struct {
	background, ink, faint, hair color.RGBA
	// series tell lines apart, the first four also for readers who see few colours: those
	// of Okabe and Ito (Color Universal Design, 2008), lightened on dark ground.
	series []color.RGBA
	full   color.RGBA // of a cell that holds all; an empty one has the background
}

// Light and Dark are drawn on the backgrounds #ffffff and #15181c.
var (
	Light = Theme{
		background: rgb(0xffffff), ink: rgb(0x22262b), faint: rgb(0x5f6873), hair: rgb(0xe3e6ea),
		series: []color.RGBA{rgb(0x0072b2), rgb(0xd55e00), rgb(0x009e73), rgb(0xb0578d), rgb(0x2f8fc8), rgb(0x8f7d00), rgb(0x5f6873), rgb(0x7a4a2b)},
		full:   rgb(0x08519c),
	}
	Dark = Theme{
		background: rgb(0x15181c), ink: rgb(0xe4e7eb), faint: rgb(0x9aa3ad), hair: rgb(0x31373e),
		series: []color.RGBA{rgb(0x56b4e9), rgb(0xf0934a), rgb(0x2cc79c), rgb(0xdf9cc2), rgb(0x8c9bff), rgb(0xe0cf4a), rgb(0xc3cad2), rgb(0xc4966b)},
		full:   rgb(0x7cc4f5),
	}
)

func rgb(hex uint32) color.RGBA {
	return color.RGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

// line returns the colour of series i.
func (t Theme) line(i int) color.RGBA { return t.series[i%len(t.series)] }

// tint returns c with that share of it, the rest background.
func (t Theme) tint(c color.RGBA, share float64) color.RGBA {
	mix := func(a, b uint8) uint8 { return uint8(float64(a)*(1-share) + float64(b)*share + 0.5) }
	g := t.background
	return color.RGBA{mix(g.R, c.R), mix(g.G, c.G), mix(g.B, c.B), 0xff}
}

// on returns the colour, ink or background, that is read better on ground.
func (t Theme) on(ground color.RGBA) color.RGBA {
	light := func(c color.RGBA) int { return 299*int(c.R) + 587*int(c.G) + 114*int(c.B) }
	if g := light(ground); max(g-light(t.ink), light(t.ink)-g) < max(g-light(t.background), light(t.background)-g) {
		return t.background
	}
	return t.ink
}

// Sizes of text, in pixels of a page.
const (
	titleSize = 15
	labelSize = 13
)

func style(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size*px),
		Handler: plot.DefaultTextHandler,
	}
}

func bold(size vg.Length, c color.Color) text.Style {
	s := style(size, c)
	s.Font.Weight = xfont.WeightBold
	return s
}
