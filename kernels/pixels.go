package kernels

import "fmt"

// Pixels is a matrix whose rows are chosen rows of bytes, which [Engine.CenterRows]
// centres and scales. Element (i, j) is
//
//	(T(Data[Rows[i]*Cols+j]) - Mean[j]) · Scale
//
// where each operation rounds once.
type Pixels[T Float] struct {
	Data  []uint8
	Rows  []int
	Cols  int
	Mean  []T
	Scale T
}

func (x *Pixels[T]) check(op string) {
	if x.Cols < 0 || len(x.Mean) != x.Cols {
		panic(fmt.Sprintf("kernels: %s: x has %d columns, mean has %d elements", op, x.Cols, len(x.Mean)))
	}
	for i, r := range x.Rows {
		if x.Cols > 0 && uint(r) >= uint(len(x.Data)/x.Cols) {
			panic(fmt.Sprintf("kernels: %s: rows[%d] is %d, data has %d rows of %d", op, i, r, len(x.Data)/x.Cols, x.Cols))
		}
	}
}

// row returns the bytes of row i.
func (x *Pixels[T]) row(i int) []uint8 { return x.Data[x.Rows[i]*x.Cols:][:x.Cols] }

// CenterRows computes dst ← x, as [Pixels] defines the elements of x. NaN and Inf in Mean
// and Scale propagate. It panics unless dst is len(x.Rows)×x.Cols with contiguous rows,
// len(x.Mean) == x.Cols, and every row of x lies within x.Data, or if x.Mean overlaps dst.
func (e *Engine[T]) CenterRows(dst Mat[T], x *Pixels[T]) {
	const op = "CenterRows"
	dst.checkOutput(op, "dst")
	x.check(op)
	if len(x.Rows) != dst.Rows || x.Cols != dst.Cols {
		panic(fmt.Sprintf("kernels: %s: dst is %d×%d, x is %d×%d", op, dst.Rows, dst.Cols, len(x.Rows), x.Cols))
	}
	contiguousRows(op, "dst", &dst)
	mean := rowOf(&dst, x.Mean)
	distinct(op, "dst", &dst, "Mean", &mean)
	parts := max(1, min(e.threads, dst.Cols/leastPart))
	width := roundUp(ceilDiv(dst.Cols, parts), line)
	units := ceilDiv(dst.Cols, max(1, width)) * dst.Rows
	split(e, e.threads, centerTask[T]{dst, x, width}, units, max(1, pieceElements/max(1, width)))
}

const (
	leastPart = 512 // columns of a part of CenterRows
	line      = 64  // elements that do not share a line of a cache with those before them
)

// centerTask is CenterRows. Its units are rows of a part of the columns, so that a thread
// converts the columns of a batch whose weights it computes the gradient of. The calls into
// assembly end soon. Rows are chosen at random, and memory is slow to deliver the first bytes
// of each: each row's are fetched while the one before is converted.
type centerTask[T Float] struct {
	dst   Mat[T]
	x     *Pixels[T]
	width int // of a part
}

func (t centerTask[T]) do(e *Engine[T], lo, hi int) {
	for u := lo; u < hi; u++ {
		i, first := u%t.dst.Rows, u/t.dst.Rows*t.width
		last := min(first+t.width, t.dst.Cols)
		dst, bytes, next := t.dst.Row(i), t.x.row(i), t.x.row(min(i+1, t.dst.Rows-1))
		for j := first; j < last; j += pieceElements {
			end := min(j+pieceElements, last)
			e.center(dst[j:end], bytes[j:end], next[j:end], t.x.Mean[j:end], t.x.Scale)
		}
	}
}

func centerGeneric[T Float](dst []T, pixels []uint8, mean []T, scale T) {
	pixels, mean = pixels[:len(dst)], mean[:len(dst)]
	for j := range dst {
		dst[j] = T((T(pixels[j]) - mean[j]) * scale)
	}
}
