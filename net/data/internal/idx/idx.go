// Package idx reads the files of MNIST and the datasets that followed it: an array of
// numbers behind a short header, plain or gzipped.
//
// Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits, section
// "File formats", http://yann.lecun.com/exdb/mnist/.
package idx

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/lanes-ml/lanes/net/internal/claim"
	"github.com/lanes-ml/lanes/net/internal/regular"
	"github.com/lanes-ml/lanes/net/npz"
)

// types are the elements by their code in the header.
var types = map[byte]struct {
	name string // in an [npz.Array]
	size int64
}{0x08: {"|u1", 1}, 0x09: {"|i1", 1}, 0x0B: {"<i2", 2}, 0x0C: {"<i4", 4}, 0x0D: {"<f4", 4}, 0x0E: {"<f8", 8}}

// maxDims is the largest number of dimensions: those of batches of colour films.
const maxDims = 5

// Read returns the array of a file, which is named as the file is, and big-endian elements
// as little-endian ones. It takes not more than 32 MiB or twice the file before the bytes
// that the header claims are known to be there. Errors name the file, and the offset in
// what is unpacked.
func Read(path string) (npz.Array, error) {
	f, err := regular.Open(path)
	if err != nil {
		return npz.Array{}, err
	}
	defer f.Close()
	a, err := readFile(f)
	if err != nil {
		return npz.Array{}, fmt.Errorf("%s: %w", path, err)
	}
	a.Name = filepath.Base(path)
	return a, nil
}

func readFile(f *os.File) (npz.Array, error) {
	info, err := f.Stat()
	if err != nil {
		return npz.Array{}, err
	}
	return read(f, info.Size())
}

// read reads the array of a file of size bytes.
func read(in io.ReaderAt, size int64) (npz.Array, error) {
	open := func() (io.ReadCloser, error) { return unpack(in, size) }
	stream, err := open()
	if err != nil {
		return npz.Array{}, fmt.Errorf("offset 0: %w", err)
	}
	defer stream.Close()
	a, element, offset, err := readHeader(stream)
	if err != nil {
		return npz.Array{}, err
	}
	n := element
	for i, d := range a.Shape {
		if d > 0 && n > math.MaxInt64/int64(d) {
			return npz.Array{}, fmt.Errorf("offset %d: dimensions %v claim more bytes than there can be", 4+4*i, a.Shape)
		}
		n *= int64(d)
	}
	a.Data, err = claim.Read(func() (io.ReadCloser, error) {
		stream, err := open()
		if err == nil {
			_, err = io.CopyN(io.Discard, stream, offset)
		}
		return stream, err
	}, n, size, offset)
	if err != nil {
		return npz.Array{}, err
	}
	if element > 1 {
		for b := a.Data; len(b) > 0; b = b[element:] {
			slices.Reverse(b[:element])
		}
	}
	return a, nil
}

// unpack returns what the file holds, unpacked if it is gzipped.
func unpack(in io.ReaderAt, size int64) (io.ReadCloser, error) {
	file := bufio.NewReaderSize(io.NewSectionReader(in, 0, size), 1<<16)
	if start, _ := file.Peek(2); string(start) == "\x1f\x8b" {
		return gzip.NewReader(file)
	}
	return io.NopCloser(file), nil
}

// readHeader reads what stands before the elements: two zeros, the type of elements, the
// number of dimensions, and each dimension as four bytes. It returns an array without
// elements, the bytes of each, and the offset of the first.
func readHeader(in io.Reader) (a npz.Array, element, offset int64, err error) {
	var head [4 + 4*maxDims]byte
	if n, err := io.ReadFull(in, head[:4]); err != nil {
		return a, 0, 0, ends(n, err)
	}
	kind, ok := types[head[2]]
	if head[0] != 0 || head[1] != 0 || !ok {
		return a, 0, 0, fmt.Errorf("offset 0: it begins with % x, want 00 00 and the type of elements, 08 for bytes", head[:4])
	}
	dims := int(head[3])
	if dims < 1 || dims > maxDims {
		return a, 0, 0, fmt.Errorf("offset 3: %d dimensions, want 1 to %d", dims, maxDims)
	}
	if n, err := io.ReadFull(in, head[4:][:4*dims]); err != nil {
		return a, 0, 0, ends(4+n, err)
	}
	a.Type = kind.name
	for i := range dims {
		d := binary.BigEndian.Uint32(head[4+4*i:])
		if d > math.MaxInt32 {
			return a, 0, 0, fmt.Errorf("offset %d: dimension %d is %d, want at most %d", 4+4*i, i, d, math.MaxInt32)
		}
		a.Shape = append(a.Shape, int(d))
	}
	return a, kind.size, int64(4 + 4*dims), nil
}

// ends returns the error of a header that ends after n bytes.
func ends(n int, err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("offset %d: the data ends in the header", n)
	}
	return fmt.Errorf("offset %d: %w", n, err)
}
