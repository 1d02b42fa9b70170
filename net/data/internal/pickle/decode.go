// Package pickle decodes the pickles of CIFAR-10's Python version: dictionaries
// of strings, numbers, lists of them and one numpy array of bytes, written by
// Python 2's cPickle with protocol 2. It runs the opcodes that those files consist
// of and refuses every other one. Of globals it takes the three by which numpy names
// an array: nothing that a file names is looked up or called.
//
// Source: the definitions of the opcodes in Python's Lib/pickletools.py; what numpy
// writes is documented at ndarray.__reduce__ and dtype.__reduce__.
package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Decode returns the dictionary that b is the pickle of. Its strings are []byte
// and share b's memory, as arrays do; numbers are int, lists *[List], arrays
// *[Array].
//
// The file may have at most maxOps opcodes. Decoding takes at most about 100 bytes of
// memory for each, whatever the file says. An error names the opcode and its offset
// in b.
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
		if err := d.run(op[0]); err != nil {
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

// stop returns the dictionary, which must be the only value on the stack.
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

// run runs an opcode, whose arguments are the next bytes.
func (d *decoder) run(op byte) error {
	action := actions[op]
	if action == nil {
		return errors.New("not among those of CIFAR-10's Python version")
	}
	return action(d)
}

// actions has what each opcode does, nil for those that are refused.
var actions = [256]func(*decoder) error{
	opProto:          (*decoder).proto,
	opMark:           func(d *decoder) error { return d.push(mark{}) },
	opNone:           func(d *decoder) error { return d.push(nil) },
	opNewFalse:       func(d *decoder) error { return d.push(false) },
	opEmptyList:      func(d *decoder) error { return d.push(&List{}) },
	opEmptyDict:      func(d *decoder) error { return d.push(dict{}) },
	opBinInt1:        func(d *decoder) error { return d.pushInt(1) },
	opBinInt2:        func(d *decoder) error { return d.pushInt(2) },
	opBinInt:         func(d *decoder) error { return d.pushInt(4) },
	opShortBinString: func(d *decoder) error { return d.pushString(1) },
	opBinString:      func(d *decoder) error { return d.pushString(4) },
	opBinPut:         func(d *decoder) error { return d.put(1) },
	opLongBinPut:     func(d *decoder) error { return d.put(4) },
	opBinGet:         func(d *decoder) error { return d.get(1) },
	opLongBinGet:     func(d *decoder) error { return d.get(4) },
	opTuple1:         func(d *decoder) error { return d.pushTuple(d.pop(1)) },
	opTuple2:         func(d *decoder) error { return d.pushTuple(d.pop(2)) },
	opTuple3:         func(d *decoder) error { return d.pushTuple(d.pop(3)) },
	opTuple:          func(d *decoder) error { return d.pushTuple(d.popMark()) },
	opAppends:        (*decoder).appends,
	opSetItems:       (*decoder).setItems,
	opGlobal:         (*decoder).global,
	opReduce:         (*decoder).reduce,
	opBuild:          (*decoder).build,
}

// proto checks the version of the protocol, which stands at the start and only there.
func (d *decoder) proto() error {
	at := d.at - 1
	version, err := d.uint(1)
	switch {
	case err != nil:
		return err
	case at != 0 || version != 2:
		return fmt.Errorf("protocol %d at offset %d, want 2 at offset 0", version, at)
	}
	return nil
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
