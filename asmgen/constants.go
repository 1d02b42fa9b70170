package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/operand"
)

// table returns a static table of values of the element's size.
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

// constant returns a vector in memory with every lane x, rounded to the element
// type. Its bits go in as integers: avo prints some floats as such.
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

// pinned returns a constant that is used often: in a register where there are
// enough, else in memory.
func (t *target) pinned(name string, x float64) Op {
	m := t.constant(name, x)
	if t.level == avx2 {
		return m
	}
	v := t.vec()
	t.load(m, v)
	return v
}

// inRegister returns a pinned constant where an instruction needs a register.
func (t *target) inRegister(c Op) Op {
	if _, inMemory := c.(Mem); !inMemory {
		return c
	}
	v := t.vec()
	t.set(c, v)
	return v
}

// set copies a pinned constant.
func (t *target) set(c, dst Op) {
	if m, inMemory := c.(Mem); inMemory {
		t.load(m, dst)
	} else {
		t.move(c, dst)
	}
}
