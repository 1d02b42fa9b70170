//go:build !amd64 || purego

package kernels

func (e *Engine[T]) packAsm([]T, int, int, Mat[T], T) bool { return false }
