package kernels

import (
	"fmt"
	"math"
	"unsafe"
)

// Softmax computes, for every row,
//
//	dst[i,j] ← exp(src[i,j] - max_i) / Σ_j exp(src[i,j] - max_i)
//
// with max_i the row's largest element. The relative error is at most
// (|src[i,j] - max_i| + Cols/16 + 6)·ε, where ε is half the spacing of floats
// at 1: the first term is the rounding of the difference. dst may be src. A row
// that holds a NaN or +Inf, or -Inf alone, becomes NaN; no other row is touched
// by it. It panics if the shapes differ.
func (e *Engine[T]) Softmax(dst, src Mat[T]) {
	e.checkSoftmax("Softmax", "dst", dst, "src", src)
	if src.empty() {
		return
	}
	if src.Rows <= chunkRows(src.Cols) {
		e.softmax(dst, src, 1, nil, nil)
		return
	}
	e.eachChunk(rowTask[T]{dst: dst, src: src, scale: 1})
}

func (e *Engine[T]) checkSoftmax(op, dstName string, dst Mat[T], srcName string, src Mat[T]) {
	dst.checkOutput(op, dstName)
	src.check(op, srcName)
	if dst.Rows != src.Rows || dst.Cols != src.Cols {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, %s is %d×%d", op, dstName, dst.Rows, dst.Cols, srcName, src.Rows, src.Cols))
	}
}

// rowTask is softmax, or with labels cross-entropy, over chunks of rows that
// threads share.
type rowTask[T Float] struct {
	engine   *Engine[T]
	dst, src Mat[T]
	scale    T
	labels   []uint8
	losses   []T // of every chunk
	chunk    int // rows of a chunk
}

// chunkRows is how many rows a thread takes at a time. It depends on nothing
// but their length: the loss is summed by chunks. There are few enough for a
// call into assembly to end soon.
func chunkRows(cols int) int {
	n := min(chunkElements/cols, maxChunkRows)
	if n > lanes {
		n -= n % lanes
	}
	return max(n, 1)
}

const (
	chunkElements = 1 << 14
	maxChunkRows  = 512

	// Matrices with fewer elements are not worth the help of a thread.
	parallelSoftmax = 1 << 15
)

func (e *Engine[T]) eachChunk(t rowTask[T]) {
	t.engine, t.chunk = e, chunkRows(t.src.Cols)
	chunks := ceilDiv(t.src.Rows, t.chunk)
	if e.threads == 1 || t.src.Rows*t.src.Cols < parallelSoftmax {
		for i := range chunks {
			t.run(i)
		}
		return
	}
	p, _ := e.pools.rowTasks.Get().(*rowTask[T])
	if p == nil {
		p = new(rowTask[T])
	}
	*p = t
	parallel(e.threads, chunks, p)
	*p = rowTask[T]{}
	e.pools.rowTasks.Put(p)
}

func (t *rowTask[T]) run(piece int) {
	lo := piece * t.chunk
	hi := min(lo+t.chunk, t.src.Rows)
	dst, src := t.dst.Slice(lo, hi, 0, t.dst.Cols), t.src.Slice(lo, hi, 0, t.src.Cols)
	if t.labels == nil {
		t.engine.softmax(dst, src, t.scale, nil, nil)
		return
	}
	t.losses[piece] = t.engine.crossEntropy(dst, src, t.labels[lo:hi], t.scale)
}

const (
	// shortRows is the number of rows from which going across them is faster.
	shortRows = 3

	// tileSize is the size of two tiles, 16 columns of a vector of 64 bytes at
	// most, with room to align them.
	tileSize = 2*16*16 + 16
)

// softmax stores scale·softmax of the rows of src, which are a chunk at most.
// Unless they are nil, tops and sums get the rows' largest elements and sums of
// exponentials; they have room for a vector beyond the last row.
func (e *Engine[T]) softmax(dst, src Mat[T], scale T, tops, sums []T) {
	across := src.Cols <= lanes && src.Rows >= shortRows && e.isa != portable
	narrowest := 16 / int(unsafe.Sizeof(scale)) // columns that softmaxShort takes
	switch {
	case src.Cols > 1 && (src.ColStride != 1 || dst.ColStride != 1), across && src.Cols < narrowest:
		e.softmaxStaged(dst, src, max(src.Cols, narrowest), scale, tops, sums)
	case across:
		tiles := e.pools.buffer(tileSize)
		e.softmaxShort(dst, src, scale, tops, sums, tiles.data)
		e.pools.buffers.Put(tiles)
	default:
		e.softmaxRows(dst, src, scale, tops, sums)
	}
}

// softmaxStaged takes rows whose elements are not neighbours, or too few, by way
// of a buffer with rows of width elements. The elements that the rows have not
// are -Inf, whose exponential, 0, changes no sum.
func (e *Engine[T]) softmaxStaged(dst, src Mat[T], width int, scale T, tops, sums []T) {
	buf := e.pools.buffer(src.Rows * width)
	stage := Dense(src.Rows, width, buf.data)
	for i := range buf.data {
		buf.data[i] = T(math.Inf(-1))
	}
	used := stage.Slice(0, src.Rows, 0, src.Cols)
	copyMat(used, src)
	e.softmax(stage, stage, scale, tops, sums)
	copyMat(dst, used)
	e.pools.buffers.Put(buf)
}

func softmaxRowsGeneric[T Float](dst, src Mat[T], scale T, tops, sums []T) {
	for i := range src.Rows {
		top, sum := softmaxGeneric(dst.Row(i), src.Row(i), scale)
		if tops != nil {
			tops[i], sums[i] = top, sum
		}
	}
}

// softmaxGeneric stores scale·softmax of src, and returns its largest element
// and its sum of exponentials.
func softmaxGeneric[T Float](dst, src []T, scale T) (top, sum T) {
	top = T(math.Inf(-1))
	for _, v := range src {
		if v > top { // never NaN: it reaches the result through exp
			top = v
		}
	}
	var acc [lanes]T
	for j, v := range src {
		dst[j] = exp(v - top)
		acc[j%lanes] += dst[j]
	}
	sum = combine(&acc)
	factor := scale / sum
	for j := range dst {
		dst[j] *= factor
	}
	return top, sum
}
