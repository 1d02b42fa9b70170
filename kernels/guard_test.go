package kernels

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// canary fills what an operation must not touch.
const canary = -12345.5

// ends are the places of a buffer: right after the page before it, and right before the
// page after it.
var ends = []string{"start", "end"}

// guarded returns n elements that start or end at a page which faults.
func guarded[T any](t *testing.T, n int, end string) []T {
	t.Helper()
	var zero T
	size := n * int(unsafe.Sizeof(zero))
	if size == 0 {
		size = int(unsafe.Sizeof(zero))
	}
	page := guardedPages(t, size)
	first := unsafe.Pointer(&page[0])
	if end == "end" {
		first = unsafe.Pointer(&page[len(page)-size])
	}
	return unsafe.Slice((*T)(first), size/int(unsafe.Sizeof(zero)))[:n:n]
}

// guardedMat returns a random matrix with strides in guarded memory, its
// padding filled with canaries.
func guardedMat[T Float](t *testing.T, rng *rand.Rand, rows, cols, rowStride, colStride int, end string) Mat[T] {
	t.Helper()
	m := Mat[T]{Rows: rows, Cols: cols, RowStride: rowStride, ColStride: colStride}
	n := 0
	if !m.empty() {
		n = m.span()
	}
	m.Data = guarded[T](t, n, end)
	for i := range m.Data {
		m.Data[i] = canary
	}
	for i := range rows {
		for j := range cols {
			m.Data[i*rowStride+j*colStride] = T(rng.NormFloat64())
		}
	}
	return m
}

func randomSlice[T Float](t *testing.T, rng *rand.Rand, n int, end string) []T {
	t.Helper()
	return guardedMat[T](t, rng, 1, n, n, 1, end).Data
}
