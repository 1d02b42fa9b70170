package data

import (
	"errors"
	"fmt"

	"github.com/lanes-ml/lanes/net/setting"
)

// Augmentation says how the examples of training change each time they are drawn. The zero
// value leaves them as they are. All but Mixup are for images of bytes, and act in this order:
//
//	Rotate  turns an image about its centre by up to so many degrees either way
//	Shift   moves it by up to so many pixels along each side
//	Flip    mirrors it left to right, every other time
//	Cutout  fills a square of that side, whose centre is any pixel, with the mean of its
//	        channel (DeVries and Taylor, arXiv:1708.04552)
//	Mixup   mixes it with another, see below
//
// What comes in from outside an image is its reflection at the edge, without the edge itself.
//
// Mixup is the α of Zhang and others (arXiv:1710.09412): example i becomes
//
//	(1-λ)·x_i + λ·x_j,   with the classes of i and of j in the same proportion
//
// for any example j of the training part, changed as above, and λ drawn from Beta(α, α). As
// every example is i once in an epoch, and j is drawn alike, λ and 1-λ mean the same: the
// smaller is taken, in steps of 1/256. The bytes of images are rounded to whole ones.
type Augmentation struct {
	Flip   bool
	Shift  int
	Rotate float64
	Cutout int
	Mixup  float64
}

// Settings returns the fields of a as settings.
func (a *Augmentation) Settings() setting.List {
	const side = 4096
	return setting.List{
		{Name: "flip", Value: &a.Flip,
			Help: "mirror training images left to right, every other time"},
		{Name: "shift", Value: &a.Shift, Range: setting.Range{Most: side},
			Help: "shift training images by up to that many `pixels` along each side"},
		{Name: "rotate", Value: &a.Rotate, Range: setting.Range{Most: 45},
			Help: "turn training images by up to that many `degrees`"},
		{Name: "cutout", Value: &a.Cutout, Range: setting.Range{Most: side},
			Help: "cover a square of training images of a side of that many `pixels`"},
		{Name: "mixup", Value: &a.Mixup, Range: setting.Range{Most: maxAlpha},
			Help: "mix pairs of training examples by shares from Beta(`α`, α)"},
	}
}

// First returns the name of the first setting that changes examples, empty if none does.
func (a Augmentation) First() string {
	for _, s := range a.Settings() {
		if text := s.String(); text != "0" && text != "false" {
			return s.Name
		}
	}
	return ""
}

// ofImages reports whether a changes images.
func (a Augmentation) ofImages() bool {
	a.Mixup = 0
	return a != Augmentation{}
}

// Check returns an error, beginning with the name of a setting, if a cannot be done to
// examples of s, which have that shape.
func (a Augmentation) Check(shape Shape, s Split) error {
	if !a.ofImages() {
		return nil
	}
	if err := checkImages(shape, s); err != nil {
		return fmt.Errorf("%s: %w", a.First(), err)
	}
	if side := min(shape.Height, shape.Width); a.Shift >= side {
		return fmt.Errorf("shift is %d, want less than %d, the side of an image", a.Shift, side)
	}
	return nil
}

// checkImages returns an error unless the examples of s, of that shape, are images of bytes.
func checkImages(shape Shape, s Split) error {
	switch {
	case !shape.IsImage():
		return fmt.Errorf("images are needed, and examples are %s", shape)
	case s.Pixels == nil:
		return errors.New("images of bytes are needed, and these have other numbers")
	}
	return nil
}
