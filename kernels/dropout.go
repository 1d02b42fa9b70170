package kernels

import (
	"fmt"
	"math"
)

// Dropout sets elements to 0 with probability rate, and divides the others by 1-rate, so that
// the expectation stays (Srivastava and others, JMLR 15, 2014, in the inverted form):
//
//	dst[i] ← factor·src[i] if element i is kept, else 0; factor = 1/(1-rate), rounded to T
//
// Which elements are kept is a function of stream, i and rate alone: a hash of 32 bits, of
// which a share of rate, to 2^-32, means that the element is dropped. So to draw with the same
// stream again is the backward pass, the same elements are dropped at every level, in float32
// and float64, and nothing is stored. [Stream] makes a stream of the numbers that it shall
// depend on, such as seed, step and layer.
//
// A dropped element is 0 whatever it was; NaN and Inf that are kept stay. With a rate of 0, or
// below 2^-33, all are kept. dst may be src. Dropout panics unless len(dst) == len(src), if dst
// overlaps src in part, or unless 0 ≤ rate < 1.
func (e *Engine[T]) Dropout(dst, src []T, rate float64, stream uint64) {
	sameOrApart("Dropout", "dst", dst, "src", src)
	d := dropsOf[T]("Dropout", rate, stream)
	if len(dst) <= pieceElements {
		e.drop(dst, src, d.keys(0))
		return
	}
	split(e, e.threads, dropoutTask[T]{dst, src, d}, len(dst), pieceElements)
}

type dropoutTask[T Float] struct {
	dst, src []T
	drops[T]
}

func (t dropoutTask[T]) do(e *Engine[T], lo, hi int) {
	e.drop(t.dst[lo:hi], t.src[lo:hi], t.keys(lo/pieceElements))
}

// Stream returns a number to draw with that depends on every bit of all words and their order,
// by the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func Stream(words ...uint64) uint64 {
	s := uint64(len(words))
	for _, w := range words {
		s = mix64(s + mix64(w))
	}
	return s
}

func mix64(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// drops says which elements of a slice Dropout drops.
type drops[T Float] struct {
	stream uint64
	limit  int32 // hashes above it keep their element
	all    bool  // all are kept
	factor T
}

func dropsOf[T Float](op string, rate float64, stream uint64) drops[T] {
	if !(0 <= rate && rate < 1) {
		panic(fmt.Sprintf("kernels: %s: rate %v, want 0 ≤ rate < 1", op, rate))
	}
	dropped := min(math.Round(rate*(1<<32)), 1<<32-1) // of 2³² hashes, those up to limit
	return drops[T]{mix64(stream), int32(int64(dropped) - 1<<31 - 1), dropped == 0, T(1 / (1 - rate))}
}

// dropKeys are the arguments of the hash of one piece, of pieceElements elements, in the order
// in which the assembly reads them.
type dropKeys[T Float] struct {
	first, second uint32
	limit         int32
	all           bool
	factor        T
}

func (d drops[T]) keys(piece int) dropKeys[T] {
	key := mix64(d.stream + uint64(piece))
	return dropKeys[T]{uint32(key), uint32(key >> 32), d.limit, d.all, d.factor}
}

func (e *Engine[T]) drop(dst, src []T, k dropKeys[T]) {
	if k.all {
		copy(dst, src)
		return
	}
	e.dropout(dst, src, &k)
}

// dropoutGeneric hashes i with the multipliers of lowbias32 (C. Wellons, Prospecting for Hash
// Functions, 2018), without its last step, which leaves the upper bits as they are; the second
// key keeps pieces apart whose first keys are near each other.
func dropoutGeneric[T Float](dst, src []T, k *dropKeys[T]) {
	for i, v := range src[:len(dst)] {
		h := uint32(i) + k.first
		h = (h ^ h>>16) * 0x7feb352d
		h ^= k.second
		h = (h ^ h>>15) * 0x846ca68b
		v = T(v * k.factor)
		if int32(h) <= k.limit {
			v = 0
		}
		dst[i] = v
	}
}
