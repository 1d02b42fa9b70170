//go:build !amd64 || purego

package kernels

func (e *Engine[T]) exp(dst, src []T) { expGeneric(dst, src) }
func (e *Engine[T]) log(dst, src []T) { logGeneric(dst, src) }
