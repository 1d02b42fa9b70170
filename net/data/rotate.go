package data

import "math"

const radian = math.Pi / 180

// symmetric returns draw k as a number between -1 and 1.
func (d draws) symmetric(k int) float64 { return float64(int64(d.bits(k))>>11) / (1 << 52) }

// one is 1 in the fixed point of places in an image.
const one = 1 << 16

// rotate sets dst to src, turned by an angle about its centre, with the bytes between pixels
// interpolated linearly along both sides, in integers, so that they are the same everywhere.
func rotate(dst, src []uint8, shape Shape, angle float64) {
	w, h := shape.Width, shape.Height
	sin, cos := sine(angle), sine(math.Pi/2-angle)
	s, c := int(math.Round(sin*one)), int(math.Round(cos*one))
	for y := range h {
		// The place in src of the row's first pixel; both are counted in half pixels from the centre.
		v, u := 2*y-(h-1), -(w - 1)
		fromY := (c*v-s*u)/2 + (h-1)*one/2
		fromX := (c*u+s*v)/2 + (w-1)*one/2
		for x := range w {
			sample(dst, src, shape, y*w+x, fromY, fromX)
			fromY, fromX = fromY-s, fromX+c
		}
	}
}

// sample sets a pixel of every channel of dst to src at a place in fixed point.
func sample(dst, src []uint8, shape Shape, at, fromY, fromX int) {
	w, h := shape.Width, shape.Height
	y, x := fromY>>16, fromX>>16
	fy, fx := uint32(fromY)>>8&255, uint32(fromX)>>8&255
	top, bottom, left, right := y*w, y*w+w, x, x+1
	if uint(y) >= uint(h-1) || uint(x) >= uint(w-1) {
		top, bottom, left, right = reflected(y, h)*w, reflected(y+1, h)*w, reflected(x, w), reflected(x+1, w)
	}
	for plane := h * w; at < len(dst); at, src = at+plane, src[plane:] {
		upper := uint32(src[top+left])*(256-fx) + uint32(src[top+right])*fx
		lower := uint32(src[bottom+left])*(256-fx) + uint32(src[bottom+right])*fx
		dst[at] = uint8((upper*(256-fy) + lower*fy + 1<<15) >> 16)
	}
}

// sine is sin x for |x| ≤ 3π/4 within 1e-10, by its series: the standard library's may be
// assembly, or be fused, on some processors.
func sine(x float64) float64 {
	square, sum := x*x, 0.0
	for k := 23.0; k >= 3; k -= 2 {
		sum = float64((1 + sum) * (-square / (k * (k - 1))))
	}
	return x + float64(x*sum)
}
