package pickle

import (
	"errors"
	"fmt"
	"math"
)

// maxStack is the largest number of values on the stack. cPickle puts up to 1,000
// items of a list there, above a few other values.
const maxStack = 1100

// push puts a value on the stack.
func (d *decoder) push(v any) error {
	if len(d.stack) == maxStack {
		return fmt.Errorf("more than %d values on the stack", maxStack)
	}
	d.stack = append(d.stack, v)
	return nil
}

// pushInt pushes the number in the next n bytes: signed if n is 4, as in Python.
func (d *decoder) pushInt(n int) error {
	v, err := d.uint(n)
	if err != nil {
		return err
	}
	return d.push(int(int32(v)))
}

// pushString pushes a string whose length is in the next n bytes.
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

// pushTuple pushes a copy of items, unless they could not be popped.
func (d *decoder) pushTuple(items []any, err error) error {
	if err != nil {
		return err
	}
	return d.push(append(tuple{}, items...))
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

// popMark removes and returns the values above the last mark, and removes the mark.
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

// top returns the last value, which must be a T.
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

// put keeps the last value under the number in the next n bytes.
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

// get pushes the value that is kept under the number in the next n bytes.
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

// appends moves the items above the last mark to the end of the list below it.
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

// setItems moves the keys and values above the last mark into the dictionary below it.
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
