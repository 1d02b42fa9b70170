package data

import (
	"fmt"
	"io"

	"github.com/lanes-ml/lanes/net/data/internal/pickle"
)

// The limits of a file of the Python version. The published files have about 3,104
// bytes and three opcodes for each image: for its label, for the name of its file,
// and for the number under which the name is kept.
const (
	maxPickledImage = ImageSize + 400
	maxPickleRest   = 10_000
	opcodesPerImage = 4
	maxOpcodesRest  = 1_000
)

// readPickle fills s from r, a file of the Python version that has size bytes: a
// dictionary with an array under data, with a row for each image, and a list under
// labels.
func readPickle(r io.Reader, size int64, s Split) error {
	n := int64(s.Len())
	if least, most := n*ImageSize, n*maxPickledImage+maxPickleRest; size < least || size > most {
		return fmt.Errorf("%d bytes, want %d to %d", size, least, most)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	batch, err := pickle.Decode(b, s.Len()*opcodesPerImage+maxOpcodesRest)
	if err != nil {
		return err
	}
	images, ok := batch["data"].(*pickle.Array)
	if !ok {
		return fmt.Errorf("the dictionary has no array under data")
	}
	if images.Rows != s.Len() || images.Columns != ImageSize {
		return fmt.Errorf("data has %d×%d bytes, want %d×%d", images.Rows, images.Columns, s.Len(), ImageSize)
	}
	labels, ok := batch["labels"].(*pickle.List)
	if !ok {
		return fmt.Errorf("the dictionary has no list under labels")
	}
	if len(labels.Items) != s.Len() {
		return fmt.Errorf("%d labels, want %d", len(labels.Items), s.Len())
	}
	for i, item := range labels.Items {
		label, ok := item.(int)
		if !ok {
			return fmt.Errorf("image %d: the label is not a number", i)
		}
		if err := checkLabel(i, label); err != nil {
			return err
		}
		s.Labels[i] = int32(label)
	}
	copy(s.Pixels, images.Data)
	return nil
}
