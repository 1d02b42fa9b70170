// Package safetensors reads and writes the safetensors format: named tensors and
// text about them in one file, with nothing in it that is run.
//
// A file is the length of its header, in 8 bytes, little-endian; the header, which is
// JSON that gives the element type, shape and place of each tensor; and the bytes of
// the tensors, little-endian and row-major, one after the other without gaps.
//
// Source: https://github.com/huggingface/safetensors, README, "Format".
package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

// Tensor is a named array. Data holds its elements in row-major order,
// little-endian.
type Tensor struct {
	Name  string
	DType string // F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL
	Shape []int  // none for a scalar
	Data  []byte

	write  func(io.Writer) error // in place of Data, if [Stream] made the tensor
	length int                   // the bytes that write writes
}

// Size returns the number of bytes of the elements.
func (t Tensor) Size() int { return max(len(t.Data), t.length) }

// Held returns the tensor with its elements in Data, copied if they were not there.
func (t Tensor) Held() Tensor {
	if t.write == nil {
		return t
	}
	b := bytes.NewBuffer(make([]byte, 0, t.length))
	t.write(b) // writing to a buffer does not fail
	return Tensor{Name: t.Name, DType: t.DType, Shape: t.Shape, Data: b.Bytes()}
}

// WriteData writes the elements as they lie in a file.
func (t Tensor) WriteData(w io.Writer) error {
	if t.write != nil {
		return t.write(w)
	}
	_, err := w.Write(t.Data)
	return err
}

// maxHeader is the longest header that the format allows.
const maxHeader = 100_000_000

// metadataKey names the entry of the header that is not a tensor.
const metadataKey = "__metadata__"

// elementSize is the number of bytes of an element, by type.
var elementSize = map[string]int{
	"F64": 8, "F32": 4, "F16": 2, "BF16": 2,
	"I64": 8, "I32": 4, "I16": 2, "I8": 1,
	"U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
}

// entry is what the header says about a tensor.
type entry struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"` // first byte and the one after the last
}

// size returns the number of bytes of a tensor of that type and shape.
func (e entry) size() (int, error) {
	size, ok := elementSize[e.DType]
	if !ok {
		return 0, fmt.Errorf("unknown element type %q", e.DType)
	}
	empty := false
	for _, n := range e.Shape {
		switch {
		case n < 0: // only a caller of Write can ask for it
			return 0, fmt.Errorf("shape %v has a negative side", e.Shape)
		case n == 0:
			empty = true
		case size > math.MaxInt/n:
			return 0, fmt.Errorf("shape %v is too large", e.Shape)
		default:
			size *= n
		}
	}
	if empty {
		return 0, nil
	}
	return size, nil
}

// check returns an error if the bytes between the offsets are not those of the
// tensor's type and shape.
func (e entry) check(name string) error {
	size, err := e.size()
	if err != nil {
		return fmt.Errorf("tensor %q: %w", name, err)
	}
	if n := e.Offsets[1] - e.Offsets[0]; n != size {
		return fmt.Errorf("tensor %q: %d bytes, want %d for %s %v", name, n, size, e.DType, e.Shape)
	}
	return nil
}

// Read decodes a file. It returns the tensors in the order of their bytes, which they
// share with file, and the metadata, nil if the file has none.
//
// An error says what is wrong with the file: it is shorter than its header says, a
// name comes twice, tensors overlap or leave bytes between them, or a shape does not
// fit its bytes.
func Read(file []byte) ([]Tensor, map[string]string, error) {
	if len(file) < 8 {
		return nil, nil, fmt.Errorf("%d bytes, want a header's length in 8 bytes", len(file))
	}
	length := binary.LittleEndian.Uint64(file)
	if length > maxHeader {
		return nil, nil, fmt.Errorf("a header of %d bytes, want at most %d", length, maxHeader)
	}
	if length > uint64(len(file)-8) {
		return nil, nil, fmt.Errorf("a header of %d bytes in a file of %d", length, len(file))
	}
	entries, metadata, err := parseHeader(file[8 : 8+length])
	if err != nil {
		return nil, nil, err
	}
	tensors, err := place(entries, file[8+length:])
	return tensors, metadata, err
}

// place gives each tensor its bytes.
func place(all []placed, data []byte) ([]Tensor, error) {
	slices.SortFunc(all, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.Offsets[0], b.Offsets[0]), cmp.Compare(a.Offsets[1], b.Offsets[1]), cmp.Compare(a.name, b.name))
	})
	tensors := make([]Tensor, 0, len(all))
	at := 0
	for _, p := range all {
		first, end := p.Offsets[0], p.Offsets[1]
		if first != at || end < first {
			return nil, fmt.Errorf("tensor %q: bytes %d to %d, want them from %d on", p.name, first, end, at)
		}
		if end > len(data) {
			return nil, fmt.Errorf("tensor %q: bytes %d to %d, the file has %d", p.name, first, end, len(data))
		}
		if err := p.check(p.name); err != nil {
			return nil, err
		}
		tensors = append(tensors, Tensor{Name: p.name, DType: p.DType, Shape: p.Shape, Data: data[first:end:end]})
		at = end
	}
	if at != len(data) {
		return nil, fmt.Errorf("%d bytes of tensors, the file has %d", at, len(data))
	}
	return tensors, nil
}

// Write encodes tensors, in their order, and metadata, which may be nil. It returns
// an error, before it writes anything, if the bytes of a tensor do not fit its type
// and shape or if a name comes twice.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	header, err := formatHeader(tensors, metadata)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	if err := binary.Write(w, binary.LittleEndian, uint64(len(header))); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := t.WriteData(w); err != nil {
			return err
		}
	}
	return nil
}

// formatHeader returns the header of a file of tensors.
func formatHeader(tensors []Tensor, metadata map[string]string) ([]byte, error) {
	text := []byte{'{'}
	field := func(name string, value any) error {
		if len(text) > 1 {
			text = append(text, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		encoded, err := json.Marshal(value)
		text = append(append(append(text, key...), ':'), encoded...)
		return err
	}
	if metadata != nil {
		if err := field(metadataKey, metadata); err != nil {
			return nil, err
		}
	}
	at := 0
	seen := map[string]bool{metadataKey: true}
	for _, t := range tensors {
		if seen[t.Name] {
			return nil, fmt.Errorf("the name %q is taken", t.Name)
		}
		seen[t.Name] = true
		e := entry{t.DType, append([]int{}, t.Shape...), [2]int{at, at + t.Size()}}
		if err := e.check(t.Name); err != nil {
			return nil, err
		}
		if err := field(t.Name, e); err != nil {
			return nil, err
		}
		at += t.Size()
	}
	text = append(text, '}')
	for len(text)%8 != 0 {
		text = append(text, ' ') // so that the tensors lie at multiples of 8
	}
	if len(text) > maxHeader {
		return nil, fmt.Errorf("a header of %d bytes, want at most %d", len(text), maxHeader)
	}
	return text, nil
}
