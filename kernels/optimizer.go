package kernels

import (
	"strings"
	"unsafe"
)

// factors are those of a step of any optimiser, in the order in which the assembly reads
// them. Momentum has the place of beta1.
type factors[T Float] struct {
	scale, decay, keep, rate, average, beta1, gain1, beta2, gain2, epsilon T
}

// scaleOf returns what a gradient is multiplied by.
func scaleOf(scale float64) float64 {
	if scale == 0 {
		return 1
	}
	return scale
}

// decayed returns the factors of a step at a rate with weight decay: coupled decay is added
// to the gradient, decoupled decay shrinks the weight by a share of its own.
func decayed[T Float](scale, rate, decay, average float64, decoupled bool) factors[T] {
	f := factors[T]{scale: T(scaleOf(scale)), keep: 1, rate: T(rate), average: T(average)}
	if decoupled {
		f.keep = T(1 - float64(rate*decay))
	} else {
		f.decay = T(decay)
	}
	return f
}

// checkStep panics unless all operands, whose names are the words of names, have as many
// elements as the first, and none overlaps another. The last one is the mean, which may be
// nil.
func checkStep[T Float](function, names string, operands ...[]T) {
	if last := len(operands) - 1; operands[last] == nil {
		operands = operands[:last]
	}
	if clearlyApart(operands) {
		return
	}
	name := strings.Fields(names)
	for i, x := range operands[1:] {
		sameLength(function, name[0], operands[0], name[i+1], x)
	}
	for i, x := range operands {
		for k, y := range operands[i+1:] {
			apart(function, name[i], x, name[i+1+k], y)
		}
	}
}

// clearlyApart reports whether slices that are not empty have the same length and no memory
// in common. It is what a step of few weights has time for.
func clearlyApart[T Float](operands [][]T) bool {
	n := len(operands[0])
	size := uintptr(n) * unsafe.Sizeof(T(0))
	for i, x := range operands {
		if len(x) != n {
			return false
		}
		at := uintptr(unsafe.Pointer(unsafe.SliceData(x)))
		for _, y := range operands[:i] {
			if at-uintptr(unsafe.Pointer(unsafe.SliceData(y)))+size-1 <= 2*size-2 {
				return false
			}
		}
	}
	return n > 0
}

// averageGeneric moves mean by the share average of its distance towards w.
func averageGeneric[T Float](mean, w []T, average T) {
	for i, m := range mean {
		mean[i] = mulAdd(average, w[i]-m, m)
	}
}

// piece returns elements lo to hi of an operand that may be nil.
func piece[T Float](x []T, lo, hi int) []T {
	if x == nil {
		return nil
	}
	return x[lo:hi]
}

// normal returns x, or 0 if x is subnormal.
func normal[T Float](x T) T {
	smallest := T(0x1p-126)
	if unsafe.Sizeof(x) == 8 {
		smallest = T(0x1p-1022)
	}
	if -smallest < x && x < smallest {
		return 0
	}
	return x
}
