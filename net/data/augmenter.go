package data

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"
)

// Augmenter draws examples of training as an [Augmentation] changes them. What it draws is a
// function of the seed, the epoch and the number of the example. Goroutines may share it.
type Augmenter struct {
	Augmentation
	shape Shape
	seed  uint64
	fill  []uint8 // of each channel, where an image is cut out
	mix   mixer
	angle float64 // the largest, in radians
}

// The numbers of draws.
const (
	drawFlip = iota
	drawDown
	drawRight
	drawAngle
	drawCutRow
	drawCutColumn
	drawShare
	drawOther
	drawOfOther // the first for the example that another is mixed with
)

// NewAugmenter returns an augmenter of the training part of d, or an error of
// [Augmentation.Check].
func NewAugmenter(a Augmentation, d *Dataset, seed uint64) (*Augmenter, error) {
	if err := a.Check(d.Shape, d.Train); err != nil {
		return nil, err
	}
	g := &Augmenter{Augmentation: a, shape: d.Shape, seed: seed, mix: newMixer(a.Mixup), angle: a.Rotate * radian}
	if a.Cutout > 0 {
		plane := d.Shape.Height * d.Shape.Width
		for mean := range slices.Chunk(d.Mean(), plane) {
			sum := 0.0
			for _, m := range mean {
				sum += m
			}
			g.fill = append(g.fill, uint8(sum/float64(plane)+0.5))
		}
	}
	return g, nil
}

// draws returns the random numbers of example r in an epoch.
func (g *Augmenter) draws(epoch, r int) draws { return newDraws(g.seed, epoch, r) }

// other returns which of n examples one is mixed with, and its share in units of 1/256.
func (g *Augmenter) other(d draws, n int) (example, share int) {
	if g.Mixup == 0 {
		return 0, 0
	}
	return d.below(drawOther, n), g.mix.share(d.bits(drawShare))
}

// scratch has memory for images that are between two steps.
var scratch = sync.Pool{New: func() any { return new([]uint8) }}

// Image sets dst to image r of s, whose images must be bytes, as it is in an epoch.
func (g *Augmenter) Image(dst []uint8, s Split, epoch, r int) {
	d := g.draws(epoch, r)
	size := len(dst)
	g.change(dst, s.Pixels[r*size:][:size], d, 0)
	other, share := g.other(d, s.Len())
	if share == 0 {
		return
	}
	buffer := scratch.Get().(*[]uint8)
	defer scratch.Put(buffer)
	second := grown(buffer, size)
	g.change(second, s.Pixels[other*size:][:size], d, drawOfOther)
	blend(dst, second, uint64(share))
}

func grown(buffer *[]uint8, size int) []uint8 {
	if cap(*buffer) < size {
		*buffer = make([]uint8, size)
	}
	return (*buffer)[:size]
}

// change sets dst to src, turned, shifted, mirrored and cut out by draws from first on.
func (g *Augmenter) change(dst, src []uint8, d draws, first int) {
	if g.Rotate > 0 {
		buffer := scratch.Get().(*[]uint8)
		defer scratch.Put(buffer)
		turned := grown(buffer, len(src))
		rotate(turned, src, g.shape, g.angle*d.symmetric(first+drawAngle))
		src = turned
	}
	if g.Shift > 0 {
		shift(dst, src, g.shape, d.within(first+drawDown, g.Shift), d.within(first+drawRight, g.Shift))
	} else {
		copy(dst, src)
	}
	if g.Flip && d.bits(first+drawFlip)>>63 == 1 {
		mirror(dst, g.shape.Width)
	}
	if g.Cutout > 0 {
		g.cut(dst, d.below(first+drawCutRow, g.shape.Height), d.below(first+drawCutColumn, g.shape.Width))
	}
}

// shift sets dst to src, of which row y and column x come to y-down and x-right.
func shift(dst, src []uint8, shape Shape, down, right int) {
	w, h := shape.Width, shape.Height
	for c := range shape.Channels {
		plane := src[c*h*w:][:h*w]
		for y := range h {
			shiftRow(dst[(c*h+y)*w:][:w], plane[reflected(y+down, h)*w:][:w], right)
		}
	}
}

// shiftRow sets dst[x] to src[x+by], reflected at the ends.
func shiftRow(dst, src []uint8, by int) {
	n := len(src)
	if by >= 0 {
		for k := range by {
			dst[n-by+k] = src[n-2-k]
		}
		copy(dst, src[by:])
		return
	}
	for k := range -by {
		dst[-by-1-k] = src[1+k]
	}
	copy(dst[-by:], src)
}

// reflected returns the place of 0 to n-1 that i is reflected to: -1 to 1, n to n-2.
func reflected(i, n int) int {
	if n == 1 {
		return 0
	}
	for uint(i) >= uint(n) {
		if i = -i; i < 0 {
			i += 2 * (n - 1)
		}
	}
	return i
}

// mirror turns every row of so many bytes round.
func mirror(image []uint8, width int) {
	for ; len(image) > 0; image = image[width:] {
		row := image[:width]
		for ; len(row) >= 16; row = row[8 : len(row)-8] {
			l, r := row[:8], row[len(row)-8:]
			left, right := binary.LittleEndian.Uint64(l), binary.LittleEndian.Uint64(r)
			binary.LittleEndian.PutUint64(l, bits.ReverseBytes64(right))
			binary.LittleEndian.PutUint64(r, bits.ReverseBytes64(left))
		}
		slices.Reverse(row)
	}
}

// cut fills the square around row y and column x, as far as it lies in the image.
func (g *Augmenter) cut(image []uint8, y, x int) {
	w, h := g.shape.Width, g.shape.Height
	top, left := y-g.Cutout/2, x-g.Cutout/2
	for c, fill := range g.fill {
		for i := max(0, top); i < min(top+g.Cutout, h); i++ {
			row := image[(c*h+i)*w:][max(0, left):min(left+g.Cutout, w)]
			for j := range row {
				row[j] = fill
			}
		}
	}
}

// blend mixes each byte of dst with one of other, which gets a share of 256.
func blend(dst, other []uint8, share uint64) {
	const even, half = 0x00ff00ff00ff00ff, 0x0080008000800080
	rest := 256 - share
	for ; len(dst) >= 8; dst, other = dst[8:], other[8:] { // eight bytes, as four and four
		a, b := binary.LittleEndian.Uint64(dst), binary.LittleEndian.Uint64(other)
		low := (a&even*rest + b&even*share + half) >> 8 & even
		high := (a>>8&even*rest + b>>8&even*share + half) &^ even
		binary.LittleEndian.PutUint64(dst, low|high)
	}
	for i := range dst {
		dst[i] = uint8((uint64(dst[i])*rest + uint64(other[i])*share + 128) >> 8)
	}
}
