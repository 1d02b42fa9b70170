package kernels

// Iamax returns the index of the first element of the largest magnitude, or -1 if there are
// no elements. If the first element is NaN, it returns 0; any other NaN is passed over.
func (e *Engine[T]) Iamax(x Vec[T]) int {
	if x.n <= 1 {
		return x.n - 1
	}
	if first := x.At(0); first != first {
		return 0
	}
	var buf [vecPiece]T
	most, from, size := T(-1), 0, vecPiece
	if x.inc == 1 {
		size = amaxPiece
	}
	for lo := 0; lo < x.n; lo += size {
		if m := e.largestMagnitude(x.values(lo, min(lo+size, x.n), buf[:])); m > most {
			most, from = m, lo
		}
	}
	for i, v := range x.values(from, min(from+size, x.n), buf[:]) {
		if abs(v) == most {
			return from + i
		}
	}
	panic("kernels: Iamax: x was changed while it was read")
}

// amaxPiece is how many elements are searched for their largest at a time: few of them are
// read again for its place.
const amaxPiece = 1024

func largestMagnitudeGeneric[T Float](x []T) (most T) {
	for _, v := range x {
		if v = abs(v); v > most {
			most = v
		}
	}
	return most
}
