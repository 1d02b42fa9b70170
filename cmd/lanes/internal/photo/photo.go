// Package photo reads pictures of any size as images of a dataset.
package photo

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
	"math"
	"os"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/lanes-ml/lanes/net/data"
)

const (
	// Formats are those that [Read] knows, for people.
	Formats = "PNG, JPEG, GIF, TIFF or WebP"
	// maxPixels is the largest picture that is decoded: a small file may claim any
	// size.
	maxPixels = 1 << 27
	// maxDecoding is how many bytes may be in use while one is.
	maxDecoding = 1 << 30
	// maxScans is how often a JPEG may go over its pixels. Progressive ones do about
	// ten times, and ten bytes are enough to do it again.
	maxScans = 100
)

// decodingBytes is what a pixel takes while it is decoded, at worst, by the
// format's name in package image. A TIFF's strips are unpacked into memory first, in
// a buffer that doubles, and a progressive JPEG keeps coefficients of four bytes.
var decodingBytes = map[string]int64{"png": 8, "gif": 1, "jpeg": 4, progressive: 20, "webp": 8, "tiff": 32}

const progressive = "progressive jpeg"

// Read returns a picture of any size as the pixels of a dataset's image: its
// largest centred square, scaled to 32×32 by cubic interpolation (Catmull and
// Rom's, over the area that a pixel covers), on white where it is transparent, and
// turned as its Exif data says. A picture of 32×32 keeps its pixels. Of several
// frames the first is taken. Errors name the file.
func Read(path string) ([]uint8, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // to open a pipe may take for ever
		return nil, fmt.Errorf("%s: not a file, want a picture", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	picture, turn, err := decodeImage(f)
	if err != nil {
		if _, ok := errors.AsType[*os.PathError](err); ok {
			return nil, err // it names the file itself
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return planes(picture, turn), nil
}

// decodeImage decodes a picture after a look at what its header claims.
func decodeImage(f io.ReaderAt) (image.Image, orientation, error) {
	file := func() *io.SectionReader { return io.NewSectionReader(f, 0, math.MaxInt64) }
	header, format, err := image.DecodeConfig(bufio.NewReader(file()))
	if _, known := decodingBytes[format]; errors.Is(err, image.ErrFormat) || err == nil && !known {
		return nil, 0, fmt.Errorf("no picture that is known, want %s", Formats)
	}
	if err != nil {
		return nil, 0, err
	}
	kind := format
	if format == "jpeg" {
		more, scans := progressionOf(file())
		if more {
			kind = progressive
		}
		if scans > maxScans {
			return nil, 0, fmt.Errorf("more than %d scans of a JPEG", maxScans)
		}
	}
	most := min(maxPixels, maxDecoding/decodingBytes[kind])
	if w, h := int64(header.Width), int64(header.Height); w < 1 || h < 1 || w > most/h {
		return nil, 0, fmt.Errorf("%d×%d pixels, want 1 to %d in all", w, h, most)
	}
	picture, _, err := image.Decode(bufio.NewReader(file()))
	if err != nil {
		return nil, 0, err
	}
	switch format {
	case "webp":
		widen(picture)
	case "gif":
		if whole := image.Rect(0, 0, header.Width, header.Height); picture.Bounds() != whole {
			picture = canvas{picture, whole}
		}
	}
	if picture.Bounds().Empty() {
		return nil, 0, errors.New("a picture without pixels")
	}
	return picture, orientationOf(file(), format), nil
}

// progressionOf tells whether a JPEG is a progressive one, and how often it goes
// over its pixels.
func progressionOf(f io.Reader) (progressive bool, scans int) {
	eachSegment(bufio.NewReader(f), func(marker byte, _ []byte) bool {
		switch marker {
		case progressiveFrame:
			progressive = true
		case startOfScan:
			scans++
		}
		return scans <= maxScans
	})
	return progressive, scans
}

// canvas is a picture with transparent pixels around it, as a frame of a GIF may
// cover a part of what the file shows.
type canvas struct {
	image.Image
	bounds image.Rectangle
}

func (c canvas) Bounds() image.Rectangle { return c.bounds }

func (c canvas) At(x, y int) color.Color {
	if !image.Pt(x, y).In(c.Image.Bounds()) {
		return color.Transparent
	}
	return c.Image.At(x, y)
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

// planes returns the centre of a picture, upright, as readImage tells.
func planes(picture image.Image, turn orientation) []uint8 {
	b := picture.Bounds()
	side := min(b.Dx(), b.Dy())
	// Where the centre lies between pixels it is the one before, as it is shown.
	x, y := (b.Dx()-side)/2, (b.Dy()-side)/2
	if turn.mirrorsX() {
		x = b.Dx() - side - x
	}
	if turn.mirrorsY() {
		y = b.Dy() - side - y
	}
	square := image.Rect(0, 0, side, side).Add(b.Min).Add(image.Pt(x, y))
	small := image.NewRGBA(image.Rect(0, 0, data.Side, data.Side))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(small, small.Bounds(), picture, square, draw.Over, nil)
	pixels := make([]uint8, data.ImageSize)
	const plane = data.Side * data.Side
	for i := range plane {
		at := small.PixOffset(turn.stored(i%data.Side, i/data.Side, data.Side))
		for c := range data.Channels {
			pixels[c*plane+i] = small.Pix[at+c]
		}
	}
	return pixels
}
