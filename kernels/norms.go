package kernels

import (
	"math"
	"unsafe"
)

// Asum returns Σ|x[i]|, added in the lanes of [Engine.Dot]. Its relative error is at most
// Dot's k·ε. NaN and Inf propagate. The sum of no elements is 0.
func (e *Engine[T]) Asum(x Vec[T]) T {
	if x.n <= sumChunk {
		return e.asumChunk(x)
	}
	chunks := ceilDiv(x.n, sumChunk)
	sums := e.pools.buffer(chunks)
	split(e, e.threads, asumTask[T]{sums.data, x}, chunks, 1)
	sum := sumOf(sums.data)
	e.pools.buffers.Put(sums)
	return sum
}

// asumTask computes the sums of chunks, which are its units.
type asumTask[T Float] struct {
	sums []T
	x    Vec[T]
}

func (t asumTask[T]) do(e *Engine[T], lo, hi int) {
	for i := lo; i < hi; i++ {
		t.sums[i] = e.asumChunk(t.x.slice(i*sumChunk, min((i+1)*sumChunk, t.x.n)))
	}
}

// asumChunk is Asum of at most sumChunk elements.
func (e *Engine[T]) asumChunk(x Vec[T]) T {
	if x.inc == 1 {
		return e.magnitudeSum(x.flat())
	}
	if x.n <= vecPiece {
		var buf [vecPiece]T
		return e.magnitudeSum(x.values(0, x.n, buf[:]))
	}
	buf := e.pools.buffer(x.n)
	defer e.pools.buffers.Put(buf)
	return e.magnitudeSum(x.values(0, x.n, buf.data))
}

func magnitudeSumGeneric[T Float](x []T) T {
	var acc [wideLanes]T
	n := wideLanesOf[T]()
	for ; len(x) > 0; x = x[min(n, len(x)):] {
		for l, v := range x[:min(n, len(x))] {
			acc[l] += abs(v)
		}
	}
	return combineWide(acc[:n])
}

func abs[T Float](x T) T { return T(math.Abs(float64(x))) }

// Nrm2 returns √Σ x[i]². It neither overflows nor underflows unless the result does.
//
// The squares are added in float64, in the 32 lanes of [Engine.Dot] of float64, where
// squares of float32 are exact and in range. If, for float64, the sum overflows, or is so
// small that squares may have been lost (below 2^-960), the elements are added once more,
// multiplied by 2^-600 or 2^600, and the root is divided by that. The relative error is at
// most half that of Dot of float64, and one rounding to T more. An element that is NaN makes
// the result NaN; else an infinite one makes it +Inf. The norm of no elements is 0.
func (e *Engine[T]) Nrm2(x Vec[T]) T {
	sum, factor := e.squares(x, 1), T(1)
	if unsafe.Sizeof(factor) == 8 && x.n > 0 {
		switch {
		case sum > math.MaxFloat64:
			factor = T(math.Ldexp(1, -600))
		case sum < 0x1p-960:
			factor = T(math.Ldexp(1, 600))
		}
		if factor != 1 {
			sum = e.squares(x, factor)
		}
	}
	return T(math.Sqrt(sum) / float64(factor))
}

// squares returns Σ (factor·x[i])².
func (e *Engine[T]) squares(x Vec[T], factor T) (sum float64) {
	if x.n <= sumChunk {
		return e.squaresChunk(x, factor)
	}
	chunks := ceilDiv(x.n, sumChunk)
	sums := bufferOf[float64](&e.pools.float64s, chunks)
	split(e, e.threads, normTask[T]{sums.data, x, factor}, chunks, 1)
	sum = sumOf(sums.data)
	e.pools.float64s.Put(sums)
	return sum
}

// normTask computes the squares of chunks, which are its units.
type normTask[T Float] struct {
	sums   []float64
	x      Vec[T]
	factor T
}

func (t normTask[T]) do(e *Engine[T], lo, hi int) {
	for i := lo; i < hi; i++ {
		t.sums[i] = e.squaresChunk(t.x.slice(i*sumChunk, min((i+1)*sumChunk, t.x.n)), t.factor)
	}
}

// squaresChunk is squares of at most sumChunk elements.
func (e *Engine[T]) squaresChunk(x Vec[T], factor T) float64 {
	if x.inc == 1 && factor == 1 {
		return e.squareSum(x.flat())
	}
	buf := e.pools.buffer(x.n)
	defer e.pools.buffers.Put(buf)
	copyVec(NewVec(buf.data), x)
	if factor != 1 {
		e.scale(buf.data, factor)
	}
	return e.squareSum(buf.data)
}

func squareSumGeneric[T Float](x []T) float64 {
	const n = wideLanes / 2
	var acc [n]float64
	for ; len(x) > 0; x = x[min(n, len(x)):] {
		for l, v := range x[:min(n, len(x))] {
			acc[l] = mulAdd(float64(v), float64(v), acc[l])
		}
	}
	return combineWide(acc[:])
}
