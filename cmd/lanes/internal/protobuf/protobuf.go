// Package protobuf writes protocol buffers field by field.
//
// Source: https://protobuf.dev/programming-guides/encoding/.
package protobuf

import (
	"encoding/binary"
	"math"
)

// Message is a protocol buffer in the making. Its methods append a field and return the
// longer message. A field begins with its number and how its value is encoded.
type Message []byte

// The encodings of values.
const (
	varint  = 0 // groups of 7 bits, the lowest first
	fixed8  = 1 // 8 bytes, the lowest first
	counted = 2 // bytes after their number
	fixed4  = 5 // 4 bytes, the lowest first
)

func (m Message) field(number, encoding uint64) Message {
	return binary.AppendUvarint(m, number<<3|encoding)
}

// Number appends an integer that is not negative.
func (m Message) Number(field, v uint64) Message {
	return binary.AppendUvarint(m.field(field, varint), v)
}

// Text appends a string.
func (m Message) Text(field uint64, s string) Message {
	return append(binary.AppendUvarint(m.field(field, counted), uint64(len(s))), s...)
}

// Bytes appends bytes, or a message in the message.
func (m Message) Bytes(field uint64, b []byte) Message {
	return append(binary.AppendUvarint(m.field(field, counted), uint64(len(b))), b...)
}

// Float appends a float.
func (m Message) Float(field uint64, v float32) Message {
	return binary.LittleEndian.AppendUint32(m.field(field, fixed4), math.Float32bits(v))
}

// Double appends a double.
func (m Message) Double(field uint64, v float64) Message {
	return binary.LittleEndian.AppendUint64(m.field(field, fixed8), math.Float64bits(v))
}

// Doubles appends a list of doubles, packed.
func (m Message) Doubles(field uint64, list []float64) Message {
	m = binary.AppendUvarint(m.field(field, counted), uint64(8*len(list)))
	for _, v := range list {
		m = binary.LittleEndian.AppendUint64(m, math.Float64bits(v))
	}
	return m
}
