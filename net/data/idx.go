package data

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// idxFile finds the file of a folder whose name ends with that, plain or gzipped, and
// begins as one of the prefixes says.
func idxFile(dir, suffix string, prefixes ...string) string {
	for _, prefix := range prefixes {
		for _, ext := range []string{"", ".gz"} {
			matches, _ := filepath.Glob(filepath.Join(dir, "*"+prefix+suffix+ext))
			if len(matches) > 0 {
				return matches[0]
			}
		}
	}
	return ""
}

func foundIDX(path string) bool {
	return idxFile(path, "-images-idx3-ubyte", "train", "t10k", "test") != ""
}

// readIDX reads a folder of MNIST's format, as LeCun, Cortes and Burges describe it.
func readIDX(path string, _ Options) (*Dataset, error) {
	d := &Dataset{}
	classes := 0
	for _, part := range []struct {
		to       *Split
		prefixes []string
	}{{&d.Train, []string{"train"}}, {&d.Test, []string{"t10k", "test"}}} {
		images, labels := idxFile(path, "-images-idx3-ubyte", part.prefixes...), idxFile(path, "-labels-idx1-ubyte", part.prefixes...)
		if images == "" {
			continue
		}
		dims, pixels, err := readIDXFile(images)
		if err != nil {
			return nil, err
		}
		shape := Shape{Channels: 1, Height: dims[1], Width: dims[2]}
		if d.Shape != (Shape{}) && d.Shape != shape {
			return nil, fmt.Errorf("%s: %s, those to train on are %s", images, shape, d.Shape)
		}
		d.Shape, part.to.Pixels = shape, pixels
		if dims, pixels, err = readIDXFile(labels); err != nil {
			return nil, err
		}
		for _, y := range pixels {
			part.to.Labels = append(part.to.Labels, int32(y))
			classes = max(classes, int(y)+1)
		}
	}
	for c := range classes {
		d.Classes = append(d.Classes, strconv.Itoa(c))
	}
	return d, nil
}

// readIDXFile returns the sizes and the bytes of an IDX file.
func readIDXFile(path string) ([]int, []byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	r := io.Reader(bufio.NewReader(f))
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(r); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	if magic[0] != 0 || magic[1] != 0 || magic[2] != 8 {
		return nil, nil, fmt.Errorf("%s: begins with % x, want 00 00 08", path, magic[:3])
	}
	dims, size := make([]int, magic[3]), 1
	for i := range dims {
		var n uint32
		if err := binary.Read(r, binary.BigEndian, &n); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		dims[i] = int(n)
		size *= int(n)
	}
	content, err := io.ReadAll(io.LimitReader(r, int64(size)+1))
	if err == nil && len(content) != size {
		err = errors.New("another number of bytes than its header says")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return dims, content, nil
}
