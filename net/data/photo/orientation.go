package photo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// orientation says how a picture that is stored is to be shown: 1 as it is, 2 to 8
// mirrored or turned, as the tag of that name tells (Exif 2.32, section 4.6.4).
type orientation int

const upright orientation = 1

// stored returns where the pixel lies that is shown at (x, y), in a picture of w×h as it
// is stored.
func (o orientation) stored(x, y, w, h int) (u, v int) {
	u, v = x, y
	if o.swaps() {
		u, v = y, x
	}
	if o.mirrorsX() {
		u = w - 1 - u
	}
	if o.mirrorsY() {
		v = h - 1 - v
	}
	return u, v
}

// swaps says whether stored columns are shown as rows.
func (o orientation) swaps() bool { return o >= 5 }

// mirrorsX says whether stored columns are shown from the last to the first.
func (o orientation) mirrorsX() bool { return o == 2 || o == 3 || o == 7 || o == 8 }

// mirrorsY says the same of rows.
func (o orientation) mirrorsY() bool { return o == 3 || o == 4 || o == 6 || o == 7 }

// maxExif is more than a JPEG segment holds, and than a PNG or WebP needs.
const maxExif = 1 << 16

// orientationOf returns the orientation that a picture of the named format tells,
// upright where it tells none that is known.
func orientationOf(f io.ReadSeeker, format string) orientation {
	var exif io.ReadSeeker = f // a TIFF file is one itself
	if format != "tiff" {
		in := bufio.NewReader(f)
		var block []byte
		switch format {
		case "jpeg":
			block = exifOfJPEG(in)
		case "png":
			block = exifOfPNG(in)
		case "webp":
			block = exifOfWebP(in)
		}
		exif = bytes.NewReader(bytes.TrimPrefix(block, exifName))
	}
	return orientationIn(exif)
}

// exifName stands before the block in JPEG, and by mistake in some WebP files.
var exifName = []byte("Exif\x00\x00")

func exifOfJPEG(in *bufio.Reader) (block []byte) {
	eachSegment(in, func(marker byte, payload []byte) bool {
		if marker == 0xE1 && bytes.HasPrefix(payload, exifName) {
			block = payload
		}
		return block == nil && marker != startOfScan // what follows are pixels
	})
	return block
}

const (
	progressiveFrame = 0xC2
	startOfScan      = 0xDA
)

// eachSegment gives visit the marker segments of a JPEG file until that returns
// false or the file ends (ITU T.81, annex B). Payloads are valid during the call.
func eachSegment(in *bufio.Reader, visit func(marker byte, payload []byte) bool) {
	var buf [maxExif]byte
	for {
		marker, err := nextMarker(in)
		if err != nil || marker == 0xD9 { // the end of the picture
			return
		}
		if marker == 0xD8 || marker == 0x01 { // they have no payload
			continue
		}
		if _, err := io.ReadFull(in, buf[:2]); err != nil {
			return
		}
		n := int(binary.BigEndian.Uint16(buf[:])) - 2
		if n < 0 {
			return
		}
		if _, err := io.ReadFull(in, buf[:n]); err != nil || !visit(marker, buf[:n]) {
			return
		}
	}
}

// nextMarker reads up to a marker, over the coded pixels of a scan, in which 0xFF
// is followed by 0 or is a restart marker.
func nextMarker(in *bufio.Reader) (byte, error) {
	for {
		if _, err := in.ReadSlice(0xFF); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, err
		} else if err != nil {
			continue
		}
		b, err := in.ReadByte()
		for err == nil && b == 0xFF { // any number may stand before a marker
			b, err = in.ReadByte()
		}
		if err != nil {
			return 0, err
		}
		if b != 0 && (b < 0xD0 || b > 0xD7) {
			return b, nil
		}
	}
}

// exifOfPNG returns the data of the chunk eXIf (PNG, third edition, section
// 11.3.3.5).
func exifOfPNG(in *bufio.Reader) []byte {
	if _, err := in.Discard(8); err != nil {
		return nil
	}
	for {
		var head [8]byte // length and name; a checksum follows the data
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return nil
		}
		n := int64(binary.BigEndian.Uint32(head[:]))
		if string(head[4:]) == "eXIf" {
			return readAtMost(in, n)
		}
		if !skip(in, n+4) {
			return nil
		}
	}
}

// exifOfWebP returns the data of the chunk EXIF (RFC 9649, section 2.7.1.5).
func exifOfWebP(in *bufio.Reader) []byte {
	if _, err := in.Discard(12); err != nil {
		return nil
	}
	for {
		var head [8]byte // name and length; the data is padded to an even one
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return nil
		}
		n := int64(binary.LittleEndian.Uint32(head[4:]))
		if string(head[:4]) == "EXIF" {
			return readAtMost(in, n)
		}
		if !skip(in, n+n%2) {
			return nil
		}
	}
}

// skip passes over n bytes, and says whether they are there.
func skip(in *bufio.Reader, n int64) bool {
	_, err := io.CopyN(io.Discard, in, n)
	return err == nil
}

// readAtMost reads n bytes or, where they are more, the first maxExif.
func readAtMost(in io.Reader, n int64) []byte {
	b, err := io.ReadAll(io.LimitReader(in, min(n, maxExif)))
	if err != nil {
		return nil
	}
	return b
}

// orientationIn returns the orientation that the first directory of a TIFF file,
// which an Exif block is too, holds (TIFF 6.0, section 2).
func orientationIn(tiff io.ReadSeeker) orientation {
	var head [8]byte
	if _, err := tiff.Seek(0, io.SeekStart); err != nil {
		return upright
	}
	if _, err := io.ReadFull(tiff, head[:]); err != nil {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	if _, err := tiff.Seek(int64(order.Uint32(head[4:])), io.SeekStart); err != nil {
		return upright
	}
	in := bufio.NewReader(tiff)
	if _, err := io.ReadFull(in, head[:2]); err != nil {
		return upright
	}
	for range order.Uint16(head[:]) {
		var entry [12]byte // tag, type, count, value
		if _, err := io.ReadFull(in, entry[:]); err != nil {
			return upright
		}
		const tag, short = 0x0112, 3
		if order.Uint16(entry[:]) != tag {
			continue
		}
		if o := orientation(order.Uint16(entry[8:])); order.Uint16(entry[2:]) == short && o >= 1 && o <= 8 {
			return o
		}
		return upright
	}
	return upright
}
