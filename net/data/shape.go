package data

import "fmt"

// Shape is the shape of an example: an image of Channels planes, each of Height rows of
// Width values, or else a row of Features values.
type Shape struct {
	Channels int `json:"channels,omitempty"`
	Height   int `json:"height,omitempty"`
	Width    int `json:"width,omitempty"`
	Features int `json:"features,omitempty"` // 0 of an image
}

// Row returns the shape of a row of that many values.
func Row(features int) Shape { return Shape{Features: features} }

// IsImage reports whether an example is an image.
func (s Shape) IsImage() bool { return s.Features == 0 && s.Channels > 0 }

// Size returns the number of values of an example.
func (s Shape) Size() int {
	if s.IsImage() {
		return s.Channels * s.Height * s.Width
	}
	return s.Features
}

// Dims returns the sizes of an example's dimensions: channels, height and width of an
// image, else the number of values.
func (s Shape) Dims() []int {
	if s.IsImage() {
		return []int{s.Channels, s.Height, s.Width}
	}
	return []int{s.Features}
}

// String says what the shape is, as in "images of 3×32×32" or "rows of 13 values".
func (s Shape) String() string {
	if s.IsImage() {
		return fmt.Sprintf("images of %d×%d×%d", s.Channels, s.Height, s.Width)
	}
	return fmt.Sprintf("rows of %d values", s.Features)
}
