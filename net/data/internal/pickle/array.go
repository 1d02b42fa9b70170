package pickle

import (
	"bytes"
	"errors"
	"fmt"
)

// Array is a numpy array of unsigned bytes with two dimensions, in C order:
// element (i, j) is Data[i*Columns+j].
type Array struct {
	Rows, Columns int
	Data          []byte
}

// The globals of a numpy array.
const (
	reconstruct global = "numpy.core.multiarray _reconstruct"
	ndarray     global = "numpy ndarray"
	dtypeClass  global = "numpy dtype"
)

// global pushes the name of a global, which must be one of the three.
func (d *decoder) global() error {
	var lines [2][]byte
	for i := range lines {
		rest := d.in[d.at:]
		n := bytes.IndexByte(rest[:min(len(rest), 100)], '\n')
		if n < 0 {
			return errors.New("no line ends within 100 bytes")
		}
		lines[i] = rest[:n]
		d.at += n + 1
	}
	g := global(fmt.Sprintf("%s %s", lines[0], lines[1]))
	switch g {
	case reconstruct, ndarray, dtypeClass:
		return d.push(g)
	}
	return fmt.Errorf("%q is not among those of CIFAR-10's Python version", string(g))
}

// reduce replaces a global and its arguments by their result: an empty array or the
// type of its elements.
func (d *decoder) reduce() error {
	popped, err := d.pop(2)
	if err != nil {
		return err
	}
	f, args := popped[0], popped[1]
	switch f {
	case reconstruct:
		// _reconstruct(ndarray, (0,), 'b')
		if t, ok := args.(tuple); ok && len(t) == 3 && t[0] == ndarray {
			return d.push(&Array{})
		}
	case dtypeClass:
		// dtype('u1', 0, 1): unsigned, one byte
		if t, ok := args.(tuple); ok && len(t) == 3 {
			if s, ok := t[0].([]byte); ok && string(s) == "u1" {
				return d.push(dtype{})
			}
			return errors.New("an element type other than u1, a byte")
		}
	}
	return fmt.Errorf("%s with unknown arguments", kind(f))
}

// build gives an object its state.
func (d *decoder) build() error {
	popped, err := d.pop(2)
	if err != nil {
		return err
	}
	object, state := popped[0], popped[1]
	t, ok := state.(tuple)
	if !ok {
		return fmt.Errorf("the state is %s, want a tuple", kind(state))
	}
	switch object := object.(type) {
	case dtype:
		// (3, '|', None, None, None, -1, -1, 0): a byte has no byte order
	case *Array:
		if err := object.build(t); err != nil {
			return err
		}
	default:
		return fmt.Errorf("applied to %s, want an array or its element type", kind(object))
	}
	return d.push(object)
}

// build sets the array to its state: (version, shape, element type, Fortran order,
// bytes).
func (a *Array) build(state tuple) error {
	if len(state) != 5 || state[0] != 1 {
		return errors.New("the array's state is not of version 1")
	}
	shape, ok := state[1].(tuple)
	if !ok || len(shape) != 2 {
		return errors.New("the array has not two dimensions")
	}
	rows, ok0 := shape[0].(int)
	columns, ok1 := shape[1].(int)
	if !ok0 || !ok1 || rows < 0 || columns < 0 {
		return errors.New("the array's dimensions are not counts")
	}
	if state[2] != (dtype{}) {
		return errors.New("the array's elements are not of type u1, a byte")
	}
	if state[3] != false {
		return errors.New("the array is not in C order")
	}
	data, ok := state[4].([]byte)
	if !ok || int64(len(data)) != int64(rows)*int64(columns) {
		return fmt.Errorf("an array of %d×%d with %d bytes", rows, columns, len(data))
	}
	*a = Array{rows, columns, data}
	return nil
}
