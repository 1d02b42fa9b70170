//go:build !purego

package kernels

import "unsafe"

func (e *Engine[T]) sgd(w, g []T, lr, decay T) {
	switch e.isa {
	case f32AVX2:
		sgdF32AVX2(len(w), f32(w), f32(g), float32(lr), float32(decay))
	case f64AVX2:
		sgdF64AVX2(len(w), f64(w), f64(g), float64(lr), float64(decay))
	case f32AVX512:
		sgdF32AVX512(len(w), f32(w), f32(g), float32(lr), float32(decay))
	case f64AVX512:
		sgdF64AVX512(len(w), f64(w), f64(g), float64(lr), float64(decay))
	default:
		sgdGeneric(w, g, lr, decay)
	}
}

func (e *Engine[T]) momentum(w, v, g []T, lr, momentum, decay T) {
	switch e.isa {
	case f32AVX2:
		momentumF32AVX2(len(w), f32(w), f32(v), f32(g), float32(lr), float32(momentum), float32(decay))
	case f64AVX2:
		momentumF64AVX2(len(w), f64(w), f64(v), f64(g), float64(lr), float64(momentum), float64(decay))
	case f32AVX512:
		momentumF32AVX512(len(w), f32(w), f32(v), f32(g), float32(lr), float32(momentum), float32(decay))
	case f64AVX512:
		momentumF64AVX512(len(w), f64(w), f64(v), f64(g), float64(lr), float64(momentum), float64(decay))
	default:
		momentumGeneric(w, v, g, lr, momentum, decay)
	}
}

func (e *Engine[T]) adam(w, m, v, g []T, f *adamFactors[T]) {
	switch e.isa {
	case f32AVX2:
		adamF32AVX2(len(w), f32(w), f32(m), f32(v), f32(g), (*[7]float32)(unsafe.Pointer(f)))
	case f64AVX2:
		adamF64AVX2(len(w), f64(w), f64(m), f64(v), f64(g), (*[7]float64)(unsafe.Pointer(f)))
	case f32AVX512:
		adamF32AVX512(len(w), f32(w), f32(m), f32(v), f32(g), (*[7]float32)(unsafe.Pointer(f)))
	case f64AVX512:
		adamF64AVX512(len(w), f64(w), f64(m), f64(v), f64(g), (*[7]float64)(unsafe.Pointer(f)))
	default:
		adamGeneric(w, m, v, g, f)
	}
}
