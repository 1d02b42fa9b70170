package main

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"github.com/lanes-ml/lanes/net/data"
)

const (
	imageFormats = "PNG, JPEG, GIF or WebP"
	// maxPixels is the largest picture that is decoded: a small file may claim any
	// size.
	maxPixels = 1 << 27
)

// readImage returns a picture of any size as the pixels of a dataset's image: its
// largest centred square, scaled to 32×32 by cubic interpolation (Catmull and
// Rom's, over the area that a pixel covers), on white where it is transparent. A
// picture of 32×32 keeps its pixels. Errors name the file.
func readImage(path string) ([]uint8, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // to open a pipe may take for ever
		return nil, fmt.Errorf("%s: not a file, want a picture", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	picture, err := decodeImage(f)
	if err != nil {
		if _, ok := errors.AsType[*os.PathError](err); ok {
			return nil, err // it names the file itself
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return planes(picture), nil
}

// decodeImage decodes a picture after a look at its size.
func decodeImage(f io.ReadSeeker) (image.Image, error) {
	header, _, err := image.DecodeConfig(bufio.NewReader(f))
	if errors.Is(err, image.ErrFormat) {
		return nil, fmt.Errorf("no picture that is known, want %s", imageFormats)
	}
	if err != nil {
		return nil, err
	}
	if w, h := int64(header.Width), int64(header.Height); w < 1 || h < 1 || w > maxPixels/h {
		return nil, fmt.Errorf("%d×%d pixels, want 1 to %d in all", w, h, maxPixels)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	picture, format, err := image.Decode(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	if format == "webp" {
		widen(picture)
	}
	if picture.Bounds().Empty() {
		return nil, errors.New("a picture without pixels")
	}
	return picture, nil
}

// widen stretches the samples of a lossy WebP picture, which are 16 to 235 for
// luma and 16 to 240 for chroma (RFC 6386, section 9.2), to the 0 to 255 that
// package image takes them for.
func widen(picture image.Image) {
	var samples *image.YCbCr
	switch p := picture.(type) {
	case *image.YCbCr:
		samples = p
	case *image.NYCbCrA:
		samples = &p.YCbCr
	default:
		return // lossless
	}
	var luma, chroma [256]uint8
	for i := range 256 {
		luma[i] = uint8(min(max((i-16)*255/219, 0), 255))
		chroma[i] = uint8(min(max((i-128)*255/224+128, 0), 255))
	}
	for i, y := range samples.Y {
		samples.Y[i] = luma[y]
	}
	for i := range samples.Cb {
		samples.Cb[i], samples.Cr[i] = chroma[samples.Cb[i]], chroma[samples.Cr[i]]
	}
}

func planes(picture image.Image) []uint8 {
	b := picture.Bounds()
	side := min(b.Dx(), b.Dy())
	x, y := b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2
	small := image.NewRGBA(image.Rect(0, 0, data.Side, data.Side))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(small, small.Bounds(), picture, image.Rect(x, y, x+side, y+side), draw.Over, nil)
	pixels := make([]uint8, data.ImageSize)
	const plane = data.Side * data.Side
	for i := range plane {
		for c := range data.Channels {
			pixels[c*plane+i] = small.Pix[4*i+c]
		}
	}
	return pixels
}
