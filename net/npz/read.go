package npz

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/net/internal/claim"
	"github.com/lanes-ml/lanes/net/internal/regular"
)

// extension ends the names of arrays in an archive, and of files that hold one array.
const extension = ".npy"

// File is an opened file of arrays.
type File struct {
	path   string
	file   *os.File
	size   int64
	arrays []member
}

// member is where the bytes of an array are, packed or not.
type member struct {
	described
	name string
	open func() (io.ReadCloser, error) // from its header on
}

// Open opens an .npz archive, or an .npy file, whose array is named as the file is without
// its extension, and reads the headers of all arrays. Errors name the file, the array and
// the offset in it.
func Open(path string) (*File, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	n := &File{path: path, file: f}
	if err := n.readHeaders(); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// Arrays returns the arrays in the order of the file, without their elements.
func (f *File) Arrays() []Array {
	var all []Array
	for _, m := range f.arrays {
		all = append(all, m.array(nil))
	}
	return all
}

// Read reads the array of that name. An array in Fortran order becomes one in C order, and
// big-endian elements little-endian. Reading takes at most twice the memory of the array,
// and not more than 32 MiB or twice the file before the bytes that the header claims are
// known to be there.
func (f *File) Read(name string) (Array, error) {
	i := slices.IndexFunc(f.arrays, func(m member) bool { return m.name == name })
	if i < 0 {
		return Array{}, fmt.Errorf("%s: no array %q", f.path, name)
	}
	a, err := f.arrays[i].read(f.size)
	if err != nil {
		return Array{}, fmt.Errorf("%s: %s: %w", f.path, name, err)
	}
	return a, nil
}

// readHeaders finds the arrays.
func (f *File) readHeaders() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	f.size = info.Size()
	f.arrays, err = members(f.file, f.size, strings.TrimSuffix(filepath.Base(f.path), extension))
	return err
}

// members returns the arrays of a file of size bytes; name is that of the only one of an
// .npy file.
func members(in io.ReaderAt, size int64, name string) ([]member, error) {
	var start [2]byte
	if _, err := in.ReadAt(start[:], 0); err != nil || string(start[:]) != "PK" {
		m := member{name: name, open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(in, 0, size)), nil
		}}
		if err := m.readHeader(); err != nil {
			return nil, err
		}
		// Nothing is packed: what the header claims can be compared at once.
		if m.offset+m.bytes != size {
			return nil, fmt.Errorf("offset %d: the header claims %d bytes for %s of shape %v, %d follow", m.offset, m.bytes, m.descr, m.shape, size-m.offset)
		}
		return []member{m}, nil
	}
	files, err := directory(in, size)
	if err != nil {
		return nil, err
	}
	var all []member
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name, extension)
		if !ok {
			continue
		}
		if slices.ContainsFunc(all, func(m member) bool { return m.name == name }) {
			return nil, fmt.Errorf("two arrays are named %q", name)
		}
		m := member{name: name, open: f.Open}
		if err := m.readHeader(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, errors.New("an archive without arrays")
	}
	return all, nil
}

// readHeader reads the member's header.
func (m *member) readHeader() error {
	in, err := m.open()
	if err != nil {
		return fmt.Errorf("offset 0: %w", err)
	}
	defer in.Close()
	m.described, err = readHeader(in)
	return err
}

// maxArrays is how many arrays an archive may have. Lists of names are as short as that.
const maxArrays = 1 << 12

// directory returns the files of a zip archive. Its directory may have 1 MiB: one that is
// larger has more files than there are arrays.
func directory(in io.ReaderAt, size int64) ([]*zip.File, error) {
	limited := &limitedReaderAt{in, 1 << 20}
	z, err := zip.NewReader(limited, size)
	if err != nil {
		return nil, fmt.Errorf("the archive's directory: %w", err)
	}
	limited.left = -1
	if len(z.File) > maxArrays {
		return nil, fmt.Errorf("an archive of %d files, want at most %d", len(z.File), maxArrays)
	}
	return z.File, nil
}

// limitedReaderAt reads left bytes in all, or any number if that is negative.
type limitedReaderAt struct {
	in   io.ReaderAt
	left int
}

func (r *limitedReaderAt) ReadAt(b []byte, offset int64) (int, error) {
	if r.left >= 0 {
		if len(b) > r.left {
			return 0, errors.New("too large")
		}
		r.left -= len(b)
	}
	return r.in.ReadAt(b, offset)
}

// read reads the elements, from a file of size bytes.
func (m *member) read(size int64) (Array, error) {
	b, err := claim.Read(func() (io.ReadCloser, error) {
		in, err := m.open()
		if err != nil {
			return nil, err
		}
		if _, err := io.CopyN(io.Discard, in, m.offset); err != nil {
			in.Close()
			return nil, err
		}
		return in, nil
	}, m.bytes, size, m.offset)
	if err != nil {
		return Array{}, err
	}
	if m.fortran {
		b = rowMajor(b, m.shape, m.size)
	}
	if m.descr[0] == '>' {
		swap(b, map[bool]int{true: 4, false: m.size}[m.descr[1] == 'U'])
	}
	return m.array(b), nil
}

// array returns the array with its elements.
func (m *member) array(elements []byte) Array {
	order := "<"
	if m.size == 1 || m.descr[1] == 'S' {
		order = "|"
	}
	return Array{m.name, order + m.descr[1:], m.shape, elements}
}

// swap reverses the bytes of each of the words of so many bytes.
func swap(b []byte, word int) {
	for ; len(b) >= word; b = b[word:] {
		slices.Reverse(b[:word])
	}
}

// rowMajor returns elements of so many bytes in C order that are in Fortran order.
func rowMajor(b []byte, shape []int, element int) []byte {
	if len(shape) < 2 || len(b) == 0 {
		return b
	}
	// strides are the distances between neighbours of a dimension in b.
	strides, stride := make([]int, len(shape)), element
	for d, n := range shape {
		strides[d] = stride
		stride *= n
	}
	last := len(shape) - 1
	c, at, index := make([]byte, 0, len(b)), 0, make([]int, len(shape))
	for len(c) < len(b) {
		for j := range shape[last] {
			c = append(c, b[at+j*strides[last]:][:element]...)
		}
		for d := last - 1; d >= 0; d-- {
			index[d]++
			at += strides[d]
			if index[d] < shape[d] {
				break
			}
			at -= shape[d] * strides[d]
			index[d] = 0
		}
	}
	return c
}
