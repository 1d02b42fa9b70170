package picture

import (
	"image"
	"image/draw"
)

// Beside returns pictures as one, from left to right.
func Beside(pictures ...Picture) Picture {
	var all Picture
	for _, p := range pictures {
		all.Width, all.Height = all.Width+p.Width, max(all.Height, p.Height)
	}
	all.render = func(t Theme) image.Image {
		m := image.NewRGBA(image.Rect(0, 0, all.Width*density, all.Height*density))
		draw.Draw(m, m.Bounds(), image.NewUniform(t.background), image.Point{}, draw.Src)
		x := 0
		for _, p := range pictures {
			part := p.render(t)
			draw.Draw(m, part.Bounds().Sub(part.Bounds().Min).Add(image.Pt(x, 0)), part, part.Bounds().Min, draw.Src)
			x += p.Width * density
		}
		return m
	}
	return all
}
