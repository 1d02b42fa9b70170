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
// It panics unless x.N == y.N.
func (e *Engine[T]) Dot(x, y Vec[T]) T {
	x.check("Dot", "x")
	y.check("Dot", "y")
	if x.N != y.N {
		y.checkLength("Dot", "y", x.N, "x")
	}
	if x.N <= sumChunk {
		return e.dotChunk(&x, &y)
	}
	chunks := ceilDiv(x.N, sumChunk)
	sums := e.pools.buffer(chunks)
	split(e, e.threads, dotTask[T]{sums.data, x, y}, chunks, 1)
	sum := sumOf(sums.data)
	e.pools.buffers.Put(sums)
	return sum
}

// dotTask computes the products of chunks, which are its units.
type dotTask[T Float] struct {
	sums []T
	x, y Vec[T]
}

func (t dotTask[T]) do(e *Engine[T], lo, hi int) {
	for i := lo; i < hi; i++ {
		first, end := i*sumChunk, min((i+1)*sumChunk, t.x.N)
		x, y := t.x.slice(first, end), t.y.slice(first, end)
		t.sums[i] = e.dotChunk(&x, &y)
	}
}

// dotChunk is Dot of at most sumChunk elements.
func (e *Engine[T]) dotChunk(x, y *Vec[T]) T {
	if x.Inc == 1 && y.Inc == 1 {
		return e.dotSum(x.Data[:x.N], y.Data[:x.N])
	}
	if x.N <= vecPiece {
		var bufX, bufY [vecPiece]T
		return e.dotSum(x.values(0, x.N, bufX[:]), y.values(0, x.N, bufY[:]))
	}
	buf := e.pools.buffer(2 * x.N)
	defer e.pools.buffers.Put(buf)
	return e.dotSum(x.values(0, x.N, buf.data), y.values(0, x.N, buf.data[x.N:]))
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
