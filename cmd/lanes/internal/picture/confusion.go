package picture

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Confusion draws how many images of each class (a row) were taken for which
// (a column). The shade of a cell is its share of its row. Confusion panics if
// counts is not square or has not a name for each class.
func Confusion(classes []string, counts [][]int) Picture {
	n := len(classes)
	if len(counts) != n {
		panic(fmt.Sprintf("picture: Confusion: %d rows, %d classes", len(counts), n))
	}
	for _, row := range counts {
		if len(row) != n {
			panic(fmt.Sprintf("picture: Confusion: a row of %d counts, %d classes", len(row), n))
		}
	}
	var names vg.Length
	classes = slices.Clone(classes)
	for i, name := range classes {
		classes[i] = fitted(name, style(labelSize, Light.ink), mostName)
		names = max(names, style(labelSize, Light.ink).Width(classes[i]))
	}
	const cell = 36 * px
	left := inset + line + names + 8*px
	top := inset + 22*px + line + names*vg.Length(math.Sin(slant)) + 12*px
	size := cell * vg.Length(n)
	// The name of the last column leans out of the matrix.
	lean := max(0, names*vg.Length(math.Cos(slant))-cell/2+8*px)
	return sketch(int((left+size+max(inset, lean))/px), int((top+size+inset)/px), func(c draw.Canvas, t Theme) {
		high := c.Max.Y
		c.FillText(bold(titleSize, t.ink), vg.Point{X: inset, Y: high - inset - 15*px}, "Confusion matrix")
		label := style(labelSize, t.faint)
		c.FillText(label, vg.Point{X: left, Y: high - inset - 22*px - 12*px}, "taken for")
		label.Rotation, label.XAlign = math.Pi/2, text.XCenter
		c.FillText(label, vg.Point{X: inset + 12*px, Y: high - top - size/2}, "class")

		for i, name := range classes {
			s := style(labelSize, t.ink)
			s.XAlign, s.YAlign = text.XRight, text.YCenter
			c.FillText(s, vg.Point{X: left - 8*px, Y: high - top - cell*(vg.Length(i)+0.5)}, name)
			s = style(labelSize, t.ink)
			s.Rotation = slant
			c.FillText(s, vg.Point{X: left + cell*(vg.Length(i)+0.5), Y: high - top + 6*px}, name)
			drawRow(c, t, vg.Point{X: left, Y: high - top - cell*vg.Length(i+1)}, cell, counts[i])
		}
	})
}

// slant is the angle of the names of columns.
const slant = math.Pi / 4

func drawRow(c draw.Canvas, t Theme, at vg.Point, cell vg.Length, counts []int) {
	total := 0
	for _, n := range counts {
		total += n
	}
	for j, n := range counts {
		ground := t.background
		if total > 0 {
			ground = t.tint(t.full, float64(n)/float64(total))
		}
		from := at.Add(vg.Point{X: cell * vg.Length(j)})
		inner := vg.Rectangle{Min: from, Max: from.Add(vg.Point{X: cell - px, Y: cell - px})}
		c.SetColor(ground)
		c.Fill(inner.Path())
		if n == 0 {
			continue
		}
		s := style(labelSize-1, t.on(ground))
		s.XAlign, s.YAlign = text.XCenter, text.YCenter
		c.FillText(s, inner.Min.Add(inner.Max).Scale(0.5), fmt.Sprint(n))
	}
}
