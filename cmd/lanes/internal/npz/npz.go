// Package npz writes numpy's .npz archives: a zip file with an array in the .npy
// format for each name
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/lanes-ml/lanes/net/safetensors"
)

// Array is a named array, its elements little-endian, row by row.
type Array struct {
	Name  string
	Type  string // as numpy writes it: <f4, <f8, <U10
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

// Write writes the arrays as an archive, not compressed: weights do not shrink.
func Write(w io.Writer, arrays []Array) error {
	z := zip.NewWriter(w)
	for _, a := range arrays {
		f, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if _, err := f.Write(header(a)); err != nil {
			return err
		}
		if _, err := f.Write(a.Data); err != nil {
			return err
		}
	}
	return z.Close()
}

// header returns what stands before the elements in version 1 of the format:
// magic, length, and a Python dictionary with spaces behind it, so that the
// elements begin at a multiple of 64.
func header(a Array) []byte {
	var dims strings.Builder
	for i, d := range a.Shape {
		if i > 0 {
			dims.WriteByte(' ')
		}
		fmt.Fprintf(&dims, "%d,", d)
	}
	tuple := dims.String()
	if len(a.Shape) > 1 {
		tuple = strings.TrimSuffix(tuple, ",")
	}
	dictionary := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", a.Type, tuple)
	const magic, align = "\x93NUMPY\x01\x00", 64
	size := len(magic) + 2 + len(dictionary) + 1
	padding := (align - size%align) % align
	b := binary.LittleEndian.AppendUint16([]byte(magic), uint16(len(dictionary)+padding+1))
	return append(b, dictionary+strings.Repeat(" ", padding)+"\n"...)
}
