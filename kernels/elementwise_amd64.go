//go:build !purego

package kernels

import "unsafe"

func (e *Engine[T]) axpy(y []T, alpha T, x []T) {
	if e.assembly() {
		axpyF32AVX2(len(y), f32(y), float32(alpha), f32(x))
		return
	}
	axpyGeneric(y, alpha, x)
}

func (e *Engine[T]) relu(dst, src []T) {
	if e.assembly() {
		reluF32AVX2(len(dst), f32(dst), f32(src))
		return
	}
	reluGeneric(dst, src)
}

func (e *Engine[T]) reluBackward(dst, grad, y []T) {
	if e.assembly() {
		reluBackwardF32AVX2(len(dst), f32(dst), f32(grad), f32(y))
		return
	}
	reluBackwardGeneric(dst, grad, y)
}

func (e *Engine[T]) center(dst []T, pixels []uint8, mean []T) {
	if e.assembly() {
		centerF32AVX2(len(dst), f32(dst), unsafe.SliceData(pixels), f32(mean))
		return
	}
	centerGeneric(dst, pixels, mean)
}

func (e *Engine[T]) sumSquares(acc *[lanes]T, x []T) {
	if e.assembly() {
		sumSquaresF32AVX2((*[lanes]float32)(unsafe.Pointer(acc)), len(x), f32(x))
		return
	}
	sumSquaresGeneric(acc, x)
}

func (e *Engine[T]) softmax(dst, src []T, scale T) (top, sum T) {
	if e.assembly() {
		t, s := softmaxF32AVX2(f32(dst), f32(src), len(src), float32(scale))
		return T(t), T(s)
	}
	return softmaxGeneric(dst, src, scale)
}
