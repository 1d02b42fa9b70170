//go:build !purego

package kernels

func (e *Engine[T]) exp(dst, src []T) {
	switch e.isa {
	case f32AVX2:
		expF32AVX2(len(dst), f32(dst), f32(src))
	case f64AVX2:
		expF64AVX2(len(dst), f64(dst), f64(src))
	case f32AVX512:
		expF32AVX512(len(dst), f32(dst), f32(src))
	case f64AVX512:
		expF64AVX512(len(dst), f64(dst), f64(src))
	default:
		expGeneric(dst, src)
	}
}

func (e *Engine[T]) log(dst, src []T) {
	switch e.isa {
	case f32AVX2:
		logF32AVX2(len(dst), f32(dst), f32(src))
	case f64AVX2:
		logF64AVX2(len(dst), f64(dst), f64(src))
	case f32AVX512:
		logF32AVX512(len(dst), f32(dst), f32(src))
	case f64AVX512:
		logF64AVX512(len(dst), f64(dst), f64(src))
	default:
		logGeneric(dst, src)
	}
}
