package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/operand"
)

// table returns a read-only table of values that have the size of an element.
func (t *target) table(name string, bits ...uint64) Mem {
	if m, ok := t.tables[name]; ok {
		return m
	}
	m := t.StaticGlobal(name + "_" + string(t.elem))
	t.DataAttributes(attr.RODATA | attr.NOPTR)
	for _, b := range bits {
		if t.elem == f32 {
			t.AppendDatum(U32(b))
		} else {
			t.AppendDatum(U64(b))
		}
	}
	t.tables[name] = m
	return m
}

// constant returns a vector in memory whose lanes are all x, rounded to the element
// type; constantBits, one whose lanes all have the bits b. avo is given the bits, since
// it prints some floats as integers.
func (t *target) constant(name string, x float64) Mem {
	if t.elem == f32 {
		return t.constantBits(name, uint64(math.Float32bits(float32(x))))
	}
	return t.constantBits(name, math.Float64bits(x))
}

func (t *target) constantBits(name string, b uint64) Mem {
	bits := make([]uint64, t.lanes())
	for i := range bits {
		bits[i] = b
	}
	return t.table(name, bits...)
}

// pinned returns a constant that is used often: in a register at AVX-512, which has
// enough of them, else in memory.
func (t *target) pinned(name string, x float64) Op {
	m := t.constant(name, x)
	if t.level != avx512 {
		return m
	}
	v := t.vec()
	t.load(m, v)
	return v
}

// inRegister returns a pinned constant in a register, for an instruction that cannot
// read it from memory.
func (t *target) inRegister(c Op) Op {
	if _, inMemory := c.(Mem); !inMemory {
		return c
	}
	v := t.vec()
	t.set(c, v)
	return v
}

// set copies a pinned constant to dst.
func (t *target) set(c, dst Op) {
	if m, inMemory := c.(Mem); inMemory {
		t.load(m, dst)
	} else {
		t.move(c, dst)
	}
}
