//go:build !amd64 || purego

package kernels

func (e *Engine[T]) sgd(w, g []T, lr, decay T) { sgdGeneric(w, g, lr, decay) }

func (e *Engine[T]) momentum(w, v, g []T, lr, momentum, decay T) {
	momentumGeneric(w, v, g, lr, momentum, decay)
}

func (e *Engine[T]) adam(w, m, v, g []T, f *adamFactors[T]) { adamGeneric(w, m, v, g, f) }
