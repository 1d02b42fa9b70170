//go:build !amd64 || purego

package kernels

func (e *Engine[T]) rowStretch(n int) int { return n }

func (e *Engine[T]) stretch(m, n, k int, a []T, aRow, aCol int, b []T, bRow int, c []T, cRow int, s start, beta T) {
}
