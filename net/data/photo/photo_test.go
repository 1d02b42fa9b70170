package photo

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// cifar is the size of CIFAR-10's images.
var cifar = Size{3, 32, 32}

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
	got, err := Read(writePNG(t, filepath.Join(t.TempDir(), "a.png"), m), cifar)
	require.NoError(t, err)
	require.Equal(t, inDatasetOrder(m), got)
	require.Len(t, got, 3072)
}

func TestPicturesAreCroppedToTheirCentre(t *testing.T) {
	for _, size := range []image.Point{{32, 50}, {50, 32}, {33, 32}} {
		m := noise(size.X, size.Y)
		centre := image.Rect(0, 0, 32, 32).Add(image.Pt((size.X-32)/2, (size.Y-32)/2))
		require.Equal(t, inDatasetOrder(m.SubImage(centre)), planes(m, upright, cifar), size)
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
		write("a.bmp", func(b *bytes.Buffer) error { return bmp.Encode(b, uniform(33, 20, orange)) }),
		write("a.tif", func(b *bytes.Buffer) error { return tiff.Encode(b, uniform(40, 50, orange), nil) }),
		write("an.webp", func(b *bytes.Buffer) error { b.Write(webp); return nil }),
	} {
		pixels, err := Read(path, cifar)
		require.NoError(t, err)
		for i, p := range pixels {
			want := []uint8{orange.R, orange.G, orange.B}[i/1024]
			require.InDelta(t, want, p, 3, "%s: pixel %d", path, i)
		}
	}
}

// orangeWebP is a 16×16 picture of one colour.
const orangeWebP = "UklGRkIAAABXRUJQVlA4IDYAAABQAgCdASoQABAAAAAAJaACdLoB+AH6AfwADDwA/ucw//7M82/+TL/7M9//oIATrnCf+f+AAAA="

func TestPicturesFillOtherShapes(t *testing.T) {
	m := noise(40, 30)
	for _, c := range []struct {
		size Size
		part image.Rectangle
	}{
		{Size{3, 30, 40}, image.Rect(0, 0, 40, 30)},
		{Size{3, 30, 20}, image.Rect(10, 0, 30, 30)},
		{Size{1, 10, 40}, image.Rect(0, 10, 40, 20)},
		{Size{1, 30, 1}, image.Rect(19, 0, 20, 30)},
	} {
		var want [3][]uint8
		for y := c.part.Min.Y; y < c.part.Max.Y; y++ {
			for x := c.part.Min.X; x < c.part.Max.X; x++ {
				p := m.RGBAAt(x, y)
				if c.size.Channels == 1 {
					want[0] = append(want[0], color.GrayModel.Convert(p).(color.Gray).Y)
					continue
				}
				want[0], want[1], want[2] = append(want[0], p.R), append(want[1], p.G), append(want[2], p.B)
			}
		}
		require.Equal(t, slices.Concat(want[:]...), planes(m, upright, c.size), c.size)
	}
	require.Len(t, planes(noise(1000, 1), upright, Size{3, 9, 1}), 27)
	require.Panics(t, func() { Read("", Size{2, 1, 1}) })
}

func TestSizeOfIsAsShown(t *testing.T) {
	dir := t.TempDir()
	var asJPEG bytes.Buffer
	require.NoError(t, jpeg.Encode(&asJPEG, noise(48, 32), nil))
	turned := filepath.Join(dir, "turned.jpg")
	require.NoError(t, os.WriteFile(turned, withExif("jpeg", asJPEG.Bytes(), exifBlock(binary.BigEndian, 6)), 0o666))
	for path, want := range map[string]Size{
		turned: {3, 48, 32},
		writePNG(t, filepath.Join(dir, "colour.png"), noise(5, 6)):                         {3, 6, 5},
		writePNG(t, filepath.Join(dir, "grey.png"), image.NewGray(image.Rect(0, 0, 7, 8))): {1, 8, 7},
	} {
		got, err := SizeOf(path)
		require.NoError(t, err)
		require.Equal(t, want, got, path)
	}
	_, err := SizeOf(filepath.Join(dir, "missing.png"))
	require.ErrorContains(t, err, "missing.png: no such file")
}

func TestTransparentPicturesLieOnWhite(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for _, p := range planes(m, upright, cifar) {
		require.Equal(t, uint8(255), p)
	}
	draw.Draw(m, m.Bounds(), image.NewUniform(color.NRGBA{0, 0, 0, 128}), image.Point{}, draw.Src)
	for _, p := range planes(m, upright, cifar) {
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

func TestTheFirstFrameOfAGIFLiesOnItsCanvas(t *testing.T) {
	orange := color.RGBA{200, 120, 40, 255}
	frame := image.NewPaletted(image.Rect(20, 8, 30, 20), color.Palette{orange, color.Black})
	later := image.NewPaletted(image.Rect(0, 0, 40, 32), color.Palette{color.Black, orange})
	var b bytes.Buffer
	require.NoError(t, gif.EncodeAll(&b, &gif.GIF{
		Image: []*image.Paletted{frame, later}, Delay: []int{0, 0}, Config: image.Config{Width: 40, Height: 32},
	}))
	path := filepath.Join(t.TempDir(), "part.gif")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o666))
	got, err := Read(path, cifar)
	require.NoError(t, err)
	want := uniform(40, 32, color.White)
	draw.Draw(want, frame.Rect, image.NewUniform(orange), image.Point{}, draw.Src)
	require.Equal(t, planes(want, upright, cifar), got)
}

// tiffBomb is a TIFF of 16×16 grey pixels whose one tile claims 60000×60000, and
// holds n bytes of zeros under a compression.
func tiffBomb(compression uint16, tile []byte) []byte {
	order := binary.LittleEndian
	b := order.AppendUint32([]byte("II*\x00"), uint32(8+len(tile)))
	b = append(b, tile...)
	tags := [][3]uint32{ // tag, type, value
		{256, 4, 16}, {257, 4, 16}, {258, 3, 8}, {259, 3, uint32(compression)}, {262, 3, 1}, {322, 4, 60000}, {323, 4, 60000},
		{324, 4, 8}, {325, 4, uint32(len(tile))},
	}
	b = order.AppendUint16(b, uint16(len(tags)))
	for _, tag := range tags {
		b = order.AppendUint16(b, uint16(tag[0]))
		b = order.AppendUint16(b, uint16(tag[1]))
		b = order.AppendUint32(b, 1)
		b = order.AppendUint32(b, tag[2])
	}
	return order.AppendUint32(b, 0)
}

// zeros returns n of them under zlib and under PackBits.
func zeros(t *testing.T, n int) (deflated, packed []byte) {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write(make([]byte, n))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes(), bytes.Repeat([]byte{0x81, 0}, n/128)
}

// scansBomb is a progressive JPEG that goes over its few pixels that often.
func scansBomb(n int) []byte {
	b := []byte{0xFF, 0xD8, 0xFF, 0xC2, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0}
	for range n {
		b = append(b, 0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0, 0x00)
	}
	return append(b, 0xFF, 0xD9)
}

// tiffClaim is the header of a TIFF of that size.
func tiffClaim(w, h uint32) []byte {
	b := tiffBomb(8, nil)
	at := binary.LittleEndian.Uint32(b[4:]) + 2
	binary.LittleEndian.PutUint32(b[at+8:], w)
	binary.LittleEndian.PutUint32(b[at+12+8:], h)
	return b
}

// jpegClaim is the header of a JPEG of that size, with a kind of frame.
func jpegClaim(frame byte, w, h uint16) []byte {
	b := []byte{0xFF, 0xD8, 0xFF, frame, 0, 11, 8}
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, h), w)
	return append(b, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0)
}

// bmpClaim is the header of a BMP of that size and 32 bits.
func bmpClaim(w, h uint32) []byte {
	b := make([]byte, 54)
	copy(b, "BM")
	b[10], b[14], b[26], b[28] = 54, 40, 1, 32
	binary.LittleEndian.PutUint32(b[18:], w)
	binary.LittleEndian.PutUint32(b[22:], h)
	return b
}

// Small files that claim much are refused before much memory or time is spent.
func TestPictureBombsAreRefused(t *testing.T) {
	tile := "tile size exceeds image size"
	if math.MaxInt == math.MaxInt32 {
		tile = "tile size is too large"
	}
	const zerosInATile = 64 << 20
	deflated, packed := zeros(t, zerosInATile)
	webp, err := base64.StdEncoding.DecodeString("UklGRiwAAABXRUJQVlA4WAoAAAAAAAAAHwAAHwAAVlA4TA4AAAAv/r//DwcQEf0PRET/Aw==")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		file    []byte
		message string
	}{
		"a tile of deflated zeros": {tiffBomb(8, deflated), tile},
		"a tile of packed zeros":   {tiffBomb(32773, packed), tile},
		"a large WebP in a small":  {webp, "webp: invalid format"},
		"a TIFF as large as a PNG": {tiffClaim(8000, 8000), "8000×8000 pixels, want 1 to 33554432 in all"},
		"a progressive JPEG":       {jpegClaim(0xC2, 8000, 8000), "8000×8000 pixels, want 1 to 53687091 in all"},
		"a PNG of no bytes":        {hugePNG(3000, 3000), "3000×3000 pixels in 33 bytes, want at most 64 in each"},
		"a JPEG of few bytes":      {jpegClaim(0xC0, 4000, 4000), "4000×4000 pixels in 25 bytes, want at most 64 in each"},
		"a BMP without pixels":     {bmpClaim(6000, 6000), "6000×6000 pixels in 54 bytes, want at most 1 in each"},
		"a JPEG":                   {jpegClaim(0xC0, 20000, 20000), "20000×20000 pixels, want 1 to 134217728 in all"},
		"scans":                    {scansBomb(101), "more than 100 scans of a JPEG"},
		"scans after a comment":    {append([]byte{0xFF, 0xD8, 0xFF, 0xFE, 0, 4, 0xFF, 0xD9}, scansBomb(5000)[2:]...), "more than 100 scans of a JPEG"},
	} {
		path := filepath.Join(t.TempDir(), "bomb")
		require.NoError(t, os.WriteFile(path, c.file, 0o666))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(path, cifar)
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, path+": ", name)
		require.ErrorContains(t, err, c.message, name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), name)
	}
	isProgressive, scans := progressionOf(bytes.NewReader(scansBomb(100)))
	require.True(t, isProgressive)
	require.Equal(t, 100, scans)
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
		{"empty.png", nil, "no picture that is known, want PNG, JPEG, GIF, BMP, TIFF or WebP"},
		{"text.jpg", []byte("this is text"), "no picture that is known"},
		{"cut.png", whole.Bytes()[:2000], "not enough pixel data"},
		{"head.png", whole.Bytes()[:10], "unexpected EOF"},
		{"huge.png", hugePNG(1<<30, 1<<30), "dimension overflow"},
		{"large.png", hugePNG(16000, 9000), "16000×9000 pixels, want 1 to 134217728 in all"},
		{"flat.gif", []byte("GIF89a\x00\x00\x00\x00\x00\x00\x00"), "0×0 pixels, want 1 to 134217728 in all"},
	} {
		path := filepath.Join(dir, c.name)
		require.NoError(t, os.WriteFile(path, c.bytes, 0o666))
		_, err := Read(path, cifar)
		require.ErrorContains(t, err, path+": ")
		require.ErrorContains(t, err, c.message)
	}
	_, err := Read(filepath.Join(dir, "missing.png"), cifar)
	require.ErrorContains(t, err, "missing.png: no such file")
	_, err = Read(dir, cifar)
	require.ErrorContains(t, err, dir+": a folder, not a file")
}

// FuzzDecode holds that any file is a picture or an error, in bounded memory.
func FuzzDecode(f *testing.F) {
	m := uniform(9, 5, color.RGBA{200, 120, 40, 255})
	for _, encode := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return png.Encode(b, m) },
		func(b *bytes.Buffer) error { return jpeg.Encode(b, m, nil) },
		func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) },
		func(b *bytes.Buffer) error { return bmp.Encode(b, m) },
		func(b *bytes.Buffer) error { return tiff.Encode(b, m, nil) },
	} {
		var b bytes.Buffer
		require.NoError(f, encode(&b))
		f.Add(b.Bytes())
	}
	webp, err := base64.StdEncoding.DecodeString(orangeWebP)
	require.NoError(f, err)
	f.Add(webp)
	f.Fuzz(func(t *testing.T, file []byte) {
		picture, turn, err := decodeImage(bytes.NewReader(file), int64(len(file)))
		if err == nil {
			require.Len(t, planes(picture, turn, Size{1, 3, 2}), 6)
		}
	})
}
