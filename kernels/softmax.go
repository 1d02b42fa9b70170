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
// at 1: the first term is the rounding of the difference. dst may be src. A row
// that holds a NaN or +Inf, or -Inf alone, becomes NaN; no other row is touched
// by it. It panics if the shapes differ.
func (e *Engine[T]) Softmax(dst, src Mat[T]) {
	checkSoftmax("Softmax", "dst", &dst, "src", &src)
	if src.empty() {
		return
	}
	r := batch[T]{dst: dst, src: src, scale: 1}
	if src.Rows <= chunkRows(src.Cols) {
		e.softmax(&r)
		return
	}
	e.eachChunk(&rowTask[T]{batch: r})
}

func checkSoftmax[T Float](op, dstName string, dst *Mat[T], srcName string, src *Mat[T]) {
	dst.checkOutput(op, dstName)
	src.check(op, srcName)
	if dst.Rows != src.Rows || dst.Cols != src.Cols {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, %s is %d×%d", op, dstName, dst.Rows, dst.Cols, srcName, src.Rows, src.Cols))
	}
}

// batch is rows whose softmax, times scale, goes to dst. For cross-entropy they
// have labels: scale is subtracted at the labelled elements, and targets, tops
// and sums get the labelled elements of src, the largest ones, and the sums of
// exponentials. tops and sums have room for a vector beyond the last row.
type batch[T Float] struct {
	dst, src            Mat[T]
	scale               T
	labels              []uint8
	targets, tops, sums []T
}

// slice returns rows [lo, hi), without room for results.
func (r *batch[T]) slice(lo, hi int) batch[T] {
	part := batch[T]{dst: r.dst.Slice(lo, hi, 0, r.dst.Cols), src: r.src.Slice(lo, hi, 0, r.src.Cols), scale: r.scale}
	if r.labels != nil {
		part.labels = r.labels[lo:hi]
	}
	return part
}

// rowTask is softmax, or with labels cross-entropy, over chunks of rows that
// threads share.
type rowTask[T Float] struct {
	batch[T]
	engine *Engine[T]
	losses []T // of every chunk
	chunk  int // rows of a chunk
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

func (e *Engine[T]) eachChunk(t *rowTask[T]) {
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
	*p = *t
	parallel(e.threads, chunks, p)
	*p = rowTask[T]{}
	e.pools.rowTasks.Put(p)
}

func (t *rowTask[T]) run(piece int) {
	part := t.slice(piece*t.chunk, min((piece+1)*t.chunk, t.src.Rows))
	if t.labels == nil {
		t.engine.softmax(&part)
		return
	}
	t.losses[piece] = t.engine.crossEntropy(&part)
}

const (
	// shortRows is the number of rows from which going across them is faster.
	shortRows = 3

	// tileSize is the size of two tiles, 16 columns of a vector of 64 bytes at
	// most, with room to align them.
	tileSize = 2*16*16 + 16
)

// softmax computes rows, which are a chunk at most.
func (e *Engine[T]) softmax(r *batch[T]) {
	cols := r.src.Cols
	across := cols <= lanes && r.src.Rows >= shortRows && e.isa != portable
	narrowest := 16 / int(unsafe.Sizeof(r.scale)) // columns that softmaxShort takes
	switch {
	case cols > 1 && (r.src.ColStride != 1 || r.dst.ColStride != 1), across && cols < narrowest:
		e.softmaxStaged(r, max(cols, narrowest))
	case across:
		e.softmaxAcross(r)
	case cols <= chunkElements:
		e.softmaxRows(r)
	default:
		e.softmaxParts(r)
	}
}

// softmaxStaged takes rows whose elements are not neighbours, or too few, by way
// of a buffer with rows of width elements. The elements that the rows have not
// are -Inf, whose exponential, 0, changes no sum.
func (e *Engine[T]) softmaxStaged(r *batch[T], width int) {
	buf := e.pools.buffer(r.src.Rows * width)
	stage := Dense(r.src.Rows, width, buf.data)
	for i := range buf.data {
		buf.data[i] = T(math.Inf(-1))
	}
	used := stage.Slice(0, r.src.Rows, 0, r.src.Cols)
	copyMat(used, r.src)
	staged := *r
	staged.dst, staged.src = stage, stage
	e.softmax(&staged)
	copyMat(r.dst, used)
	e.pools.buffers.Put(buf)
}

// softmaxAcross takes many short rows.
func (e *Engine[T]) softmaxAcross(r *batch[T]) {
	e.pickLabels(r.targets, r.src, r.labels)
	tiles := e.pools.buffer(tileSize)
	e.softmaxShort(r, tiles.data)
	e.pools.buffers.Put(tiles)
	e.subtractAtLabels(r.dst, r.labels, r.scale)
}

// softmaxParts takes rows too long for one call into assembly in parts.
func (e *Engine[T]) softmaxParts(r *batch[T]) {
	for i := range r.src.Rows {
		dst, src := r.dst.Row(i), r.src.Row(i)
		if r.labels != nil {
			r.targets[i] = src[r.labels[i]]
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
			e.scale(x, r.scale/sum)
		}
		if r.labels != nil {
			r.tops[i], r.sums[i] = top, sum
			dst[r.labels[i]] -= r.scale
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
		x[i] *= factor
	}
}
