package kernels

import "unsafe"

// wideLanes is the number of lanes of a sum in 256 bytes, of float32: [wideLanesOf] says how
// many of them a type has. With 16 lanes, as in other sums, a processor would wait for each
// addition where the elements come from its own caches.
const wideLanes = 64

// wideLanesOf returns how many elements have 256 bytes: 64 of float32, 32 of float64.
func wideLanesOf[T Float]() int { return wideLanes * 4 / int(unsafe.Sizeof(T(0))) }

// Dot returns Σ x[i]·y[i]. Of every 32768 elements it adds the products by fused
// multiply-adds in 64 lanes (32 of float64), where lane l adds every 64th (32nd) from l on;
// then lanes that are 32 (16) apart are added, then half as far, down to 1. The sums of
// the parts are added in their order. The increments do not change a bit.
//
// The error is at most γ_k·Σ|x[i]·y[i]|, where γ_k = kε/(1-kε), k = min(n, 32768)/64 +
// n/32768 + 7 (/32 and 6 for float64), and ε is half the spacing of floats at 1 (Higham,
// Accuracy and Stability of Numerical Algorithms, 2002, section 3.1). NaN and Inf
// propagate. The sum of no elements is 0.
//
// It panics unless the vectors have the same length.
func (e *Engine[T]) Dot(x, y Vec[T]) T {
	if x.n != y.n {
		y.checkLength("Dot", "y", x.n, "x")
	}
	switch {
	case x.n <= 4 && x.inc == 1 && y.inc == 1:
		return dotFew(x.flat(), y.flat())
	case x.n <= sumChunk:
		return e.dotChunk(x, y)
	}
	chunks := ceilDiv(x.n, sumChunk)
	sums := e.pools.buffer(chunks)
	split(e, e.threads, dotTask[T]{sums.data, x, y}, chunks, 1)
	sum := sumOf(sums.data)
	e.pools.buffers.Put(sums)
	return sum
}

// dotFew is Dot of at most 4 elements, which takes less time than a call into assembly: lanes
// 2 apart are added, then lanes 1 apart. To add a zero makes a -0 a 0, as lanes do.
func dotFew[T Float](x, y []T) T {
	switch y = y[:len(x)]; len(x) {
	case 1:
		return T(x[0]*y[0]) + 0
	case 2:
		return T(x[0]*y[0]) + T(x[1]*y[1]) + 0
	case 3:
		return T(x[0]*y[0]) + T(x[2]*y[2]) + T(x[1]*y[1]) + 0
	case 4:
		return T(x[0]*y[0]) + T(x[2]*y[2]) + (T(x[1]*y[1]) + T(x[3]*y[3])) + 0
	}
	return 0
}

// dotTask computes the products of chunks, which are its units.
type dotTask[T Float] struct {
	sums []T
	x, y Vec[T]
}

func (t dotTask[T]) do(e *Engine[T], lo, hi int) {
	for i := lo; i < hi; i++ {
		first, end := i*sumChunk, min((i+1)*sumChunk, t.x.n)
		t.sums[i] = e.dotChunk(t.x.slice(first, end), t.y.slice(first, end))
	}
}

// dotChunk is Dot of at most sumChunk elements.
func (e *Engine[T]) dotChunk(x, y Vec[T]) T {
	if x.inc == 1 && y.inc == 1 {
		return e.dotSum(x.flat(), y.flat())
	}
	if x.n <= vecPiece {
		var bufX, bufY [vecPiece]T
		return e.dotSum(x.values(0, x.n, bufX[:]), y.values(0, x.n, bufY[:]))
	}
	buf := e.pools.buffer(2 * x.n)
	defer e.pools.buffers.Put(buf)
	return e.dotSum(x.values(0, x.n, buf.data), y.values(0, x.n, buf.data[x.n:]))
}

func dotSumGeneric[T Float](x, y []T) T {
	var acc [wideLanes]T
	n := wideLanesOf[T]()
	for ; len(x) > 0; x, y = x[min(n, len(x)):], y[min(n, len(y)):] {
		for l, v := range x[:min(n, len(x))] {
			acc[l] = mulAdd(v, y[l], acc[l])
		}
	}
	return combineWide(acc[:n])
}

// combineWide adds lanes that are half of all lanes apart, then half as far, down to 1.
func combineWide[T Float](acc []T) T {
	for ; len(acc) > 1; acc = acc[:len(acc)/2] {
		for l, v := range acc[len(acc)/2:] {
			acc[l] += v
		}
	}
	return acc[0]
}

// sumOf adds the elements in their order.
func sumOf[T Float](x []T) (sum T) {
	for _, v := range x {
		sum += v
	}
	return sum
}
