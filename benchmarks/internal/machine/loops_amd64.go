//go:build !purego

package machine

import (
	"unsafe"

	"github.com/lanes-ml/lanes/kernels"
)

// fma… runs twelve chains of multiply-adds, each a register wide.
func fma32AVX2(times int)
func fma64AVX2(times int)
func fma32AVX512(times int)
func fma64AVX512(times int)

// read… loads blocks of eight registers each.
//
//go:noescape
func readAVX2(p *byte, blocks int)

//go:noescape
func readAVX512(p *byte, blocks int)

// chains is the number of multiply-adds in a turn of an fma… loop.
const chains = 12

// multiplyAdd returns a loop of multiply-adds for a level, and the number of operations of
// one turn.
func multiplyAdd[T kernels.Float](level kernels.Level) (loop func(times int), flop int) {
	size := int(unsafe.Sizeof(T(0)))
	switch {
	case level == kernels.AVX2 && size == 4:
		return fma32AVX2, 2 * chains * 32 / size
	case level == kernels.AVX2:
		return fma64AVX2, 2 * chains * 32 / size
	case level == kernels.AVX512 && size == 4:
		return fma32AVX512, 2 * chains * 64 / size
	case level == kernels.AVX512:
		return fma64AVX512, 2 * chains * 64 / size
	}
	return nil, 0
}

// loads returns a loop that reads memory at a level, and the size of a block.
func loads(level kernels.Level) (loop func(p *byte, blocks int), block int) {
	switch level {
	case kernels.AVX2:
		return readAVX2, 8 * 32
	case kernels.AVX512:
		return readAVX512, 8 * 64
	}
	return nil, 0
}
