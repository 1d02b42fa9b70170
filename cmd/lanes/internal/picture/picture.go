// Package picture draws what a training run and a sweep gave: curves, weights,
// a confusion matrix, settings against accuracy, signals by layer. It takes plain
// data and gives PNG, in colours for light and for dark pages.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Picture is a drawing that is ready to be encoded.
type Picture struct {
	Width, Height int // in CSS pixels; a PNG has density² pixels for each

	render func(Theme) image.Image
}

// density is how many pixels of a PNG lie along one of a page, so that pictures
// are sharp on dense screens.
const density = 2

// px is a pixel of a page.
const px = vg.Inch / 96

// PNG returns the picture in the colours of t.
func (p Picture) PNG(t Theme) ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, p.render(t)); err != nil {
		return nil, fmt.Errorf("a picture of %d×%d: %w", p.Width, p.Height, err)
	}
	return b.Bytes(), nil
}

// sketch returns a picture of lines and text.
func sketch(width, height int, paint func(draw.Canvas, Theme)) Picture {
	return Picture{width, height, func(t Theme) image.Image {
		c := vgimg.NewWith(
			vgimg.UseWH(vg.Length(width)*px, vg.Length(height)*px),
			vgimg.UseDPI(96*density), vgimg.UseBackgroundColor(t.background))
		paint(draw.New(c), t)
		return c.Image()
	}}
}
