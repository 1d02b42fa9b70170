package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// Write writes the arrays as an archive, not compressed: weights do not shrink.
func Write(w io.Writer, arrays []Array) error {
	z := zip.NewWriter(w)
	for _, a := range arrays {
		f, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + extension, Method: zip.Store})
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

// magic begins the .npy format; two bytes with its version follow.
const magic = "\x93NUMPY"

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
	const start, align = magic + "\x01\x00", 64
	size := len(start) + 2 + len(dictionary) + 1
	padding := (align - size%align) % align
	b := binary.LittleEndian.AppendUint16([]byte(start), uint16(len(dictionary)+padding+1))
	return append(b, dictionary+strings.Repeat(" ", padding)+"\n"...)
}
