package data

import (
	"fmt"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
)

// changed is what a batch keeps to draw examples that differ from those of a part.
type changed[T kernels.Float] struct {
	bytes    []uint8 // of images
	sequence []int   // 0, 1, 2, …
	others   []int32
	shares   []T
	second   []T              // inputs of an example that another is mixed with
	each     func(lo, hi int) // sets images lo to hi-1 of the draw

	// The draw:
	split     Split
	rows      []int
	epoch     int
	augmenter *Augmenter // nil if images are mirrored
}

// DrawIn is [Batch.Draw] of examples of a training part as g changes them in an epoch, which is
// counted from 0.
func (b *Batch[T]) DrawIn(epoch int, s Split, rows []int, g *Augmenter) {
	if s.Pixels != nil && (g.ofImages() || g.Mixup > 0) {
		b.images(s, rows, epoch, g)
	} else {
		b.inputs(s, rows)
	}
	b.truths(s, rows)
	if g.Mixup > 0 {
		b.mix(epoch, s, rows, g)
	}
}

// DrawMirrored sets X to the mirror images of examples of s, and leaves all else as it is. It
// panics unless they are images.
func (b *Batch[T]) DrawMirrored(s Split, rows []int) {
	switch {
	case !b.shape.IsImage():
		panic(fmt.Sprintf("data: DrawMirrored: %s", b.shape))
	case s.Pixels != nil:
		b.images(s, rows, 0, nil)
		return
	}
	values := make([]float32, 0, len(rows)*b.size)
	for _, r := range rows {
		values = append(values, s.Values[r*b.size:][:b.size]...)
	}
	for row := range slices.Chunk(values, b.shape.Width) {
		slices.Reverse(row)
	}
	b.inputs(Split{Values: values}, b.changes().sequence[:len(rows)])
}

// images sets X to images that are changed as bytes, which the engine's threads share.
func (b *Batch[T]) images(s Split, rows []int, epoch int, g *Augmenter) {
	const piece = 8
	c := b.changes()
	c.split, c.rows, c.epoch, c.augmenter = s, rows, epoch, g
	b.engine.Each(min(len(rows), len(c.sequence)), piece, c.each)
	b.inputs(Split{Pixels: c.bytes}, c.sequence[:len(rows)])
}

// changes returns b.changed, with room for the largest draw.
func (b *Batch[T]) changes() *changed[T] {
	if b.changed != nil {
		return b.changed
	}
	n := len(b.labels)
	c := &changed[T]{
		bytes: make([]uint8, n*b.size), sequence: make([]int, n),
		others: make([]int32, n), shares: make([]T, n), second: make([]T, b.x.Cols),
	}
	for i := range c.sequence {
		c.sequence[i] = i
	}
	c.each = func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst := c.bytes[i*b.size:][:b.size]
			if c.augmenter != nil {
				c.augmenter.Image(dst, c.split, c.epoch, c.rows[i])
				continue
			}
			copy(dst, c.split.Pixels[c.rows[i]*b.size:][:b.size])
			mirror(dst, b.shape.Width)
		}
	}
	b.changed = c
	return c
}

// mix mixes what is known of the examples, and their inputs unless they are bytes, which are
// mixed already. The weights of a pair are mixed, too, and the other's share in the loss is
// that of its weight.
func (b *Batch[T]) mix(epoch int, s Split, rows []int, g *Augmenter) {
	c := b.changes()
	if b.Labels != nil {
		b.Others, b.Shares = c.others[:len(rows)], c.shares[:len(rows)]
	}
	for i, r := range rows {
		other, units := g.other(g.draws(epoch, r), s.Len())
		share := T(units) / 256
		if s.Pixels == nil {
			b.encode(c.second, s, other)
			x := b.X.Row(i)
			for k, v := range c.second {
				x[k] = blended(x[k], v, share)
			}
		}
		if b.Targets.Rows > 0 {
			b.Targets.Row(i)[0] = blended(b.Targets.Row(i)[0], b.targetOf(s, other), share)
		}
		if b.Weights != nil {
			w := T(s.Weights[other])
			b.Weights[i] = blended(b.Weights[i], w, share)
			if b.Weights[i] > 0 {
				share = min(1, T(share*w)/b.Weights[i])
			}
		}
		if b.Labels != nil {
			b.Others[i], b.Shares[i] = s.Labels[other], share
		}
	}
}

// blended returns (1-share)·a + share·b, where each operation rounds once.
func blended[T kernels.Float](a, b, share T) T { return T((1-share)*a) + T(share*b) } // exact
