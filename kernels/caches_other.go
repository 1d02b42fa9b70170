//go:build !darwin

package kernels

import (
	"os"

	"github.com/klauspost/cpuid/v2/topology"
)

// toldCaches are the caches that the operating system tells of, which only Linux does: of its
// first core. Where cores differ that is usually a small one, and what fits its caches fits
// the others'.
func toldCaches() []topology.Cache { return cachesIn(os.DirFS("/sys/devices/system/cpu/cpu0/cache")) }
