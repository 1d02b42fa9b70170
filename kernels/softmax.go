package kernels

import (
	"fmt"
	"math"
	"slices"
	"unsafe"
)

// Softmax computes, for every row,
//
//	dst[i,j] ← exp(src[i,j] - max_i) / Σ_j exp(src[i,j] - max_i)
//
// with max_i the row's largest element. The relative error is at most
// (|src[i,j] - max_i| + Cols/16 + 6)·ε, where ε is half the spacing of floats
// at 1: the first term is the rounding of the difference. An exponential or a
// quotient that is subnormal adds up to two of the smallest floats. A row that
// holds a NaN or +Inf, or -Inf alone, becomes NaN; no other row is touched by it.
//
// dst may be src. Softmax panics if the shapes differ, or if dst overlaps src in
// another way, where [Engine.Gemm] would find it.
func (e *Engine[T]) Softmax(dst, src Mat[T]) {
	checkSoftmax("Softmax", "dst", &dst, "src", &src)
	if src.Rows == 0 || src.Cols == 0 {
		return
	}
	chunk := chunkRows(src.Cols)
	if src.Rows <= chunk {
		e.softmax(&rowChunk[T]{dst: &dst, src: &src, scale: 1})
		return
	}
	e.eachChunk(rowTask[T]{dst: dst, src: src, scale: 1, chunk: chunk})
}

func checkSoftmax[T Float](op, dstName string, dst *Mat[T], srcName string, src *Mat[T]) {
	dst.checkOutput(op, dstName)
	src.check(op, srcName)
	if dst.Rows != src.Rows || dst.Cols != src.Cols {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, %s is %d×%d", op, dstName, dst.Rows, dst.Cols, srcName, src.Rows, src.Cols))
	}
	distinctOrSame(op, dstName, dst, srcName, src)
}

// rowChunk is rows whose softmax, times scale, goes to dst. For cross-entropy they
// have labels: scale is subtracted at the labelled elements, and targets, tops
// and sums get the labelled elements of src, the largest ones, and the sums of
// exponentials. tops and sums have room for a vector beyond the last row.
type rowChunk[T Float] struct {
	dst, src            *Mat[T] // copying them would take longer than a row of ten
	scale               T
	labels              []int32
	targets, tops, sums []T
}

// rowTask is softmax, or with labels cross-entropy, of rows.
type rowTask[T Float] struct {
	dst, src Mat[T]
	scale    T
	labels   []int32
	chunk    int // rows of a chunk

	losses, means []T // sums and means of the losses of every chunk
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
	threads := e.threads
	if t.src.Rows*t.src.Cols < parallelSoftmax {
		threads = 1
	}
	split(e, threads, t, t.src.Rows, t.chunk)
}

func (t rowTask[T]) do(e *Engine[T], lo, hi int) {
	dst, src := t.dst.Slice(lo, hi, 0, t.dst.Cols), t.src.Slice(lo, hi, 0, t.src.Cols)
	c := rowChunk[T]{dst: &dst, src: &src, scale: t.scale}
	if t.labels == nil {
		e.softmax(&c)
		return
	}
	c.labels = t.labels[lo:hi]
	i := lo / t.chunk
	t.losses[i], t.means[i] = e.crossEntropy(&c)
}

// shortRows is the number of rows from which going across them is faster.
func (e *Engine[T]) shortRows() int {
	if e.level == AVX512 {
		return 12
	}
	return 2 // stores of the last elements of a row are slow
}

// tileSize is the size of two tiles, 16 columns of a vector of 64 bytes at most,
// with room to align them.
const tileSize = 2*16*16 + 16

// softmax computes rows, which are a chunk at most.
func (e *Engine[T]) softmax(c *rowChunk[T]) {
	cols := c.src.Cols
	across := cols <= lanes && c.src.Rows >= e.shortRows() && e.isa != portable
	narrowest := 16 / int(unsafe.Sizeof(c.scale)) // columns that softmaxShort takes
	switch {
	case cols > 1 && (c.src.ColStride != 1 || c.dst.ColStride != 1), across && cols < narrowest:
		e.softmaxStaged(c, max(cols, narrowest))
	case across:
		e.softmaxAcross(c)
	case cols <= chunkElements:
		e.softmaxRows(c)
	default:
		e.softmaxParts(c)
	}
}

// softmaxStaged takes rows whose elements are not neighbours, or too few, by way
// of a buffer with rows of width elements. The elements that the rows have not
// are -Inf, whose exponential, 0, changes no sum.
func (e *Engine[T]) softmaxStaged(c *rowChunk[T], width int) {
	buf := e.pools.buffer(c.src.Rows * width)
	stage := NewMat(c.src.Rows, width, buf.data)
	for i := range buf.data {
		buf.data[i] = T(math.Inf(-1))
	}
	used := stage.Slice(0, c.src.Rows, 0, c.src.Cols)
	copyMat(used, *c.src)
	staged := *c
	staged.dst, staged.src = &stage, &stage
	e.softmax(&staged)
	copyMat(*c.dst, used)
	e.pools.buffers.Put(buf)
}

// softmaxAcross takes many short rows.
func (e *Engine[T]) softmaxAcross(c *rowChunk[T]) {
	e.pickLabels(c)
	tiles := e.pools.buffer(tileSize)
	e.softmaxShort(c, tiles.data)
	e.pools.buffers.Put(tiles)
	e.subtractAtLabels(c)
}

// softmaxParts takes rows too long for one call into assembly in parts.
func (e *Engine[T]) softmaxParts(c *rowChunk[T]) {
	for i := range c.src.Rows {
		dst, src := c.dst.Row(i), c.src.Row(i)
		if c.labels != nil {
			c.targets[i] = src[c.labels[i]]
		}
		top := T(math.Inf(-1))
		for x := range slices.Chunk(src, chunkElements) {
			if v := e.largest(x); v > top { // never NaN: it reaches the result through exp
				top = v
			}
		}
		var acc [lanes]T
		for lo := 0; lo < len(src); lo += chunkElements {
			hi := min(lo+chunkElements, len(src))
			e.expSum(&acc, dst[lo:hi], src[lo:hi], top)
		}
		sum := combine(&acc)
		for x := range slices.Chunk(dst, chunkElements) {
			e.scale(x, c.scale/sum)
		}
		if c.labels != nil {
			c.tops[i], c.sums[i] = top, sum
			dst[c.labels[i]] -= c.scale
		}
	}
}

func largestGeneric[T Float](x []T) T {
	top := T(math.Inf(-1))
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	return top
}

// expSumGeneric stores exp(src[i] - top) and adds it to lane i mod 16.
func expSumGeneric[T Float](acc *[lanes]T, dst, src []T, top T) {
	for i, v := range src {
		dst[i] = exp(v - top)
		acc[i%lanes] += dst[i]
	}
}

func scaleGeneric[T Float](x []T, factor T) {
	for i := range x {
		x[i] = T(x[i] * factor)
	}
}
