//go:build !purego

package kernels

import "unsafe"

const (
	portable isa = iota
	f32AVX2
	f64AVX2
	f32AVX512
	f64AVX512
)

func isaOf[T Float](l Level) isa {
	single := unsafe.Sizeof(T(0)) == 4
	switch {
	case l == AVX2 && single:
		return f32AVX2
	case l == AVX2:
		return f64AVX2
	case l == AVX512 && single:
		return f32AVX512
	case l == AVX512:
		return f64AVX512
	}
	return portable
}

// f32 and f64 return a pointer to the elements of s, which are of that type.
func f32[T Float](s []T) *float32 { return (*float32)(unsafe.Pointer(unsafe.SliceData(s))) }
func f64[T Float](s []T) *float64 { return (*float64)(unsafe.Pointer(unsafe.SliceData(s))) }
