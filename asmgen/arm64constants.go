package main

import (
	"fmt"
	"io"

	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
)

// constants are the read-only tables of a file, one after the other, so that one register
// points to all of them.
type constants struct {
	tables  []*ir.Global
	offsets map[string]int // of tables, by name
	size    int
}

func constantsOf(f *ir.File) *constants {
	c := &constants{offsets: map[string]int{}}
	for _, s := range f.Sections {
		if g, ok := s.(*ir.Global); ok {
			c.tables = append(c.tables, g)
			c.offsets[g.Symbol.Name] = c.size
			c.size += (g.Size + 15) / 16 * 16
		}
	}
	return c
}

// offset returns where an address is, from the first table.
func (c *constants) offset(m Mem) int { return c.offsets[m.Symbol.Name] + m.Disp }

func (c *constants) print(w io.Writer) {
	if c.size == 0 {
		return
	}
	for _, g := range c.tables {
		fmt.Fprintf(w, "\n// %s\n", g.Symbol.Name)
		for _, d := range g.Data {
			fmt.Fprintf(w, "DATA constants<>+%d(SB)/%d, %s\n", c.offsets[g.Symbol.Name]+d.Offset, d.Value.Bytes(), d.Value.Asm())
		}
	}
	fmt.Fprintf(w, "\nGLOBL constants<>(SB), RODATA|NOPTR, $%d\n", c.size)
}
