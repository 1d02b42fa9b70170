//go:build !purego

package kernels

import "github.com/klauspost/cpuid/v2"

// Available reports whether this machine and this build can run the level.
func (l Level) Available() bool {
	switch l {
	case Generic:
		return true
	case AVX2:
		return cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3)
	case AVX512:
		return AVX2.Available() && cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL, cpuid.BMI2)
	}
	return false
}
