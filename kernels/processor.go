package kernels

import (
	"math"

	"github.com/klauspost/cpuid/v2"
)

// processor holds what the model of the caches does not tell, as it was measured.
type processor struct {
	// depth is that of panels of B that the first level does not hold. It is larger where the
	// second level keeps up with a core: then a tile of C is loaded and stored less often.
	depth int
	// someRows are the rows of C up to which packing B costs more than it saves, if B has
	// contiguous rows and stays in cache unpacked.
	someRows int
	// nearA are the elements up to which an A with contiguous columns is read in place for at
	// most two panels of B.
	nearA int
}

var usual = processor{depth: 384, someRows: 512, nearA: math.MaxInt}

// processors are those that differ from the usual, measured at AVX-512.
var processors = []struct {
	vendor cpuid.Vendor
	family int
	processor
}{
	// Zen 5. Depth 384 and 1024, GFLOP/s: squares of 2048 float32 219 and 242, of 1500 226 and
	// 233, 300×256×3072 255 and 247; squares of 2048 float64 108 and 118.
	{cpuid.AMD, 26, processor{1024, usual.someRows, usual.nearA}},
	// Sapphire Rapids and Granite Rapids, whose last level is far: 2 MB of second level. GFLOP/s,
	// float32: depth 384 and 512: squares of 2048 172 and 181, 256×3072×1024 with B transposed 164
	// and 172; B in place and packed: 300×75×3072 133 and 152, 300×75×1024 152 and 159, but
	// 100×512×512 177 and 157; A in place and packed, transposed: 3072×75×1024 82 and 122,
	// 1024×50×1024 67 and 95, but 256×50×1024 111 and 103.
	{cpuid.Intel, 6, processor{512, 192, 1 << 18}},
}

func processorOf(cpu *cpuid.CPUInfo) *processor {
	for i := range processors {
		if p := &processors[i]; p.vendor == cpu.VendorID && p.family == cpu.Family {
			return &p.processor
		}
	}
	return &usual
}
