package photo

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/tiff"
)

// exifBlock is a block whose only tag, besides one before it, is the orientation.
func exifBlock(order binary.AppendByteOrder, o orientation) []byte {
	b := []byte("II*\x00")
	if order == binary.BigEndian {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, tag := range [][2]uint16{{0x0100, 9}, {0x0112, uint16(o)}} {
		b = order.AppendUint16(b, tag[0])
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, tag[1])
		b = order.AppendUint16(b, 0)
	}
	return order.AppendUint32(b, 0)
}

// withExif puts a block into a file of the format.
func withExif(format string, file, block []byte) []byte {
	switch format {
	case "jpeg":
		block = append([]byte("Exif\x00\x00"), block...)
		comment := []byte{0xFF, 0xD8, 0xFF, 0xFE, 0, 4, 'h', 'i'}
		segment := append(binary.BigEndian.AppendUint16([]byte{0xFF, 0xFF, 0xE1}, uint16(len(block)+2)), block...)
		return bytes.Join([][]byte{comment, segment, file[2:]}, nil)
	case "png":
		chunk := append([]byte("eXIf"), block...)
		part := append(binary.BigEndian.AppendUint32(nil, uint32(len(block))), chunk...)
		part = binary.BigEndian.AppendUint32(part, crc32.ChecksumIEEE(chunk))
		end := len(file) - 12 // before IEND, after the pixels
		return bytes.Join([][]byte{file[:end], part, file[end:]}, nil)
	case "webp":
		part := append(binary.LittleEndian.AppendUint32([]byte("EXIF"), uint32(len(block))), block...)
		return append(bytes.Clone(file), part...)
	}
	panic(format)
}

// asShown returns the picture that a viewer shows of a stored one, by the table of
// Exif 2.32: where row 0 and column 0 of what is stored are shown.
func asShown(stored image.Image, o orientation) image.Image {
	w, h := stored.Bounds().Dx(), stored.Bounds().Dy()
	type place func(u, v int) (x, y int)
	to := map[orientation]place{
		1: func(u, v int) (int, int) { return u, v },                 // top, left
		2: func(u, v int) (int, int) { return w - 1 - u, v },         // top, right
		3: func(u, v int) (int, int) { return w - 1 - u, h - 1 - v }, // bottom, right
		4: func(u, v int) (int, int) { return u, h - 1 - v },         // bottom, left
		5: func(u, v int) (int, int) { return v, u },                 // left, top
		6: func(u, v int) (int, int) { return h - 1 - v, u },         // right, top
		7: func(u, v int) (int, int) { return h - 1 - v, w - 1 - u }, // right, bottom
		8: func(u, v int) (int, int) { return v, w - 1 - u },         // left, bottom
	}[o]
	bounds := image.Rect(0, 0, w, h)
	if o >= 5 {
		bounds = image.Rect(0, 0, h, w)
	}
	m := image.NewRGBA(bounds)
	for v := range h {
		for u := range w {
			x, y := to(u, v)
			m.Set(x, y, stored.At(stored.Bounds().Min.X+u, stored.Bounds().Min.Y+v))
		}
	}
	return m
}

func TestPicturesAreTurnedAsTheirExifDataSays(t *testing.T) {
	for o := range orientation(8) {
		o++
		for _, size := range []image.Point{{32, 32}, {32, 45}, {45, 32}, {33, 32}, {32, 35}} { // odd and even margins
			m := noise(size.X, size.Y)
			for _, shape := range []Size{cifar, {3, 32, 20}, {3, 20, 32}} {
				require.Equal(t, planes(asShown(m, o), upright, shape), planes(m, o, shape), "orientation %d of %v as %v", o, size, shape)
			}
		}
	}
}

func TestEachFormatTellsItsOrientation(t *testing.T) {
	m := noise(48, 32)
	var asJPEG, asPNG, asTIFF bytes.Buffer
	require.NoError(t, jpeg.Encode(&asJPEG, m, nil))
	require.NoError(t, png.Encode(&asPNG, m))
	require.NoError(t, tiff.Encode(&asTIFF, m, nil))
	webp, err := base64.StdEncoding.DecodeString(orangeWebP)
	require.NoError(t, err)
	dir := t.TempDir()
	for o := range orientation(8) {
		o++
		for name, file := range map[string][]byte{
			"jpeg, little endian": withExif("jpeg", asJPEG.Bytes(), exifBlock(binary.LittleEndian, o)),
			"jpeg":                withExif("jpeg", asJPEG.Bytes(), exifBlock(binary.BigEndian, o)),
			"png":                 withExif("png", asPNG.Bytes(), exifBlock(binary.BigEndian, o)),
			"webp":                withExif("webp", webp, exifBlock(binary.LittleEndian, o)),
			"webp, as in JPEG":    withExif("webp", webp, append([]byte("Exif\x00\x00"), exifBlock(binary.LittleEndian, o)...)),
			"tiff":                withTIFFTag(t, asTIFF.Bytes(), o),
		} {
			path := filepath.Join(dir, strconv.Itoa(int(o)))
			require.NoError(t, os.WriteFile(path, file, 0o666))
			f, err := os.Open(path)
			require.NoError(t, err)
			picture, turn, err := decodeImage(f, int64(len(file)))
			require.NoError(t, f.Close())
			require.NoError(t, err, name)
			require.Equal(t, o, turn, name)
			pixels, err := Read(path, cifar)
			require.NoError(t, err)
			require.Equal(t, planes(asShown(picture, o), upright, cifar), pixels, name)
		}
	}
}

// withTIFFTag puts the tag into the directory of a file that has none. It moves the
// directory to the end.
func withTIFFTag(t *testing.T, file []byte, o orientation) []byte {
	t.Helper()
	order := binary.LittleEndian
	at := order.Uint32(file[4:])
	n := int(order.Uint16(file[at:]))
	entries := file[at+2:][:12*n]
	b := bytes.Clone(file)
	order.PutUint32(b[4:], uint32(len(b)))
	b = order.AppendUint16(b, uint16(n+1))
	put := false
	for i := range n {
		entry := entries[12*i:][:12]
		if tag := order.Uint16(entry); !put && tag > 0x0112 {
			b = append(b, exifBlock(order, o)[22:34]...)
			put = true
		}
		b = append(b, entry...)
	}
	require.True(t, put)
	return order.AppendUint32(b, 0)
}

func TestExifDataThatTellsNothingKnownTurnsNothing(t *testing.T) {
	good := exifBlock(binary.LittleEndian, 6)
	require.Equal(t, orientation(6), orientationIn(bytes.NewReader(good)))
	for n := range good[:34] { // cut before the value's end
		require.Equal(t, upright, orientationIn(bytes.NewReader(good[:n])), n)
	}
	for _, o := range []orientation{0, 9, 256, 65535} {
		require.Equal(t, upright, orientationIn(bytes.NewReader(exifBlock(binary.BigEndian, o))))
	}
	otherType := bytes.Clone(good)
	otherType[24] = 4
	require.Equal(t, upright, orientationIn(bytes.NewReader(otherType)))
	far := bytes.Clone(good)
	far[7] = 0xFF
	require.Equal(t, upright, orientationIn(bytes.NewReader(far)))
}

// FuzzOrientation holds that any file has an orientation from 1 to 8, in a time
// that its length bounds.
func FuzzOrientation(f *testing.F) {
	var asJPEG, asPNG bytes.Buffer
	require.NoError(f, jpeg.Encode(&asJPEG, uniform(8, 8, color.White), nil))
	require.NoError(f, png.Encode(&asPNG, uniform(8, 8, color.White)))
	webp, err := base64.StdEncoding.DecodeString(orangeWebP)
	require.NoError(f, err)
	block := exifBlock(binary.BigEndian, 8)
	f.Add(block)
	f.Add(withExif("jpeg", asJPEG.Bytes(), block))
	f.Add(withExif("png", asPNG.Bytes(), block))
	f.Add(withExif("webp", webp, block))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, format := range []string{"jpeg", "png", "webp", "tiff", "gif"} {
			o := orientationOf(bytes.NewReader(file), format)
			require.True(t, o >= 1 && o <= 8, "%s: %d", format, o)
		}
		progressionOf(bytes.NewReader(file))
	})
}
