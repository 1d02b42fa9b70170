// Package pickle decodes the pickles of CIFAR-10's Python version: dictionaries
// of strings, numbers, lists of them and one numpy array of bytes, written by
// Python 2's cPickle with protocol 2. It runs the opcodes that those files are
// made of and refuses every other one, and every global but the three by which
// numpy names an array: nothing that a file says is looked up or called.
//
// Source: the opcodes' definitions in Python's Lib/pickletools.py; what numpy
// writes is documented at ndarray.__reduce__ and dtype.__reduce__.
package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Array is a numpy array of unsigned bytes with two dimensions, in C order:
// element (i, j) is Data[i*Columns+j].
type Array struct {
	Rows, Columns int
	Data          []byte
}

// List is a Python list: of int, []byte (a string) or any other value.
type List struct{ Items []any }

// Values of other kinds. A tuple holds values, a dictionary's keys are strings;
// global is a name that stands in the file, and dtype what numpy.dtype('u1')
// gives.
type (
	tuple  []any
	dict   map[string]any
	global string
	mark   struct{}
	dtype  struct{}
)

// The globals of a numpy array.
const (
	reconstruct global = "numpy.core.multiarray _reconstruct"
	ndarray     global = "numpy ndarray"
	dtypeClass  global = "numpy dtype"
)

// maxStack is how many values may wait at a time. cPickle puts 1,000 items of a
// list there, under which lie a few others.
const maxStack = 1100

// Decode returns the dictionary that b is the pickle of. Its strings are []byte
// and share b's memory, as arrays do; numbers are int, lists *[List], arrays
// *[Array].
//
// The file may have at most maxOps opcodes, which bounds the memory that
// decoding takes by some 100 bytes for each, whatever the file says. An error
// names the opcode and its offset in b.
func Decode(b []byte, maxOps int) (map[string]any, error) {
	d := decoder{in: b, memo: map[uint32]any{}}
	for ops := 0; ; ops++ {
		at := d.at
		op, err := d.bytes(1)
		if err != nil {
			return nil, fmt.Errorf("offset %d: the file ends before the opcode STOP", at)
		}
		if ops == maxOps {
			return nil, fmt.Errorf("offset %d: more than %d opcodes", at, maxOps)
		}
		if op[0] == opStop {
			return d.stop(at)
		}
		if err := d.run(op[0], at); err != nil {
			return nil, fmt.Errorf("offset %d: opcode %s: %w", at, name(op[0]), err)
		}
	}
}

// decoder is the machine that runs a pickle.
type decoder struct {
	in    []byte
	at    int // of the next byte
	stack []any
	memo  map[uint32]any
}

func (d *decoder) stop(at int) (map[string]any, error) {
	if rest := len(d.in) - d.at; rest > 0 {
		return nil, fmt.Errorf("offset %d: %d bytes follow the opcode STOP", at, rest)
	}
	if len(d.stack) != 1 {
		return nil, fmt.Errorf("offset %d: opcode STOP: the stack holds %d values, want 1", at, len(d.stack))
	}
	result, ok := d.stack[0].(dict)
	if !ok {
		return nil, fmt.Errorf("offset %d: opcode STOP: the result is %s, want a dictionary", at, kind(d.stack[0]))
	}
	return result, nil
}

func (d *decoder) run(op byte, at int) error {
	switch op {
	case opProto:
		version, err := d.uint(1)
		switch {
		case err != nil:
			return err
		case at != 0 || version != 2:
			return fmt.Errorf("protocol %d at offset %d, want 2 at offset 0", version, at)
		}
		return nil
	case opMark:
		return d.push(mark{})
	case opNone:
		return d.push(nil)
	case opNewFalse:
		return d.push(false)
	case opEmptyList:
		return d.push(&List{})
	case opEmptyDict:
		return d.push(dict{})
	case opBinInt1:
		return d.pushInt(1)
	case opBinInt2:
		return d.pushInt(2)
	case opBinInt:
		return d.pushInt(4)
	case opShortBinString:
		return d.pushString(1)
	case opBinString:
		return d.pushString(4)
	case opBinPut:
		return d.put(1)
	case opLongBinPut:
		return d.put(4)
	case opBinGet:
		return d.get(1)
	case opLongBinGet:
		return d.get(4)
	case opTuple1, opTuple2, opTuple3:
		items, err := d.pop(int(op-opTuple1) + 1)
		if err != nil {
			return err
		}
		return d.push(append(tuple{}, items...))
	case opTuple:
		items, err := d.popMark()
		if err != nil {
			return err
		}
		return d.push(append(tuple{}, items...))
	case opAppends:
		return d.appends()
	case opSetItems:
		return d.setItems()
	case opGlobal:
		return d.global()
	case opReduce:
		return d.reduce()
	case opBuild:
		return d.build()
	}
	return errors.New("not among those of CIFAR-10's Python version")
}

// bytes returns the next n bytes.
func (d *decoder) bytes(n int) ([]byte, error) {
	if rest := len(d.in) - d.at; n > rest {
		return nil, fmt.Errorf("%d bytes, but the file ends after %d", n, rest)
	}
	b := d.in[d.at : d.at+n : d.at+n]
	d.at += n
	return b, nil
}

// uint returns the next n ≤ 4 bytes as a number.
func (d *decoder) uint(n int) (uint32, error) {
	b, err := d.bytes(n)
	if err != nil {
		return 0, err
	}
	var wide [4]byte
	copy(wide[:], b)
	return binary.LittleEndian.Uint32(wide[:]), nil
}

func (d *decoder) push(v any) error {
	if len(d.stack) == maxStack {
		return fmt.Errorf("more than %d values on the stack", maxStack)
	}
	d.stack = append(d.stack, v)
	return nil
}

// pushInt pushes a number of n bytes: signed if they are 4, as in Python.
func (d *decoder) pushInt(n int) error {
	v, err := d.uint(n)
	if err != nil {
		return err
	}
	return d.push(int(int32(v)))
}

// pushString pushes a string whose length is in n bytes.
func (d *decoder) pushString(n int) error {
	length, err := d.uint(n)
	if err != nil {
		return err
	}
	if length > math.MaxInt32 {
		return fmt.Errorf("a length of %d", int32(length))
	}
	s, err := d.bytes(int(length))
	if err != nil {
		return err
	}
	return d.push(s)
}

// pop removes and returns the last n values, which the next push overwrites.
func (d *decoder) pop(n int) ([]any, error) {
	cut := len(d.stack) - n
	if cut < 0 {
		return nil, fmt.Errorf("takes %d values, the stack holds %d", n, len(d.stack))
	}
	items := d.stack[cut:]
	for _, v := range items {
		if v == (mark{}) {
			return nil, errors.New("takes a mark for a value")
		}
	}
	d.stack = d.stack[:cut]
	return items, nil
}

// popMark removes and returns what follows the last mark, and removes the mark.
func (d *decoder) popMark() ([]any, error) {
	for i := len(d.stack) - 1; i >= 0; i-- {
		if d.stack[i] == (mark{}) {
			items := d.stack[i+1:]
			d.stack = d.stack[:i]
			return items, nil
		}
	}
	return nil, errors.New("no mark on the stack")
}

// top returns the last value, which is a T.
func top[T any](d *decoder) (T, error) {
	var v T
	if len(d.stack) == 0 {
		return v, errors.New("the stack is empty")
	}
	last := d.stack[len(d.stack)-1]
	v, ok := last.(T)
	if !ok {
		return v, fmt.Errorf("applied to %s, want %s", kind(last), kind(v))
	}
	return v, nil
}

// put keeps the last value under a number of n bytes.
func (d *decoder) put(n int) error {
	key, err := d.uint(n)
	if err != nil {
		return err
	}
	if len(d.stack) == 0 || d.stack[len(d.stack)-1] == (mark{}) {
		return errors.New("no value to keep")
	}
	d.memo[key] = d.stack[len(d.stack)-1]
	return nil
}

// get pushes the value under a number of n bytes.
func (d *decoder) get(n int) error {
	key, err := d.uint(n)
	if err != nil {
		return err
	}
	v, ok := d.memo[key]
	if !ok {
		return fmt.Errorf("nothing is kept under %d", key)
	}
	return d.push(v)
}

func (d *decoder) appends() error {
	items, err := d.popMark()
	if err != nil {
		return err
	}
	list, err := top[*List](d)
	if err != nil {
		return err
	}
	list.Items = append(list.Items, items...)
	return nil
}

func (d *decoder) setItems() error {
	items, err := d.popMark()
	if err != nil {
		return err
	}
	m, err := top[dict](d)
	if err != nil {
		return err
	}
	if len(items)%2 != 0 {
		return fmt.Errorf("%d keys and values", len(items))
	}
	for i := 0; i < len(items); i += 2 {
		key, ok := items[i].([]byte)
		if !ok {
			return fmt.Errorf("a key is %s, want a string", kind(items[i]))
		}
		m[string(key)] = items[i+1]
	}
	return nil
}

// global pushes one of the three names of an array's parts.
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

// reduce replaces a global and its arguments by what they make: an empty array
// or the type of its elements.
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

// build takes (version, shape, element type, Fortran order, bytes).
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

// kind names what v is, as Python's users know it.
func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a truth value"
	case int:
		return "a number"
	case []byte:
		return "a string"
	case *List:
		return "a list"
	case tuple:
		return "a tuple"
	case dict:
		return "a dictionary"
	case *Array:
		return "an array"
	case dtype:
		return "an element type"
	case global:
		return "the global " + string(v)
	}
	return "a mark"
}
