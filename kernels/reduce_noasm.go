//go:build !amd64 || purego

package kernels

func (e *Engine[T]) sumSquares(acc *[lanes]T, x []T) { sumSquaresGeneric(acc, x) }
