// Package eventtest reads event files in tests: by the formats' definitions, and with nothing
// of what writes them.
package eventtest

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"slices"
)

// Event is an event with one value, or none if it begins a file or a session.
type Event struct {
	Step      int
	Version   string
	Session   bool // it begins one
	Tag       string
	Number    float32
	Image     []byte    // a PNG
	Histogram []float64 // min, max, num, sum, sum of squares
	Limits    []float64
	Counts    []float64
}

// Read returns the events of files, an event for each value. It
// ends a file at a record that is cut off, as TensorBoard does, and forgets what earlier
// files have of steps from that at which a session begins.
func Read(paths ...string) ([]Event, error) {
	var all []Event
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for len(b) >= 12 {
			size := binary.LittleEndian.Uint64(b)
			if sum(b[:8]) != binary.LittleEndian.Uint32(b[8:]) {
				return nil, fmt.Errorf("%s: the size %d has another checksum", path, size)
			}
			if b = b[12:]; uint64(len(b)) < size+4 {
				break
			}
			if sum(b[:size]) != binary.LittleEndian.Uint32(b[size:]) {
				return nil, fmt.Errorf("%s: %d bytes have another checksum", path, size)
			}
			all = add(all, b[:size])
			b = b[size+4:]
		}
	}
	return all, nil
}

// sum is CRC-32C as records have it.
func sum(b []byte) uint32 {
	c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return (c<<17 | c>>15) + 2726488792
}

// add appends the events of a record.
func add(all []Event, record []byte) []Event {
	fields := parse(record)
	e := Event{Version: string(fields.bytes(3)), Session: fields.bytes(7) != nil}
	if step, ok := fields.last(2); ok {
		e.Step = int(step.number)
	}
	if e.Session {
		all = slices.DeleteFunc(all, func(old Event) bool { return old.Step >= e.Step })
	}
	values := parse(fields.bytes(5))
	if len(values) == 0 {
		return append(all, e)
	}
	for _, v := range values {
		e := Event{Step: e.Step}
		value := parse(v.content)
		e.Tag = string(value.bytes(1))
		if x, ok := value.last(2); ok {
			e.Number = math.Float32frombits(uint32(x.number))
		}
		e.Image = parse(value.bytes(4)).bytes(4)
		if h := parse(value.bytes(5)); len(h) > 0 {
			for i := range 5 {
				x, _ := h.last(i + 1)
				e.Histogram = append(e.Histogram, math.Float64frombits(x.number))
			}
			e.Limits, e.Counts = doubles(h.bytes(6)), doubles(h.bytes(7))
		}
		all = append(all, e)
	}
	return all
}

// message is the fields of a protocol buffer.
type message []field

type field struct {
	key     int
	number  uint64 // the bits of one that is none of bytes
	content []byte
}

// parse reads a message. It panics if that is cut off.
func parse(b []byte) (m message) {
	varint := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return v
	}
	for len(b) > 0 {
		key := varint()
		f := field{key: int(key >> 3)}
		switch key & 7 {
		case 0:
			f.number = varint()
		case 1:
			f.number, b = binary.LittleEndian.Uint64(b), b[8:]
		case 2:
			n := varint()
			f.content, b = b[:n:n], b[n:]
		case 5:
			f.number, b = uint64(binary.LittleEndian.Uint32(b)), b[4:]
		default:
			panic(fmt.Sprintf("field %d has the unknown encoding %d", f.key, key&7))
		}
		m = append(m, f)
	}
	return m
}

func (m message) last(key int) (field, bool) {
	for _, f := range slices.Backward(m) {
		if f.key == key {
			return f, true
		}
	}
	return field{}, false
}

func (m message) bytes(key int) []byte {
	f, _ := m.last(key)
	return f.content
}

func doubles(b []byte) (list []float64) {
	for ; len(b) > 0; b = b[8:] {
		list = append(list, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
	return list
}
