package data

import (
	"fmt"
	"io"
)

// recordSize is the number of bytes of a label and an image.
const recordSize = 1 + ImageSize

// readRecords fills s from r, a file of the binary version that has size bytes: one
// record after the other, with nothing between them.
func readRecords(r io.Reader, size int64, s Split) error {
	if want := int64(s.Len()) * recordSize; size != want {
		return fmt.Errorf("%d bytes, want %d", size, want)
	}
	const perRead = 64 // images, 192 KB: they stay in cache until they are copied
	buf := make([]byte, perRead*recordSize)
	for lo := 0; lo < s.Len(); lo += perRead {
		hi := min(lo+perRead, s.Len())
		if _, err := io.ReadFull(r, buf[:(hi-lo)*recordSize]); err != nil {
			return fmt.Errorf("images %d to %d: %w", lo, hi-1, err)
		}
		for i := lo; i < hi; i++ {
			record := buf[(i-lo)*recordSize:][:recordSize]
			if err := checkLabel(i, int(record[0])); err != nil {
				return err
			}
			s.Labels[i] = int32(record[0])
			copy(s.image(i), record[1:])
		}
	}
	return nil
}
