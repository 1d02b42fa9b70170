// Package npz reads and writes numpy's files: .npy, which holds an array, and .npz, a zip
// file with an array in the .npy format for each name
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
package npz

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/lanes-ml/lanes/net/safetensors"
)

// Array is a named array, its elements little-endian, row by row.
type Array struct {
	Name  string
	Type  string // as numpy writes it: |u1, <f4, <f8, <U10
	Shape []int
	Data  []byte
}

// Numbers returns a tensor of type F32 or F64 as an array. It panics if it has
// another type.
func Numbers(t safetensors.Tensor) Array {
	kind, ok := map[string]string{"F32": "<f4", "F64": "<f8"}[t.DType]
	if !ok {
		panic(fmt.Sprintf("npz: Numbers: %s is %s, want F32 or F64", t.Name, t.DType))
	}
	return Array{t.Name, kind, t.Shape, t.Data}
}

// Strings returns an array of strings. Each is as long as the longest, in UTF-32,
// with zeros behind it.
func Strings(name string, values []string) Array {
	longest := 1 // numpy has no strings of length 0
	for _, v := range values {
		longest = max(longest, utf8.RuneCountInString(v))
	}
	b := make([]byte, 0, 4*longest*len(values))
	for i, v := range values {
		for _, r := range v {
			b = binary.LittleEndian.AppendUint32(b, uint32(r))
		}
		b = append(b, make([]byte, 4*longest*(i+1)-len(b))...)
	}
	return Array{name, fmt.Sprintf("<U%d", longest), []int{len(values)}, b}
}
