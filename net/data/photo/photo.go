// Package photo reads pictures of any size and format as the planes of pixels that
// networks take.
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

	_ "golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/lanes-ml/lanes/net/internal/regular"
)

const (
	// Formats are those that [Read] knows, for people.
	Formats = "PNG, JPEG, GIF, BMP, TIFF or WebP"
	// maxPixels is the largest picture that is decoded: a small file may claim any
	// size.
	maxPixels = 1 << 27
	// maxDecoding is how many bytes may be in use while one is.
	maxDecoding = 1 << 30
	// unproven is how many bytes, besides twice those of the file, may be in use for a
	// picture of which the file holds a small part at best.
	unproven = 48 << 20
	// maxScans is how often a JPEG may go over its pixels. Progressive ones do about
	// ten times, and ten bytes are enough to do it again.
	maxScans = 100
)

// decoding is, by the format's name in package image, how many bytes a pixel takes while
// it is decoded, at worst, and how many pixels a byte of a file may hold where they take
// more than is unproven: large pictures with fewer details than any photograph hold more.
// A TIFF's strips are unpacked into memory first, in a buffer that doubles, and a
// progressive JPEG keeps coefficients of four bytes.
var decoding = map[string]struct{ bytes, perByte int64 }{
	"png": {8, 64}, "gif": {1, 64}, "bmp": {4, 1}, "jpeg": {4, 64}, progressive: {20, 64}, "webp": {8, 64}, "tiff": {32, 64},
}

const progressive = "progressive jpeg"

// Size is what pictures are scaled to.
type Size struct {
	Channels      int // 3: red, green and blue planes; 1: grey
	Height, Width int // of a plane, in pixels
}

// Read returns a picture of any size as Channels planes of Height rows of Width pixels:
// the largest centred part of that shape, scaled by cubic interpolation (Catmull and
// Rom's, over the area that a pixel covers), on white where it is transparent, and
// turned as its Exif data says. A picture of that size keeps its pixels. Of several
// frames the first is taken. Errors name the file. It panics unless Channels is 1 or 3,
// and Height and Width are positive.
func Read(path string, size Size) ([]uint8, error) {
	size.check("Read")
	var pixels []uint8
	err := open(path, func(f io.ReaderAt, bytes int64) (err error) {
		pixels, err = Decode(f, bytes, size)
		return err
	})
	return pixels, err
}

// Decode is [Read] of a file of so many bytes that is open, or in memory. Its errors name no
// file.
func Decode(f io.ReaderAt, bytes int64, size Size) ([]uint8, error) {
	size.check("Decode")
	picture, turn, err := decodeImage(f, bytes)
	if err != nil {
		return nil, err
	}
	return planes(picture, turn, size), nil
}

// check panics unless pictures can have that size.
func (s Size) check(function string) {
	if s.Channels != 1 && s.Channels != 3 || s.Height < 1 || s.Width < 1 {
		panic(fmt.Sprintf("photo: %s: %d channels of %d×%d pixels", function, s.Channels, s.Height, s.Width))
	}
}

// SizeOf returns the size of a picture as it is shown, with one channel if its file has
// grey pixels only. It reads no more than it must. Errors name the file.
func SizeOf(path string) (size Size, err error) {
	err = open(path, func(f io.ReaderAt, bytes int64) error {
		h, err := readHeader(f, bytes)
		if err != nil {
			return err
		}
		size = Size{3, h.Height, h.Width}
		if h.ColorModel == color.GrayModel || h.ColorModel == color.Gray16Model {
			size.Channels = 1
		}
		if orientationOf(whole(f), h.format).swaps() {
			size.Height, size.Width = size.Width, size.Height
		}
		return nil
	})
	return size, err
}

// open lets use read a picture's file, and adds the file's name to its error.
func open(path string, use func(f io.ReaderAt, bytes int64) error) error {
	f, err := regular.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := use(f, info.Size()); err != nil {
		if _, ok := errors.AsType[*os.PathError](err); ok {
			return err // it names the file itself
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// whole returns a file from its beginning on.
func whole(f io.ReaderAt) *io.SectionReader { return io.NewSectionReader(f, 0, math.MaxInt64) }

// header is what is known of a picture before it is decoded.
type header struct {
	image.Config
	format string
}

// readHeader looks at what a picture of so many bytes claims to be, and refuses what
// would take too much memory.
func readHeader(f io.ReaderAt, bytes int64) (header, error) {
	config, format, err := image.DecodeConfig(bufio.NewReader(whole(f)))
	if _, known := decoding[format]; errors.Is(err, image.ErrFormat) || err == nil && !known {
		return header{}, fmt.Errorf("no picture that is known, want %s", Formats)
	}
	if err != nil {
		return header{}, err
	}
	kind := format
	if format == "jpeg" {
		more, scans := progressionOf(whole(f))
		if more {
			kind = progressive
		}
		if scans > maxScans {
			return header{}, fmt.Errorf("more than %d scans of a JPEG", maxScans)
		}
	}
	most := min(maxPixels, maxDecoding/decoding[kind].bytes)
	w, h := int64(config.Width), int64(config.Height)
	if w < 1 || h < 1 || w > most/h {
		return header{}, fmt.Errorf("%d×%d pixels, want 1 to %d in all", w, h, most)
	}
	if w*h*decoding[kind].bytes > 2*bytes+unproven && w*h/decoding[kind].perByte > bytes {
		return header{}, fmt.Errorf("%d×%d pixels in %d bytes, want at most %d in each", w, h, bytes, decoding[kind].perByte)
	}
	return header{config, format}, nil
}

// decodeImage decodes a picture of so many bytes after a look at what its header claims.
func decodeImage(f io.ReaderAt, bytes int64) (image.Image, orientation, error) {
	h, err := readHeader(f, bytes)
	if err != nil {
		return nil, 0, err
	}
	picture, _, err := image.Decode(bufio.NewReader(whole(f)))
	if err != nil {
		return nil, 0, err
	}
	switch h.format {
	case "webp":
		widen(picture)
	case "gif":
		if full := image.Rect(0, 0, h.Width, h.Height); picture.Bounds() != full {
			picture = canvas{picture, full}
		}
	}
	if picture.Bounds().Empty() {
		return nil, 0, errors.New("a picture without pixels")
	}
	return picture, orientationOf(whole(f), h.format), nil
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

// planes returns the centre of a picture, upright, as [Read] tells.
func planes(picture image.Image, turn orientation, size Size) []uint8 {
	// w and h are the size as it is stored.
	w, h := size.Width, size.Height
	if turn.swaps() {
		w, h = h, w
	}
	b := picture.Bounds()
	part := image.Pt(b.Dx(), max(b.Dx()*h/w, 1))
	if part.Y > b.Dy() {
		part = image.Pt(max(b.Dy()*w/h, 1), b.Dy())
	}
	// Where the centre lies between pixels it is the one before, as it is shown.
	corner := b.Size().Sub(part).Div(2)
	if turn.mirrorsX() {
		corner.X = b.Dx() - part.X - corner.X
	}
	if turn.mirrorsY() {
		corner.Y = b.Dy() - part.Y - corner.Y
	}
	shown := image.Rectangle{Max: part}.Add(b.Min).Add(corner)
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(small, small.Bounds(), picture, shown, draw.Over, nil)
	plane := w * h
	pixels := make([]uint8, size.Channels*plane)
	for i := range plane {
		u, v := turn.stored(i%size.Width, i/size.Width, w, h)
		if size.Channels == 1 {
			pixels[i] = color.GrayModel.Convert(small.RGBAAt(u, v)).(color.Gray).Y
			continue
		}
		for c := range size.Channels {
			pixels[c*plane+i] = small.Pix[small.PixOffset(u, v)+c]
		}
	}
	return pixels
}
