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
// where max_i is the largest element of row i. The relative error is at most
// (|src[i,j] - max_i| + Cols/16 + 6)·ε, where ε is half the spacing of floats at 1; the
// first term is the rounding of the difference. A subnormal exponential or quotient adds
// an error of up to two of the smallest floats. All of a row becomes NaN if it has a NaN
// or +Inf, or nothing but -Inf; other rows are not affected.
//
// dst may be src. Softmax panics if the shapes differ, or if dst overlaps src in another
// way that [Engine.Gemm] would find too.
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
	if !(dst.plain() && dst.RowStride >= dst.Cols && src.plain()) {
		dst.checkOutput(op, dstName)
		src.check(op, srcName)
	}
	if dst.Rows != src.Rows || dst.Cols != src.Cols {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, %s is %d×%d", op, dstName, dst.Rows, dst.Cols, srcName, src.Rows, src.Cols))
	}
	distinctOrSame(op, dstName, dst, srcName, src)
}

// rowChunk is a chunk of rows of src. scale times their softmax goes to dst. For
// cross-entropy they have labels: then scale is subtracted from the labelled elements of
// dst, and each row's labelled element, largest element and sum of exponentials go to
// targets, tops and sums. tops and sums have room for a vector after the last row.
type rowChunk[T Float] struct {
	dst, src            *Mat[T] // pointers, since to copy a Mat takes longer than a row of ten
	scale               T
	labels              []int32
	targets, tops, sums []T
}

// rowTask is softmax or, with labels, cross-entropy. Its units are rows.
type rowTask[T Float] struct {
	dst, src Mat[T]
	scale    T
	labels   []int32
	chunk    int // rows of a chunk

	losses, means []T // the sum and the mean of the losses of each chunk
}

// chunkRows returns the number of rows of a chunk, which a thread takes at a time. It
// depends on the length of a row alone, since the loss is summed by chunks, and is so small
// that a call into assembly ends soon.
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

	// With fewer elements, the help of a thread does not pay.
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

// tileSize is the number of elements of the two tiles of softmaxShort, each 16 columns of
// at most 64 bytes, with room to align them.
const tileSize = 2*16*16 + 16

// softmax computes at most a chunk of rows.
func (e *Engine[T]) softmax(c *rowChunk[T]) {
	cols := c.src.Cols
	across := cols <= lanes && c.src.Rows >= shapes[e.isa].short
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

// softmaxStaged computes rows whose elements are not contiguous, or too few, in a buffer
// with rows of width elements. Elements that the rows lack are -Inf there: their
// exponentials are 0 and change no sum.
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

// softmaxAcross computes many short rows.
func (e *Engine[T]) softmaxAcross(c *rowChunk[T]) {
	e.pickLabels(c)
	tiles := e.pools.buffer(tileSize)
	e.softmaxShort(c, tiles.data)
	e.pools.buffers.Put(tiles)
	e.subtractAtLabels(c)
}

// softmaxParts computes rows that are too long for one call into assembly, part by part.
func (e *Engine[T]) softmaxParts(c *rowChunk[T]) {
	for i := range c.src.Rows {
		dst, src := c.dst.Row(i), c.src.Row(i)
		if c.labels != nil {
			c.targets[i] = src[c.labels[i]]
		}
		top := T(math.Inf(-1))
		for x := range slices.Chunk(src, chunkElements) {
			if v := e.largest(x); v > top { // largest skips NaN, which exp brings to the result
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
