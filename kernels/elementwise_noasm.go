//go:build !amd64 || purego

package kernels

func (e *Engine[T]) addBiasRows(y *Mat[T], bias []T) { addBiasGeneric(y, bias) }
func (e *Engine[T]) axpy(y []T, alpha T, x []T)      { axpyGeneric(y, alpha, x) }
func (e *Engine[T]) relu(dst, src []T)               { reluGeneric(dst, src) }
func (e *Engine[T]) reluBackward(dst, grad, y []T)   { reluBackwardGeneric(dst, grad, y) }
func (e *Engine[T]) center(dst []T, pixels []uint8, mean []T, scale T) {
	centerGeneric(dst, pixels, mean, scale)
}
