package kernels

import (
	"syscall"

	"github.com/klauspost/cpuid/v2/topology"
)

// toldCaches are the caches that the operating system tells of.
func toldCaches() []topology.Cache {
	return cachesBy(func(name string) int {
		n, _ := syscall.SysctlUint32(name) // 0 if the system does not know it
		return int(n)
	})
}
