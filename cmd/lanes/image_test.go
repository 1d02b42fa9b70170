package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
)

// noise returns a picture that hides nothing: each pixel is drawn.
func noise(w, h int) *image.RGBA {
	rng := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(rng.IntN(256))
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

// inDatasetOrder takes a 32×32 picture apart by hand.
func inDatasetOrder(m image.Image) []uint8 {
	var pixels []uint8
	for c := range 3 {
		for y := range 32 {
			for x := range 32 {
				rgba := color.RGBAModel.Convert(m.At(m.Bounds().Min.X+x, m.Bounds().Min.Y+y)).(color.RGBA)
				pixels = append(pixels, []uint8{rgba.R, rgba.G, rgba.B}[c])
			}
		}
	}
	return pixels
}

func writePNG(t *testing.T, path string, m image.Image) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o666))
	return path
}

// uniform returns a picture of one colour.
func uniform(w, h int, c color.Color) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	return m
}

// paletted returns m with that colour and black alone.
func paletted(m image.Image, c color.Color) *image.Paletted {
	p := image.NewPaletted(m.Bounds(), color.Palette{c, color.Black})
	draw.Draw(p, p.Bounds(), m, m.Bounds().Min, draw.Src)
	return p
}

func TestSmallPicturesKeepTheirPixels(t *testing.T) {
	m := noise(32, 32)
	got, err := readImage(writePNG(t, filepath.Join(t.TempDir(), "a.png"), m))
	require.NoError(t, err)
	require.Equal(t, inDatasetOrder(m), got)
	require.Len(t, got, data.ImageSize)
}

func TestPicturesAreCroppedToTheirCentre(t *testing.T) {
	for _, size := range []image.Point{{32, 50}, {50, 32}, {33, 32}} {
		m := noise(size.X, size.Y)
		centre := image.Rect(0, 0, 32, 32).Add(image.Pt((size.X-32)/2, (size.Y-32)/2))
		require.Equal(t, inDatasetOrder(m.SubImage(centre)), planes(m), size)
	}
}

func TestPicturesOfAnySizeAndFormatAreRead(t *testing.T) {
	dir := t.TempDir()
	orange := color.RGBA{200, 120, 40, 255}
	write := func(name string, encode func(*bytes.Buffer) error) string {
		var b bytes.Buffer
		require.NoError(t, encode(&b))
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b.Bytes(), 0o666))
		return path
	}
	webp, err := base64.StdEncoding.DecodeString(orangeWebP)
	require.NoError(t, err)
	for _, path := range []string{
		write("one.png", func(b *bytes.Buffer) error { return png.Encode(b, uniform(1, 1, orange)) }),
		write("large.jpeg", func(b *bytes.Buffer) error { return jpeg.Encode(b, uniform(900, 300, orange), nil) }),
		write("gif", func(b *bytes.Buffer) error { return gif.Encode(b, paletted(uniform(31, 100, orange), orange), nil) }),
		write("an.webp", func(b *bytes.Buffer) error { b.Write(webp); return nil }),
	} {
		pixels, err := readImage(path)
		require.NoError(t, err)
		for i, p := range pixels {
			want := []uint8{orange.R, orange.G, orange.B}[i/1024]
			require.InDelta(t, want, p, 3, "%s: pixel %d", path, i)
		}
	}
}

// orangeWebP is a 16×16 picture of one colour.
const orangeWebP = "UklGRkIAAABXRUJQVlA4IDYAAABQAgCdASoQABAAAAAAJaACdLoB+AH6AfwADDwA/ucw//7M82/+TL/7M9//oIATrnCf+f+AAAA="

func TestTransparentPicturesLieOnWhite(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for _, p := range planes(m) {
		require.Equal(t, uint8(255), p)
	}
	draw.Draw(m, m.Bounds(), image.NewUniform(color.NRGBA{0, 0, 0, 128}), image.Point{}, draw.Src)
	for _, p := range planes(m) {
		require.InDelta(t, 127, p, 1)
	}
}

// hugePNG is a PNG whose header claims a size, with nothing behind it.
func hugePNG(w, h uint32) []byte {
	chunk := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	chunk = append(chunk, 8, 6, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

func TestPicturesThatCannotBeReadAreNamed(t *testing.T) {
	dir := t.TempDir()
	var whole bytes.Buffer
	require.NoError(t, png.Encode(&whole, noise(40, 40)))
	for _, c := range []struct {
		name    string
		bytes   []byte
		message string
	}{
		{"empty.png", nil, "no picture that is known, want PNG, JPEG, GIF or WebP"},
		{"text.jpg", []byte("this is text"), "no picture that is known"},
		{"cut.png", whole.Bytes()[:2000], "not enough pixel data"},
		{"head.png", whole.Bytes()[:10], "unexpected EOF"},
		{"huge.png", hugePNG(1<<30, 1<<30), "dimension overflow"},
		{"large.png", hugePNG(20000, 20000), "20000×20000 pixels, want 1 to 134217728 in all"},
		{"flat.gif", []byte("GIF89a\x00\x00\x00\x00\x00\x00\x00"), "0×0 pixels, want 1 to 134217728 in all"},
	} {
		path := filepath.Join(dir, c.name)
		require.NoError(t, os.WriteFile(path, c.bytes, 0o666))
		_, err := readImage(path)
		require.ErrorContains(t, err, path+": ")
		require.ErrorContains(t, err, c.message)
	}
	_, err := readImage(filepath.Join(dir, "missing.png"))
	require.ErrorContains(t, err, "missing.png: no such file")
	_, err = readImage(dir)
	require.EqualError(t, err, dir+": not a file, want a picture")
}
