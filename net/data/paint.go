package data

import "math/rand/v2"

// unit is the side of a pixel in the figures' unit of length.
const unit = 16

// painter paints images by random numbers.
type painter struct{ *rand.Rand }

func (p painter) between(lo, hi int) int { return lo + p.IntN(hi-lo+1) }

func (p painter) paint(img []uint8, class int) {
	depth := figures[class].depth
	size := p.between(7*unit, 12*unit)
	centerX := p.between(12*unit, 20*unit)
	centerY := p.between(12*unit, 20*unit)
	lean := p.between(-12, 12) // 64 times the tangent of the angle

	hue := class*hues/len(figures) + p.IntN(500)
	ink := color(hue, p.between(80, 255), p.between(140, 255))
	paper := color(p.IntN(hues), p.IntN(256), p.between(20, 140))
	if p.IntN(5) == 0 {
		ink, paper = paper, ink
	}

	w, h := p.between(5, 12), p.between(5, 12)
	left, top := p.IntN(Side-w+1), p.IntN(Side-h+1)
	cover := color(p.IntN(hues), p.IntN(256), p.IntN(256))
	covered := p.IntN(2) == 0

	for row := range Side {
		for col := range Side {
			x, y := col*unit+unit/2-centerX, row*unit+unit/2-centerY
			// Of 256 parts, all are ink inside the figure and none outside; its edge is
			// one pixel wide.
			part := min(max(128+256/unit*depth(size, x+y*lean/64, y-x*lean/64), 0), 256)
			hidden := covered && left <= col && col < left+w && top <= row && row < top+h
			noise := p.Uint64()
			for k := range Channels {
				c := (part*ink[k] + (256-part)*paper[k]) / 256
				if hidden {
					c = cover[k]
				}
				c += int(noise%(1<<16))*61>>16 - 30 // uniform over -30..30
				noise >>= 16
				img[(k*Side+row)*Side+col] = uint8(min(max(c, 0), 255))
			}
		}
	}
}

// hues is the number of steps of hue around the colour circle.
const hues = 6 * 256

// color returns red, green and blue of a colour: a hue of 0 or more steps, and a
// saturation and a brightness of 0 to 255.
func color(hue, saturation, brightness int) (c [Channels]int) {
	for k := range c {
		d := (hue + hues - k*hues/Channels) % hues
		d = min(d, hues-d) // steps around the circle to the hue of the channel
		pure := min(max(hues/3-d, 0), 255)
		c[k] = (255 - (255-pure)*saturation/255) * brightness / 255
	}
	return c
}
